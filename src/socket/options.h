/*
** options.h - the options of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_options_h
#define lssl_socket_options_h

#include "base/common.h"

void lssl_opensockoptions (lua_State *L);

#endif
