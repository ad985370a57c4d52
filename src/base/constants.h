/*
** constants.h - the module's integers, feature flags and version.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_constants_h
#define lssl_base_constants_h

#include <openssl/opensslconf.h>

#include "base/common.h"

/* is there SSL 3.0? OpenSSL 4.0 gave it up */
#if defined(OPENSSL_NO_SSL3) || OPENSSL_VERSION_NUMBER >= 0x40000000L
#define LSSL_SSLV3	0
#else
#define LSSL_SSLV3	1
#endif

/* is there Encrypted ClientHello? */
#if OPENSSL_VERSION_NUMBER >= 0x40000000L && !defined(OPENSSL_NO_ECH)
#define LSSL_ECH	1
#else
#define LSSL_ECH	0
#endif

/* is there DTLS 1.2? */
#if defined(OPENSSL_NO_DTLS) || defined(OPENSSL_NO_DTLS1_2) || \
    defined(OPENSSL_NO_DTLS1_2_METHOD)
#define LSSL_DTLS	0
#else
#define LSSL_DTLS	1
#endif

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

/* CPython's numbers of the protocols, which OpenSSL does not know */
enum {
  LSSL_PROTOCOL_SSLV2, LSSL_PROTOCOL_SSLV3, LSSL_PROTOCOL_TLS,
  LSSL_PROTOCOL_TLSV1, LSSL_PROTOCOL_TLSV1_1, LSSL_PROTOCOL_TLSV1_2,
  LSSL_PROTOCOL_TLS_CLIENT = 16, LSSL_PROTOCOL_TLS_SERVER = 17,
  LSSL_PROTOCOL_DTLS_CLIENT = 32, LSSL_PROTOCOL_DTLS_SERVER = 33  /* ours */
};

/* TLSVersion's ends; all others are the numbers on the wire */
#define LSSL_MINIMUM_SUPPORTED	(-2)
#define LSSL_MAXIMUM_SUPPORTED	(-1)

/* CPython 3.13's ciphers: forward secrecy, AEAD first, no SHA-1 MACs */
#define LSSL_DEFAULT_CIPHERS \
  "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:" \
  "!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

/* does OpenSSL compress certificates (RFC 8879)? */
#if OPENSSL_VERSION_NUMBER >= 0x30200000L && !defined(OPENSSL_NO_COMP_ALG)
#define LSSL_CERTCOMPRESSION	1
#else
#define LSSL_CERTCOMPRESSION	0
#endif

#endif
