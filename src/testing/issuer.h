/*
** issuer.h - certificates for tests, made from their parts and signed. What is
** asked for is built, right or wrong; lua/ssl/testing/ decides what is right.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_issuer_h
#define lssl_testing_issuer_h

#include <openssl/x509.h>

#include "base/common.h"

/* Adds the class Certificate and its functions to the table on the top. */
void lssl_openissuer (lua_State *L);

/* The certificate of the Certificate at 'arg', which keeps it; or raises. */
X509 *lssl_checkcertificate (lua_State *L, int arg, const char *name);

/*
** Pushes a userdata that owns the time of a number (of seconds since 1970) or
** a string (as it is to be in DER); or raises.
*/
ASN1_TIME *lssl_newtime (lua_State *L, int arg);

/* Pushes a userdata that owns the name whose DER is the string at 'arg'. */
X509_NAME *lssl_newname (lua_State *L, int arg);

/*
** Gives each extension {oid, critical, der} of the array at 'arg' to 'add',
** which copies it and tells whether it could; raises if not.
*/
typedef int (*AddExtension) (void *object, X509_EXTENSION *e);
void lssl_addextensions (lua_State *L, int arg, AddExtension add,
                         void *object);

#endif
