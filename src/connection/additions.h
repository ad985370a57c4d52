/*
** additions.h - methods of SSLSocket and SSLObject that TLS offers, and Python's
** ssl does not.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_additions_h
#define lssl_connection_additions_h

#include "base/common.h"

extern const luaL_Reg lssl_additionmethods[];

#endif
