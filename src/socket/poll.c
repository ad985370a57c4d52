/*
** poll.c - waiting for many descriptors at once, for event loops in Lua.
** SPDX-License-Identifier: MIT
**
** LuaSocket's select takes descriptors below 1024 only, and raises for others
** what ends the whole loop.
*/
#include <string.h>

#include "base/errors.h"
#include "base/platform.h"
#include "connection/deadline.h"
#include "connection/wait.h"
#include "socket/poll.h"

/* what to wait for at place 'i' of the arrays at 1 and 2 */
static struct pollfd entry (lua_State *L, lua_Integer i) {
  struct pollfd p;
  const char *event;
  lua_rawgeti(L, 1, i);
  lua_rawgeti(L, 2, i);
  event = lua_tostring(L, -1);
  p.fd = lua_isnumber(L, -2) ? (Socket)lua_tonumber(L, -2) : -1;  /* maybe 4.0 */
  p.events = (event != NULL && strcmp(event, "write") == 0) ? POLLOUT : POLLIN;
  p.revents = 0;
  lua_pop(L, 2);
  return p;
}

/* pushes the indices of those that are ready */
static void pushready (lua_State *L, const struct pollfd *all, lua_Integer n,
                       int ready) {
  lua_Integer i, count = 0;
  lua_createtable(L, ready > 0 ? ready : 0, 0);
  for (i = 0; i < n && count < ready; i++) {
    if (all[i].revents != 0) {
      lua_pushinteger(L, i + 1);
      lua_rawseti(L, -2, ++count);
    }
  }
}

int lssl_polltable (lua_State *L) {
  lua_Number seconds = lssl_checktimeout(L, 3, "_poll");
  struct pollfd *all;
  lua_Integer i, n;
  int ready;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  all = (struct pollfd *)lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *all, 0);
  for (i = 0; i < n; i++)
    all[i] = entry(L, i + 1);
  ready = lssl_pollmany(all, (size_t)n, lssl_milliseconds(seconds));
  if (ready < 0 && errno != EINTR)
    return lssl_oserror(L, errno, NULL);
  pushready(L, all, n, ready);
  return 1;
}
