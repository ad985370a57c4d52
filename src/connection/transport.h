/*
** transport.h - a connected socket as an OpenSSL BIO. Knows nothing of Lua.
** SPDX-License-Identifier: MIT
**
** Never raises SIGPIPE, waits in a read only if it is told to, and does not own
** the descriptor. While corked it gathers what OpenSSL writes, so that the
** records of one long string leave in one system call, and so do the tickets at
** the end of a handshake.
**
** After a write the peer's answer is not there yet: if whoever reads is going
** to poll anyway, the first read says so without asking the system.
*/
#ifndef lssl_connection_transport_h
#define lssl_connection_transport_h

#include <openssl/bio.h>

#include "base/patience.h"

/*
** A new BIO over 'fd', or NULL: no memory. How its reads wait, '*patience' says,
** which must live as long as the BIO.
*/
BIO *lssl_newtransport (Socket fd, Patience *patience);

/* Has a BIO that was made for no descriptor (-1) use 'fd'. */
void lssl_connecttransport (BIO *bio, Socket fd);

/* The Patience that it was given is about to be no more. */
void lssl_leavetransport (BIO *bio);

/* Have bytes come since it was made, or since it forgot them? */
int lssl_hasbytes (BIO *bio);
void lssl_forgetbytes (BIO *bio);

/* From now on, keep what is written, 'size' bytes at most. */
void lssl_cork (BIO *bio, size_t size);

/*
** Sends what was kept: 1 when all is sent, 0 if the socket takes no more now
** (call it again when it is writable), -1 if it failed (errno says why; what
** was kept is lost).
*/
int lssl_uncork (BIO *bio);

/* How many of the records that were kept are not sent, or only a part of them. */
size_t lssl_keptrecords (BIO *bio);

#endif
