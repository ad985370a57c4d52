/*
** details.h - what else an SSLSocket and an SSLObject know of what was
** negotiated.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_details_h
#define lssl_details_h

#include "common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_detailmethods[];

#endif
