/*
** errors.h - how an error is raised. Knows nothing of OpenSSL; outcome.h turns
** OpenSSL's and the system's failures into errors.
** SPDX-License-Identifier: MIT
**
** A function that is said to raise does not return; its int is for
** 'return lssl_oserror(L, ...)'.
*/
#ifndef lssl_base_errors_h
#define lssl_base_errors_h

#include "base/errorclasses.h"
#include "base/platform.h"

/* Raise an object with a message formatted as by lua_pushfstring. */
int lssl_valueerror (lua_State *L, const char *fmt, ...);
int lssl_notimplemented (lua_State *L, const char *fmt, ...);
int lssl_timeout (lua_State *L, const char *operation);

/*
** Raises the OSError for the system's error 'code': "[Errno 2] No such file
** or directory: 'name'"; for one of Windows' own "[WinError 10061] ...".
** 'filename' may be NULL. The second leaves the name
** out of the message, as CPython does where OpenSSL opens the file; the field
** and 'tostring' have it all the same.
*/
int lssl_oserror (lua_State *L, int code, const char *filename);
int lssl_fileerror (lua_State *L, int code, const char *filename);

/* Pushes what lssl_oserror(L, code, NULL) would raise. */
void lssl_pushoserror (lua_State *L, int code);

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
