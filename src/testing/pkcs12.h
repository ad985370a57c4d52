/*
** pkcs12.h - a key with its certificates as one file, for tests.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_pkcs12_h
#define lssl_testing_pkcs12_h

#include "base/common.h"

/* Adds its function to the table on the top. */
void lssl_openissuerpkcs12 (lua_State *L);

#endif
