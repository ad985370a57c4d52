/*
** constants.c - the module's integers, feature flags and version, as rows in
** the order of CPython's documentation. A comment before a row is the manual's
** text for it. What this OpenSSL lacks has no row.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/constants.h"
#include "lssl.h"

static const Constant verification[] = {
  /*@ `verify_mode`: the peer's certificate is not looked at. */
  ROW(CERT_NONE, 0),
  /*@ `verify_mode`: a certificate is verified if there is one. */
  ROW(CERT_OPTIONAL, 1),
  /*@ `verify_mode`: the peer must have a certificate, and it is verified. */
  ROW(CERT_REQUIRED, 2),
  /*@ `verify_flags`: revocation lists are not looked at. */
  ROW(VERIFY_DEFAULT, 0),
  /*@ `verify_flags`: the peer's certificate is sought in its issuer's CRL. */
  ROW(VERIFY_CRL_CHECK_LEAF, X509_V_FLAG_CRL_CHECK),
  /*@ `verify_flags`: every certificate of the chain is sought in a CRL. */
  ROW(VERIFY_CRL_CHECK_CHAIN,
      X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL),
  /*@ `verify_flags`: no leniency towards malformed certificates. */
  ROW(VERIFY_X509_STRICT, X509_V_FLAG_X509_STRICT),
  /*@ `verify_flags`: proxy certificates (RFC 3820) are accepted. */
  ROW(VERIFY_ALLOW_PROXY_CERTS, X509_V_FLAG_ALLOW_PROXY_CERTS),
  /*@ `verify_flags`: trusted certificates come before those the peer sent. */
  ROW(VERIFY_X509_TRUSTED_FIRST, X509_V_FLAG_TRUSTED_FIRST),
  /*@ `verify_flags`: a trusted intermediate certificate ends the chain. */
  ROW(VERIFY_X509_PARTIAL_CHAIN, X509_V_FLAG_PARTIAL_CHAIN),
  {NULL, 0}
};

static const Constant protocols[] = {
  /*@ Either role, the newest version both sides know. Deprecated: 3.10. */
  ROW(PROTOCOL_TLS, LSSL_PROTOCOL_TLS),
  /*@ Clients: verifies certificate and host name unless told otherwise. */
  ROW(PROTOCOL_TLS_CLIENT, LSSL_PROTOCOL_TLS_CLIENT),
  /*@ Servers. */
  ROW(PROTOCOL_TLS_SERVER, LSSL_PROTOCOL_TLS_SERVER),
  /*@ The same as `PROTOCOL_TLS`. Deprecated: 3.6. */
  ROW(PROTOCOL_SSLv23, LSSL_PROTOCOL_TLS),
#if LSSL_SSLV3
  /*@ SSL 3.0 and nothing else; insecure. Deprecated: 3.6. */
  ROW(PROTOCOL_SSLv3, LSSL_PROTOCOL_SSLV3),
#endif
  /*@ TLS 1.0 and nothing else. Deprecated: 3.6. */
  ROW(PROTOCOL_TLSv1, LSSL_PROTOCOL_TLSV1),
  /*@ TLS 1.1 and nothing else. Deprecated: 3.6. */
  ROW(PROTOCOL_TLSv1_1, LSSL_PROTOCOL_TLSV1_1),
  /*@ TLS 1.2 and nothing else. Deprecated: 3.6. */
  ROW(PROTOCOL_TLSv1_2, LSSL_PROTOCOL_TLSV1_2),
  /*@ Clients that speak DTLS 1.2, over datagrams; otherwise as `PROTOCOL_TLS_CLIENT`. */
  ROW(PROTOCOL_DTLS_CLIENT, LSSL_PROTOCOL_DTLS_CLIENT),
  /*@ Servers that speak DTLS 1.2, over datagrams. */
  ROW(PROTOCOL_DTLS_SERVER, LSSL_PROTOCOL_DTLS_SERVER),
  /* for TLSVersion */
  ROW(PROTO_MINIMUM_SUPPORTED, LSSL_MINIMUM_SUPPORTED),
  ROW(PROTO_MAXIMUM_SUPPORTED, LSSL_MAXIMUM_SUPPORTED),
  ROW(PROTO_SSLv3, SSL3_VERSION),
  ROW(PROTO_TLSv1, TLS1_VERSION),
  ROW(PROTO_TLSv1_1, TLS1_1_VERSION),
  ROW(PROTO_TLSv1_2, TLS1_2_VERSION),
  ROW(PROTO_TLSv1_3, TLS1_3_VERSION),
  {NULL, 0}
};

