/* rockspec/ssl.c - the module in C named "ssl" of the rock.
** SPDX-License-Identifier: MIT
**
** LuaSec's rock has two files for its module "ssl": ssl.lua and ssl.so. Where both rocks are
** in one tree, LuaRocks moves files of the one aside for the same files of the other, and back
** when that is removed. So this rock has both files too: without this one, LuaRocks fails to
** install LuaSec beside it, and leaves LuaSec broken after this rock was removed.
**
** Lua loads it only where it finds no ssl.lua. */

#include <lauxlib.h>
#include <lua.h>

LUALIB_API int luaopen_ssl (lua_State *L);

LUALIB_API int luaopen_ssl (lua_State *L) {
  return luaL_error(L, "lua-ssl's file ssl.lua is not in package.path");
}
