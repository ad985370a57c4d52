/*
** errors.h - the error classes and their objects. Knows nothing of OpenSSL;
** outcome.h turns OpenSSL's and the system's failures into these.
** SPDX-License-Identifier: MIT
**
** An error object is a table {message =, ...} whose metatable belongs to a
** class. Every function here that is said to raise does not return; its int
** is for 'return lssl_raise...(L, ...)'.
*/
#ifndef lssl_errors_h
#define lssl_errors_h

#include "common.h"

typedef enum ErrorKind {
  LSSL_ERROR, LSSL_OSERROR, LSSL_TIMEOUT, LSSL_SSLERROR, LSSL_ZERORETURN,
  LSSL_WANTREAD, LSSL_WANTWRITE, LSSL_SYSCALL, LSSL_EOF, LSSL_CERTVERIFY,
  LSSL_VALUEERROR, LSSL_NOTIMPLEMENTED,
  LSSL_ERRORKINDS  /* how many */
} ErrorKind;

/* Makes the classes and puts them as fields in the table on the top. */
void lssl_openerrors (lua_State *L);

/*
** Pushes a new error object of class 'kind' whose message is the string on
** the top (which it replaces) and whose position is the caller's.
*/
void lssl_newerror (lua_State *L, ErrorKind kind);

/* Raise an object with a message formatted as by lua_pushfstring. */
int lssl_valueerror (lua_State *L, const char *fmt, ...);
int lssl_notimplemented (lua_State *L, const char *fmt, ...);
int lssl_timeout (lua_State *L, const char *operation);

/*
** Raises the OSError for the system's error 'code': "[Errno 2] No such file
** or directory: 'name'". 'filename' may be NULL. The second leaves the name
** out of the message, as CPython does where OpenSSL opens the file; the field
** and 'tostring' have it all the same.
*/
int lssl_oserror (lua_State *L, int code, const char *filename);
int lssl_fileerror (lua_State *L, int code, const char *filename);

/* Pushes what lssl_oserror(L, code, NULL) would raise. */
void lssl_pushoserror (lua_State *L, int code);

/*
** Pushes the one SSLWantReadError (SSLWantWriteError) object of this state.
** Allocates nothing.
*/
void lssl_pushwantread (lua_State *L);
void lssl_pushwantwrite (lua_State *L);

/*
** Raises the string error of a wrong type: "file:line: bad argument #1 to
** 'name' (text)". 'arg' is a stack index; 'name' begins with ':' for a method,
** whose self, at index 1, is not counted.
*/
int lssl_argerror (lua_State *L, int arg, const char *name, const char *text);
int lssl_typeerror (lua_State *L, int arg, const char *name,
                    const char *expected);

/* Raises "file:line: text" as a string. */
int lssl_stringerror (lua_State *L, const char *fmt, ...);

#endif
