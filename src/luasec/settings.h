/*
** settings.h - what LuaSec's contexts are given.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_settings_h
#define lssl_luasec_settings_h

#include "base/common.h"

void lssl_openluasecsettings (lua_State *L);

#endif
