/*
** patience.h - how a read of a socket waits that finds nothing. Knows nothing
** of Lua.
** SPDX-License-Identifier: MIT
**
** The loop of wait.c waits by poll, after a read has found nothing: three
** system calls, where one that waits in the read itself is enough. A connection
** whose calls have waited some times, and for nothing else, does so: its
** descriptor is blocking then, with a time limit of the socket's own; what must
** not wait says so in each call. On Linux; elsewhere not all can say so.
*/
#ifndef lssl_base_patience_h
#define lssl_base_patience_h

#include "base/platform.h"

/* what a read does that finds nothing */
enum {
  LSSL_ASKS,			/* it says so */
  LSSL_POLLS,			/* it says so, and will be followed by poll */
  LSSL_BLOCKSONCE,		/* it waits; in what follows, as LSSL_POLLS */
  LSSL_BLOCKS			/* it waits */
};

typedef struct Patience {
  unsigned char how;		/* of the call in progress */
  unsigned char interrupted;	/* a signal has ended its wait */
  unsigned char polls;		/* how many waits there were, up to some */
  unsigned char blocking;	/* the descriptor is */
  double since;			/* when LSSL_BLOCKSONCE began; 0: it did not */
} Patience;

/* A call begins whose reads wait 'timeout' seconds in all; < 0: for ever. */
void lssl_bepatient (Patience *p, double timeout);

/* It has waited by poll; soon it may not have to. */
void lssl_countpoll (Patience *p, Socket fd, double timeout);

/*
** From now on reads may wait no more: the timeout is another, or the descriptor
** will be somebody else's, for whom it is made non-blocking.
*/
void lssl_losepatience (Patience *p, Socket fd);

#endif
