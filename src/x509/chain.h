/*
** chain.h - lists of certificates as Lua values. A list is in a box, since what
** is done with Lua's values may raise.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_chain_h
#define lssl_x509_chain_h

#include <openssl/x509.h>

#include "base/common.h"

/* Takes a certificate into 'list', a STACK_OF(X509): a TakeCertificate. */
int lssl_keepcertificate (X509 *cert, void *list);

/*
** Pushes a box with the certificates at 'arg': a string or bytearray of PEM or
** DER, or an array of strings. 'what' names the argument, and 'name' the function
** (see lssl_argerror). Raises if there is none.
*/
STACK_OF(X509) *lssl_checkchainarg (lua_State *L, int arg, const char *what,
                                    const char *name);

/* Replaces the box on the top by an array of strings (DER); returns 1. */
int lssl_pushchain (lua_State *L);

#endif
