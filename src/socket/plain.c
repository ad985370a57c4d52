/*
** plain.c - what becomes of the plain socket below an SSLSocket: accepting,
** connecting, shutting down, and lending it to LuaSocket.
** SPDX-License-Identifier: MIT
**
** Connecting, binding and listening are LuaSocket's work where a LuaSocket
** object was wrapped (lua/ssl/socket/socket.lua); for a bare descriptor they are done
** here.
*/
#include <limits.h>
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "socket/address.h"
#include "socket/listener.h"
#include "socket/plain.h"
#include "socket/socket.h"

/*
** {======================================================
** Accepting
** =======================================================
*/

/* the new connection is at 2; its descriptor goes straight into it */
static Step accept_step (Conn *c, Operation *op) {
  Conn *accepted = (Conn *)op->buffer;
  Socket fd = lssl_accept(c->fd);
  if (fd >= 0) {
    accepted->fd = fd;
    accepted->restore = 1;
    return STEP_DONE;
  }
  lssl_failstep(c, errno);
  return lssl_wouldblock(errno) ? STEP_READ : STEP_FAILED;
}

static int accept_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  if (s != STEP_DONE)
    return lssl_oserror(L, c->outcome.syserr, NULL);
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);  /* another by now, perhaps */
  lua_setiuservalue(L, 2, LSSL_UVCONTEXT);
  lua_pushvalue(L, 2);
  return 1;
}

/*
** accept(listener): a new socket, connected, without TLS yet; of datagrams perhaps
** nil. Used by SSLSocket.accept of lua/ssl/socket/socket.lua.
*/
static int socket_accept (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Operation op = {0};
  if (c->ssl != NULL || c->fd < 0)
    return lssl_oserror(L, EINVAL, NULL);
  if (c->datagram)
    return lssl_acceptdatagram(L, c);
  lua_settop(L, 1);
  op.buffer = (unsigned char *)lssl_newaccepted(L, 1);
  op.step = accept_step;
  op.finish = accept_finish;
  op.name = "accept";
  op.uses = LSSL_READING;
  op.plain = 1;
  return lssl_operate(L, c, &op);
}

/*
** begin(socket, handshake): TLS on a connected socket that has none yet; one of
** datagrams that was accepted has begun
*/
static int socket_begin (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  int handshake = lua_toboolean(L, 2);
  if ((c->ssl != NULL && !c->datagram) || c->fd < 0)
    return lssl_oserror(L, c->fd < 0 ? ENOTCONN : EISCONN, NULL);
  return lssl_begin(L, handshake);
}

/* }====================================================== */


/*
** {======================================================
** Connecting
** =======================================================
*/

/*
** startconnect(socket, host, port): begins to connect a bare descriptor; gives
** the errno, 0 when it is connected already. The address that is tried is the
** first: a descriptor has one family.
*/
static int socket_startconnect (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Address a;
  int result;
  lua_settop(L, 3);
  lssl_lookup(L, 0, ":connect", &a);
  result = lssl_connect(c->fd, &a.as.any, a.size);
  lua_pushinteger(L, result == 0 ? 0 : errno);
  return 1;
}

/* bind(socket, host, port) for a bare descriptor */
static int socket_bind (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Address a;
  lua_settop(L, 3);
  lssl_lookup(L, 1, ":bind", &a);
  if (lssl_bind(c->fd, &a.as.any, a.size) < 0)
    return lssl_oserror(L, errno, NULL);
  return 0;
}

/* listen(socket, backlog) for a bare descriptor */
static int socket_listen (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  int backlog = (int)lssl_checkrange(L, 2, 0, INT32_MAX, ":listen");
  if (lssl_listen(c->fd, backlog) < 0)
    return lssl_oserror(L, errno, NULL);
  return 0;
}

/* one wait for the descriptor, which is asked: a waiter may come back early */
static Step wait_step (Conn *c, Operation *op) {
  return op->done++ > 0 && lssl_poll(c->fd, 1, 0) != 0 ? STEP_DONE : STEP_WRITE;
}

static int wait_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  return s == STEP_DONE ? 0 : lssl_oserror(L, c->outcome.syserr, NULL);
}

