/*
** suspended.c - calls whose wait may yield.
** SPDX-License-Identifier: MIT
**
** All that the call needs later is in a userdata on the stack, at 'index', since
** the C stack is gone once the function yields. Then the call goes on in a
** continuation, which enters the loop again.
*/
#include "base/class.h"
#include "base/errorclasses.h"
#include "base/free.h"
#include "context/questions.h"
#include "connection/deadline.h"
#include "connection/polling.h"
#include "connection/suspended.h"

#define SUSPENDED	"ssl.suspended"

/* seconds by which a waiter's clock may be ahead */
#define EARLY	0.01

/*
** What has to outlive a yield. Its user value is the connection, so that the
** marks can be taken back however the call ends: it is to be closed, and has a
** finalizer for a coroutine that is never resumed. After an orderly end the
** connection keeps it for its next call, since one with a finalizer costs as much
** as the rest of a wait.
*/
typedef struct Suspended {
  Operation op;
  Conn *conn;			/* NULL once the marks are taken back */
  lua_Number end;		/* of the wait; < 0: never, 0: there is none */
  lua_Number timer;		/* when DTLS's is over, if the waiter was told; or < 0 */
} Suspended;

/* takes the marks back; 0 if that is done already, or for another's userdata */
static int leave (lua_State *L) {
  Suspended *w = (Suspended *)luaL_testudata(L, 1, SUSPENDED);
  if (w == NULL || w->conn == NULL)
    return 0;
  w->conn->caller.naming = 0;
  lssl_leave(w->conn, w->op.uses);
  w->conn = NULL;
  return 1;
}

static int suspended_gc (lua_State *L) {
  leave(L);
  return 0;
}

static int suspended_close (lua_State *L) {
  if (leave(L)) {
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, LSSL_UVSUSPENDED);
  }
  return 0;
}

/* pushes a Suspended: the one that the connection at index 1 keeps, or a new one */
static Suspended *pushsuspended (lua_State *L) {
  Suspended *w;
  if (lua_getiuservalue(L, 1, LSSL_UVSUSPENDED) == LUA_TUSERDATA) {
    lua_pushnil(L);
    lua_setiuservalue(L, 1, LSSL_UVSUSPENDED);
    return (Suspended *)lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  w = (Suspended *)lua_newuserdatauv(L, sizeof *w, 1);
  w->conn = NULL;
  luaL_setmetatable(L, SUSPENDED);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  return w;
}

/* pushes the Suspended of a call that begins to wait */
static Suspended *newsuspended (lua_State *L, Conn *c, const Operation *op,
                                lua_Number end) {
  Suspended *w = pushsuspended(L);
  w->op = *op;
  w->end = end;
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
static void pushcall (lua_State *L, Suspended *w, Step s) {
  int timer;
  lua_Number left = lssl_onewait(w->conn, w->end, &timer);
  w->timer = timer ? (lua_Number)lssl_now() + left : -1;
  luaL_checkstack(L, 6, "waiter");
  pushwaiter(L);
  lua_pushvalue(L, 1);
  lua_pushstring(L, s == STEP_READ ? "read" : "write");
  lssl_pushtimeout(L, left);
}

/*
** Has the waiter given up, whose answer is on the top? Not if it has only waited for
** as long as it was told to, and that was for a timer; it may be a little early.
*/
static int hasgivenup (lua_State *L, const Suspended *w) {
  return lua_isboolean(L, -1) && !lua_toboolean(L, -1) &&
         (w->timer < 0 || (lua_Number)lssl_now() < w->timer - EARLY);
}

/*
** {======================================================
** After a function of the program
** =======================================================
*/

/*
** After the waiter, whose answer is on the top: tries once more. What the waiter
** says is checked against the clock, but for a plain false: it has given up. Is
** the call at its end? 's' is how the attempt ended.
*/
static int afterwaiter (lua_State *L, Suspended *w, int index, Step *s) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  int gaveup = hasgivenup(L, w);
  lua_settop(L, index);
  *s = lssl_attemptagain(L, c, &w->op, LSSL_ASKS);
  if (!lssl_waits(*s) || c->caller.failed)
    return *s != STEP_ASKS;
  return (gaveup || (w->end >= 0 && lssl_remaining(w->end) == 0)) &&
         !lssl_outoftime(L, &w->op);
}

/*
** After an answer, or an error, which is on the top. To refuse, OpenSSL asks the
** context that asked before: the function may have set another, which does not.
*/
static Step afteranswer (lua_State *L, Suspended *w, int index, int status) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  SSL_CTX *asker = (SSL_CTX *)lssl_unbox(L, index + 1);
  lssl_takeanswer(L, &c->caller, c->ssl, status);
  if (c->ssl != NULL && c->caller.answer >= 0 &&
      SSL_get_SSL_CTX(c->ssl) != asker)
    SSL_set_SSL_CTX(c->ssl, asker);
  lssl_emptybox(L, index + 1);
  lua_settop(L, index);
  if (c->ssl != NULL && lssl_asksmore(&c->caller))
    return STEP_ASKS;
  return lssl_attemptagain(L, c, &w->op, LSSL_ASKS);
}

