/*
** standard.c - the program's standard input and output, for the command lua-ssl.
** SPDX-License-Identifier: MIT
**
** Lua's own files read ahead into a buffer that no poll knows of, or wait until
** they have all that was asked for.
*/
#include "base/errors.h"
#include "base/limits.h"
#include "base/platform.h"
#include "socket/standard.h"

#define MOST	65536  /* bytes in one step */

int lssl_readinput (lua_State *L) {
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_Buffer b;
  char *space;
  ssize_t n;
  luaL_argcheck(L, count > 0 && count <= MOST, 1, "1 to 65536 expected");
  lssl_checkdescriptor(L, "_readinput");
  space = luaL_buffinitsize(L, &b, (size_t)count);
  n = lssl_readsome(0, space, (size_t)count);
  if (n < 0 && !lssl_wouldblock(errno) && errno != EINTR)
    return lssl_oserror(L, errno, NULL);
  luaL_pushresultsize(&b, n > 0 ? (size_t)n : 0);
  if (n == 0)
    lua_pushnil(L);
  return 1;
}

int lssl_isterminalnumber (lua_State *L) {
  lua_Integer number = luaL_checkinteger(L, 1);
  luaL_argcheck(L, number >= 0 && number <= 2, 1, "0 to 2 expected");
  lua_pushboolean(L, lssl_isterminal((int)number));
  return 1;
}
