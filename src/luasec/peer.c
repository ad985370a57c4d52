/*
** peer.c - what LuaSec tells of the certificates of both sides.
** SPDX-License-Identifier: MIT
*/
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "luasec/certificate.h"
#include "luasec/link.h"
#include "luasec/peer.h"
#include "luasec/verification.h"

/*
** {======================================================
** Chains
** =======================================================
*/

/* puts a list of its own into the box, of 'first' and of 'rest'; 0: no memory */
static int keepchain (void **box, X509 *first, STACK_OF(X509) *rest) {
  STACK_OF(X509) *all = rest ? X509_chain_up_ref(rest) : sk_X509_new_null();
  *box = all;
  return all != NULL && (first == NULL ||
         X509_add_cert(all, first, X509_ADD_FLAG_UP_REF |
                                   X509_ADD_FLAG_PREPEND));
}

/* the peer's, in which OpenSSL leaves a client's own certificate out */
static int keeppeers (SSL *ssl, void **box) {
  return keepchain(box, SSL_is_server(ssl) ? SSL_get0_peer_certificate(ssl)
                                           : NULL,
                   SSL_get_peer_cert_chain(ssl));
}

/* the one that was shown, and those that lead to the authority's */
static int keeplocals (SSL *ssl, void **box) {
  STACK_OF(X509) *rest = NULL;
  SSL_get0_chain_certs(ssl, &rest);
  return keepchain(box, SSL_get_certificate(ssl), rest);
}

/* pushes the box of a chain of the connection at 1, and returns the chain */
static STACK_OF(X509) *pushchain (lua_State *L, const Link *l,
                                  int (*keep) (SSL *, void **)) {
  void **box = lssl_newbox(L, lssl_freecertificates);
  lssl_clearerrors();
  if (l->conn->ssl != NULL && !keep(l->conn->ssl, box))
    lssl_raisequeue(L, NULL);
  return (STACK_OF(X509) *)*box;
}

/* pushes the certificate at place 'i' (from 0) of the chain; nil if there is none */
static void pushone (lua_State *L, const STACK_OF(X509) *chain, lua_Integer i) {
  X509 **slot;
  if (i >= sk_X509_num(chain)) {
    lua_pushnil(L);
    return;
  }
  slot = lssl_newluaseccertificate(L);
  *slot = sk_X509_value(chain, (int)i);
  X509_up_ref(*slot);
}

static int getcertificate (lua_State *L, int (*keep) (SSL *, void **)) {
  Link *l = lssl_selflink(L);
  lua_Integer n;
  if (!lssl_islinked(l))
    return lssl_pushclosed(L);
  n = luaL_optinteger(L, 2, 1);
  if (n < 1) {
    lua_pushnil(L);
    lua_pushliteral(L, "invalid certificate index");
    return 2;
  }
  pushone(L, pushchain(L, l, keep), n - 1);
  lssl_emptybox(L, -2);
  return 1;
}

