/*
** attempt.h - a call of Lua's as attempts with OpenSSL: what one is made of, one
** attempt, and the end. wait.c has the loop over them.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_attempt_h
#define lssl_connection_attempt_h

#include "connection/steps.h"

/*
** One call of Lua's: attempts of 'step' until it has ended, then
** 'finish'. Lives on the C stack, or in a userdata while a waiter or another
** function of the program runs; what its pointers point to is on the Lua stack, below it.
*/
typedef struct Operation Operation;

/*
** Pushes the call's results and returns their number, or raises (for
** STEP_FAILED, lssl_raisefailure). A call that may not wait, or not any longer,
** raises by itself; one that is 'told' gets here with STEP_READ or STEP_WRITE:
** what the wait was for.
*/
typedef int (*Finish) (lua_State *L, Conn *c, Operation *op, Step s);

/* Called when the first attempt has to wait, or asks, however that may end. May raise. */
typedef void (*Pause) (lua_State *L, Conn *c, Operation *op);

struct Operation {
  /* one attempt; as those of steps.h */
  Step (*step) (Conn *c, Operation *op);
  Finish finish;
  Pause pause;			/* NULL: nothing to do */
  const char *name;		/* "read": what timed out */
  unsigned char uses;		/* LSSL_READING, LSSL_WRITING: what it occupies */
  unsigned char plain;		/* works without a TLS connection */
  unsigned char block;		/* wait even if the timeout is 0 */
  unsigned char early;		/* reads or writes early data */
  unsigned char told;		/* of a wait that is over, as Finish says */
  lua_Number limit;		/* seconds + 1, for the timeout; 0: none */
  int number;			/* for the step's own use, as are the rest */
  unsigned char *buffer;	/* where to read to; NULL: the scratch buffer */
  const unsigned char *data;	/* what to write */
  size_t size;
  size_t done;			/* bytes read or written so far */
  void *user;			/* whom the step works for */
  double start;			/* when the call began, on lssl_now's clock */
};

/*
** One attempt at the call, with the connection marked as inside OpenSSL: its
** object is at index 1 of L, which is NULL where there is no Lua at hand. Never
** raises. The second is for one after a wait: it waits as 'how' says (patience.h),
** whatever another call on the connection has made of that meanwhile.
*/
Step lssl_attempt (lua_State *L, Conn *c, Operation *op);
Step lssl_attemptagain (lua_State *L, Conn *c, Operation *op,
                        unsigned char how);

/* Is there nothing to make an attempt with: has the connection been ended? */
int lssl_isgone (const Conn *c, const Operation *op);

/* Has the peer to do something before another attempt makes sense? */
int lssl_waits (Step s);

/* The end of the call: its results, or raises what a callback has raised. */
int lssl_finish (lua_State *L, Conn *c, Operation *op, Step s);

/* The end of its time: raises TimeoutError; 0 if the call is to be told. */
int lssl_outoftime (lua_State *L, const Operation *op);

#endif
