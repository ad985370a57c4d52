/*
** receive.h - what LuaSec's connection receives.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_receive_h
#define lssl_luasec_receive_h

#include "base/common.h"

void lssl_openreceive (lua_State *L);

#endif
