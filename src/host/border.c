/*
** border.c - contexts and connections that a host hands to Lua, and finds again.
** SPDX-License-Identifier: MIT
**
** What may raise does so before anything has changed hands, or in a protected call
** after which it is given back.
*/
#include <openssl/x509v3.h>

#include "base/class.h"
#include "base/errorclasses.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "connection/object.h"
#include "connection/transport.h"
#include "context/context.h"
#include "host/border.h"
#include "lssl.h"
#include "socket/descriptor.h"
#include "socket/socket.h"
#include "x509/hostname.h"

/* its address is the key in the registry of {SSL_CTX = its object}, weak */
static const char contextskey = 0;

/*
** {======================================================
** Contexts
** =======================================================
*/

/* the classes have to be there, with what the Lua sources add to them */
static void load (lua_State *L) {
  luaL_checkstack(L, 8, NULL);
  lssl_require(L, "ssl");
  lua_pop(L, 1);
}

/* pushes the table of the objects that were pushed, and live */
static void pushcontexts (lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &contextskey) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &contextskey);
}

void lssl_pushcontext (lua_State *L, SSL_CTX *ctx) {
  load(L);
  pushcontexts(L);
  if (lua_rawgetp(L, -1, ctx) == LUA_TNIL) {
    lua_pop(L, 1);
    lssl_newforeigncontext(L, ctx);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, ctx);
  }
  lua_remove(L, -2);
}

SSL_CTX *lssl_tocontext (lua_State *L, int index) {
  Context *c = lssl_testcontext(L, index);
  return c ? c->ctx : NULL;
}

Context *lssl_checkcontext (lua_State *L, int index, const char *name) {
  Context *c = lssl_testcontext(L, index);
  if (c == NULL)
    lssl_stringerror(L, "%s: SSLContext expected, got %s", name,
                     luaL_typename(L, index));
  return c;
}

/* takes 'ctx' out of the table on the top; allocates nothing */
static void forgetcontext (lua_State *L, const SSL_CTX *ctx) {
  if (lua_rawgetp(L, -1, ctx) != LUA_TNIL) {
    lua_pushnil(L);
    lua_rawsetp(L, -3, ctx);
  }
  lua_pop(L, 1);
}

void lssl_replacecontext (lua_State *L, int index, SSL_CTX *ctx) {
  Context *c = lssl_checkcontext(L, index, "lssl_replacecontext");
  if (!lssl_issameside(c, ctx))
    lssl_valueerror(L, "lssl_replacecontext: the context is for another side");
  index = lua_absindex(L, index);
  load(L);
  pushcontexts(L);
  lua_pushvalue(L, index);
  lua_rawsetp(L, -2, ctx);  /* the last that may raise: no memory */
  if (c->ctx != ctx)
    forgetcontext(L, c->ctx);
  lssl_changeforeigncontext(c, ctx);
  lua_pop(L, 1);
}

/* }====================================================== */


/*
** {======================================================
** Sockets
** =======================================================
*/

/* what lssl_pushsocket is given, and how far it came */
typedef struct Making {
  int fd;
  const lssl_Options *options;
  Conn *conn;			/* once it has the descriptor */
} Making;

/* the places of makesocket's values */
enum { SOCKET = 1, CONTEXT };

/* the name of the server, checked, as the socket's user value */
static void keephost (lua_State *L, const Conn *c, const char *host) {
  const Context *context = lssl_testcontext(L, CONTEXT);
  if (host != NULL && c->server)
    lssl_valueerror(L, "server_hostname can only be specified in client mode");
  if (host == NULL && context->checkhostname && !c->server)
    lssl_valueerror(L, "check_hostname requires server_hostname");
  lua_pushstring(L, host);
  if (host != NULL)
    lssl_asciihost(L, lua_gettop(L), "lssl_pushsocket");
  lua_setiuservalue(L, SOCKET, LSSL_UVHOSTNAME);
}

/* protected: (context, making) -> the socket */
static int makesocket (lua_State *L) {
  Making *m = (Making *)lua_touserdata(L, 2);
  const lssl_Options *o = m->options;
  Conn *c;
  lssl_checkcontext(L, 1, "lssl_pushsocket");
  load(L);
  lua_settop(L, 1);
  c = lssl_newplainsocket(L, 1);
  lua_insert(L, SOCKET);
  c->server = !(o->flags & LSSL_CLIENTSIDE);
  c->timeout = o->timeout > 0 ? (lua_Number)o->timeout : -1;
  keephost(L, c, o->server_hostname);
  lssl_checkstream(L, m->fd);
  m->conn = c;
  if (lssl_own(L, c, m->fd)) {
    BIO *bio = lssl_newtransport(c->fd, &c->caller.patience);
    lssl_startconnection(L, c, SOCKET, bio, bio);
  }
  c->borrowed = (o->flags & LSSL_KEEPFD) != 0;
  lua_settop(L, SOCKET);
  return 1;
}

