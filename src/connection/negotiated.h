/*
** negotiated.h - what an SSLSocket and an SSLObject know of what was negotiated.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_negotiated_h
#define lssl_connection_negotiated_h

#include "base/common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_negotiatedmethods[];
extern const luaL_Reg lssl_negotiatedgetters[];

#endif
