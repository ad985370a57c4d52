/*
** observer.h - a function of the test kit that is told what one connection sends,
** receives and keeps secret.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_observer_h
#define lssl_base_observer_h

#include "base/callback.h"

/*
** Makes the value on the top, a function or nil, the observer of the object at
** 'object', whose caller is 'who'. Pops it. Raises if no memory is left.
*/
void lssl_setobserver (lua_State *L, int object, Caller *who);

/*
** Calls the observer of 'who', if it has one, with 'kind' and the bytes. What it
** raises becomes the cause (callback.h). Never raises.
*/
void lssl_tellobserver (Caller *who, const char *kind, const void *data,
                        size_t size);

#endif
