/*
** verify.c - how an SSLContext checks the certificates of peers: what it asks
** for, and what a program has to say meanwhile.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "x509/certificate.h"
#include "context/checks.h"
#include "context/handlers.h"
#include "context/verify.h"

/*
** {======================================================
** Settings
** =======================================================
*/

/*@ SSLContext.verify_mode (integer, read and write)
** Whether the context asks for the peer's certificate and checks it:
** - `ssl.CERT_NONE`: it does not check. A server does not ask.
** - `ssl.CERT_OPTIONAL`: a server asks, and checks the certificate if it gets one. For a
**   client it is the same as `CERT_REQUIRED`.
** - `ssl.CERT_REQUIRED`: it checks, and refuses a peer without a certificate.
** Setting it raises `ValueError` for another number, and for `CERT_NONE` while
** `check_hostname` is set. OpenSSL: `SSL_CTX_set_verify`. Since: CPython 3.2.
**
**     server_ctx.verify_mode = ssl.CERT_OPTIONAL
*/
static int get_verifymode (lua_State *L) {
  int mode = SSL_CTX_get_verify_mode(lssl_attributecontext(L)->ctx);
  if (!(mode & SSL_VERIFY_PEER))
    lua_pushinteger(L, 0);
  else
    lua_pushinteger(L, (mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) ? 2 : 1);
  return 1;
}

static void setmode (Context *c, int mode) {
  SSL_CTX_set_verify(c->ctx, mode, SSL_CTX_get_verify_callback(c->ctx));
}

