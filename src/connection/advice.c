/*
** advice.c - what a person can do about a handshake that failed, where OpenSSL's
** reason says what happened, but not why.
** SPDX-License-Identifier: MIT
*/
#include <openssl/err.h>

#include "connection/advice.h"

static int always (const SSL *ssl) {
  (void)ssl;
  return 1;
}

static int isclient (const SSL *ssl) {
  return !SSL_is_server(ssl);
}

/* has nothing come that was TLS? */
static int isunanswered (const SSL *ssl) {
  return SSL_get_current_cipher(ssl) == NULL;
}

static int isbareserver (const SSL *ssl) {
  return SSL_is_server(ssl) && SSL_get_certificate(ssl) == NULL;
}

static const char bare[] =
  "the context has no certificate, which load_cert_chain gives it";

/* for what reason to say what, if the function agrees */
static const struct {
  int reason;
  int (*applies) (const SSL *ssl);
  const char *text;
} advice[] = {
  {SSL_R_WRONG_VERSION_NUMBER, isunanswered,
    "the peer does not speak TLS on this connection"},
  {SSL_R_HTTP_REQUEST, always, "the client speaks plain HTTP"},
  {SSL_R_NO_SHARED_CIPHER, isbareserver, bare},
  {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, isbareserver, bare},
  {SSL_R_UNSUPPORTED_PROTOCOL, isbareserver, bare},  /* cannot speak TLS 1.3 */
  {SSL_R_UNSUPPORTED_PROTOCOL, always, "the peer offers no version of TLS "
    "between minimum_version and maximum_version"},
  {SSL_R_NO_PROTOCOLS_AVAILABLE, always,
    "minimum_version, maximum_version and options leave no version of TLS"},
  {SSL_R_TLSV1_ALERT_UNKNOWN_CA, always,
    "the peer does not trust the certificate of this side"},
  {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, isclient, "the server wants a "
    "certificate of the client, which load_cert_chain gives its context"},
  {SSL_R_TLSV1_UNRECOGNIZED_NAME, isclient,
    "the server does not know server_hostname"}
};

/* since 3.2 the newest entry may say no more than that a record was not right */
static unsigned long telling (const Outcome *o) {
#if defined(SSL_R_RECORD_LAYER_FAILURE)
  if (ERR_GET_REASON(o->code) == SSL_R_RECORD_LAYER_FAILURE)
    return o->first;
#endif
  return o->code;
}

const char *lssl_advice (const SSL *ssl, const Outcome *o) {
  unsigned long code;
  size_t i;
  if (ssl == NULL || ERR_GET_LIB(o->code) != ERR_LIB_SSL)
    return NULL;
  code = telling(o);
  for (i = 0; i < LSSL_COUNT(advice); i++) {
    if (advice[i].reason == ERR_GET_REASON(code) && advice[i].applies(ssl))
      return advice[i].text;
  }
  return NULL;
}
