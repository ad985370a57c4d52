/*
** key.h - private keys for tests: made, read and written.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_key_h
#define lssl_testing_key_h

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/common.h"

/* Adds the class Key and its functions to the table on the top. */
void lssl_openissuerkey (lua_State *L);

/* The key of the Key at 'arg', which keeps it. Raises if there is none. */
EVP_PKEY *lssl_checkkey (lua_State *L, int arg, const char *name);

/* Makes the public half of 'pkey' the certificate's key. Never raises. */
int lssl_setpublickey (X509 *x, EVP_PKEY *pkey);

/*
** The digest that the string at 'arg' names, or NULL for nil (what Ed25519
** takes). Raises for an unknown one.
*/
const EVP_MD *lssl_optdigest (lua_State *L, int arg);

/* Pushes what was written to 'bio', whose owner must be on the stack. */
void lssl_pushbio (lua_State *L, BIO *bio);

/* Pushes a userdata that owns '*bio', a new memory BIO; raises without. */
BIO *lssl_newbio (lua_State *L);

#endif
