/*
** verify.h - how an SSLContext checks the certificates of peers.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_verify_h
#define lssl_verify_h

#include "common.h"

void lssl_openverify (lua_State *L);

#endif
