/*
** attributes.h - the attributes that SSLSocket and SSLObject share.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_attributes_h
#define lssl_connection_attributes_h

#include "base/common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_connmethods[], lssl_conngetters[],
                      lssl_connsetters[];

/* Checks and keeps the session at 'arg' for the client's connection at 1. */
void lssl_keepsession (lua_State *L, int arg);

#endif
