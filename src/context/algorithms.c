/*
** algorithms.c - which ciphers and signature algorithms an SSLContext uses, and
** how strong they have to be.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/objects.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "context/algorithms.h"
#include "context/context.h"

/*
** {======================================================
** Ciphers
** =======================================================
*/

/*
** A list that selects nothing replaces that of an SSL_CTX all the same, and
** sets the security level, so it is tried on another one: does it select any?
** Raises for a level that the host does not allow.
*/
static int selects (lua_State *L, const Context *c, const char *list) {
  void **box = lssl_newbox(L, lssl_freecontext);
  lssl_clearerrors();
  *box = SSL_CTX_new(SSL_CTX_get_ssl_method(c->ctx));
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  SSL_CTX_set_security_level((SSL_CTX *)*box,
                             SSL_CTX_get_security_level(c->ctx));
  if (!SSL_CTX_set_cipher_list((SSL_CTX *)*box, list))
    return 0;
  lssl_checklevelfloor(L, SSL_CTX_get_security_level((SSL_CTX *)*box));
  return 1;
}

int lssl_setciphers (lua_State *L, const Context *c, SSL *const *ssl) {
  const char *list;
  int ok;
  lssl_arguments(L, ":set_ciphers", "ciphers");
  list = lssl_checkcstring(L, 2, ":set_ciphers");
  ok = selects(L, c, list);
  lssl_checkthere(L, ssl);
  if (ok)
    ok = ssl ? SSL_set_cipher_list(*ssl, list)
             : SSL_CTX_set_cipher_list(c->ctx, list);
  lssl_clearerrors();
  return ok ? 0 : lssl_sslerror(L, -1, "No cipher can be selected.");
}

int lssl_setciphersuites (lua_State *L, const Context *c, SSL *const *ssl) {
  const char *list;
  int ok;
  lssl_arguments(L, ":set_ciphersuites", "ciphersuites");
  list = lssl_checkcstring(L, 2, ":set_ciphersuites");
  lssl_checkthere(L, ssl);
  lssl_clearerrors();
  ok = ssl ? SSL_set_ciphersuites(*ssl, list)
           : SSL_CTX_set_ciphersuites(c->ctx, list);
  lssl_clearerrors();
  return ok ? 0 : lssl_sslerror(L, 0, "No cipher suite can be selected.");
}

/*@ SSLContext:set_ciphers(ciphers)
** Chooses the ciphers of TLS 1.2 and older. For TLS 1.3 see `set_ciphersuites`. If it
** raises an error, the context stays as it was.
** - `ciphers` (string): a list in OpenSSL's form, such as `"ECDHE+AESGCM:!aNULL"`.
**   `@SECLEVEL=n` in the list sets the security level.
** Returns nothing. Raises `SSLError` if the list selects no cipher.
** OpenSSL: `SSL_CTX_set_cipher_list`. Since: CPython 3.2.
**
** Type: named fun(ciphers: string)
**
**     ctx:set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
*/
static int context_setciphers (lua_State *L) {
  return lssl_setciphers(L, lssl_changingcontext(L), NULL);
}

/*@ SSLContext:set_ciphersuites(ciphersuites)
** Chooses the ciphers of TLS 1.3. If it raises an error, the context stays as it was.
** - `ciphersuites` (string): names with colons between them, best first. An empty
**   string turns TLS 1.3 off.
** Returns nothing. Raises `SSLError` for an unknown name.
** OpenSSL: `SSL_CTX_set_ciphersuites`. Since: CPython 3.15.
**
** Type: named fun(ciphersuites: string)
**
**     ctx:set_ciphersuites("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256")
*/
static int context_setciphersuites (lua_State *L) {
  return lssl_setciphersuites(L, lssl_changingcontext(L), NULL);
}

static void setstring (lua_State *L, const char *field, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, field);
}

