/*
** checks.c - what verify_callback is asked in the middle of a check, when it may
** take its time to answer.
** SPDX-License-Identifier: MIT
*/
#include "context/checks.h"

/* pushes the questions of the object at 'object': those of this check alone */
static void pushchecks (lua_State *L, Caller *who, int object) {
  if (lua_getiuservalue(L, object, LSSL_UVCHECKS) == LUA_TTABLE &&
      who->checked)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, object, LSSL_UVCHECKS);
  who->checked = 1;
}

/* do the two questions ask the same? */
static int issame (lua_State *L, int a, int b) {
  int field, same = 1;
  for (field = LSSL_CHECKOK; same && field <= LSSL_CHECKKEY; field++) {
    lua_rawgeti(L, a, field);
    lua_rawgeti(L, b, field);
    same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
  }
  return same;
}

/* drops the questions of the list at 'list' from 'first' on */
static void cut (lua_State *L, int list, lua_Integer first) {
  lua_Integer i;
  for (i = (lua_Integer)lua_rawlen(L, list); i >= first; i--) {
    lua_pushnil(L);
    lua_rawseti(L, list, i);
  }
}

int lssl_findcheck (lua_State *L, Caller *who, int ok) {
  int question = lua_gettop(L), list = question + 1, answer = -1;
  luaL_checkstack(L, 6, "verify_callback");
  pushchecks(L, who, 2);
  who->checks++;
  if (lua_rawgeti(L, list, who->checks) == LUA_TTABLE &&
      issame(L, question, list + 1) &&
      lua_rawgeti(L, list + 1, LSSL_CHECKANSWER) == LUA_TBOOLEAN)
    answer = lua_toboolean(L, -1);
  if (answer < 0) {
    cut(L, list, who->checks);
    lua_pushvalue(L, question);
    lua_rawseti(L, list, who->checks);
    who->unsettled++;
    who->asked = LSSL_QCHECK;
    answer = ok;
  }
  lua_settop(L, question - 1);
  return answer;
}

/* pushes the list, and gives the number of the first question without an answer */
static lua_Integer firstopen (lua_State *L, const Caller *who) {
  lua_getiuservalue(L, 1, LSSL_UVCHECKS);
  return (lua_Integer)lua_rawlen(L, -1) - who->unsettled + 1;
}

void lssl_pushcheck (lua_State *L, const Caller *who) {
  lua_Integer i = firstopen(L, who);
  lua_rawgeti(L, -1, i);
  lua_remove(L, -2);
}

void lssl_settlecheck (lua_State *L, Caller *who, int answer) {
  int list = lua_gettop(L) + 1;
  lua_Integer i = firstopen(L, who);
  lua_rawgeti(L, list, i);
  lua_rawgeti(L, list + 1, LSSL_CHECKOK);
  who->unsettled--;
  if (answer < 0)
    answer = lua_toboolean(L, -1);
  else if (answer != lua_toboolean(L, -1)) {
    cut(L, list, i + 1);
    who->unsettled = 0;
  }
  lua_pushboolean(L, answer);
  lua_rawseti(L, list + 1, LSSL_CHECKANSWER);
  lua_settop(L, list - 1);
}

void lssl_dropchecks (lua_State *L, Caller *who) {
  if (who->checked && who->unsettled == 0) {
    who->checked = 0;
    lua_pushnil(L);
    lua_setiuservalue(L, 1, LSSL_UVCHECKS);
  }
}
