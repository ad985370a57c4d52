/*
** peer.h - what LuaSec tells of the peer, and of both sides' certificates.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_peer_h
#define lssl_luasec_peer_h

#include "base/common.h"

void lssl_openluasecpeer (lua_State *L);

#endif
