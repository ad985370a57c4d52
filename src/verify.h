/*
** verify.h - what a program has to say when certificates are checked.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_verify_h
#define lssl_verify_h

#include "common.h"

void lssl_openverify (lua_State *L);

#endif
