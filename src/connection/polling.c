/*
** polling.c - waiting by poll(2), in which a signal's handler gets its chance.
** SPDX-License-Identifier: MIT
*/
#include "base/errors.h"
#include "connection/deadline.h"
#include "connection/polling.h"

/* its address is the key in the registry of a Lua function that does nothing */
static const char pausekey = 0;

void lssl_endpoll (Conn *c, const Operation *op, Step s) {
  if (s == STEP_READ && !op->plain && !op->block && !c->borrowed &&
      !c->datagram)
    lssl_countpoll(&c->caller.patience, c->fd, (double)c->timeout);
}

/*
** After a signal: a Lua hook that its handler has set (as lua.c's for an
** interrupt does) gets its chance to run.
*/
static void runhooks (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &pausekey);
  lua_call(L, 0, 0);
}

/* 0 if the time is up, and the call is to be told so; 1: to try again */
static int pollfor (lua_State *L, Conn *c, Operation *op, Step s,
                    lua_Number end) {
  Patience *patience = &c->caller.patience;
  lua_Number left;
  int n = 0, timer;
  do {
    if (n < 0 || patience->interrupted) {
      patience->interrupted = 0;
      runhooks(L);
      if (lssl_isgone(c, op))  /* poll would wait for no descriptor */
        return 1;
    }
    left = lssl_onewait(c, end, &timer);
    n = lssl_poll(c->fd, s == STEP_WRITE, lssl_milliseconds(left));
    if (n < 0 && errno != EINTR)
      lssl_oserror(L, errno, NULL);
    if (n == 0 && timer)  /* the attempt sends again */
      return 1;
  } while (n <= 0 && left != 0);
  if (n <= 0)
    return lssl_outoftime(L, op);
  lssl_endpoll(c, op, s);
  return 1;
}

Step lssl_waitbypoll (lua_State *L, Conn *c, Operation *op, Step s,
                      lua_Number end) {
  do {
    if (!pollfor(L, c, op, s, end))
      break;
    s = lssl_attemptagain(L, c, op, LSSL_POLLS);
  } while (lssl_waits(s) && !c->caller.failed);
  return s;
}

void lssl_openpolling (lua_State *L) {
  if (luaL_loadstring(L, "return") != LUA_OK)
    lua_error(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &pausekey);
}