/*
** wait(socket, seconds): until a connection that is being made is, or has
** failed; for the timeout unless 'seconds' is a number
*/
static int socket_wait (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Operation op = {0};
  op.step = wait_step;
  op.finish = wait_finish;
  op.name = "connect";
  op.uses = LSSL_READING | LSSL_WRITING;
  op.plain = 1;
  if (lua_isnumber(L, 2))
    op.limit = lua_tonumber(L, 2) + 1;
  lua_settop(L, 1);
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** The LuaSocket object that was wrapped, for lua/ssl/socket/socket.lua
** =======================================================
*/

/* wrapped(socket): what was wrapped, or luasocket.lua's memory of it, or nil */
static int socket_wrapped (lua_State *L) {
  lssl_opensocketself(L);
  lua_getiuservalue(L, 1, LSSL_UVWRAPPED);
  return 1;
}

/*
** rewrap(socket, object): as if 'object', which has no descriptor, were it; or
** one of which luasocket.lua has the memory. LuaSocket's never block.
*/
static int socket_rewrap (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  lssl_checkdescriptor(L, "rewrap");
  lua_settop(L, 2);
  if (lua_type(L, 2) == LUA_TSTRING)
    c->restore = 0;
  lua_setiuservalue(L, 1, LSSL_UVWRAPPED);
  return 0;
}

/*
** lend(socket, object): gives the descriptor to the LuaSocket object for a
** call of its own; borrow(socket, object): takes it back, or the one that it
** has made. Between the two nothing may be done with the socket.
*/
static int socket_lend (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Socket fd;
  lssl_checkdescriptor(L, "lend");
  lua_getfield(L, 2, "setfd");
  lua_pushvalue(L, 2);
  fd = c->fd;  /* after what may run a finalizer */
  lssl_losepatience(&c->caller.patience, fd);
  if (fd >= 0) {
    lua_pushinteger(L, fd);
    c->fd = -1;
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
      c->fd = fd;  /* it was not taken */
      return lua_error(L);
    }
  }
  return 0;
}

static int socket_borrow (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Socket fd;
  lssl_checkdescriptor(L, "borrow");
  lua_getfield(L, 2, "getfd");
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  fd = (Socket)lua_tointeger(L, -1);
  if (fd >= 0) {
    lua_getfield(L, 2, "setfd");
    lua_pushvalue(L, 2);
    lua_pushinteger(L, -1);
    lua_call(L, 2, 0);
    c->fd = fd;
  }
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Shutting down
** =======================================================
*/

/* state(socket): "new", "connected" (to a peer, with TLS or not), "ended" */
static int socket_state (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_pushstring(L, c->ended ? "ended" : c->ssl ? "connected" : "new");
  return 1;
}

/*@ SSLSocket:shutdown(how)
** Ends the traffic of the socket below TLS, in one direction or in both. The peer
** gets no message of TLS. Afterwards you can only close the connection.
** - `how` (integer or string): `ssl.SHUT_RD`, `ssl.SHUT_WR` or `ssl.SHUT_RDWR`, or
**   LuaSocket's `"receive"`, `"send"` or `"both"`.
** Returns nothing. Raises `OSError`, `ValueError`. Since: CPython 2.6.
**
** Type: fun(how: integer|"receive"|"send"|"both")
**
**     conn:shutdown(ssl.SHUT_RDWR)
*/
static int socket_shutdown (lua_State *L) {
  static const char *const names[] = {"receive", "send", "both", NULL};
  static const int hows[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  Conn *c = lssl_opensocketself(L);
  int how = -1, i;
  if (lua_type(L, 2) == LUA_TSTRING) {
    for (i = 0; names[i] != NULL; i++) {
      if (strcmp(names[i], lua_tostring(L, 2)) == 0)
        how = hows[i];
    }
    if (how < 0)
      return lssl_valueerror(L, "shutdown: no direction '%s'",
                             lua_tostring(L, 2));
  }
  else
    how = (int)lssl_checkrange(L, 2, SHUT_RD, SHUT_RDWR, ":shutdown");
  if (c->busy)
    return lssl_valueerror(L, "the connection is in use by the call whose "
                           "callback this is");
  if (lssl_shutdown(c->fd, how) < 0)
    return lssl_oserror(L, c->fd < 0 ? ENOTCONN : errno, NULL);
  lssl_endtls(c);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** The files of makefile that are Lua's: lua/ssl/socket/file.lua
** =======================================================
*/

/* hold(socket): a file keeps it open, whatever close() says */
static int socket_hold (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  if (c->ended || c->closed)
    return lssl_oserror(L, EBADF, NULL);
  if (c->datagram)
    return lssl_notimplemented(L, "DTLS sends datagrams, and a file is a stream of "
                               "bytes");
  if (c->files == USHRT_MAX)
    return lssl_oserror(L, EMFILE, NULL);
  c->files++;
  return 0;
}

/* release(socket): that file is closed */
static int socket_release (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_settop(L, 1);
  c->files--;
  if (c->files == 0 && c->closed)
    lssl_closelate(L);
  return 0;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"shutdown", socket_shutdown},
  {"_accept", socket_accept},
  {"_begin", socket_begin},
  {"_startconnect", socket_startconnect},
  {"_bind", socket_bind},
  {"_listen", socket_listen},
  {"_wait", socket_wait},
  {"_wrapped", socket_wrapped},
  {"_rewrap", socket_rewrap},
  {"_lend", socket_lend},
  {"_borrow", socket_borrow},
  {"_state", socket_state},
  {"_hold", socket_hold},
  {"_release", socket_release},
  {NULL, NULL}
};

void lssl_openplainsocket (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}
