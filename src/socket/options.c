/*
** options.c - the options of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
**
** lua/ssl/socket/socket.lua adds LuaSocket's names of them.
*/
#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "socket/options.h"
#include "socket/socket.h"

#define MAXOPTION	1024

/*@ SSLSocket:getsockopt(level, option [, size])
** Reads an option of the socket: `getsockopt(2)`.
** - `level`, `option` (integers): for example `ssl.SOL_SOCKET` and
**   `ssl.SO_KEEPALIVE`. Instead of both, you may give LuaSocket's name of an
**   option (string), such as `"keepalive"`.
** - `size` (integer): the largest size of the value in bytes. Give it only if the
**   value is not an integer.
** Returns an integer; with `size` a string; for LuaSocket's name, what LuaSocket's
** `getoption` returns. Raises `OSError`. Since: CPython 2.6.
**
** Type: fun(level: integer, option: integer): integer
** Type: fun(level: integer, option: integer, size: integer): string
** Type: fun(option: string): any
**
**     conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 1)
**     assert(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE) ~= 0)
*/
static int socket_getsockopt (lua_State *L) {
  static const char name[] = ":getsockopt";
  Socket fd = lssl_opensocketself(L)->fd;
  int value = 0;
  int level = (int)lssl_checkrange(L, 2, INT32_MIN, INT32_MAX, name);
  int option = (int)lssl_checkrange(L, 3, INT32_MIN, INT32_MAX, name);
  lua_Integer want = lssl_optinteger(L, 4, 0, name);
  char buffer[MAXOPTION];
  socklen_t size = sizeof value;
  if (want == 0) {
    if (lssl_getsockopt(fd, level, option, &value, &size) < 0)
      return lssl_oserror(L, errno, NULL);
    lua_pushinteger(L, value);
    return 1;
  }
  if (want < 0 || want > MAXOPTION)
    return lssl_oserror(L, EINVAL, NULL);
  size = (socklen_t)want;
  if (lssl_getsockopt(fd, level, option, buffer, &size) < 0)
    return lssl_oserror(L, errno, NULL);
  lua_pushlstring(L, buffer, size);
  return 1;
}

/*@ SSLSocket:setsockopt(level, option, value)
** Sets an option of the socket: `setsockopt(2)`.
** - `level`, `option` (integers): for example `ssl.IPPROTO_TCP` and
**   `ssl.TCP_NODELAY`. Instead of both, you may give LuaSocket's name of an
**   option (string), such as `"tcp-nodelay"`.
** - `value` (integer, boolean, or string of bytes): the new value.
** Returns nothing. Raises `OSError`. Since: CPython 2.6.
**
** Type: fun(level: integer, option: integer, value: integer|boolean|string)
** Type: fun(option: string, value: any)
**
**     conn:setsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY, 1)
*/
static int socket_setsockopt (lua_State *L) {
  static const char name[] = ":setsockopt";
  Conn *c = lssl_opensocketself(L);
  Socket fd = c->fd;
  int level = (int)lssl_checkrange(L, 2, INT32_MIN, INT32_MAX, name);
  int option = (int)lssl_checkrange(L, 3, INT32_MIN, INT32_MAX, name);
  int number;
  size_t size = sizeof number;
  const void *value = &number;
  if (lua_isboolean(L, 4))
    number = lua_toboolean(L, 4);
  else if (lua_type(L, 4) == LUA_TNUMBER)
    number = (int)lssl_checkrange(L, 4, INT32_MIN, INT32_MAX, name);
  else
    value = lssl_checkbytes(L, 4, &size, name);
  lssl_losepatience(&c->caller.patience, fd);  /* it may be about time limits */
  if (lssl_setsockopt(fd, level, option, value, (socklen_t)size) < 0)
    return lssl_oserror(L, errno, NULL);
  return 0;
}

static const luaL_Reg methods[] = {
  {"getsockopt", socket_getsockopt},
  {"setsockopt", socket_setsockopt},
  {NULL, NULL}
};

void lssl_opensockoptions (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}
