/*
** steps.h - the steps of one TLS connection: each makes one attempt with
** OpenSSL and says how it ended; none waits, raises, or touches a Lua stack.
** Its 'ssl' must not be NULL.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_steps_h
#define lssl_connection_steps_h

#include "connection/connection.h"

typedef enum Step {
  STEP_DONE,
  STEP_EOF,			/* the peer sent close_notify */
  STEP_READ,			/* try again when the peer has sent more */
  STEP_WRITE,			/* try again when the peer takes more */
  STEP_ASKS,			/* the program has to answer: questions.h */
  STEP_FAILED			/* 'outcome' says why */
} Step;

/* The failure of a system call, with errno 'syserr', as that of a step. */
Step lssl_failstep (Conn *c, int syserr);

Step lssl_stephandshake (Conn *c);
Step lssl_stepread (Conn *c, void *data, size_t size, size_t *got);
/* DTLS: sends a flight again if its timer is over; sets '*sent' if it did. */
Step lssl_stepresend (Conn *c, int *sent);
/*
** Has what comes next, a whole record, wait in 'text', unless something does
** already: for who looks for the end of a line.
*/
Step lssl_stepfill (Conn *c);
/*
** The same data, or data that begins with them, until it is done. Until then the
** data have to stay where they are, or 'begun' becomes NULL. A datagram is sent or
** not, so that there is nothing to go on with.
*/
Step lssl_stepwrite (Conn *c, const void *data, size_t size);
/* Do the data begin with those of the write that has begun, if any has? */
int lssl_isretry (const Conn *c, const void *data, size_t size);
/* How many bytes of a write that is not done were sent, in whole records. */
size_t lssl_sentsofar (const Conn *c);
/*
** Early data: up to 'size' bytes, none if that was all of them; and all of 'data',
** the same ones until it is done.
*/
Step lssl_stepreadearly (Conn *c, void *data, size_t size, size_t *got);
Step lssl_stepwriteearly (Conn *c, const void *data, size_t size);
/* Do early data keep a step of another kind from being made? If not, it ends them. */
int lssl_isearly (Conn *c);
/* What the next read will give, which stays where it is. */
Step lssl_steppeek (Conn *c, void *data, size_t size, size_t *got);
/* 'update' is SSL_KEY_UPDATE_*: for the first attempt alone, which sets it to -1. */
Step lssl_stepkeyupdate (Conn *c, int *update);
/* Sends close_notify, unless it has been sent. */
Step lssl_stepclosenotify (Conn *c);
/* 'tries' counts, from 0, the times close_notify was sent in this call. */
Step lssl_stepshutdown (Conn *c, int *tries);
/* Sends close_notify, if the socket takes it now, and waits for no answer. */
Step lssl_stepgoodbye (Conn *c);

#endif
