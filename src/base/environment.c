/*
** environment.c - variables of the environment, kinds of files, numbers
** of errors.
** SPDX-License-Identifier: MIT
*/
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/stat.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include "base/environment.h"

/*
** A program that runs with its file's rights has an environment of someone
** else's making.
*/
const char *lssl_safegetenv (const char *name) {
#if defined(__linux__)
  return secure_getenv(name);
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || \
      defined(__NetBSD__) || defined(__DragonFly__)
  return issetugid() ? NULL : getenv(name);
#else
  return getenv(name);
#endif
}

int lssl_getenv (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");  /* lua -E */
  lua_pushstring(L, lua_toboolean(L, -1) ? NULL : lssl_safegetenv(name));
  return 1;
}

int lssl_filetype (lua_State *L) {
  struct stat s;
  if (stat(luaL_checkstring(L, 1), &s) != 0)
    lua_pushnil(L);
  else if ((s.st_mode & S_IFMT) == S_IFREG)
    lua_pushliteral(L, "file");
  else if ((s.st_mode & S_IFMT) == S_IFDIR)
    lua_pushliteral(L, "directory");
  else
    lua_pushliteral(L, "other");
  return 1;
}

/* more than any system has */
#define MAXERRNO	1024

static int samewords (const char *a, const char *b) {
  while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
    a++;
    b++;
  }
  return *a == *b;
}

/* LuaSocket gives the text alone, and some of it in lower case */
int lssl_errornumber (lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  int code;
  for (code = 1; code < MAXERRNO; code++) {
    if (samewords(text, strerror(code))) {
      lua_pushinteger(L, code);
      lua_pushstring(L, strerror(code));
      return 2;
    }
  }
  return 0;
}
