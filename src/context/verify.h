/*
** verify.h - how an SSLContext checks the certificates of peers.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_verify_h
#define lssl_context_verify_h

#include "base/common.h"

void lssl_openverify (lua_State *L);

#endif
