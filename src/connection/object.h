/*
** object.h - ssl.SSLObject and SSLContext:wrap_bio.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_object_h
#define lssl_connection_object_h

#include "connection/connection.h"

void lssl_openobject (lua_State *L);

/* The connection of the SSLObject at 'arg'; NULL for anything else. */
Conn *lssl_toobject (lua_State *L, int arg);

/* Pushes a new object of the context at 'context', with no SSL yet. */
Conn *lssl_newplainobject (lua_State *L, int context);

#endif