static int getchain (lua_State *L, int (*keep) (SSL *, void **)) {
  Link *l = lssl_selflink(L);
  const STACK_OF(X509) *chain;
  int i, n;
  if (!lssl_islinked(l))
    return lssl_pushclosed(L);
  chain = pushchain(L, l, keep);
  n = sk_X509_num(chain);
  lua_createtable(L, n > 0 ? n : 0, 0);
  for (i = 0; i < n; i++) {
    pushone(L, chain, i);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lssl_emptybox(L, -2);
  return 1;
}

/*@ connection:getpeercertificate([n])
** The certificate that the peer has shown.
** - `n` (integer): 1, the default, for the peer's own; larger ones for those that
**   came with it.
** Returns a certificate; nil if there is none; nil and `"closed"` before the
** handshake and after the end; nil and a text for a number below 1.
** OpenSSL: `SSL_get0_peer_certificate`, `SSL_get_peer_cert_chain`.
**
** Type: fun(n?: integer): certificate?, string?
**
**     assert(conn:getpeercertificate():pem():find("BEGIN CERTIFICATE", 1, true))
*/
static int link_getpeercertificate (lua_State *L) {
  return getcertificate(L, keeppeers);
}

/*@ connection:getpeerchain()
** All certificates that the peer has shown, its own first.
** Returns an array of certificates; nil and `"closed"` before the handshake and
** after the end. OpenSSL: `SSL_get_peer_cert_chain`.
**
** Type: fun(): certificate[]?, string?
**
**     assert(#conn:getpeerchain() >= 1)
*/
static int link_getpeerchain (lua_State *L) {
  return getchain(L, keeppeers);
}

/*@ connection:getlocalcertificate([n])
** The certificate that this side has shown.
** - `n` (integer): as for `getpeercertificate`.
** Returns as `getpeercertificate` does. OpenSSL: `SSL_get_certificate`,
** `SSL_get0_chain_certs`.
**
** Type: fun(n?: integer): certificate?, string?
**
**     assert(peer:getlocalcertificate():pem() == conn:getpeercertificate():pem())
*/
static int link_getlocalcertificate (lua_State *L) {
  return getcertificate(L, keeplocals);
}

/*@ connection:getlocalchain()
** All certificates that this side has shown, its own first.
** Returns as `getpeerchain` does. OpenSSL: `SSL_get0_chain_certs`.
**
** Type: fun(): certificate[]?, string?
**
**     assert(#peer:getlocalchain() >= 1)
*/
static int link_getlocalchain (lua_State *L) {
  return getchain(L, keeplocals);
}

/* }====================================================== */


/*@ connection:getpeerverification()
** What came of the check of the peer's certificate. A handshake that went on
** without one (`verify = "none"`) is told what was wrong, too.
** Returns true; or false and a text. With `verifyext = "lsec_continue"` the second
** result is an array in place of the text: for the certificate at depth 0, the
** peer's, all that was wrong is an array of texts at 1, and so on. False and
** `"closed"` after the end, and before the handshake unless that has failed for the
** certificate. OpenSSL: `SSL_get_verify_result`.
**
** Type: fun(): boolean, (string|string[][])?
**
**     assert(conn:getpeerverification() == true)
*/
static int link_getpeerverification (lua_State *L) {
  Link *l = lssl_selflink(L);
  const Conn *c = l->conn;
  long verdict = c->ssl ? SSL_get_verify_result(c->ssl) : X509_V_OK;
  int linked = lssl_islinked(l);
  lua_pushboolean(L, linked && verdict == X509_V_OK);
  if (linked && verdict == X509_V_OK)
    return 1;
  if (!linked && !(c->broken && verdict != X509_V_OK))
    lua_pushliteral(L, "closed");
  else if (!lssl_pushfaults(L, 1))
    lua_pushstring(L, X509_verify_cert_error_string(verdict));
  return 2;
}

/*
** {======================================================
** DANE (RFC 6698)
** =======================================================
*/

/*@ connection:setdane(host)
** Has the peer's certificate checked by the TLSA records that `settlsa` adds, in
** place of trusted authorities, and for this name. For clients whose context has
** `dane`; before the handshake.
** - `host` (string): the name of the host whose records these are.
** Returns true; or false where that is not possible. OpenSSL: `SSL_dane_enable`.
**
** Type: fun(host: string): boolean
**
**     local ctx = assert(ssl.newcontext({ mode = "client", protocol = "any", dane = true }))
**     local conn <close> = assert(ssl.wrap(assert(require "socket".connect(host, port)), ctx))
**     assert(conn:setdane("localhost"))
*/
static int link_setdane (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  const char *host = luaL_checkstring(L, 2);
  int ok;
  lssl_clearerrors();
  ok = c->ssl != NULL && !c->busy && SSL_dane_enable(c->ssl, host) > 0;
  lssl_clearerrors();
  lua_pushboolean(L, ok);
  return 1;
}

/*@ connection:settlsa(usage, selector, matchingtype, data)
** Adds a TLSA record. The records have to come from DNS in a way that DNSSEC has
** secured: whoever can forge them can forge the peer.
** - `usage`, `selector`, `matchingtype` (integers): as in the record.
** - `data` (string): its bytes.
** Returns true; or false for a record that cannot be used, and before `setdane`.
** OpenSSL: `SSL_dane_tlsa_add`; RFC 6698, RFC 7671.
**
** Type: fun(usage: integer, selector: integer, matchingtype: integer, data: string): boolean
**
**     local ctx = assert(ssl.newcontext({ mode = "client", protocol = "any", dane = true }))
**     local conn <close> = assert(ssl.wrap(assert(require "socket".connect(host, port)), ctx))
**     assert(conn:setdane("localhost"))
**     assert(conn:settlsa(3, 1, 1, ("\xab"):rep(32)))
*/
static int link_settlsa (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  lua_Integer part[3];
  size_t size;
  const char *data;
  int i, ok = 1;
  for (i = 0; i < 3; i++) {
    part[i] = luaL_checkinteger(L, i + 2);
    ok = ok && part[i] >= 0 && part[i] <= 255;
  }
  data = luaL_checklstring(L, 5, &size);
  lssl_clearerrors();
  ok = ok && c->ssl != NULL && !c->busy &&
       SSL_dane_tlsa_add(c->ssl, (uint8_t)part[0], (uint8_t)part[1],
                         (uint8_t)part[2], (const unsigned char *)data,
                         size) > 0;
  lssl_clearerrors();
  lua_pushboolean(L, ok);
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"getpeercertificate", link_getpeercertificate},
  {"getpeerchain", link_getpeerchain},
  {"getlocalcertificate", link_getlocalcertificate},
  {"getlocalchain", link_getlocalchain},
  {"getpeerverification", link_getpeerverification},
  {"setdane", link_setdane},
  {"settlsa", link_settlsa},
  {NULL, NULL}
};

void lssl_openluasecpeer (lua_State *L) {
  lssl_addtolink(L, methods);
}
