/*
** waiter.c - the host's event loop waits for a context's connections.
** SPDX-License-Identifier: MIT
**
** To the loop of wait.c the host's function is one more waiter of Lua's: a closure
** that calls it, and yields where it says so.
*/
#include "base/errors.h"
#include "host/border.h"
#include "lssl.h"
#include "socket/socket.h"

typedef struct Waiter {
  lssl_Waiter wait;
  void *data;
} Waiter;

/* where waits' arguments end, and what it is resumed with begins */
enum { CONN = 1, EVENT, TIMEOUT };

/* after a yield: what the host resumes with; nothing stands for ready */
static int resumed (lua_State *L, int status, lua_KContext unused) {
  (void)status;
  (void)unused;
  if (lua_gettop(L) == TIMEOUT)
    lua_pushboolean(L, 1);
  return 1;
}

/* (connection, event, timeout) -> ready? Upvalue: the Waiter. */
static int waits (lua_State *L) {
  const Waiter *w =
    (const Waiter *)lua_touserdata(L, lua_upvalueindex(1));
  Conn *c = lssl_tosocket(L, CONN);
  const char *event;
  int answer;
  lua_settop(L, TIMEOUT);
  event = lua_tostring(L, EVENT);
  if (c == NULL || event == NULL)
    return lssl_stringerror(L, "the host's waiter is for connections alone");
  answer = w->wait(L, c->fd, event[0] == 'r' ? LSSL_READ : LSSL_WRITE,
                   lua_isnumber(L, TIMEOUT) ? (double)lua_tonumber(L, TIMEOUT)
                                            : -1, w->data);
  lua_settop(L, TIMEOUT);
  if (answer == LSSL_YIELD)
    return lua_yieldk(L, 0, 0, resumed);
  lua_pushboolean(L, answer == LSSL_READY);
  return 1;
}

void lssl_setwaiter (lua_State *L, int context, lssl_Waiter waiter,
                     void *data) {
  context = lua_absindex(L, context);
  lssl_checkcontext(L, context, "lssl_setwaiter");
  luaL_checkstack(L, 4, NULL);
  if (waiter == NULL)
    lua_pushnil(L);
  else {
    Waiter *w = (Waiter *)lua_newuserdatauv(L, sizeof *w, 0);
    w->wait = waiter;
    w->data = data;
    lua_pushcclosure(L, waits, 1);
  }
  lua_setiuservalue(L, context, LSSL_UVWAITER);
}