static void setinteger (lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

/* the long name of an object; none for what the cipher has not */
static void setobject (lua_State *L, const char *field, int nid) {
  if (nid != NID_undef)
    setstring(L, field, OBJ_nid2ln(nid));
}

static void setdescription (lua_State *L, const SSL_CIPHER *cipher) {
  char text[512];
  if (SSL_CIPHER_description(cipher, text, (int)sizeof text) != NULL) {
    text[strcspn(text, "\n")] = '\0';
    setstring(L, "description", text);
  }
}

static void pushcipher (lua_State *L, const SSL_CIPHER *cipher) {
  int bits = 0, strength = SSL_CIPHER_get_bits(cipher, &bits);
  lua_createtable(L, 0, 11);
  setinteger(L, "id", (lua_Integer)SSL_CIPHER_get_id(cipher));
  setstring(L, "name", SSL_CIPHER_get_name(cipher));
  setstring(L, "protocol", SSL_CIPHER_get_version(cipher));
  setdescription(L, cipher);
  setinteger(L, "strength_bits", strength);
  setinteger(L, "alg_bits", bits);
  lua_pushboolean(L, SSL_CIPHER_is_aead(cipher));
  lua_setfield(L, -2, "aead");
  setobject(L, "symmetric", SSL_CIPHER_get_cipher_nid(cipher));
  setobject(L, "digest", SSL_CIPHER_get_digest_nid(cipher));
  setobject(L, "kea", SSL_CIPHER_get_kx_nid(cipher));
  setobject(L, "auth", SSL_CIPHER_get_auth_nid(cipher));
}

/*@ SSLContext:get_ciphers()
** Lists the ciphers that are chosen, best first.
** Returns an array of tables: `id` (integer), `name`, `protocol` (the oldest
** version that has it), `description` (strings), `strength_bits`, `alg_bits`
** (integers), `aead` (boolean), and as far as the cipher has one `symmetric`,
** `digest`, `kea`, `auth` (strings).
** OpenSSL: `SSL_CTX_get_ciphers`. Since: CPython 3.6.
**
** Type: fun(): Cipher[]
** Type: Cipher = { id: integer, name: string, protocol: string, description: string,
**   strength_bits: integer, alg_bits: integer, aead: boolean, symmetric?: string,
**   digest?: string, kea?: string, auth?: string }
**
**     assert(ctx:get_ciphers()[1].strength_bits >= 128)
*/
static int context_getciphers (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  void **box = lssl_newbox(L, lssl_freeciphers);
  STACK_OF(SSL_CIPHER) *ciphers;
  int n, i;
  lssl_clearerrors();
  /* a copy: a finalizer may set another list while this one is told */
  *box = ciphers = sk_SSL_CIPHER_dup(SSL_CTX_get_ciphers(c->ctx));
  if (ciphers == NULL)
    return lssl_raisequeue(L, NULL);
  n = sk_SSL_CIPHER_num(ciphers);
  lua_createtable(L, n, 0);
  for (i = 0; i < n; i++) {
    pushcipher(L, sk_SSL_CIPHER_value(ciphers, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/*@ SSLContext.security_level (integer, read only)
** The security level: 0 allows everything, 1 asks for 80 bits of security, 2 for
** 112, and so on. To set it, call `set_ciphers("@SECLEVEL=…")`.
** OpenSSL: `SSL_CTX_get_security_level`. Since: CPython 3.10.
**
**     assert(ctx.security_level == 2)
*/
static int get_securitylevel (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lua_pushinteger(L, SSL_CTX_get_security_level(c->ctx));
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Signature algorithms
** =======================================================
*/

static int setsigalgs (lua_State *L, int client, const char *name) {
  Context *c = lssl_changingcontext(L);
  const char *list;
  int ok;
  lssl_arguments(L, name, "sigalgs");
  list = lssl_checkcstring(L, 2, name);
  lssl_clearerrors();
  if (client)
    ok = (SSL_CTX_set1_client_sigalgs_list(c->ctx, list) == 1);
  else
    ok = (SSL_CTX_set1_sigalgs_list(c->ctx, list) == 1);
  lssl_clearerrors();
  return ok ? 0 : lssl_sslerror(L, 0, "unrecognized signature algorithm");
}

/*@ SSLContext:set_client_sigalgs(sigalgs)
** Chooses the signature algorithms that a client may use to prove that its
** certificate is its own. If it raises an error, the context stays as it was.
** - `sigalgs` (string): names with colons between them, best first.
** Returns nothing. Raises `SSLError` for an unknown name.
** OpenSSL: `SSL_CTX_set1_client_sigalgs_list`; RFC 8446, 4.2.3. Since: CPython
** 3.15.
**
** Type: named fun(sigalgs: string)
**
**     server_ctx:set_client_sigalgs("rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256")
*/
static int context_setclientsigalgs (lua_State *L) {
  return setsigalgs(L, 1, ":set_client_sigalgs");
}

/*@ SSLContext:set_server_sigalgs(sigalgs)
** Chooses the signature algorithms that a server may sign its handshake with. On a
** client's context these are the algorithms that it offers; on a server's context,
** those that it accepts from the offer. If it raises an error, the context stays as
** it was.
** - `sigalgs` (string): names with colons between them, best first.
** Returns nothing. Raises `SSLError` for an unknown name.
** OpenSSL: `SSL_CTX_set1_sigalgs_list`; RFC 8446, 4.2.3. Since: CPython 3.15.
**
** Type: named fun(sigalgs: string)
**
**     ctx:set_server_sigalgs("rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256")
*/
static int context_setserversigalgs (lua_State *L) {
  return setsigalgs(L, 0, ":set_server_sigalgs");
}

/*@ ssl.get_sigalgs()
** Lists the signature algorithms that OpenSSL has for TLS.
** Returns an array of strings. Raises `NotImplementedError` where OpenSSL is
** older than 3.4.
** OpenSSL: `SSL_get1_builtin_sigalgs`. Since: CPython 3.15.
**
** Type: fun(): string[]
**
**     if ssl.OPENSSL_VERSION_NUMBER >= 0x30400000 then
**       print(table.concat(ssl.get_sigalgs(), ":"))
**     end
*/
static int get_sigalgs (lua_State *L) {
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
  void **box = lssl_newbox(L, lssl_freebytes);
  const char *text;
  lua_Integer n = 0;
  lssl_clearerrors();
  *box = SSL_get1_builtin_sigalgs(NULL);
  if (*box == NULL)
    return lssl_raisequeue(L, NULL);
  lua_newtable(L);
  for (text = (const char *)*box; *text != '\0'; text += strspn(text, ":")) {
    size_t length = strcspn(text, ":");
    lua_pushlstring(L, text, length);
    lua_rawseti(L, -2, ++n);
    text += length;
  }
  return 1;
#else
  return lssl_notimplemented(L, "Getting signature algorithms requires "
                                "OpenSSL 3.4 or later.");
#endif
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"set_ciphers", context_setciphers},
  {"set_ciphersuites", context_setciphersuites},
  {"get_ciphers", context_getciphers},
  {"set_client_sigalgs", context_setclientsigalgs},
  {"set_server_sigalgs", context_setserversigalgs},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"security_level", get_securitylevel},
  {NULL, NULL}
};

void lssl_openalgorithms (lua_State *L) {
  lssl_addtocontext(L, methods, getters, NULL);
  lua_pushcfunction(L, get_sigalgs);
  lua_setfield(L, -2, "get_sigalgs");
}
