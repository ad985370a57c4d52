/*
** connattributes.h - the attributes that SSLSocket and SSLObject share.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connattributes_h
#define lssl_connattributes_h

#include "common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_connmethods[], lssl_conngetters[],
                      lssl_connsetters[];

/* Checks and keeps the session at 'arg' for the client's connection at 1. */
void lssl_keepsession (lua_State *L, int arg);

#endif
