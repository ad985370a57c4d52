/*
** handshake.c - LuaSec's handshake, and what it agreed on.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>

#include "base/errors.h"
#include "context/resumption.h"
#include "luasec/handshake.h"
#include "luasec/link.h"
#include "luasec/told.h"
#include "x509/session.h"

/*
** {======================================================
** The handshake
** =======================================================
*/

static Step handshake_step (Conn *c, Operation *op) {
  (void)op;
  return c->broken ? STEP_FAILED : lssl_stephandshake(c);
}

/* pushes what was wrong with the peer's certificate, if that was it */
static int pushverdict (lua_State *L, const Conn *c) {
  long verdict = c->ssl ? SSL_get_verify_result(c->ssl) : X509_V_OK;
  if (!c->broken || verdict == X509_V_OK)
    return 0;
  lua_pushstring(L, X509_verify_cert_error_string(verdict));
  return 1;
}

static int handshake_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  const char *text;
  if (s == STEP_DONE) {
    ((Link *)op->user)->connected = 1;
    lua_pushboolean(L, 1);
    return 1;
  }
  text = lssl_tell(L, c, s);
  lua_pushboolean(L, 0);
  lua_pushstring(L, text);
  return 2 + (s == STEP_FAILED ? pushverdict(L, c) : 0);
}

/* the name that a context wants checked, and that nobody has given */
static int lacksname (lua_State *L, const Conn *c) {
  int top = lua_gettop(L), lacks;
  if (c->ssl == NULL || c->server || !c->caller.context->checkhostname)
    return 0;
  lacks = lua_getiuservalue(L, 1, LSSL_UVHOSTNAME) == LUA_TNIL;
  lua_settop(L, top);
  return lacks;
}

/*@ connection:dohandshake()
** Makes the TLS handshake. If the context has a `verify` mode, the handshake checks the peer's
** certificate.
** Returns true; or false and a text. The text is `"wantread"` or `"wantwrite"` if the time is up
** (see `settimeout`): call `dohandshake` again. It is `"closed"` if the peer has ended the
** connection. Otherwise it is the reason of the failure. If the peer's certificate was refused,
** a third result says what is wrong with it; LuaSec has no third result. If a callback has
** raised an error, `dohandshake` raises that error. OpenSSL: `SSL_do_handshake`.
**
** Type: fun(): boolean, string?, string?
**
**     assert(conn:dohandshake())
*/
static int link_dohandshake (lua_State *L) {
  Link *l = lssl_operand(L);
  Operation op = {0};
  op.step = handshake_step;
  op.finish = handshake_finish;
  op.name = "handshake";
  op.uses = LSSL_READING | LSSL_WRITING;
  op.told = 1;
  op.user = l;
  if (l->conn->ssl == NULL)
    return handshake_finish(L, l->conn, &op, STEP_EOF);
  if (lacksname(L, l->conn)) {
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "the context checks host names, and there is none");
    return 2;
  }
  return lssl_operate(L, l->conn, &op);
}

/* }====================================================== */


/*
** {======================================================
** Names
** =======================================================
*/

/* before the handshake: may the client still say what it wants? */
static int isnew (const Conn *c) {
  return c->ssl != NULL && !c->busy && !c->server &&
         SSL_get_state(c->ssl) == TLS_ST_BEFORE;
}

/*
** (connection, name): what a client asks the server for. Raises; a name that is
** refused is not remembered, since nothing would be checked against it.
*/
static int setname (lua_State *L) {
  Conn *c = lssl_selflink(L)->conn;
  luaL_checkstring(L, 2);
  if (!isnew(c))
    return 0;
  lua_settop(L, 2);
  lua_getiuservalue(L, 1, 1);
  lssl_clearerrors();
  lssl_setpeername(L, c, 2);
  lssl_clearerrors();
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, LSSL_UVHOSTNAME);
  return 0;
}

/* (connection, session): what a client offers to resume, whoever's it is */
static int offersession (lua_State *L) {
  Conn *c = lssl_selflink(L)->conn;
  const void *owner;
  SSL_SESSION *session = lssl_tosession(L, 2, &owner);
  luaL_argcheck(L, session != NULL, 2, "SSLSession expected");
  if (!isnew(c))
    return lssl_valueerror(L, "a session can only be set by a client, before "
                           "the handshake");
  lssl_clearerrors();
  if (!lssl_offersession(c->ssl, session))
    return lssl_raisequeue(L, NULL);
  return 0;
}

