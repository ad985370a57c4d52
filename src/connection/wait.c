/*
** wait.c - the one loop over the steps of a connection: when to try again,
** until when, and who waits.
** SPDX-License-Identifier: MIT
**
** A call that need not wait leaves here without having looked at the clock. One
** that must computes its deadline then, once. It waits in poll(2), or in the
** attempt itself where nothing else would be done (patience.h); or, if the
** context has a waiter, in that, which may yield: so all that the call needs
** later is in a userdata on the stack, and the loop goes on in a continuation.
*/
#include <limits.h>
#include <math.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "connection/wait.h"

#define WAITING	"ssl.waiting"

/* its address is the key in the registry of a Lua function that does nothing */
static const char pausekey = 0;

/*
** {======================================================
** Time
** =======================================================
*/

/* when a call that has to wait, or did already, has to end; < 0: never */
static lua_Number deadline (const Conn *c, const Operation *op) {
  double since = c->caller.patience.since;
  if (op->limit <= 0 && (c->timeout < 0 || op->block))
    return -1;
  return (lua_Number)(since > 0 ? since : lssl_now()) +
         (op->limit > 0 ? op->limit - 1 : c->timeout);
}

/* seconds until 'end', at least 0; < 0: for ever */
static lua_Number remaining (lua_Number end) {
  lua_Number left;
  if (end < 0)
    return -1;
  left = end - (lua_Number)lssl_now();
  return left > 0 ? left : 0;
}

/* rounded up, so that poll does not wake before the time */
int lssl_milliseconds (lua_Number seconds) {
  lua_Number ms = ceil((double)seconds * 1000);
  if (seconds < 0)
    return -1;
  return ms < INT_MAX ? (int)ms : INT_MAX;
}

lua_Number lssl_checktimeout (lua_State *L, int arg, const char *name) {
  lua_Number t;
  if (lua_isnoneornil(L, arg))
    return -1;
  t = lssl_checknumber(L, arg, name);
  if (t != t)
    lssl_valueerror(L, "Invalid value NaN (not a number)");
  if (t < 0)
    lssl_valueerror(L, "Timeout value out of range");
  return t;
}

void lssl_pushtimeout (lua_State *L, lua_Number timeout) {
  if (timeout < 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, timeout);
}

/* }====================================================== */


/* the failure of a call whose connection has been ended meanwhile */
static Step gone (Conn *c) {
  return lssl_failstep(c, c->ended ? EBADF : ENOTCONN);
}

static int isgone (const Conn *c, const Operation *op) {
  return c->ssl == NULL && !(op->plain && c->fd >= 0);
}

/* how the reads of a call wait; 'poll': it may wait, and not by a waiter */
static void startwaiting (Conn *c, const Operation *op, int poll) {
  Patience *p = &c->caller.patience;
  lssl_bepatient(p, (double)c->timeout);
  if (!poll)
    p->how = LSSL_ASKS;
  else if (op->block || op->limit > 0)
    p->how = LSSL_POLLS;
}

/* poll has waited once more for what this connection always waits for */
static void endpoll (Conn *c, const Operation *op, Step s) {
  if (s == STEP_READ && !op->plain && !op->block && !c->borrowed)
    lssl_countpoll(&c->caller.patience, c->fd, (double)c->timeout);
}

/* one attempt, with the connection marked as inside OpenSSL */
static Step attempt (lua_State *L, Conn *c, Operation *op) {
  Step s;
  if (isgone(c, op))
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

/*
** One more, after a wait: it waits as 'how' says, whatever another call on the
** connection has made of that meanwhile, or the first attempt left unused.
*/
static Step attemptagain (lua_State *L, Conn *c, Operation *op,
                          unsigned char how) {
  c->caller.patience.how = how;
  return attempt(L, c, op);
}

/* the end of a call: its results, or what a callback raised meanwhile */
static int finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s != STEP_FAILED)
    lssl_raisecause(L, &c->caller, 1);
  return op->finish(L, c, op, s);
}

static int waits (Step s) {
  return s == STEP_READ || s == STEP_WRITE;
}

