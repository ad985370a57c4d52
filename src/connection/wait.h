/*
** wait.h - the one loop that all blocking calls share.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_wait_h
#define lssl_connection_wait_h

#include "connection/steps.h"

/*
** One call of Lua's: attempts of 'step' until it is neither STEP_READ nor
** STEP_WRITE, then 'finish'. Lives on the C stack, or in a userdata while a
** waiter runs; what its pointers point to is on the Lua stack, below it.
*/
typedef struct Operation Operation;

/*
** Pushes the call's results and returns their number, or raises (for
** STEP_FAILED, lssl_raisefailure). A call that may not wait, or not any longer,
** raises by itself; one that is 'told' gets here with STEP_READ or STEP_WRITE:
** what the wait was for.
*/
typedef int (*Finish) (lua_State *L, Conn *c, Operation *op, Step s);

/* Called when the first attempt has to wait, however that may end. May raise. */
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
** Runs 'op' on the connection at index 1 and returns the number of results.
** Waits (by poll; in the read itself, see patience.h; or by the context's waiter,
** which may yield) for as long as the connection's timeout allows in all. To be
** returned from a C function.
*/
int lssl_operate (lua_State *L, Conn *c, Operation *op);

/* Raises if a call that occupies one of 'uses' is under way. */
void lssl_checkidle (lua_State *L, const Conn *c, int uses);

/*
** The same without Lua, for the files of makefile: asks no waiter, calls no
** callbacks, and returns how the last attempt ended. What Lua would be told by
** an error is STEP_FAILED with the system's number for it in 'outcome':
** ETIMEDOUT, EAGAIN where waiting is not allowed, EBUSY.
*/
Step lssl_operatequietly (Conn *c, Operation *op, int nowait);

/* Readers and setters of seconds: nil (-1) for none, else not negative. */
lua_Number lssl_checktimeout (lua_State *L, int arg, const char *name);
void lssl_pushtimeout (lua_State *L, lua_Number timeout);

/* Seconds (< 0: for ever) as poll(2) takes them. */
int lssl_milliseconds (lua_Number seconds);

void lssl_openwait (lua_State *L);

#endif
