/*
** sockoptions.h - the options of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_sockoptions_h
#define lssl_sockoptions_h

#include "common.h"

void lssl_opensockoptions (lua_State *L);

#endif
