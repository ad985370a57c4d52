/*
** pkcs12.h - SSLContext's certificate and key from PKCS#12.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_pkcs12_h
#define lssl_pkcs12_h

#include "base/common.h"

/* Adds its method to SSLContext. */
void lssl_openpkcs12 (lua_State *L);

#endif
