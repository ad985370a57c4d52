/*
** datagram.h - what connections over datagrams have: their timer, and the sizes of
** datagrams.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_datagram_h
#define lssl_connection_datagram_h

#include "base/common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_datagrammethods[], lssl_datagramgetters[],
                      lssl_datagramsetters[];

#endif