static const Constant options[] = {
  /*@ `options`: workarounds for the bugs of other implementations. */
  ROW(OP_ALL, SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS),
  /*@ `options`: no SSL 2.0; 0, since OpenSSL has none. Deprecated: 3.6. */
  ROW(OP_NO_SSLv2, SSL_OP_NO_SSLv2),
  /*@ `options`: no SSL 3.0. Deprecated: 3.6. */
  ROW(OP_NO_SSLv3, SSL_OP_NO_SSLv3),
  /*@ `options`: no TLS 1.0. Deprecated: 3.7. */
  ROW(OP_NO_TLSv1, SSL_OP_NO_TLSv1),
  /*@ `options`: no TLS 1.1. Deprecated: 3.7. */
  ROW(OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_1),
  /*@ `options`: no TLS 1.2. Deprecated: 3.7. */
  ROW(OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_2),
  /*@ `options`: no TLS 1.3. Since 3.6.3; deprecated: 3.7. */
  ROW(OP_NO_TLSv1_3, SSL_OP_NO_TLSv1_3),
  /*@ `options`: no renegotiation of TLS 1.2 and older. Since 3.7. */
  ROW(OP_NO_RENEGOTIATION, SSL_OP_NO_RENEGOTIATION),
  /*@ `options`: the server's order of ciphers decides, not the client's. */
  ROW(OP_CIPHER_SERVER_PREFERENCE, SSL_OP_CIPHER_SERVER_PREFERENCE),
  /*@ `options`: a new DH key for each session; always so, hence 0. */
  ROW(OP_SINGLE_DH_USE, SSL_OP_SINGLE_DH_USE),
  /*@ `options`: a new ECDH key for each session; always so, hence 0. */
  ROW(OP_SINGLE_ECDH_USE, SSL_OP_SINGLE_ECDH_USE),
  /*@ `options`: the dummy messages that middleboxes want in TLS 1.3. */
  ROW(OP_ENABLE_MIDDLEBOX_COMPAT, SSL_OP_ENABLE_MIDDLEBOX_COMPAT),
  /*@ `options`: no compression. */
  ROW(OP_NO_COMPRESSION, SSL_OP_NO_COMPRESSION),
  /*@ `options`: the client asks for no session ticket. */
  ROW(OP_NO_TICKET, SSL_OP_NO_TICKET),
  /*@ `options`: an end without closing alert counts as a good one. */
  ROW(OP_IGNORE_UNEXPECTED_EOF, SSL_OP_IGNORE_UNEXPECTED_EOF),
  /*@ `options`: tickets for early data are not for one use: see `max_early_data`. */
  ROW(OP_NO_ANTI_REPLAY, SSL_OP_NO_ANTI_REPLAY),
  /*@ `options`: the kernel's TLS; not for an `SSLSocket`, which has no BIO for it. Since 3.12. */
  ROW(OP_ENABLE_KTLS, SSL_OP_ENABLE_KTLS),
  /*@ `options`: servers without secure renegotiation are talked to. */
  ROW(OP_LEGACY_SERVER_CONNECT, SSL_OP_LEGACY_SERVER_CONNECT),
#if LSSL_ECH
  /*@ `options`: a client looks as if it had encrypted its ClientHello. An addition. */
  ROW(OP_ECH_GREASE, SSL_OP_ECH_GREASE),
#endif
  {NULL, 0}
};

