/*
** servername.h - SSLContext.sni_callback.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_servername_h
#define lssl_servername_h

#include "common.h"

void lssl_openservername (lua_State *L);

#endif
