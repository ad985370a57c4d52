/*
** hello.h - a ClientHello as a Lua value.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_hello_h
#define lssl_context_hello_h

#include <openssl/ssl.h>

#include "base/common.h"

/*
** Pushes the ClientHello that 'ssl' is about to answer: its parts as bytes, which
** lua/ssl/context/hello.lua takes apart when they are asked for. May raise.
*/
void lssl_pushhello (lua_State *L, SSL *ssl);

/* Adds _clienthello, the metatable of such values, to the table on the top. */
void lssl_openhello (lua_State *L);

#endif