/* the end of the wait of a call: 0 if that is to be told, else it is raised */
static int outoftime (lua_State *L, const Operation *op) {
  if (!op->told)
    lssl_timeout(L, op->name);
  return 0;
}

/*
** {======================================================
** Waiting by poll
** =======================================================
*/

/*
** After a signal: a Lua hook that its handler has set (as lua.c's for an
** interrupt does) gets its chance to run.
*/
static void runhooks (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &pausekey);
  lua_call(L, 0, 0);
}

/* 0 if the time is up, and the call is to be told so */
static int pollfor (lua_State *L, Conn *c, Operation *op, Step s,
                    lua_Number end) {
  Patience *patience = &c->caller.patience;
  lua_Number left;
  int n = 0;
  do {
    if (n < 0 || patience->interrupted) {
      patience->interrupted = 0;
      runhooks(L);
      if (isgone(c, op))  /* poll would wait for no descriptor */
        return 1;
    }
    left = remaining(end);
    n = lssl_poll(c->fd, s == STEP_WRITE, lssl_milliseconds(left));
    if (n < 0 && errno != EINTR)
      lssl_oserror(L, errno, NULL);
  } while (n <= 0 && left != 0);
  if (n <= 0)
    return outoftime(L, op);
  endpoll(c, op, s);
  return 1;
}

static int waitbypoll (lua_State *L, Conn *c, Operation *op, Step s,
                       lua_Number end) {
  do {
    if (!pollfor(L, c, op, s, end))
      break;
    s = attemptagain(L, c, op, LSSL_POLLS);
  } while (waits(s) && !c->caller.failed);
  return finish(L, c, op, s);
}

/* }====================================================== */


Step lssl_operatequietly (Conn *c, Operation *op, int nowait) {
  lua_Number end;
  Step s;
  if (c->busy || (c->uses & op->uses))
    return lssl_failstep(c, EBUSY);
  startwaiting(c, op, !nowait && c->timeout != 0);
  s = attempt(NULL, c, op);
  if (waits(s) && (nowait || c->timeout == 0))
    return lssl_failstep(c, EAGAIN);
  end = deadline(c, op);
  while (waits(s)) {
    lua_Number left = remaining(end);
    int n = lssl_poll(c->fd, s == STEP_WRITE, lssl_milliseconds(left));
    if (n < 0 && errno != EINTR)
      return lssl_failstep(c, errno);
    if (n <= 0 && left == 0)
      return lssl_failstep(c, ETIMEDOUT);
    if (n > 0)
      endpoll(c, op, s);
    s = attemptagain(NULL, c, op, LSSL_POLLS);
  }
  return s;
}


/*
** {======================================================
** Waiting by a waiter
** =======================================================
*/

/*
** What has to outlive a yield. Its user value is the connection, so that the
** marks can be taken back however the call ends: it is to be closed, and has a
** finalizer for a coroutine that is never resumed.
*/
typedef struct Waiting {
  Operation op;
  Conn *conn;			/* NULL once the marks are taken back */
  lua_Number end;
} Waiting;

static int waiting_close (lua_State *L) {
  Waiting *w = (Waiting *)luaL_testudata(L, 1, WAITING);
  if (w != NULL && w->conn != NULL) {
    lssl_leave(w->conn, w->op.uses);
    w->conn = NULL;
  }
  return 0;
}

/* pushes the Waiting of a call that starts to wait */
static Waiting *newwaiting (lua_State *L, Conn *c, const Operation *op) {
  Waiting *w = (Waiting *)lua_newuserdatauv(L, sizeof *w, 1);
  w->op = *op;
  w->conn = NULL;
  w->end = deadline(c, op);
  luaL_setmetatable(L, WAITING);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  w->conn = c;
  c->uses |= op->uses;
  lua_toclose(L, -1);
  return w;
}

/* pushes the context's waiter; nil if it has none */
static void pushwaiter (lua_State *L) {
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  if (lua_isnil(L, -1))
    return;
  lua_getiuservalue(L, -1, LSSL_UVWAITER);
  lua_remove(L, -2);
}

