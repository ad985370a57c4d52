/*
** chains.c - the certificates that an SSLContext shows, told to Lua.
** SPDX-License-Identifier: MIT
*/
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/chain.h"
#include "context/chains.h"
#include "context/context.h"

/* adds the issuer of the last certificate, if it is another and is trusted */
static int addissuer (SSL_CTX *ctx, STACK_OF(X509) *chain) {
  X509 *last = sk_X509_value(chain, sk_X509_num(chain) - 1), *issuer = NULL;
  X509_STORE_CTX *look;
  int ok;
  if (X509_self_signed(last, 0) == 1)
    return 1;
  look = X509_STORE_CTX_new();
  ok = look != NULL &&
       X509_STORE_CTX_init(look, SSL_CTX_get_cert_store(ctx), last, NULL) == 1;
  if (ok && X509_STORE_CTX_get1_issuer(&issuer, look, last) == 1 &&
      !lssl_keepcertificate(issuer, chain))
    ok = 0;
  X509_free(issuer);
  X509_STORE_CTX_free(look);
  return ok;
}

/* pushes a box with the chain of the current certificate */
static void pushcurrent (lua_State *L, SSL_CTX *ctx) {
  void **box = lssl_newbox(L, lssl_freecertificates);
  STACK_OF(X509) *chain, *others = NULL;
  int i, ok;
  lssl_clearerrors();
  *box = chain = sk_X509_new_null();
  ok = chain != NULL &&
       lssl_keepcertificate(SSL_CTX_get0_certificate(ctx), chain);
  SSL_CTX_get0_chain_certs(ctx, &others);
  if (others == NULL)
    SSL_CTX_get_extra_chain_certs_only(ctx, &others);
  for (i = 0; ok && i < sk_X509_num(others); i++)
    ok = lssl_keepcertificate(sk_X509_value(others, i), chain);
  if (!ok || !addissuer(ctx, chain))
    lssl_raisequeue(L, NULL);
  lssl_clearerrors();
}

/*@ SSLContext:get_cert_chains()
** Lists the certificates that the context shows, one chain for each kind of key. A server
** that staples OCSP responses needs them: see `ssl.stapler`.
** Returns an array of chains. A chain is an array of strings (DER): the context's own
** certificate, those above it that were loaded with it, and the issuer of the last one if
** the context trusts it. OpenSSL: `SSL_CTX_set_current_cert`, `SSL_CTX_get0_chain_certs`.
** Since: an addition.
**
** Type: fun(): string[][]
**
**     local chains = server_ctx:get_cert_chains()
**     assert(ssl.decode_certificate(chains[1][1]).subjectAltName)
*/
static int context_getcertchains (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  X509 *current = SSL_CTX_get0_certificate(c->ctx);
  lua_Integer n = 0;
  int more = SSL_CTX_set_current_cert(c->ctx, SSL_CERT_SET_FIRST) == 1;
  lua_newtable(L);
  while (more) {
    pushcurrent(L, c->ctx);  /* raises for want of memory alone */
    lssl_pushchain(L);
    lua_rawseti(L, -2, ++n);
    more = SSL_CTX_set_current_cert(c->ctx, SSL_CERT_SET_NEXT) == 1;
  }
  if (current != NULL)
    SSL_CTX_select_current_cert(c->ctx, current);
  lssl_clearerrors();
  return 1;
}

static const luaL_Reg methods[] = {
  {"get_cert_chains", context_getcertchains},
  {NULL, NULL}
};

void lssl_openchains (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
