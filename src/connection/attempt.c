/*
** attempt.c - one attempt at a call of Lua's, and the call's end.
** SPDX-License-Identifier: MIT
*/
#include "base/errors.h"
#include "context/checks.h"
#include "connection/attempt.h"

/* the failure of a call whose connection has been ended meanwhile */
static Step gone (Conn *c) {
  return lssl_failstep(c, c->ended ? EBADF : ENOTCONN);
}

int lssl_isgone (const Conn *c, const Operation *op) {
  return c->ssl == NULL && !(op->plain && c->fd >= 0);
}

Step lssl_attempt (lua_State *L, Conn *c, Operation *op) {
  Step s;
  if (lssl_isgone(c, op))
    return gone(c);
  c->caller.L = L;
  c->busy = 1;
  s = op->step(c, op);
  c->busy = 0;
  c->caller.L = NULL;
  if (!c->tallied)
    lssl_counthandshake(c, s == STEP_FAILED && lssl_isfatal(c));
  if (c->closing) {  /* by a callback: nothing is left to go on with */
    lssl_endconnection(c);
    if (s != STEP_FAILED)
      s = gone(c);
  }
  return s;
}

Step lssl_attemptagain (lua_State *L, Conn *c, Operation *op,
                        unsigned char how) {
  c->caller.patience.how = how;
  return lssl_attempt(L, c, op);
}

int lssl_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  lssl_dropchecks(L, &c->caller);
  if (s != STEP_FAILED)
    lssl_raisecause(L, &c->caller, 1);
  return op->finish(L, c, op, s);
}

int lssl_waits (Step s) {
  return s == STEP_READ || s == STEP_WRITE;
}

int lssl_outoftime (lua_State *L, const Operation *op) {
  if (!op->told)
    lssl_timeout(L, op->name);
  return 0;
}
