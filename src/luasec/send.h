/*
** send.h - what LuaSec's connection sends.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_send_h
#define lssl_luasec_send_h

#include "base/common.h"

void lssl_opensend (lua_State *L);

#endif
