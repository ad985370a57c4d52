/*
** peer.h - what an SSLSocket and an SSLObject know of their other side.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_peer_h
#define lssl_peer_h

#include "common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_peermethods[];

#endif
