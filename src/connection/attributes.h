/*
** attributes.h - the attributes that SSLSocket and SSLObject share.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_attributes_h
#define lssl_connection_attributes_h

#include "context/context.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_connmethods[], lssl_conngetters[],
                      lssl_connsetters[];

/*
** Checks the arguments server_side, server_hostname and session, whose indices
** are given: the last two are for a client, and a client needs the name if the
** context checks it. Turns the name into its ASCII form. 'name' is the method.
*/
void lssl_checkside (lua_State *L, const Context *context, int side, int host,
                     int session, const char *name);

/* Checks and keeps the session at 'arg' for the client's connection at 1. */
void lssl_keepsession (lua_State *L, int arg);

#endif
