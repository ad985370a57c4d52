/*
** peer.h - what an SSLSocket and an SSLObject know of their connection and of
** its other side.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_peer_h
#define lssl_peer_h

#include "common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_peermethods[], lssl_peergetters[],
                      lssl_peersetters[];

/* Checks and keeps the session at 'arg' for the client's connection at 1. */
void lssl_keepsession (lua_State *L, int arg);

#endif