static const Constant alerts[] = {
  /*@ Alert 0: the sender will send no more. */
  ROW(ALERT_DESCRIPTION_CLOSE_NOTIFY, SSL_AD_CLOSE_NOTIFY),
  /*@ Alert 10: a message came that has no place here. */
  ROW(ALERT_DESCRIPTION_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE),
  /*@ Alert 20: a record was damaged or forged. */
  ROW(ALERT_DESCRIPTION_BAD_RECORD_MAC, SSL_AD_BAD_RECORD_MAC),
  /*@ Alert 22: a record was too long. */
  ROW(ALERT_DESCRIPTION_RECORD_OVERFLOW, SSL_AD_RECORD_OVERFLOW),
  /*@ Alert 30: compressed data was not understood. */
  ROW(ALERT_DESCRIPTION_DECOMPRESSION_FAILURE, SSL_AD_DECOMPRESSION_FAILURE),
  /*@ Alert 40: no parameters that both sides accept. */
  ROW(ALERT_DESCRIPTION_HANDSHAKE_FAILURE, SSL_AD_HANDSHAKE_FAILURE),
  /*@ Alert 42: the certificate is damaged. */
  ROW(ALERT_DESCRIPTION_BAD_CERTIFICATE, SSL_AD_BAD_CERTIFICATE),
  /*@ Alert 43: the certificate is of an unsupported type. */
  ROW(ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE,
      SSL_AD_UNSUPPORTED_CERTIFICATE),
  /*@ Alert 44: the certificate was revoked. */
  ROW(ALERT_DESCRIPTION_CERTIFICATE_REVOKED, SSL_AD_CERTIFICATE_REVOKED),
  /*@ Alert 45: the certificate has expired. */
  ROW(ALERT_DESCRIPTION_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_EXPIRED),
  /*@ Alert 46: the certificate is not accepted for another reason. */
  ROW(ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN, SSL_AD_CERTIFICATE_UNKNOWN),
  /*@ Alert 47: a field was out of range or inconsistent. */
  ROW(ALERT_DESCRIPTION_ILLEGAL_PARAMETER, SSL_AD_ILLEGAL_PARAMETER),
  /*@ Alert 48: the certificate leads to no trusted authority. */
  ROW(ALERT_DESCRIPTION_UNKNOWN_CA, SSL_AD_UNKNOWN_CA),
  /*@ Alert 49: the certificate is valid, but access is refused. */
  ROW(ALERT_DESCRIPTION_ACCESS_DENIED, SSL_AD_ACCESS_DENIED),
  /*@ Alert 50: a message could not be decoded. */
  ROW(ALERT_DESCRIPTION_DECODE_ERROR, SSL_AD_DECODE_ERROR),
  /*@ Alert 51: a signature or a key exchange failed. */
  ROW(ALERT_DESCRIPTION_DECRYPT_ERROR, SSL_AD_DECRYPT_ERROR),
  /*@ Alert 70: the protocol version is not supported. */
  ROW(ALERT_DESCRIPTION_PROTOCOL_VERSION, SSL_AD_PROTOCOL_VERSION),
  /*@ Alert 71: the server asks for stronger ciphers. */
  ROW(ALERT_DESCRIPTION_INSUFFICIENT_SECURITY, SSL_AD_INSUFFICIENT_SECURITY),
  /*@ Alert 80: an error that has nothing to do with the peer. */
  ROW(ALERT_DESCRIPTION_INTERNAL_ERROR, SSL_AD_INTERNAL_ERROR),
  /*@ Alert 90: the handshake was given up. */
  ROW(ALERT_DESCRIPTION_USER_CANCELLED, SSL_AD_USER_CANCELLED),
  /*@ Alert 100: renegotiation is refused. */
  ROW(ALERT_DESCRIPTION_NO_RENEGOTIATION, SSL_AD_NO_RENEGOTIATION),
  /*@ Alert 110: an extension came that was not asked for. */
  ROW(ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION, SSL_AD_UNSUPPORTED_EXTENSION),
  /*@ Alert 111: no certificate at the URL given (RFC 6066). */
  ROW(ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE,
      SSL_AD_CERTIFICATE_UNOBTAINABLE),
  /*@ Alert 112: no server of that name here (RFC 6066). */
  ROW(ALERT_DESCRIPTION_UNRECOGNIZED_NAME, SSL_AD_UNRECOGNIZED_NAME),
  /*@ Alert 113: the OCSP response is bad (RFC 6066). */
  ROW(ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE,
      SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE),
  /*@ Alert 114: the certificate does not fit its hash (RFC 6066). */
  ROW(ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE,
      SSL_AD_BAD_CERTIFICATE_HASH_VALUE),
  /*@ Alert 115: the identity of the pre-shared key is unknown (RFC 4279). */
  ROW(ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY, SSL_AD_UNKNOWN_PSK_IDENTITY),
  {NULL, 0}
};