int lssl_pushsocket (lua_State *L, int context, int fd,
                     const lssl_Options *options) {
  static const lssl_Options none = {0, 0, NULL};
  Making m = {-1, NULL, NULL};
  int status;
  m.fd = fd;
  m.options = options ? options : &none;
  context = lua_absindex(L, context);
  lua_pushcfunction(L, makesocket);  /* none of these three allocates */
  lua_pushvalue(L, context);
  lua_pushlightuserdata(L, &m);
  status = lua_pcall(L, 2, 1, 0);
  if (status != LUA_OK && m.conn != NULL)
    lssl_untake(m.conn);
  return status;
}

/* }====================================================== */


/*
** {======================================================
** Connections
** =======================================================
*/

/* the descriptor of an SSL that reads and writes one socket; -1 for others */
static int socketof (const SSL *ssl) {
  BIO *bio = SSL_get_rbio(ssl);
  int type = bio ? BIO_method_type(bio) : 0;
  if (bio != SSL_get_wbio(ssl) ||
      (type != BIO_TYPE_SOCKET && type != BIO_TYPE_CONNECT))
    return -1;
  return (int)BIO_get_fd(bio, NULL);
}

/* whom the host has had a client expect, for the object on the top */
static void setexpected (lua_State *L, const SSL *ssl) {
  const char *host = X509_VERIFY_PARAM_get0_host(SSL_get0_param((SSL *)(
                       uintptr_t)ssl), 0);
  if (SSL_is_server(ssl))
    return;
  lua_pushstring(L, host ? host
                         : SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
  lua_setiuservalue(L, -2, LSSL_UVHOSTNAME);
}

/* the socket on the top becomes that of 'ssl'; raises before it is */
static void adoptsocket (lua_State *L, Conn *c, Context *context, SSL *ssl,
                         int fd) {
  void **box = lssl_newbox(L, lssl_freebio);
  int owns = (int)BIO_get_close(SSL_get_rbio(ssl));
  BIO *bio = lssl_newtransport(fd, &c->caller.patience);
  *box = bio;
  if (bio == NULL)
    lssl_raisememory(L);
  lssl_own(L, c, fd);
  if (!lssl_adoptssl(c, context, ssl))
    lssl_raisememory(L);
  BIO_set_close(SSL_get_rbio(ssl), BIO_NOCLOSE);
  *box = NULL;
  SSL_set_bio(ssl, bio, bio);
  c->borrowed = !owns;
  lua_pop(L, 1);
}

/* what lssl_pushconnection is given, and whether it has the descriptor */
typedef struct Adopting {
  SSL *ssl;
  Conn *conn;
} Adopting;

/* protected: (adopting) -> the connection */
static int makeconnection (lua_State *L) {
  Adopting *a = (Adopting *)lua_touserdata(L, 1);
  SSL *ssl = a->ssl;
  int fd = socketof(ssl), issocket = (fd >= 0);
  Conn *c;
  lssl_pushcontext(L, SSL_get_SSL_CTX(ssl));
  lssl_checkconnections(L);
  c = issocket ? lssl_newplainsocket(L, 2) : lssl_newplainobject(L, 2);
  setexpected(L, ssl);
  a->conn = c;
  if (issocket)
    adoptsocket(L, c, lssl_testcontext(L, 2), ssl, fd);
  else if (!lssl_adoptssl(c, lssl_testcontext(L, 2), ssl))
    lssl_raisememory(L);
  return 1;
}

int lssl_pushconnection (lua_State *L, SSL *ssl) {
  Adopting a = {NULL, NULL};
  int status;
  a.ssl = ssl;
  lua_pushcfunction(L, makeconnection);
  lua_pushlightuserdata(L, &a);
  status = lua_pcall(L, 1, 1, 0);
  if (status != LUA_OK && a.conn != NULL)
    lssl_untake(a.conn);
  return status;
}

/* the connection at 'index' of either class; or NULL */
static Conn *toconnection (lua_State *L, int index) {
  Conn *c = lssl_tosocket(L, index);
  return c ? c : lssl_toobject(L, index);
}

SSL *lssl_toconnection (lua_State *L, int index) {
  Conn *c = toconnection(L, index);
  return c ? c->ssl : NULL;
}

int lssl_tofd (lua_State *L, int index) {
  Conn *c = lssl_tosocket(L, index);
  return c ? c->fd : -1;
}

void lssl_close (lua_State *L, int index) {
  Conn *c = toconnection(L, index);
  if (c != NULL && c->files > 0)
    c->closed = 1;
  else if (c != NULL)
    lssl_endconnection(c);
}

int lssl_iserror (lua_State *L, int index, const char *name) {
  return lssl_iserrorof(L, index, name);
}

/* }====================================================== */
