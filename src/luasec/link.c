/*
** link.c - LuaSec's connection: how it is made, and its end.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>

#include "base/errors.h"
#include "base/limits.h"
#include "base/platform.h"
#include "connection/transport.h"
#include "luasec/link.h"
#include "socket/descriptor.h"
#include "socket/nonblocking.h"

static const Class linkclass;

/*
** {======================================================
** For the other files
** =======================================================
*/

Link *lssl_selflink (lua_State *L) {
  return (Link *)lssl_self(L, &linkclass);
}

Link *lssl_operand (lua_State *L) {
  Link *l = lssl_selflink(L);
  lua_getiuservalue(L, 1, 1);
  lua_insert(L, 1);
  return l;
}

int lssl_islinked (Link *l) {
  SSL *ssl = l->conn->ssl;
  if (ssl == NULL)
    return 0;
  if (!l->connected && SSL_is_init_finished(ssl))
    l->connected = 1;  /* made by the other view */
  return l->connected;
}

lua_Integer lssl_optwhole (lua_State *L, int arg, lua_Integer otherwise) {
  const lua_Number most = 9007199254740992.0;
  lua_Number number;
  if (lua_isnoneornil(L, arg))
    return otherwise;
  number = luaL_checknumber(L, arg);
  luaL_argcheck(L, number >= -most && number <= most, arg, "out of range");
  return (lua_Integer)number;
}

int lssl_pushclosed (lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "closed");
  return 2;
}

/* }====================================================== */


/*
** {======================================================
** Life
** =======================================================
*/

/* pushes the view of the SSLSocket at 'socket' */
static Link *newlink (lua_State *L, int socket) {
  Link *l = (Link *)lssl_newobject(L, &linkclass);
  l->conn = (Conn *)lua_touserdata(L, socket);
  l->block = l->conn->timeout;
  l->total = -1;
  l->birth = lssl_now();
  lua_pushvalue(L, socket);
  lua_setiuservalue(L, -2, 1);
  return l;
}

/* the side that connections of the context are on; 0: not told */
static int roleof (const Context *context) {
  switch (context->protocol) {
    case LSSL_PROTOCOL_TLS_CLIENT: return LSSL_CLIENT;
    case LSSL_PROTOCOL_TLS_SERVER: return LSSL_SERVER;
    default: return context->role;
  }
}

/* (context, host) -> a connection without a descriptor; nil and a text */
static int create (lua_State *L) {
  Context *context = lssl_testcontext(L, 1);
  Conn *c;
  BIO *bio;
  luaL_argcheck(L, context != NULL, 1, "invalid context");
  if (roleof(context) == 0) {
    lua_pushnil(L);
    lua_pushliteral(L, "invalid mode");
    return 2;
  }
  lua_settop(L, 2);
  c = lssl_newsocket(L);
  c->server = (roleof(context) == LSSL_SERVER);
  c->unwarned = 1;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 3, LSSL_UVCONTEXT);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, LSSL_UVHOSTNAME);
  bio = lssl_newtransport(-1, &c->caller.patience);
  lssl_startconnection(L, c, 3, bio, bio);
  newlink(L, 3);
  return 1;
}

/* (connection, descriptor): to be called once, before the handshake */
static int setfd (lua_State *L) {
  Link *l = lssl_selflink(L);
  Conn *c = l->conn;
  lua_Integer fd = (lua_Integer)luaL_checknumber(L, 2);  /* LuaSocket's floats */
  int code;
  lssl_checkdescriptor(L, "setfd");
  luaL_argcheck(L, c->ssl != NULL && c->fd < 0, 1,
                "invalid SSL object state");
  luaL_argcheck(L, fd >= 0 && fd <= LSSL_MAXSOCKET, 2, "no open descriptor");
  code = lssl_takedescriptor(c, (Socket)fd);
  if (code != 0)
    return lssl_oserror(L, code, NULL);
  lssl_connecttransport(SSL_get_rbio(c->ssl), c->fd);
  return 0;
}

/* (SSLSocket) -> the connection that is LuaSec's view of it */
static int view (lua_State *L) {
  const Conn *c = lssl_selfsocket(L);
  luaL_argcheck(L, !c->datagram, 1, "a connection over a stream expected");
  newlink(L, 1);
  return 1;
}

/* (connection) -> its SSLSocket; nil for anything else */
static int engine (lua_State *L) {
  if (lssl_testobject(L, 1, &linkclass) == NULL)
    return 0;
  lua_getiuservalue(L, 1, 1);
  return 1;
}