static const Constant errornumbers[] = {
  /*@ `errno` of `SSLZeroReturnError`. */
  ROW(SSL_ERROR_ZERO_RETURN, SSL_ERROR_ZERO_RETURN),
  /*@ `errno` of `SSLWantReadError`. */
  ROW(SSL_ERROR_WANT_READ, SSL_ERROR_WANT_READ),
  /*@ `errno` of `SSLWantWriteError`. */
  ROW(SSL_ERROR_WANT_WRITE, SSL_ERROR_WANT_WRITE),
  /*@ `errno`: a certificate callback wants to be called again. */
  ROW(SSL_ERROR_WANT_X509_LOOKUP, SSL_ERROR_WANT_X509_LOOKUP),
  /*@ `errno` of `SSLSyscallError`. */
  ROW(SSL_ERROR_SYSCALL, SSL_ERROR_SYSCALL),
  /*@ `errno` of an `SSLError` of the protocol. */
  ROW(SSL_ERROR_SSL, SSL_ERROR_SSL),
  /*@ `errno`: the transport is not connected yet. */
  ROW(SSL_ERROR_WANT_CONNECT, SSL_ERROR_WANT_CONNECT),
  /*@ `errno` of `SSLEOFError`; CPython's own number. */
  ROW(SSL_ERROR_EOF, 8),
  /*@ `errno` of an unknown failure; CPython's own number. */
  ROW(SSL_ERROR_INVALID_ERROR_CODE, 10),
  {NULL, 0}
};

/* private: X509_VERIFY_PARAM_set_hostflags */
static const Constant hostflags[] = {
  ROW(HOSTFLAG_ALWAYS_CHECK_SUBJECT, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT),
  ROW(HOSTFLAG_NEVER_CHECK_SUBJECT, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT),
  ROW(HOSTFLAG_NO_WILDCARDS, X509_CHECK_FLAG_NO_WILDCARDS),
  ROW(HOSTFLAG_NO_PARTIAL_WILDCARDS, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS),
  ROW(HOSTFLAG_MULTI_LABEL_WILDCARDS, X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS),
  ROW(HOSTFLAG_SINGLE_LABEL_SUBDOMAINS,
      X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS),
  {NULL, 0}
};

/* 1 where the OpenSSL that this was built for has it */
#if defined(OPENSSL_NO_TLS1)
#define TLSV1	0
#else
#define TLSV1	1
#endif
#if defined(OPENSSL_NO_TLS1_1)
#define TLSV1_1	0
#else
#define TLSV1_1	1
#endif
#if defined(OPENSSL_NO_TLS1_2)
#define TLSV1_2	0
#else
#define TLSV1_2	1
#endif
#if defined(OPENSSL_NO_TLS1_3)
#define TLSV1_3	0
#else
#define TLSV1_3	1
#endif
#if defined(OPENSSL_NO_NEXTPROTONEG)
#define NPN	0
#else
#define NPN	1
#endif
#if defined(OPENSSL_NO_PSK)
#define PSK	0
#else
#define PSK	1
#endif

static const Constant features[] = {
  /*@ Whether `set_alpn_protocols` works (RFC 7301): always. */
  ROW(HAS_ALPN, 1),
  /*@ Whether `hostname_checks_common_name` can be unset: always. Since 3.7. */
  ROW(HAS_NEVER_CHECK_COMMON_NAME, 1),
  /*@ Whether there is key exchange by elliptic curves: always. */
  ROW(HAS_ECDH, 1),
  /*@ Whether there is Server Name Indication (RFC 6066): always. */
  ROW(HAS_SNI, 1),
  /*@ Whether `set_npn_protocols` works, the forerunner of ALPN. */
  ROW(HAS_NPN, NPN),
  /*@ Whether there is SSL 2.0: never. Since 3.7. */
  ROW(HAS_SSLv2, 0),
  /*@ Whether there is SSL 3.0. Since 3.7. */
  ROW(HAS_SSLv3, LSSL_SSLV3),
  /*@ Whether there is TLS 1.0. Since 3.7. */
  ROW(HAS_TLSv1, TLSV1),
  /*@ Whether there is TLS 1.1. Since 3.7. */
  ROW(HAS_TLSv1_1, TLSV1_1),
  /*@ Whether there is TLS 1.2. Since 3.7. */
  ROW(HAS_TLSv1_2, TLSV1_2),
  /*@ Whether there is TLS 1.3. Since 3.7. */
  ROW(HAS_TLSv1_3, TLSV1_3),
  /*@ Whether there is DTLS 1.2: `PROTOCOL_DTLS_CLIENT` and `PROTOCOL_DTLS_SERVER`. */
  ROW(HAS_DTLSv1_2, LSSL_DTLS),
  /*@ Whether there are pre-shared keys. Since 3.13. */
  ROW(HAS_PSK, PSK),
  /*@ Whether there are pre-shared keys in TLS 1.3. Since 3.15. */
  ROW(HAS_PSK_TLS13, PSK && TLSV1_3),
  /*@ Whether there is post-handshake authentication. Since 3.14. */
  ROW(HAS_PHA, TLSV1_3),
  /*@ Whether there is Encrypted ClientHello (RFC 9849). An addition. */
  ROW(HAS_ECH, LSSL_ECH),
  /*@ Whether there is certificate compression (RFC 8879). An addition. */
  ROW(HAS_CERTIFICATE_COMPRESSION, LSSL_CERTCOMPRESSION),
  /* private: 'tls-unique' of get_channel_binding */
  ROW(HAS_TLS_UNIQUE, 1),
  {NULL, 0}
};

