/*
** counters.h - what a Lua state has done, and holds: ssl.counters.
** SPDX-License-Identifier: MIT
**
** Whoever does what is counted adds to State's 'counters' (state.h) itself.
*/
#ifndef lssl_base_counters_h
#define lssl_base_counters_h

#include "base/common.h"

void lssl_opencounters (lua_State *L);

#endif
