/*
** overrides.h - what one connection has instead of what its context has.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_overrides_h
#define lssl_connection_overrides_h

#include "base/common.h"

/* for both SSLSocket and SSLObject */
extern const luaL_Reg lssl_overridemethods[];
extern const luaL_Reg lssl_overridegetters[];
extern const luaL_Reg lssl_overridesetters[];

#endif
