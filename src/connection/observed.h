/*
** observed.h - what a connection sends and receives, told to the test kit.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_observed_h
#define lssl_connection_observed_h

#include "base/common.h"

/* Methods of SSLSocket and SSLObject. */
extern const luaL_Reg lssl_observedmethods[];

#endif