/* }====================================================== */


static int resumed (lua_State *L, int status, lua_KContext index);
static int answered (lua_State *L, int status, lua_KContext index);

static void freessl (void *ssl) {
  lssl_freessl((SSL *)ssl);
}

/*
** Has the program answer what OpenSSL asks; how the next attempt ends. The SSL is in
** a box while the question is made: a finalizer may close the connection.
*/
static Step ask (lua_State *L, Suspended *w, int index) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  void **asker = lssl_newbox(L, lssl_freecontext);
  void **box = lssl_newbox(L, freessl);
  int n, status;
  if (c->ssl == NULL || !SSL_up_ref(c->ssl)) {
    lua_settop(L, index);
    return lssl_attemptagain(L, c, &w->op, LSSL_ASKS);
  }
  *box = c->ssl;
  if (SSL_CTX_up_ref(SSL_get_SSL_CTX(c->ssl)))
    *asker = SSL_get_SSL_CTX(c->ssl);
  n = lssl_pushquestion(L, &c->caller, c->ssl);
  lssl_emptybox(L, index + 2);
  status = lua_pcallk(L, n, LSSL_ANSWERS, 0, index, answered);
  return afteranswer(L, w, index, status);
}

/* the loop: 's' is how the last attempt ended */
static int goon (lua_State *L, Suspended *w, int index, Step s) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  int over = 0;
  while (!over) {
    if (s == STEP_ASKS && !c->caller.failed)
      s = ask(L, w, index);
    else if (!lssl_waits(s) || c->caller.failed)
      over = 1;
    else if (w->end == 0) {
      if (!w->op.told)
        return lssl_raisewant(L, s);
      over = 1;
    }
    else {
      pushcall(L, w, s);
      if (lua_isnil(L, index + 1)) {  /* there is no waiter, or no longer */
        lua_settop(L, index);
        s = lssl_waitbypoll(L, c, &w->op, s, w->end);
        over = lssl_waits(s);
      }
      else {
        lua_callk(L, 3, 1, index, resumed);
        over = afterwaiter(L, w, index, &s);
      }
    }
  }
  return lssl_finish(L, c, &w->op, s);
}

/* the same after a waiter that has yielded */
static int resumed (lua_State *L, int status, lua_KContext index) {
  Suspended *w = (Suspended *)lua_touserdata(L, (int)index);
  Step s;
  (void)status;
  if (afterwaiter(L, w, (int)index, &s))
    return lssl_finish(L, w->conn, &w->op, s);
  return goon(L, w, (int)index, s);
}

/* the same after an answer that took time */
static int answered (lua_State *L, int status, lua_KContext index) {
  Suspended *w = (Suspended *)lua_touserdata(L, (int)index);
  return goon(L, w, (int)index, afteranswer(L, w, (int)index, status));
}

int lssl_suspend (lua_State *L, Conn *c, const Operation *op, Step s,
                  lua_Number end) {
  Suspended *w = newsuspended(L, c, op, end);
  return goon(L, w, lua_gettop(L), s);
}

int lssl_raisewant (lua_State *L, Step s) {
  if (s == STEP_READ)
    lssl_pushwantread(L);
  else
    lssl_pushwantwrite(L);
  return lua_error(L);
}

void lssl_opensuspended (lua_State *L) {
  luaL_newmetatable(L, SUSPENDED);
  lua_pushcfunction(L, suspended_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, suspended_close);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}
