/*
** memorybio.h - ssl.MemoryBIO.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_memorybio_h
#define lssl_connection_memorybio_h

#include <openssl/bio.h>

#include "base/common.h"

void lssl_openmemorybio (lua_State *L);

/*
** The BIO of the MemoryBIO at 'arg'; raises if it is none. The MemoryBIO keeps
** its reference: who wants to hold on to the BIO takes another.
*/
BIO *lssl_checkmemorybio (lua_State *L, int arg, const char *name);

#endif
