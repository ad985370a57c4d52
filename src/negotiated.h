/*
** negotiated.h - what an SSLSocket and an SSLObject know of what was negotiated.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_negotiated_h
#define lssl_negotiated_h

#include "common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_negotiatedmethods[];

#endif
