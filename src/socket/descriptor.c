/*
** descriptor.c - whose the descriptor of an ssl.SSLSocket is.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/errors.h"
#include "base/limits.h"
#include "socket/descriptor.h"

/* their addresses are the keys in the registry of lua/ssl/socket/luasocket.lua's */
static const char forgetkey = 0, recallkey = 0, timeoutskey = 0;

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
  if (n < 0 && errno != ENOTCONN && errno != EINVAL && errno != EAGAIN)
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

/* pushes the method 'name' of the object at 'index'; 0, nothing, if none */
static int pushmethod (lua_State *L, int index, const char *name) {
  if (lua_type(L, index) != LUA_TUSERDATA && !lua_istable(L, index))
    return 0;
  if (lua_type(L, index) == LUA_TUSERDATA &&
      luaL_getmetafield(L, index, "__index") == LUA_TNIL)
    return 0;
  if (lua_type(L, index) == LUA_TUSERDATA)
    lua_pop(L, 1);
  if (lua_getfield(L, index, name) == LUA_TFUNCTION)
    return 1;
  lua_pop(L, 1);
  return 0;
}

/* calls that method without arguments; pushes its one result. 0 if none */
static int callmethod (lua_State *L, int index, const char *name) {
  if (!pushmethod(L, index, name))
    return 0;
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  return 1;
}

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
  if (!callmethod(L, index, "getfd"))
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
  const char *kind;
  int top = lua_gettop(L);
  if (isbare(L, index))
    return;
  kind = pushkind(L, index);
  if (strncmp(kind, "udp", 3) == 0)
    lssl_notimplemented(L, "only stream sockets are supported");
  if (fd < 0 && strncmp(kind, "tcp{master}", 11) != 0)  /* closed */
    lssl_oserror(L, EBADF, NULL);
  lua_settop(L, top);
  if (callmethod(L, index, "dirty")) {
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

/* is there a stream of LuaSocket's that is of the Unix domain? */
static int isunixstream (lua_State *L, int index) {
  return luaL_testudata(L, index, "unixstream{master}") != NULL ||
         luaL_testudata(L, index, "unixstream{client}") != NULL;
}

int lssl_unixbytes (lua_State *L) {
  if (!isunixstream(L, 1))
    return lssl_typeerror(L, 1, "_unixbytes", "unixstream");
  lua_pushlstring(L, (const char *)lua_touserdata(L, 1), lua_rawlen(L, 1));
  return 1;
}

/* pushes the function that tells the timeouts of the object; 0, nothing, if none */
static int pushtimeouts (lua_State *L, int index) {
  if (pushmethod(L, index, "gettimeout"))
    return 1;
  if (isunixstream(L, index) &&
      lua_rawgetp(L, LUA_REGISTRYINDEX, &timeoutskey) == LUA_TFUNCTION)
    return 1;
  return 0;
}

lua_Number lssl_wrappedtimeout (lua_State *L, int index) {
  lua_Number block, total;
  int top = lua_gettop(L);
  if (!pushtimeouts(L, index)) {
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

int lssl_luasocket (lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &timeoutskey);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &recallkey);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &forgetkey);
  return 0;
}

void lssl_forgetwrapped (lua_State *L, int self) {
  int top = lua_gettop(L);
  if (lua_getiuservalue(L, self, LSSL_UVWRAPPED) == LUA_TUSERDATA &&
      lua_rawgetp(L, LUA_REGISTRYINDEX, &forgetkey) == LUA_TFUNCTION) {
    lua_pushvalue(L, self);  /* the prelude is loaded: it gave the function */
    lua_rotate(L, -3, -1);
    lua_call(L, 2, 1);
    if (lua_isstring(L, -1))
      lua_setiuservalue(L, self, LSSL_UVWRAPPED);
  }
  lua_settop(L, top);
}

/* pushes what the socket at 'self' was made of, made anew if need be; or nil */
static void pushwrapped (lua_State *L, int self) {
  if (lua_getiuservalue(L, self, LSSL_UVWRAPPED) == LUA_TSTRING) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &recallkey);
    lua_pushvalue(L, self);
    lua_rotate(L, -3, -1);
    lua_call(L, 2, 1);
  }
}

void lssl_disown (lua_State *L, Conn *c, int index) {
  if (pushmethod(L, index, "setfd")) {
    lua_pushvalue(L, index);
    lua_pushinteger(L, -1);
    lua_call(L, 2, 0);
  }
  else if (!callmethod(L, index, "detach"))
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
    if (pushmethod(L, lua_gettop(L), "close")) {
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
  pushwrapped(L, 1);
  takes = pushmethod(L, lua_gettop(L), "setfd");
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
