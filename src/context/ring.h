/*
** ring.h - ticket keys from a secret and the clock: whoever has the secret derives
** the same keys for each period of time. Knows nothing of Lua; nothing here raises.
** SPDX-License-Identifier: MIT
**
** A ring holds copies of its secrets, and the keys of the periods that count now.
** It wipes both as soon as it is used without need of them.
*/
#ifndef lssl_context_ring_h
#define lssl_context_ring_h

#include "context/ticketkeys.h"

#define LSSL_MAXSECRETS	8
#define LSSL_SEALKEY	48	/* bytes: 16 name, 32 AES-256-GCM */

/* One moment, in seconds since 1970. */
typedef long long Moment;

typedef struct Secret {
  unsigned char *bytes;		/* a copy, ours */
  size_t size;
  Moment begins;		/* when it begins to encrypt */
  Moment retired;		/* when a newer one took its place; < 0: not yet */
} Secret;

typedef struct Ring {
  TicketKeys tickets;		/* first: what connections hold is the ring */
  unsigned char (*seals)[LSSL_SEALKEY];  /* as many, for sessions in a store */
  Moment period;		/* its length */
  Moment keep;			/* periods before the present one that count */
  Moment skew;			/* by how much the clocks of others may differ */
  Moment now;			/* as last told, where 'clocked' */
  Moment from, until;		/* when the keys above are right */
  size_t count;
  Secret secrets[LSSL_MAXSECRETS];  /* the newest first */
} Ring;

/* A ring without secrets, with one reference (ticketkeys.h); NULL: no memory. */
Ring *lssl_newring (Moment period, Moment keep, Moment skew);

/* The time by which the ring goes. */
Moment lssl_ringtime (const Ring *ring);

/* Puts a copy of the secret in front of, or behind the others; 0: no memory. */
int lssl_addsecret (Ring *ring, const unsigned char *bytes, size_t size);
int lssl_rotatesecret (Ring *ring, const unsigned char *bytes, size_t size,
                       Moment begins);

/* Moves the secrets of 'from' to 'ring', whose own are wiped. */
void lssl_movesecrets (Ring *ring, Ring *from);

/* Makes the keys those of the present. */
void lssl_refreshring (Ring *ring);

/* Wipes what is no longer needed by now; so does each use. */
void lssl_wipering (Ring *ring);

#endif