void lssl_setintegers (lua_State *L, const Constant *c) {
  for (; c->name != NULL; c++) {
    lua_pushinteger(L, c->value);
    lua_setfield(L, -2, c->name);
  }
}

static void setbooleans (lua_State *L, const Constant *c) {
  for (; c->name != NULL; c++) {
    lua_pushboolean(L, (int)c->value);
    lua_setfield(L, -2, c->name);
  }
}

/* field 'name': {major, minor, fix, patch, status} as CPython splits them */
static void setversion (lua_State *L, const char *name, unsigned long n) {
  static const struct { int shift, mask; } part[] = {
    {28, 0xf}, {20, 0xff}, {12, 0xff}, {4, 0xff}, {0, 0xf}
  };
  int i;
  lua_createtable(L, LSSL_COUNT(part), 0);
  for (i = 0; i < (int)LSSL_COUNT(part); i++) {
    lua_pushinteger(L, (lua_Integer)(n >> part[i].shift) & part[i].mask);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, name);
}

/*@ ssl.OPENSSL_VERSION (string)
** The version of OpenSSL that the program runs on, such as
** `"OpenSSL 3.0.2 15 Mar 2022"`. OpenSSL: `OpenSSL_version`. Since: CPython 3.2.
**
**     assert(ssl.OPENSSL_VERSION:find("^OpenSSL %d"))
*/
/*@ ssl.OPENSSL_VERSION_NUMBER (integer)
** The version of OpenSSL as one number: `0xMNNFFPPS`, where `S` (status) is 0 and `PP` is
** the patch release. OpenSSL: `OpenSSL_version_num`. Since: CPython 3.2.
**
**     assert(ssl.OPENSSL_VERSION_NUMBER >= 0x30000000)
*/
/*@ ssl.OPENSSL_VERSION_INFO (array of five integers)
** The version of OpenSSL as `{major, minor, fix, patch, status}`. In OpenSSL 3, `fix` is 0,
** and `patch` is the third number of the version. Since: CPython 3.2.
**
**     assert(ssl.OPENSSL_VERSION_INFO[1] >= 3)
*/
static void setversions (lua_State *L) {
  lua_pushliteral(L, LSSL_VERSION);
  lua_setfield(L, -2, "__version__");
  lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION));
  lua_setfield(L, -2, "OPENSSL_VERSION");
  lua_pushinteger(L, (lua_Integer)OpenSSL_version_num());
  lua_setfield(L, -2, "OPENSSL_VERSION_NUMBER");
  setversion(L, "OPENSSL_VERSION_INFO", OpenSSL_version_num());
  setversion(L, "_OPENSSL_API_VERSION", OPENSSL_VERSION_NUMBER);
}

/* -> cafile's variable, cafile, capath's variable, capath */
static int defaultpaths (lua_State *L) {
  lua_pushstring(L, X509_get_default_cert_file_env());
  lua_pushstring(L, X509_get_default_cert_file());
  lua_pushstring(L, X509_get_default_cert_dir_env());
  lua_pushstring(L, X509_get_default_cert_dir());
  return 4;
}

void lssl_openconstants (lua_State *L) {
  static const Constant *const integers[] = {
    verification, protocols, options, alerts, errornumbers, hostflags
  };
  size_t i;
  for (i = 0; i < LSSL_COUNT(integers); i++)
    lssl_setintegers(L, integers[i]);
  setbooleans(L, features);
  setversions(L);
  lua_pushliteral(L, LSSL_DEFAULT_CIPHERS);
  lua_setfield(L, -2, "_DEFAULT_CIPHERS");
  lua_pushcfunction(L, defaultpaths);
  lua_setfield(L, -2, "get_default_verify_paths");
}
