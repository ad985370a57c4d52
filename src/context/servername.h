/*
** servername.h - SSLContext.sni_callback.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_servername_h
#define lssl_context_servername_h

#include "base/common.h"

void lssl_openservername (lua_State *L);

#endif
