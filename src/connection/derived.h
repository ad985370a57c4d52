/*
** derived.h - classes that programs derive from SSLSocket and SSLObject.
** SPDX-License-Identifier: MIT
**
** An object of a derived class has a metatable of its own, so that plain ones
** pay nothing; class.c takes it for one of the class it is derived from.
*/
#ifndef lssl_connection_derived_h
#define lssl_connection_derived_h

#include "base/class.h"

/* Gives the class, which has 'fields', its function 'extend'. */
void lssl_openderived (lua_State *L, const Class *c);

/*
** Pops a class, or nil for 'c' itself, and makes the new object at 'object',
** which is of the class 'c', one of it.
*/
void lssl_setclass (lua_State *L, int object, const Class *c);

/*
** The getter and the setter of an attribute whose value is 'c' or derived from
** it, kept as user value 'which' of the object at index 1.
*/
int lssl_getclass (lua_State *L, const Class *c, int which);
int lssl_changeclass (lua_State *L, const Class *c, int which,
                      const char *attribute);

#endif
