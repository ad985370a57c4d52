/*
** wait.c - the one loop over the steps of a connection: when to try again,
** until when, and who waits.
** SPDX-License-Identifier: MIT
**
** A call that need not wait leaves here without having looked at the clock. One
** that must computes its deadline then, once. It waits in poll(2) (polling.c), or
** in the attempt itself where nothing else would be done (patience.h); or it is
** suspended (suspended.c) where the context has a waiter, or OpenSSL a question.
*/
#include "base/errors.h"
#include "context/context.h"
#include "connection/deadline.h"
#include "connection/polling.h"
#include "connection/suspended.h"
#include "connection/wait.h"

/* how the reads of a call wait; 'poll': it may wait, and not by a waiter */
static void startwaiting (Conn *c, const Operation *op, int poll) {
  Patience *p = &c->caller.patience;
  lssl_bepatient(p, (double)c->timeout);
  if (!poll)
    p->how = LSSL_ASKS;
  else if (op->block || op->limit > 0)
    p->how = LSSL_POLLS;
}

Step lssl_operatequietly (Conn *c, Operation *op, int nowait) {
  lua_Number end;
  Step s;
  if (c->busy || (c->uses & op->uses) || (c->early && lssl_isearly(c)))
    return lssl_failstep(c, EBUSY);
  startwaiting(c, op, !nowait && c->timeout != 0);
  s = lssl_attempt(NULL, c, op);
  if (lssl_waits(s) && (nowait || c->timeout == 0))
    return lssl_failstep(c, EAGAIN);
  end = lssl_deadline(c, op);
  while (lssl_waits(s)) {
    lua_Number left = lssl_remaining(end);
    int n = lssl_poll(c->fd, s == STEP_WRITE, lssl_milliseconds(left));
    if (n < 0 && errno != EINTR)
      return lssl_failstep(c, errno);
    if (n <= 0 && left == 0)
      return lssl_failstep(c, ETIMEDOUT);
    if (n > 0)
      lssl_endpoll(c, op, s);
    s = lssl_attemptagain(NULL, c, op, LSSL_POLLS);
  }
  if (s == STEP_ASKS)  /* where nobody can answer */
    return lssl_failstep(c, EAGAIN);
  return s;
}

void lssl_checkidle (lua_State *L, const Conn *c, int uses) {
  if (c->busy)
    lssl_valueerror(L, "the connection is in use by the call whose callback "
                    "this is");
  if (c->uses & uses)
    lssl_valueerror(L, "the connection is in use: a %s is waiting",
                    c->uses & uses & LSSL_READING ? "read" : "write");
}

/* raises if early data stand in the way */
static void checkearly (lua_State *L, Conn *c, const Operation *op) {
  if (op->early || op->plain || !lssl_isearly(c))
    return;
  if (c->server)
    lssl_valueerror(L, "early data wait: call read_early_data until it returns "
                    "nil");
  lssl_valueerror(L, "early data are not all sent: call write_early_data again "
                  "with the same data");
}

static int haswaiter (lua_State *L) {
  int top = lua_gettop(L);
  int yes = lua_getiuservalue(L, 1, LSSL_UVCONTEXT) == LUA_TUSERDATA &&
            lua_getiuservalue(L, -1, LSSL_UVWAITER) != LUA_TNIL;
  lua_settop(L, top);
  return yes;
}

/* has the call yet to go on? A callback's error waits for nobody */
static int isunderway (const Conn *c, Step s) {
  return (lssl_waits(s) || s == STEP_ASKS) && !c->caller.failed;
}

int lssl_operate (lua_State *L, Conn *c, Operation *op) {
  int maywait = c->timeout != 0 || op->block;
  int bywaiter = maywait && haswaiter(L);
  lua_Number end;
  Step s;
  if (c->busy || (c->uses & op->uses))
    lssl_checkidle(L, c, op->uses);
  if (c->early)
    checkearly(L, c, op);
  startwaiting(c, op, maywait && !bywaiter);
  s = lssl_attempt(L, c, op);
  if ((lssl_waits(s) || s == STEP_ASKS) && op->pause != NULL)
    op->pause(L, c, op);  /* it may wait once it has the answer */
  if (!isunderway(c, s))
    return lssl_finish(L, c, op, s);
  if (lssl_waits(s) && !maywait)
    return op->told ? lssl_finish(L, c, op, s) : lssl_raisewant(L, s);
  end = maywait ? lssl_deadline(c, op) : 0;
  if (lssl_waits(s) && !bywaiter)
    s = lssl_waitbypoll(L, c, op, s, end);
  if (isunderway(c, s) && (bywaiter || !lssl_waits(s)))
    return lssl_suspend(L, c, op, s, end);
  return lssl_finish(L, c, op, s);
}