static int set_verifymode (lua_State *L) {
  static const int modes[] = {SSL_VERIFY_NONE, SSL_VERIFY_PEER,
    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
  Context *c = lssl_attributecontext(L);
  lua_Integer mode = lssl_checkvalueinteger(L, "verify_mode");
  if (mode < 0 || mode > 2)
    return lssl_valueerror(L, "invalid value for verify_mode");
  if (mode == 0 && c->checkhostname)
    return lssl_valueerror(L, "Cannot set verify_mode to CERT_NONE when "
                           "check_hostname is enabled.");
  if (mode == 0 && (SSL_CTX_get_verify_mode(c->ctx) & SSL_VERIFY_PEER))
    lssl_checkinsecure(L, "verify_mode may not be lowered to CERT_NONE");
  setmode(c, modes[mode]);
  return 0;
}

/*@ SSLContext.check_hostname (boolean, read and write)
** Whether a client checks that the certificate names the `server_hostname`. You must then
** give a `server_hostname` to each connection. If you set it to true while `verify_mode`
** is `CERT_NONE`, `verify_mode` becomes `CERT_REQUIRED`.
**
** OpenSSL 4.0 and newer refuse some names (`localhost.`, `*.test`, `x`): a connection with
** such a name raises `ValueError`.
** OpenSSL: `X509_VERIFY_PARAM_set1_host`; RFC 6125. Since: CPython 3.4.
**
**     assert(ctx.check_hostname)
*/
static int get_checkhostname (lua_State *L) {
  lua_pushboolean(L, lssl_attributecontext(L)->checkhostname);
  return 1;
}

static int set_checkhostname (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  if (c->checkhostname && !lua_toboolean(L, 3))
    lssl_checkinsecure(L, "check_hostname may not be turned off");
  c->checkhostname = (unsigned char)lua_toboolean(L, 3);
  if (c->checkhostname &&
      !(SSL_CTX_get_verify_mode(c->ctx) & SSL_VERIFY_PEER))
    setmode(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
  return 0;
}

/*@ SSLContext.verify_flags (integer, read and write)
** The `ssl.VERIFY_*` flags of certificate checking. OpenSSL:
** `X509_VERIFY_PARAM_set_flags`. Since: CPython 3.4.
**
**     ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_X509_STRICT
*/
static int get_verifyflags (lua_State *L) {
  X509_VERIFY_PARAM *p = SSL_CTX_get0_param(lssl_attributecontext(L)->ctx);
  lua_pushinteger(L, (lua_Integer)X509_VERIFY_PARAM_get_flags(p));
  return 1;
}

static int set_verifyflags (lua_State *L) {
  X509_VERIFY_PARAM *p = SSL_CTX_get0_param(lssl_attributecontext(L)->ctx);
  unsigned long want =
    (unsigned long)lssl_checkvalueinteger(L, "verify_flags");
  unsigned long have = X509_VERIFY_PARAM_get_flags(p);
  if (want & ~have & X509_V_FLAG_NO_CHECK_TIME)
    lssl_checkinsecure(L, "verify_flags may not turn a check off");
  lssl_clearerrors();
  if ((have & ~want && !X509_VERIFY_PARAM_clear_flags(p, have & ~want)) ||
      (want & ~have && !X509_VERIFY_PARAM_set_flags(p, want & ~have)))
    return lssl_raisequeue(L, NULL);
  return 0;
}

/*@ SSLContext.hostname_checks_common_name (boolean, read and write)
** Whether the common name of a certificate may name the host, if the certificate has no
** subjectAltName. OpenSSL: `X509_CHECK_FLAG_NEVER_CHECK_SUBJECT`. Since: CPython 3.7.
**
**     ctx.hostname_checks_common_name = false
*/
static int get_checkscommonname (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lua_pushboolean(L, !(c->hostflags & X509_CHECK_FLAG_NEVER_CHECK_SUBJECT));
  return 1;
}

static int set_checkscommonname (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  if (lua_toboolean(L, 3))
    c->hostflags &= ~(unsigned int)X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  else
    c->hostflags |= X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(c->ctx), c->hostflags);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** The callback: made so that forgetting to answer changes nothing
** =======================================================
*/

#define NOWAIT \
  "only a client's may, and only if a coroutine makes the handshake; " \
  "a server can check its client's certificate after the handshake"

typedef struct Check {
  Caller *who;
  X509 *cert;			/* the store's, may be NULL */
  EVP_PKEY *key;		/* the store's, for a raw public key; or NULL */
  int ok, error, depth;
  int answer;
} Check;

static void pushcert (lua_State *L, const Check *c) {
  if (c->cert != NULL)
    lssl_pushder(L, c->cert);
  else
    lua_pushnil(L);
}

/* body: keeps the question, unless it is answered already */
static int findanswer (lua_State *L) {
  Check *c = (Check *)lua_touserdata(L, 1);
  lua_createtable(L, LSSL_CHECKANSWER, 0);
  lua_pushboolean(L, c->ok);
  lua_rawseti(L, -2, LSSL_CHECKOK);
  lua_pushinteger(L, c->error);
  lua_rawseti(L, -2, LSSL_CHECKERROR);
  lua_pushinteger(L, c->depth);
  lua_rawseti(L, -2, LSSL_CHECKDEPTH);
  pushcert(L, c);
  lua_rawseti(L, -2, LSSL_CHECKDER);
  if (c->key != NULL) {
    lssl_pushrawkey(L, c->key);
    lua_rawseti(L, -2, LSSL_CHECKKEY);
  }
  c->answer = lssl_findcheck(L, c->who, c->ok);
  return 0;
}

/* body: the callback gets (ok, error, depth, der, connection, key) */
static int callverify (lua_State *L) {
  Check *c = (Check *)lua_touserdata(L, 1);
  c->answer = c->ok;
  if (!lssl_pushhandler(L, LSSL_UVVERIFY))
    return 0;
  c->answer = 0;
  if (c->who->postpones)
    return findanswer(L);
  lua_pushboolean(L, c->ok);
  lua_pushinteger(L, c->error);
  lua_pushinteger(L, c->depth);
  pushcert(L, c);
  lua_pushvalue(L, 2);
  if (c->key != NULL)
    lssl_pushrawkey(L, c->key);
  lssl_callhandler(L, c->key ? 6 : 5, 1, "verify_callback", NOWAIT);
  if (lua_isnil(L, -1))
    c->answer = c->ok;
  else if (lua_isboolean(L, -1))
    c->answer = lua_toboolean(L, -1);
  else
    lssl_badreturn(L, "verify_callback", "a boolean or nil is required");
  return 0;
}

static EVP_PKEY *rawkey (X509_STORE_CTX *store) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  return X509_STORE_CTX_get0_rpk(store);
#else
  (void)store;
  return NULL;
#endif
}

/* unless the connection demands a check, nothing is asked and nothing decided */
static int on_verify (int ok, X509_STORE_CTX *store) {
  SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store,
    SSL_get_ex_data_X509_STORE_CTX_idx());
  Check c;
  if (ssl == NULL || !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER))
    return ok;
  c.who = lssl_getcaller(ssl);
  c.cert = X509_STORE_CTX_get_current_cert(store);
  c.key = rawkey(store);
  c.ok = (ok != 0);
  c.error = ok ? X509_V_OK : X509_STORE_CTX_get_error(store);
  c.depth = X509_STORE_CTX_get_error_depth(store);
  c.answer = 0;
  if (!lssl_protected(c.who, callverify, &c))
    c.answer = 0;
  if (c.answer != c.ok)
    X509_STORE_CTX_set_error(store, c.answer ? X509_V_OK
                             : X509_V_ERR_APPLICATION_VERIFICATION);
  return c.answer;
}

