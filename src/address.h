/*
** address.h - the socket below an SSLSocket: addresses, options, accepting,
** connecting, shutting down.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_address_h
#define lssl_address_h

#include "common.h"

void lssl_openaddress (lua_State *L);

#endif
