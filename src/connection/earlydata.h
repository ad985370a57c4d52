/*
** earlydata.h - what SSLSocket and SSLObject have for TLS 1.3's early data.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_earlydata_h
#define lssl_connection_earlydata_h

#include "base/common.h"

/* for both SSLSocket and SSLObject */
extern const luaL_Reg lssl_earlymethods[];
extern const luaL_Reg lssl_earlygetters[];

#endif
