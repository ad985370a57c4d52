/*
** arguments.h - Python's calling conventions, and the readers of arguments.
** SPDX-License-Identifier: MIT
**
** In all of these, 'name' is the function's name for messages, beginning with
** ':' for a method (see lssl_argerror). All of them may raise; none converts
** numbers to strings or strings to numbers.
*/
#ifndef lssl_base_arguments_h
#define lssl_base_arguments_h

#include "base/common.h"

/*
** Lays the arguments of a call out as Python would: after it, the stack holds
** (self and) one value per parameter, nil where none was given. 'parameters'
** are the names in Python's order, separated by blanks; a '*' after a name
** says that a table is a value for it. A last plain table gives the rest by
** name; an unknown name, one given twice, and too many arguments are errors.
*/
void lssl_arguments (lua_State *L, const char *name, const char *parameters);

/* Is there a table without a metatable at 'arg'? */
int lssl_isplain (lua_State *L, int arg);

lua_Integer lssl_checkinteger (lua_State *L, int arg, const char *name);
lua_Integer lssl_optinteger (lua_State *L, int arg, lua_Integer def,
                             const char *name);
/* An integer from 'least' to 'most'; a ValueError tells the range. */
lua_Integer lssl_checkrange (lua_State *L, int arg, lua_Integer least,
                             lua_Integer most, const char *name);
/* A count of bytes: not negative. */
size_t lssl_checksize (lua_State *L, int arg, const char *name);
lua_Number lssl_checknumber (lua_State *L, int arg, const char *name);

/* A Lua string; the second gives NULL for nil. 'len' may be NULL. */
const char *lssl_checkstring (lua_State *L, int arg, size_t *len,
                              const char *name);
const char *lssl_optstring (lua_State *L, int arg, size_t *len,
                            const char *name);
/* A string that will be a C string: without NUL ("embedded null byte"). */
const char *lssl_checkcstring (lua_State *L, int arg, const char *name);
/* The path of a file, which the host may have forbidden to name. */
const char *lssl_checkpath (lua_State *L, int arg, const char *name);
/* The same, or NULL for nil; 'what' names the argument in the message. */
const char *lssl_optpath (lua_State *L, int arg, const char *what,
                          const char *name);

/* Can the value be called? */
int lssl_iscallable (lua_State *L, int arg);

/* 'size' as an int for OpenSSL; a ValueError if it does not fit. */
int lssl_toint (lua_State *L, size_t size);

/*
** The setter's forms of some: the value is at index 3, 'attribute' its name;
** raise "bad value for 'attribute' (...)".
*/
int lssl_valuetypeerror (lua_State *L, const char *attribute,
                         const char *text);
lua_Integer lssl_checkvalueinteger (lua_State *L, const char *attribute);

#endif
