/*
** attributes.c - the attributes of SSLSocket and SSLObject: the context, the
** side, the server's name, the session; and what is pending.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "x509/hostname.h"
#include "x509/session.h"
#include "context/compression.h"
#include "context/earlydata.h"
#include "context/handlers.h"
#include "context/keylog.h"
#include "context/protocols.h"
#include "context/psk.h"
#include "context/resumption.h"
#include "connection/attributes.h"
#include "connection/connection.h"

static Conn *attribute (lua_State *L) {
  return (Conn *)lua_touserdata(L, 1);
}

/*@ SSLSocket.context (SSLContext, read and write)
** The context of the connection.
**
** In an `sni_callback`, you may set it to the context of the host that the client
** asks for. The connection then shows that context's certificate and uses its
** handlers. Versions, options and verification stay as they were. At any other
** time in the middle of a handshake, and in any other callback, setting it raises
** `ValueError`.
**
** You may set the context of a listening socket at any time, for example to change
** the certificate of a running server. Connections that the socket accepts from
** then on get the new context. Connections that exist keep theirs. See
** `examples/reload_server.lua`.
** OpenSSL: `SSL_set_SSL_CTX`. Since: CPython 3.2.
**
**     local other = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
**     other:load_cert_chain(certfile, keyfile)
**     server_ctx.sni_callback = function(conn, name)
**       if name == "localhost" then conn.context = other end
**     end
**     assert(conn:version() and peer.context == other)
*/
static int get_context (lua_State *L) {
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  return 1;
}

/*
** In the middle of a handshake OpenSSL holds on to what belongs to the old
** context, and to the session: it would use them after they are freed.
*/
static int ischangeable (const Conn *c) {
  return c->ssl == NULL ||
         (!c->busy && SSL_get_state(c->ssl) == TLS_ST_BEFORE);
}

static int set_context (lua_State *L) {
  Conn *c = attribute(L);
  Context *context = lssl_testcontext(L, 3);
  if (context == NULL)
    return lssl_valuetypeerror(L, "context", "The value must be a SSLContext");
  if (context->datagram != c->datagram)
    return lssl_valueerror(L, "the context is of %s, and the connection speaks %s",
                           lssl_protocolname(context),
                           c->datagram ? "DTLS" : "TLS");
  if (!ischangeable(c) && !c->caller.naming &&
      (c->busy || !SSL_is_init_finished(c->ssl)))
    return lssl_valueerror(L, "context can only be set before the handshake, "
                           "after it, and in sni_callback");
  if (c->ssl != NULL) {
    if (c->server)
      lssl_compresscerts(context);
    if (SSL_set_SSL_CTX(c->ssl, context->ctx) == NULL)
      return lssl_raisequeue(L, NULL);
    if (c->server)
      lssl_holdcompressed(context, c->ssl);
    c->caller.context = context;
    lssl_preparehandlers(c->ssl, context);
    if (c->caller.observed)
      lssl_watchsecrets(context);
    if (c->server) {
      lssl_preparepsk(c->ssl, context);
      lssl_preparealpn(context);
      lssl_prepareearlydata(c->ssl, context);
    }
  }
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVCONTEXT);
  return 0;
}

/*@ SSLSocket.server_side (boolean, read only)
** Whether this is the server's side of the connection. Since: CPython 3.2.
**
**     assert(not conn.server_side)
*/
static int get_serverside (lua_State *L) {
  lua_pushboolean(L, attribute(L)->server);
  return 1;
}

/*@ SSLSocket.server_hostname (string or nil, read only)
** The name of the server that you gave, in its ASCII form. On the server's side,
** it is nil. Since: CPython 3.2.
**
**     assert(conn.server_hostname == "localhost")
*/
static int get_serverhostname (lua_State *L) {
  lua_getiuservalue(L, 1, LSSL_UVHOSTNAME);
  return 1;
}

