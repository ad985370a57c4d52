/*
** verify.c - SSLContext.verify_callback: what a program has to say when
** certificates are checked. Made so that forgetting to answer changes nothing.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509_vfy.h>

#include "arguments.h"
#include "callback.h"
#include "certificate.h"
#include "errors.h"
#include "handlers.h"
#include "verify.h"

typedef struct Check {
  X509 *cert;			/* the store's, may be NULL */
  int ok, error, depth;
  int answer;
} Check;

/* body: the callback gets (ok, error, depth, der, connection) */
static int callverify (lua_State *L) {
  Check *c = (Check *)lua_touserdata(L, 1);
  c->answer = c->ok;
  if (!lssl_pushhandler(L, LSSL_UVVERIFY))
    return 0;
  c->answer = 0;
  lua_pushboolean(L, c->ok);
  lua_pushinteger(L, c->error);
  lua_pushinteger(L, c->depth);
  if (c->cert != NULL)
    lssl_pushder(L, c->cert);
  else
    lua_pushnil(L);
  lua_pushvalue(L, 2);
  lua_call(L, 5, 1);
  if (lua_isnil(L, -1))
    c->answer = c->ok;
  else if (lua_isboolean(L, -1))
    c->answer = lua_toboolean(L, -1);
  else
    lssl_badreturn(L, "verify_callback", "a boolean or nil is required");
  return 0;
}

/* unless the connection demands a check, nothing is asked and nothing decided */
static int on_verify (int ok, X509_STORE_CTX *store) {
  SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store,
    SSL_get_ex_data_X509_STORE_CTX_idx());
  Check c;
  if (ssl == NULL || !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER))
    return ok;
  c.cert = X509_STORE_CTX_get_current_cert(store);
  c.ok = (ok != 0);
  c.error = ok ? X509_V_OK : X509_STORE_CTX_get_error(store);
  c.depth = X509_STORE_CTX_get_error_depth(store);
  c.answer = 0;
  if (!lssl_protected(lssl_getcaller(ssl), callverify, &c))
    c.answer = 0;
  if (c.answer != c.ok)
    X509_STORE_CTX_set_error(store, c.answer ? X509_V_OK
                             : X509_V_ERR_APPLICATION_VERIFICATION);
  return c.answer;
}

/*@ SSLContext.verify_callback (function or nil, read and write)
** What is asked for each certificate of the chain while it is checked, and again
** for each error that OpenSSL finds. It gets `ok` (boolean: what OpenSSL says),
** `error` (integer: `X509_V_ERR_*`, 0 if `ok`), `depth` (integer: 0 for the
** peer's own certificate), `der` (string: the certificate, or nil), and the
** connection. It returns `true` to accept in spite of an error, `false` to
** refuse, and nil (or nothing) for OpenSSL's own verdict. Another type, and an
** error, refuse, and are the `cause` of the `SSLCertVerificationError` that
** `do_handshake` raises. It must not yield.
** It is not asked while `verify_mode` is `CERT_NONE`, nor when a session is
** resumed, whose certificate was checked when it was made. After a change of
** `context` by `sni_callback`, the new context's is asked. Set it before the
** connection is made. OpenSSL: `SSL_CTX_set_verify`. Since: an addition.
**
**     local pinned = {}        -- certificates in DER, by themselves
**     ctx.verify_callback = function(ok, error, depth, der)
**       if ok and depth == 0 and next(pinned) and not pinned[der] then return false end
**     end
*/
static int get_verify (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVVERIFY);
}

static int set_verify (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lssl_setcallable(L, LSSL_UVVERIFY, "verify_callback",
                   "not a callable object");
  SSL_CTX_set_verify(c->ctx, SSL_CTX_get_verify_mode(c->ctx),
                     lua_isnil(L, 3) ? NULL : on_verify);
  return 0;
}

static const luaL_Reg getters[] = {
  {"verify_callback", get_verify},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"verify_callback", set_verify},
  {NULL, NULL}
};

void lssl_openverify (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
