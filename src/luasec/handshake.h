/*
** handshake.h - LuaSec's handshake, and the names that it is about.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_handshake_h
#define lssl_luasec_handshake_h

#include "base/common.h"

void lssl_openluasechandshake (lua_State *L);

#endif
