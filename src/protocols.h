/*
** protocols.h - the protocols above TLS that an SSLContext agrees on: ALPN and
** its forerunner NPN.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_protocols_h
#define lssl_protocols_h

#include "common.h"

void lssl_openprotocols (lua_State *L);

#endif
