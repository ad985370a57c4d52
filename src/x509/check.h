/*
** check.h - the check of a chain: OpenSSL's, and then a profile's.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_check_h
#define lssl_x509_check_h

#include <openssl/ssl.h>

#include "x509/profile.h"

/*
** Checks what 'store' was made for. 'profile' may be NULL; with one, OpenSSL's
** own rules are the strict ones. Returns 1 if the chain may be trusted, else 0:
** 'store' then has the error, the certificate and its depth, and 'broken' the
** profile's rule, NULL if OpenSSL refused. A broken rule is an error for the
** store's callback, as others are. Never raises.
*/
int lssl_checkchain (X509_STORE_CTX *store, const Profile *profile,
                     const Rule **broken);

/*
** Has each connection of 'ctx' checked so, and keep in its Caller which
** certificate was not accepted.
*/
void lssl_setprofile (SSL_CTX *ctx, const Profile *profile);

#endif