/*@ SSLContext.verify_callback (function or nil, read and write)
** A function that is called for each certificate of the chain while the chain is checked,
** and again for each error that OpenSSL finds. Its arguments are:
** - `ok` (boolean): whether OpenSSL accepts the certificate;
** - `error` (integer): `X509_V_ERR_*`, 0 if `ok`;
** - `depth` (integer): 0 for the peer's own certificate;
** - `der` (string or nil): the certificate;
** - the connection;
** - `key` (string or nil): a raw public key, which has no certificate
**   (SubjectPublicKeyInfo in DER; see `server_certificate_types`).
** The function returns `true` to accept in spite of an error, `false` to refuse, and nil
** or nothing to agree with OpenSSL. If it raises an error or returns another type, the peer
** is refused: the handshake raises `SSLCertVerificationError`, whose `cause` is that error.
**
** On a client, the function may take its time: if you make the handshake in a coroutine,
** the function may yield, and the handshake goes on when it returns. So it can ask a server
** whether the certificate is revoked. To make that possible, OpenSSL first checks the chain
** without the function, then the function is called, and then OpenSSL checks the chain once
** more by its answers. If that check finds something new (say, because the function has
** loaded a revocation list), the function is called for that, too. On a server, and outside
** of a coroutine, the function must not yield.
**
** The function is not called while `verify_mode` is `CERT_NONE`, nor when a session is
** resumed, whose certificate was checked when the session was made. After `sni_callback`
** has changed the `context`, the new context's function is called. Set the attribute
** before you make the connection. OpenSSL: `SSL_CTX_set_verify`. Since: an addition.
**
** Type: VerifyCallback?
** Type: VerifyCallback = fun(ok: boolean, error: integer, depth: integer, der: string?,
**   conn: Connection, key: string?): boolean?
**
**     local pinned = {}        -- certificates in DER, and raw keys, by themselves
**     ctx.verify_callback = function(ok, error, depth, der, conn, key)
**       if key then return pinned[key] == true end
**       if ok and depth == 0 and next(pinned) and not pinned[der] then return false end
**     end
*/
static int get_verify (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVVERIFY);
}

static int set_verify (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  if (!lua_isnil(L, 3))
    lssl_checkinsecure(L, "verify_callback could accept any certificate");
  lssl_setcallable(L, LSSL_UVVERIFY, "verify_callback",
                   "not a callable object");
  SSL_CTX_set_verify(c->ctx, SSL_CTX_get_verify_mode(c->ctx),
                     lua_isnil(L, 3) ? NULL : on_verify);
  return 0;
}

/* }====================================================== */


static const luaL_Reg getters[] = {
  {"verify_mode", get_verifymode},
  {"verify_flags", get_verifyflags},
  {"check_hostname", get_checkhostname},
  {"hostname_checks_common_name", get_checkscommonname},
  {"verify_callback", get_verify},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"verify_mode", set_verifymode},
  {"verify_flags", set_verifyflags},
  {"check_hostname", set_checkhostname},
  {"hostname_checks_common_name", set_checkscommonname},
  {"verify_callback", set_verify},
  {NULL, NULL}
};

void lssl_openverify (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