/*@ connection:getsniname()
** Returns the name of the host that the client asks for: see `sni`.
** Returns a string, or nil if there is none. OpenSSL: `SSL_get_servername`.
**
** Type: fun(): string?
**
**     assert(peer:getsniname() == "localhost")
*/
static int link_getsniname (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  lua_pushstring(L, c->ssl ? SSL_get_servername(c->ssl,
                                         TLSEXT_NAMETYPE_host_name) : NULL);
  return 1;
}

/*@ connection:getalpn()
** Returns the protocol that both sides agreed on by ALPN.
** Returns a string, or nil if there is none. OpenSSL: `SSL_get0_alpn_selected`.
**
** Type: fun(): string?
**
**     assert(conn:getalpn() == nil)
*/
static int link_getalpn (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  const unsigned char *data = NULL;
  unsigned int size = 0;
  if (c->ssl != NULL)
    SSL_get0_alpn_selected(c->ssl, &data, &size);
  if (data == NULL)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)data, size);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** What was agreed on
** =======================================================
*/

/* (connection) -> the method, or nil; after the end nil and "closed" */
static int compression (lua_State *L) {
  Link *l = lssl_selflink(L);
  const COMP_METHOD *method;
  if (!lssl_islinked(l))
    return lssl_pushclosed(L);
  method = SSL_get_current_compression(l->conn->ssl);
  lua_pushstring(L, method ? SSL_COMP_get_name(method) : NULL);
  return 1;
}

/*
** (connection) -> the cipher's description, its two strengths, the version. All of
** it is asked for first: pushing may run a finalizer that closes the connection.
*/
static int info (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  const SSL_CIPHER *cipher = c->ssl ? SSL_get_current_cipher(c->ssl) : NULL;
  const char *version = c->ssl ? SSL_get_version(c->ssl) : NULL;
  char text[512];
  int bits, algbits;
  if (cipher == NULL ||
      SSL_CIPHER_description(cipher, text, (int)sizeof text) == NULL)
    return 0;
  bits = SSL_CIPHER_get_bits(cipher, &algbits);
  lua_pushstring(L, text);
  lua_pushinteger(L, bits);
  lua_pushinteger(L, algbits);
  lua_pushstring(L, version);
  return 4;
}

/* pushes one of the two Finished messages */
static int pushfinished (lua_State *L,
                         size_t (*get) (const SSL *, void *, size_t)) {
  unsigned char data[EVP_MAX_MD_SIZE];
  Link *l = lssl_selflink(L);
  size_t size;
  if (!lssl_islinked(l))
    return lssl_pushclosed(L);
  size = get(l->conn->ssl, data, sizeof data);
  if (size == 0 || size > sizeof data)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)data, size);
  return 1;
}

/*@ connection:getfinished()
** Returns the last Finished message that this side has sent. Channel binding by "tls-unique"
** uses it.
** Returns a string, or nil if there is none; nil and `"closed"` before the handshake and after
** the connection's end. OpenSSL: `SSL_get_finished`; RFC 5929.
**
** Type: fun(): string?, string?
**
**     assert(conn:getfinished() == peer:getpeerfinished())
*/
static int link_getfinished (lua_State *L) {
  return pushfinished(L, SSL_get_finished);
}

/*@ connection:getpeerfinished()
** Returns the last Finished message that the peer has sent.
** Returns the same as `getfinished`. OpenSSL: `SSL_get_peer_finished`; RFC 5929.
**
** Type: fun(): string?, string?
**
**     assert(conn:getpeerfinished() == peer:getfinished())
*/
static int link_getpeerfinished (lua_State *L) {
  return pushfinished(L, SSL_get_peer_finished);
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"dohandshake", link_dohandshake},
  {"getsniname", link_getsniname},
  {"getalpn", link_getalpn},
  {"getfinished", link_getfinished},
  {"getpeerfinished", link_getpeerfinished},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"setname", setname},
  {"offersession", offersession},
  {"compression", compression},
  {"info", info},
  {NULL, NULL}
};

void lssl_openluasechandshake (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lssl_addtolink(L, methods);
}
