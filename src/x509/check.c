/*
** check.c - the check of a chain: OpenSSL's, and then a profile's.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509_vfy.h>

#include "base/callback.h"
#include "base/outcome.h"
#include "x509/check.h"

/* tells the store of a broken rule; does its callback accept that? */
static int isaccepted (X509_STORE_CTX *store, const Violation *v) {
  X509_STORE_CTX_verify_cb ask = X509_STORE_CTX_get_verify_cb(store);
  STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  X509_STORE_CTX_set_error_depth(store, v->depth);
  X509_STORE_CTX_set_current_cert(store, sk_X509_value(chain, v->depth));
  return ask(0, store);
}

static int keepsrules (X509_STORE_CTX *store, const Profile *profile,
                       const Rule **broken) {
  Violation v = {NULL, 0};
  while (lssl_nextviolation(profile, X509_STORE_CTX_get0_chain(store), &v)) {
    if (lssl_outofmemory()) {
      lssl_clearerrors();
      X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
      return 0;
    }
    lssl_clearerrors();
    if (!isaccepted(store, &v)) {
      *broken = v.rule;
      return 0;
    }
  }
  return 1;
}

int lssl_checkchain (X509_STORE_CTX *store, const Profile *profile,
                     const Rule **broken) {
  *broken = NULL;
  if (profile != NULL)
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(store),
                                X509_V_FLAG_X509_STRICT);
  if (X509_verify_cert(store) <= 0)
    return 0;
  return profile == NULL || keepsrules(store, profile, broken);
}

/*
** May verify_callback answer after the check, which is then made again? OpenSSL
** can do so in clients. What cannot yield is better asked at once.
*/
static int postpones (const Caller *who, const SSL *ssl) {
  return !SSL_is_server(ssl) && who->L != NULL && lua_isyieldable(who->L);
}

static void begin (Caller *who, const SSL *ssl) {
  if (who->asked != LSSL_QCHECK)  /* a check anew: no answer is known */
    who->checked = 0;
  who->asked = LSSL_QNONE;
  who->checks = who->unsettled = 0;
  who->postpones = (unsigned char)postpones(who, ssl);
}

/* nothing is decided: the next attempt at the handshake checks again */
static int postpone (SSL *ssl, X509_STORE_CTX *store) {
  lssl_clearerrors();
  X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
  return SSL_set_retry_verify(ssl);
}

/* a connection that accepts any chain has no rules for it */
static int on_chain (X509_STORE_CTX *store, void *profile) {
  SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store,
    SSL_get_ex_data_X509_STORE_CTX_idx());
  int checks = (ssl != NULL && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER));
  Caller *who = ssl ? lssl_getcaller(ssl) : NULL;
  const Rule *broken;
  int ok;
  if (who != NULL)
    begin(who, ssl);
  ok = lssl_checkchain(store, checks ? (const Profile *)profile : NULL,
                       &broken);
  if (who != NULL) {
    who->postpones = 0;
    if (who->unsettled > 0)
      return postpone(ssl, store);
    who->rule = broken;
    who->depth = ok ? 0 : X509_STORE_CTX_get_error_depth(store);
  }
  return ok;
}

/* OpenSSL does not change what it is given for the callback */
void lssl_setprofile (SSL_CTX *ctx, const Profile *profile) {
  SSL_CTX_set_cert_verify_callback(ctx, on_chain,
                                   (void *)(uintptr_t)profile);
}