/* pushes the waiter and its arguments */
static void pushcall (lua_State *L, const Waiting *w, Step s) {
  luaL_checkstack(L, 6, "waiter");
  pushwaiter(L);
  lua_pushvalue(L, 1);
  lua_pushstring(L, s == STEP_READ ? "read" : "write");
  lssl_pushtimeout(L, remaining(w->end));
}

/*
** After the waiter, whose answer is on the top: tries once more. Returns the
** number of results of a call that has ended, or -1 and how it waits in 's'.
** What the waiter says is checked against the clock, but for a plain false: it
** has given up. 'index' is where the Waiting is.
*/
static int tryagain (lua_State *L, Waiting *w, int index, Step *s) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  int gaveup = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  lua_settop(L, index);
  *s = attemptagain(L, c, &w->op, LSSL_ASKS);
  if (!waits(*s) || c->caller.failed)
    return finish(L, c, &w->op, *s);
  if ((gaveup || (w->end >= 0 && remaining(w->end) == 0)) &&
      !outoftime(L, &w->op))
    return finish(L, c, &w->op, *s);
  return -1;
}

static int resumed (lua_State *L, int status, lua_KContext index);

/* the loop; if a waiter was taken away meanwhile, poll goes on with it */
static int waitbywaiter (lua_State *L, Waiting *w, int index, Step s) {
  int n;
  do {
    pushcall(L, w, s);
    if (lua_isnil(L, index + 1))
      return waitbypoll(L, (Conn *)lua_touserdata(L, 1), &w->op, s, w->end);
    lua_callk(L, 3, 1, index, resumed);
    n = tryagain(L, w, index, &s);
  } while (n < 0);
  return n;
}

/* the same after a waiter that has yielded */
static int resumed (lua_State *L, int status, lua_KContext index) {
  Waiting *w = (Waiting *)lua_touserdata(L, (int)index);
  Step s;
  int n = tryagain(L, w, (int)index, &s);
  (void)status;
  return n < 0 ? waitbywaiter(L, w, (int)index, s) : n;
}

/* }====================================================== */


static int raisewant (lua_State *L, Step s) {
  if (s == STEP_READ)
    lssl_pushwantread(L);
  else
    lssl_pushwantwrite(L);
  return lua_error(L);
}

void lssl_checkidle (lua_State *L, const Conn *c, int uses) {
  if (c->busy)
    lssl_valueerror(L, "the connection is in use by the call whose callback "
                    "this is");
  if (c->uses & uses)
    lssl_valueerror(L, "the connection is in use: a %s is waiting",
                    c->uses & uses & LSSL_READING ? "read" : "write");
}

static int haswaiter (lua_State *L) {
  int top = lua_gettop(L);
  int yes = lua_getiuservalue(L, 1, LSSL_UVCONTEXT) == LUA_TUSERDATA &&
            lua_getiuservalue(L, -1, LSSL_UVWAITER) != LUA_TNIL;
  lua_settop(L, top);
  return yes;
}

int lssl_operate (lua_State *L, Conn *c, Operation *op) {
  int maywait = c->timeout != 0 || op->block;
  int bywaiter = maywait && haswaiter(L);
  Waiting *w;
  Step s;
  if (c->busy || (c->uses & op->uses))
    lssl_checkidle(L, c, op->uses);
  startwaiting(c, op, maywait && !bywaiter);
  s = attempt(L, c, op);
  if (!waits(s) || c->caller.failed)  /* a callback's error waits for nobody */
    return finish(L, c, op, s);
  if (op->pause != NULL)
    op->pause(L, c, op);
  if (!maywait)
    return op->told ? finish(L, c, op, s) : raisewant(L, s);
  if (!bywaiter)
    return waitbypoll(L, c, op, s, deadline(c, op));
  w = newwaiting(L, c, op);
  return waitbywaiter(L, w, lua_gettop(L), s);
}

void lssl_openwait (lua_State *L) {
  luaL_newmetatable(L, WAITING);
  lua_pushcfunction(L, waiting_close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, waiting_close);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
  if (luaL_loadstring(L, "return") != LUA_OK)
    lua_error(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &pausekey);
}
