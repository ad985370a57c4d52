/*
** errorclasses.h - the error classes and their objects.
** SPDX-License-Identifier: MIT
**
** An error object is a table {message =, ...} whose metatable belongs to a
** class.
*/
#ifndef lssl_base_errorclasses_h
#define lssl_base_errorclasses_h

#include "base/common.h"

typedef enum ErrorKind {
  LSSL_ERROR, LSSL_OSERROR, LSSL_TIMEOUT, LSSL_SSLERROR, LSSL_ZERORETURN,
  LSSL_WANTREAD, LSSL_WANTWRITE, LSSL_SYSCALL, LSSL_EOF, LSSL_CERTVERIFY,
  LSSL_VALUEERROR, LSSL_NOTIMPLEMENTED, LSSL_PERMISSION,
  LSSL_ERRORKINDS  /* how many */
} ErrorKind;

/* Makes the classes and puts them as fields in the table on the top. */
void lssl_openerrorclasses (lua_State *L);

/*
** Pushes a new error object of class 'kind' whose message is the string on
** the top (which it replaces) and whose position is the caller's.
*/
void lssl_newerror (lua_State *L, ErrorKind kind);

/*
** Is the value at 'index' an object of the class of this name, or of one derived
** from it? Does not raise, but for lack of memory.
*/
int lssl_iserrorof (lua_State *L, int index, const char *name);

/* Sets 'errno' and 'strerror' (may be NULL) of the object on the top. */
void lssl_seterrno (lua_State *L, lua_Integer code, const char *text);

/*
** Pushes the one SSLWantReadError (SSLWantWriteError) object of this state.
** Allocates nothing.
*/
void lssl_pushwantread (lua_State *L);
void lssl_pushwantwrite (lua_State *L);

#endif
