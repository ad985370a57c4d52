/*
** names.h - whom LuaSec's certificate is about and who has issued it.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_names_h
#define lssl_luasec_names_h

#include "base/common.h"

void lssl_openluasecnames (lua_State *L);

#endif
