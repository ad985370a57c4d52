/*
** protocols.h - the protocols above TLS that an SSLContext agrees on: ALPN and
** its forerunner NPN.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_protocols_h
#define lssl_context_protocols_h

#include "base/common.h"

void lssl_openprotocols (lua_State *L);

#endif
