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
** Returns a certificate that the peer has shown.
** - `n` (integer): which one. 1, the default, is the peer's own; 2 is the next one of its chain,
**   and so on.
** Returns a certificate, or nil if there is none. Returns nil and `"closed"` before the
** handshake and after the connection's end; nil and a text for a number below 1. OpenSSL:
** `SSL_get0_peer_certificate`, `SSL_get_peer_cert_chain`.
**
** Type: fun(n?: integer): certificate?, string?
**
**     assert(conn:getpeercertificate():pem():find("BEGIN CERTIFICATE", 1, true))
*/
static int link_getpeercertificate (lua_State *L) {
  return getcertificate(L, keeppeers);
}

/*@ connection:getpeerchain()
** Returns all certificates that the peer has shown. The peer's own comes first.
** Returns an array of certificates; nil and `"closed"` before the handshake and after the
** connection's end. OpenSSL: `SSL_get_peer_cert_chain`.
**
** Type: fun(): certificate[]?, string?
**
**     assert(#conn:getpeerchain() >= 1)
*/
static int link_getpeerchain (lua_State *L) {
  return getchain(L, keeppeers);
}

/*@ connection:getlocalcertificate([n])
** Returns a certificate that this side has shown.
** - `n` (integer): which one, as for `getpeercertificate`.
** Returns the same as `getpeercertificate`. OpenSSL: `SSL_get_certificate`,
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
** Returns all certificates that this side has shown. Its own comes first.
** Returns the same as `getpeerchain`. OpenSSL: `SSL_get0_chain_certs`.
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
** Tells what came of the check of the peer's certificate. With `verify = "none"`, the handshake
** goes on whatever the check finds, and this method still tells the result.
** Returns true; or false and a text that says what is wrong. With `verifyext = "lsec_continue"`,
** the second result is an array instead: element 1 is an array with the problems of the peer's
** own certificate (depth 0), element 2 with those of the certificate at depth 1, and so on.
** Returns false and `"closed"` after the connection's end. Before the handshake it does so too,
** unless the handshake has failed for the certificate. OpenSSL: `SSL_get_verify_result`.
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
** Makes the connection check the peer's certificate by TLSA records, which you add by `settlsa`,
** and not by trusted authorities. Call it on a client before the handshake. The context needs
** `dane`.
** - `host` (string): the name of the host that the records are for.
** Returns true; or false if the context has no `dane`, or the connection is not a client's
** before its handshake. OpenSSL: `SSL_dane_enable`.
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
** Adds a TLSA record. Get the records from DNS, and check them by DNSSEC: whoever can forge the
** records can pretend to be the server.
** - `usage`, `selector`, `matchingtype` (integers): the three numbers of the record.
** - `data` (string): the bytes of the record.
** Returns true; or false if OpenSSL cannot use the record, or if you have not called `setdane`.
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
