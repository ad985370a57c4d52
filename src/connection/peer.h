/*
** peer.h - what an SSLSocket and an SSLObject know of their other side.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_peer_h
#define lssl_connection_peer_h

#include "base/common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_peermethods[];

#endif
