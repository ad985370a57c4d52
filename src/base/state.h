/*
** state.h - the data the module keeps for one Lua state (never for the
** process: two states may run in two threads).
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_state_h
#define lssl_base_state_h

#include "base/common.h"
#include "lssl.h"

/* the most plaintext one TLS record carries (RFC 8446, 5.1) */
#define LSSL_RECORD	16384

/* user values of the state's data */
#define LSSL_UVPRELUDE	1	/* what lssl_setprelude was given */
#define LSSL_UVERRORS	2	/* the error classes: errorclasses.c */

/* What OpenSSL holds for the state, where a host has that counted. */
typedef struct Memory {
  size_t held, peak;		/* bytes */
  size_t limit;			/* 0: none */
  int refused;			/* allocations since somebody has asked */
} Memory;

typedef struct State {
  lua_Integer alive;		/* objects made and not yet finalized */
  unsigned char policy;		/* of context/policy.c; 0: not yet known */
  lssl_Limits limits;		/* what the host allows: limits.h */
  lssl_Counters counters;	/* what was done: counters.h */
  Memory *memory;		/* host/memory.c's; NULL: it is not counted */
  /*
  ** Where a read puts what it is about to push as a string. Holds nothing
  ** between two calls.
  */
  unsigned char scratch[LSSL_RECORD];
} State;

/* Makes the state's data; called once, first of all. */
void lssl_openstate (lua_State *L);

/*
** The same for another shared object of ours, _ssl_testing: its data are those
** at 'arg', which lssl_pushstate of _ssl has pushed there. Raises for what is
** not of this build.
*/
void lssl_adoptstate (lua_State *L, int arg);

/* Pushes the data, a userdata, whose user values are named above. */
void lssl_pushstate (lua_State *L);

/* Never raises; valid until the Lua state has run its last finalizer. */
State *lssl_state (lua_State *L);

/*
** Names the prelude's sources by their common prefix (as debug.getinfo's
** 'source' has them, without ".lua"): positions in them are not the caller's.
*/
void lssl_setprelude (lua_State *L, int arg);

/*
** Pushes "file:line: " of the innermost Lua function that is not the
** prelude's, or "" if there is none.
*/
void lssl_pushwhere (lua_State *L);

#endif