/*@ SSLSocket.session (SSLSession or nil, read and write)
** The session of the connection. To resume an earlier connection, a client sets
** the attribute to that connection's session before the handshake. Both
** connections must have the same context.
**
** With TLS 1.3, get the session after you have read data: the server's tickets come
** after the handshake. A session whose server would not pass this connection's
** verification is not offered to the server, and the handshake is a full one.
**
** Setting it raises `ValueError` for a session of another context, on the server's
** side, and after the handshake has begun.
** OpenSSL: `SSL_set_session`. Since: CPython 3.6.
**
**     local socket = require "socket"
**     local earlier
**     do
**       local tcp = assert(socket.connect(host, port))
**       local c <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost" })
**       c:sendall("hello")
**       c:recv(5)
**       earlier = c.session
**     end
**     local tcp = assert(socket.connect(host, port))
**     local c <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost",
**                                              session = earlier })
**     assert(c.session_reused)
*/
static int get_session (lua_State *L) {
  Conn *c = attribute(L);
  if (c->ssl == NULL) {
    lua_getiuservalue(L, 1, LSSL_UVSESSION);
    return 1;
  }
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  lssl_pushsession(L, &c->ssl, lua_gettop(L));
  return 1;
}

void lssl_checkside (lua_State *L, const Context *context, int side, int host,
                     int session, const char *name) {
  if (lua_toboolean(L, side)) {
    if (!lua_isnil(L, host))
      lssl_valueerror(L, "server_hostname can only be specified in client "
                      "mode");
    if (!lua_isnil(L, session))
      lssl_valueerror(L, "session can only be specified in client mode");
  }
  else if (context->checkhostname && lua_isnil(L, host))
    lssl_valueerror(L, "check_hostname requires server_hostname");
  if (!lua_isnil(L, host))
    lssl_asciihost(L, host, name);
}

static void checksession (lua_State *L, const Conn *c, int arg,
                          SSL_SESSION **session) {
  const void *owner, *mine;
  *session = lssl_tosession(L, arg, &owner);
  if (*session == NULL)
    lssl_valuetypeerror(L, "session", "Value is not a SSLSession.");
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  mine = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (owner != NULL && owner != mine)
    lssl_valueerror(L, "Session refers to a different SSLContext.");
  if (c->server)
    lssl_valueerror(L, "Cannot set session for server-side SSLSocket.");
  if (c->ssl != NULL && SSL_is_init_finished(c->ssl))
    lssl_valueerror(L, "Cannot set session after handshake.");
  if (!ischangeable(c))
    lssl_valueerror(L, "Cannot set session during the handshake.");
}

void lssl_keepsession (lua_State *L, int arg) {
  SSL_SESSION *session;
  checksession(L, attribute(L), arg, &session);
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, 1, LSSL_UVSESSION);
}

static int set_session (lua_State *L) {
  Conn *c = attribute(L);
  SSL_SESSION *session;
  if (c->ssl == NULL) {
    lssl_keepsession(L, 3);
    return 0;
  }
  checksession(L, c, 3, &session);
  lssl_clearerrors();
  if (!lssl_offersession(c->ssl, session))
    return lssl_raisequeue(L, NULL);
  return 0;
}

/*@ SSLSocket.session_reused (boolean or nil, read only)
** Whether the handshake resumed an earlier session. It is nil for a socket that is
** not connected. OpenSSL: `SSL_session_reused`. Since: CPython 3.6.
**
**     assert(conn.session_reused == false)
*/
static int get_sessionreused (lua_State *L) {
  Conn *c = attribute(L);
  if (c->ssl == NULL)
    lua_pushnil(L);
  else
    lua_pushboolean(L, SSL_session_reused(c->ssl));
  return 1;
}

/*@ SSLSocket:pending()
** Returns the number of bytes (integer) that are decrypted and wait to be read.
** OpenSSL: `SSL_pending`. Since: CPython 2.6.
**
** Type: fun(): integer
**
**     peer:sendall("hello")
**     conn:recv(1)
**     assert(conn:pending() == 4)
*/
static int conn_pending (lua_State *L) {
  const Conn *c = lssl_selfconn(L);
  SSL *ssl = lssl_checkssl(L, c);
  lua_Integer n = ssl ? SSL_pending(ssl) : 0;
  lua_pushinteger(L, n + (lua_Integer)lssl_textsize(&c->text));
  return 1;
}

const luaL_Reg lssl_connmethods[] = {
  {"pending", conn_pending},
  {NULL, NULL}
};

const luaL_Reg lssl_conngetters[] = {
  {"context", get_context},
  {"server_side", get_serverside},
  {"server_hostname", get_serverhostname},
  {"session", get_session},
  {"session_reused", get_sessionreused},
  {NULL, NULL}
};

const luaL_Reg lssl_connsetters[] = {
  {"context", set_context},
  {"session", set_session},
  {NULL, NULL}
};
