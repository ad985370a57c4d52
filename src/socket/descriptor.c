/*
** descriptor.c - whose the descriptor of an ssl.SSLSocket is.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/errors.h"
#include "base/limits.h"
#include "socket/descriptor.h"
#include "socket/luasocket.h"

/*
** {======================================================
** Descriptors
** =======================================================
*/

/* and never to wait in a system call */
int lssl_takedescriptor (Conn *c, Socket fd) {
  if (lssl_stopblocking(fd, &c->restore) != 0)
    return errno;
  c->fd = fd;
  return 0;
}

Socket lssl_untake (Conn *c) {
  Socket fd = c->fd;
  lssl_losepatience(&c->caller.patience, fd);
  if (fd >= 0 && c->restore)
    lssl_setblocking(fd, 1);
  c->fd = -1;
  lssl_endconnection(c);
  return fd;
}

static int typeofsocket (lua_State *L, Socket fd) {
  int type = 0;
  socklen_t size = sizeof type;
  if (lssl_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
    lssl_oserror(L, errno, NULL);
  return type;
}

void lssl_checkstream (lua_State *L, Socket fd) {
  if (typeofsocket(L, fd) != SOCK_STREAM)
    lssl_notimplemented(L, "only stream sockets are supported");
}

void lssl_checkdgram (lua_State *L, Socket fd) {
  if (typeofsocket(L, fd) != SOCK_DGRAM)
    lssl_valueerror(L, "sock is no socket of datagrams: use wrap_socket");
}

int lssl_isconnected (lua_State *L, Socket fd) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (lssl_getpeername(fd, (struct sockaddr *)&address, &size) == 0)
    return 1;
  if (errno != ENOTCONN)
    lssl_oserror(L, errno, NULL);
  return 0;
}

/*
** Bytes that wait in a socket that is no longer connected came before any
** handshake: nobody may take them for something that TLS has protected.
*/
static void checkunread (lua_State *L, Socket fd) {
  static const char reason[] =
    "Closed before TLS handshake with data in recv buffer.";
  char byte;
  ssize_t n = lssl_recv(fd, &byte, 1);
  if (n < 0 && errno != ENOTCONN && errno != EINVAL && !lssl_wouldblock(errno))
    lssl_oserror(L, errno, NULL);
  if (n > 0) {
    lua_pushstring(L, reason);
    lssl_newerror(L, LSSL_SSLERROR);
    lua_pushinteger(L, ENOTCONN);
    lua_setfield(L, -2, "errno");
    lua_pushstring(L, reason);
    lua_setfield(L, -2, "reason");
    lua_pushstring(L, reason);
    lua_setfield(L, -2, "strerror");
    lua_error(L);
  }
}

