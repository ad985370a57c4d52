/*
** constants.h - the module's integers, feature flags and version.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_constants_h
#define lssl_constants_h

#include "common.h"

/* Sets them, and the paths that OpenSSL was built with, in the table on top. */
void lssl_openconstants (lua_State *L);

/* A row of a table that ends with {NULL, 0}. */
typedef struct Constant {
  const char *name;
  lua_Integer value;
} Constant;

#define ROW(name, value)	{#name, (lua_Integer)(value)}

/* Sets the rows as fields of the table on the top. */
void lssl_setintegers (lua_State *L, const Constant *c);

/* protocol numbers: CPython's, which OpenSSL does not know */
#define LSSL_PROTOCOL_SSLV3	1
#define LSSL_PROTOCOL_TLS	2
#define LSSL_PROTOCOL_TLSV1	3
#define LSSL_PROTOCOL_TLSV1_1	4
#define LSSL_PROTOCOL_TLSV1_2	5
#define LSSL_PROTOCOL_CLIENT	0x10
#define LSSL_PROTOCOL_SERVER	0x11

/* TLSVersion's ends; all others are the numbers on the wire */
#define LSSL_MINIMUM_SUPPORTED	(-2)
#define LSSL_MAXIMUM_SUPPORTED	(-1)

/* the cipher list of a new context */
#define LSSL_DEFAULT_CIPHERS \
  "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:" \
  "!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

#endif