static int link_tostring (lua_State *L) {
  const Link *l = lssl_selflink(L);
  lua_pushfstring(L, "SSL connection: %p%s", (const void *)l,
                  l->conn->ended ? " (closed)" : "");
  return 1;
}

/* tells the peer, where that needs no waiting, unless it has been told */
static void saygoodbye (Conn *c) {
  if (c->fd < 0 || c->ssl == NULL || c->broken || c->busy ||
      !SSL_is_init_finished(c->ssl))
    return;
  c->busy = 1;
  lssl_stepgoodbye(c);
  c->busy = 0;
}

/*@ connection:close()
** Closes the connection. It tells the peer by close_notify, if the socket takes that at once:
** `close` never waits. From then on every other method fails with `"closed"`. You may call
** `close` more than once. A variable `local conn <close>` calls it for you.
** Returns nothing. OpenSSL: `SSL_shutdown`.
**
** Type: fun()
**
**     conn:close()
**     assert(tostring(conn):find(" (closed)", 1, true))
*/
static int link_close (lua_State *L) {
  Conn *c = lssl_selflink(L)->conn;
  lua_getiuservalue(L, 1, 1);
  saygoodbye(c);
  lssl_endsocket(L, lua_gettop(L));
  return 0;
}

/*@ connection:shutdown([mode])
** Ends one direction of the connection, or both. The connection stays open until you call
** `close`.
** - `mode` (string): `"send"` sends close_notify, if the socket takes it at once, and then the
**   end of the stream. `"receive"` stops reading. `"both"`, the default, does both.
** Returns 1; or nil and the reason. LuaSec has no such method; LuaSocket has it. OpenSSL:
** `SSL_shutdown`.
**
** Type: fun(mode?: "send"|"receive"|"both"): integer?, string?
**
**     assert(conn:shutdown("send") == 1)
*/
static int link_shutdown (lua_State *L) {
  static const char *const names[] = {"receive", "send", "both", NULL};
  static const int numbers[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  Conn *c = lssl_selflink(L)->conn;
  int which = luaL_checkoption(L, 2, "both", names);
  if (c->fd < 0)
    return lssl_pushclosed(L);
  if (which > 0)
    saygoodbye(c);
  if (lssl_shutdown(c->fd, numbers[which]) != 0)
    return lssl_pushclosed(L);
  lua_pushinteger(L, 1);
  return 1;
}

/* a call that waits in a coroutine may still go on, with what comes from now on */
static void release (void *object) {
  Gathered *g = &((Link *)object)->gathered;
  OPENSSL_free(g->data);
  memset(g, 0, sizeof *g);
}

/* }====================================================== */


/*
** {======================================================
** What loops ask
** =======================================================
*/

/* the shorter of two timeouts */
static lua_Number shorter (lua_Number a, lua_Number b) {
  if (a < 0 || (b >= 0 && b < a))
    return b < 0 ? -1 : b;
  return a;
}

/*@ connection:settimeout([seconds [, mode]])
** Limits how long a call may take. When the time is up, the call returns `"wantread"` or
** `"wantwrite"`.
** - `seconds` (number or nil): the limit. Nil or a negative number means no limit. With 0, calls
**   never wait.
** - `mode` (string): which of two limits to set: `"b"` (the default) or `"t"` (also `"r"`). The
**   shorter one limits the whole call.
** Returns 1.
**
** Type: fun(seconds?: number, mode?: "b"|"t"|"r"): integer
**
**     assert(conn:settimeout(5) == 1)
*/
static int link_settimeout (lua_State *L) {
  Link *l = lssl_selflink(L);
  lua_Number seconds = luaL_optnumber(L, 2, -1);
  const char *mode = luaL_optstring(L, 3, "b");
  luaL_argcheck(L, seconds == seconds, 2, "number expected, got NaN");
  luaL_argcheck(L, strchr("brt", mode[0]) != NULL && mode[0] != '\0', 3,
                "invalid timeout mode");
  if (mode[0] == 'b')
    l->block = seconds;
  else
    l->total = seconds;
  lssl_settimeout(l->conn, shorter(l->block, l->total));
  lua_pushinteger(L, 1);
  return 1;
}

/*@ connection:gettimeout()
** Returns the limits that `settimeout` has set.
** Returns two numbers of seconds: the limit `"b"` and the limit `"t"`. -1 means no limit. LuaSec
** has no such method; LuaSocket has it.
**
** Type: fun(): number, number
**
**     conn:settimeout(5)
**     local block, total = conn:gettimeout()
**     assert(block == 5 and total == -1)
*/
static int link_gettimeout (lua_State *L) {
  const Link *l = lssl_selflink(L);
  lua_pushnumber(L, l->block < 0 ? -1 : l->block);
  lua_pushnumber(L, l->total < 0 ? -1 : l->total);
  return 2;
}

/*@ connection:dirty()
** Tells whether received bytes wait inside the connection. `socket.select` cannot see these
** bytes, so call `receive` before you wait for the descriptor.
** Returns a boolean. OpenSSL: `SSL_has_pending`.
**
** Type: fun(): boolean
**
**     assert(conn:dirty() == false)
*/
static int link_dirty (lua_State *L) {
  lua_pushboolean(L, lssl_isdirty(lssl_selflink(L)->conn));
  return 1;
}

/*@ connection:want()
** Tells what the last unfinished call waits for.
** Returns `"nothing"`, `"read"`, `"write"` or `"x509lookup"`. OpenSSL: `SSL_want`.
**
** Type: fun(): "nothing"|"read"|"write"|"x509lookup"
**
**     assert(conn:want() == "nothing")
*/
static int link_want (lua_State *L) {
  const Conn *c = lssl_selflink(L)->conn;
  int code = c->ssl ? SSL_want(c->ssl) : SSL_NOTHING;
  if (c->ssl != NULL && BIO_wpending(SSL_get_wbio(c->ssl)) > 0)
    code = SSL_WRITING;  /* what OpenSSL has written, the socket did not take */
  switch (code) {
    case SSL_READING:
      lua_pushliteral(L, "read");
      break;
    case SSL_WRITING:
      lua_pushliteral(L, "write");
      break;
    case SSL_X509_LOOKUP:
      lua_pushliteral(L, "x509lookup");
      break;
    default:
      lua_pushliteral(L, "nothing");
  }
  return 1;
}

/*@ connection:getfd()
** Returns the descriptor of the socket, so that you can wait for it. The connection still owns
** it.
** Returns an integer; -1 after `close`.
**
** Type: fun(): integer
**
**     assert(conn:getfd() >= 0)
*/
static int link_getfd (lua_State *L) {
  lua_pushinteger(L, lssl_selflink(L)->conn->fd);
  return 1;
}

/*@ connection:getstats()
** Tells how much the connection has carried.
** Returns three numbers: the bytes received, the bytes sent, and the seconds since the
** connection was made.
**
** Type: fun(): integer, integer, number
**
**     conn:send("12345")
**     local received, sent, age = conn:getstats()
**     assert(received == 0 and sent == 5 and age >= 0)
*/
static int link_getstats (lua_State *L) {
  const Link *l = lssl_selflink(L);
  lua_pushinteger(L, l->received);
  lua_pushinteger(L, l->sent);
  lua_pushnumber(L, (lua_Number)(lssl_now() - l->birth));
  return 3;
}

/*@ connection:setstats([received [, sent [, age]]])
** Sets the numbers that `getstats` returns.
** - `received`, `sent` (numbers): bytes.
** - `age` (number): seconds. An argument that is nil changes nothing.
** Returns 1.
**
** Type: fun(received?: number, sent?: number, age?: number): integer
**
**     conn:setstats(0, 0, 0)
**     assert(select(2, conn:getstats()) == 0)
*/
static int link_setstats (lua_State *L) {
  Link *l = lssl_selflink(L);
  l->received = lssl_optwhole(L, 2, l->received);
  l->sent = lssl_optwhole(L, 3, l->sent);
  if (lua_isnumber(L, 4))
    l->birth = lssl_now() - (double)lua_tonumber(L, 4);
  lua_pushinteger(L, 1);
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"close", link_close},
  {"shutdown", link_shutdown},
  {"settimeout", link_settimeout},
  {"gettimeout", link_gettimeout},
  {"dirty", link_dirty},
  {"want", link_want},
  {"getfd", link_getfd},
  {"getstats", link_getstats},
  {"setstats", link_setstats},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"create", create},
  {"setfd", setfd},
  {"view", view},
  {"engine", engine},
  {NULL, NULL}
};

static const Class linkclass = {
  .name = "Connection", .tname = "ssl.luasec.connection",
  .size = sizeof(Link), .uservalues = 1, .release = release,
  .methods = methods, .tostring = link_tostring, .close = link_close
};

void lssl_addtolink (lua_State *L, const luaL_Reg *f) {
  lssl_extendclass(L, &linkclass, f, NULL, NULL);
}

void lssl_openlink (lua_State *L) {
  lssl_openplainclass(L, &linkclass);
  luaL_setfuncs(L, functions, 0);
}