int lssl_own (lua_State *L, Conn *c, Socket fd) {
  int code = lssl_takedescriptor(c, fd);
  if (code != 0)
    return lssl_oserror(L, code, NULL);
  if (lssl_isconnected(L, fd))
    return 1;
  if (!c->datagram)
    checkunread(L, fd);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** What is wrapped
** =======================================================
*/

/* a bare descriptor? LuaSocket's getfd gives floats */
static int isbare (lua_State *L, int index) {
  int whole;
  lua_tointegerx(L, index, &whole);
  return whole && lua_type(L, index) == LUA_TNUMBER;
}

Socket lssl_descriptorof (lua_State *L, int index, const char *name) {
  lua_Integer fd;
  lssl_checkdescriptor(L, name[0] == ':' ? name + 1 : name);
  if (isbare(L, index)) {
    fd = lua_tointeger(L, index);
    if (fd < 0 || fd > LSSL_MAXSOCKET)
      lssl_oserror(L, EBADF, NULL);
    return (Socket)fd;
  }
  if (!lssl_callmethod(L, index, LSSL_GETFD))
    lssl_typeerror(L, index, name, "socket or descriptor");
  fd = lua_isnumber(L, -1) ? lua_tointeger(L, -1) : -1;  /* maybe 4.0 */
  lua_pop(L, 1);
  return (fd < 0 || fd > LSSL_MAXSOCKET) ? -1 : (Socket)fd;
}

/*
** Pushes what begins with LuaSocket's name for the kind of object: its own by
** their metatables' name, which is no new text; one made around another, in
** Lua, only by what it says of itself.
*/
static const char *pushkind (lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TUSERDATA &&
      luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
    return lua_tostring(L, -1);
  return luaL_tolstring(L, index, NULL);
}

/* LuaSocket's other kinds, which may have no descriptor to tell them by */
static void checkkind (lua_State *L, int index, Socket fd) {
  int top = lua_gettop(L);
  if (isbare(L, index))
    return;
  if (fd < 0 || !lssl_isconnection(L, index)) {
    const char *kind = pushkind(L, index);
    if (strncmp(kind, "udp", 3) == 0)
      lssl_notimplemented(L, "only stream sockets are supported");
    if (fd < 0 && strncmp(kind, "tcp{master}", 11) != 0)  /* closed */
      lssl_oserror(L, EBADF, NULL);
    lua_settop(L, top);
  }
  if (lssl_callmethod(L, index, LSSL_DIRTY)) {
    if (lua_toboolean(L, -1))
      lssl_valueerror(L, "the socket has already read bytes into its own "
                      "buffer");
    lua_pop(L, 1);
  }
}

void lssl_checkwrapped (lua_State *L, int index, Socket fd) {
  checkkind(L, index, fd);
  if (fd >= 0)
    lssl_checkstream(L, fd);
}

lua_Number lssl_wrappedtimeout (lua_State *L, int index) {
  lua_Number block, total;
  int top = lua_gettop(L);
  if (!lssl_pushtimeouts(L, index)) {
    lua_settop(L, top);
    return -1;
  }
  lua_pushvalue(L, index);
  lua_call(L, 1, 2);
  block = lua_isnumber(L, -2) ? lua_tonumber(L, -2) : -1;
  total = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : -1;
  lua_pop(L, 2);
  if (block < 0 || (total >= 0 && total < block))
    block = total;
  return block < 0 ? -1 : block;
}

void lssl_keepwrapped (lua_State *L, int self, int index) {
  if (!isbare(L, index)) {
    lua_pushvalue(L, index);
    lua_setiuservalue(L, self, LSSL_UVWRAPPED);
  }
}

void lssl_disown (lua_State *L, Conn *c, int index) {
  if (lssl_pushmethod(L, index, LSSL_SETFD)) {
    lua_pushvalue(L, index);
    lua_pushinteger(L, -1);
    lua_call(L, 2, 0);
  }
  else if (!lssl_callmethod(L, index, LSSL_DETACH))
    c->borrowed = !isbare(L, index);
}

/*
** An object that could not give its descriptor up closes it itself; what its
** close() raises is lost, since there may be a better error under way.
*/
void lssl_endsocket (lua_State *L, int self) {
  Conn *c = (Conn *)lua_touserdata(L, self);
  lssl_endconnection(c);
  if (c->borrowed) {
    c->borrowed = 0;
    lua_getiuservalue(L, self, LSSL_UVWRAPPED);
    if (lssl_pushmethod(L, lua_gettop(L), LSSL_CLOSE)) {
      lua_insert(L, -2);
      lua_pcall(L, 1, 0, 0);
    }
    else
      lua_pop(L, 1);
  }
}

int lssl_giveback (lua_State *L, Conn *c) {
  Socket fd;
  int takes;
  lssl_pushwrapped(L, 1);
  takes = lssl_pushmethod(L, lua_gettop(L), LSSL_SETFD);
  fd = lssl_untake(c);  /* what may have failed so far has left it ours */
  if (takes) {
    lua_pushvalue(L, -2);
    lua_pushinteger(L, fd);
    lua_call(L, 2, 0);
  }
  else if (!c->borrowed)  /* nobody there to take it back */
    lua_pushinteger(L, fd);
  return 1;
}

/* }====================================================== */
