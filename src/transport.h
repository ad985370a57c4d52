/*
** transport.h - a connected socket as an OpenSSL BIO. Knows nothing of Lua.
** SPDX-License-Identifier: MIT
**
** Never raises SIGPIPE, never waits (the descriptor must be non-blocking), and
** does not own the descriptor. While corked it gathers what OpenSSL writes, so
** that the records of one long string leave in one system call.
*/
#ifndef lssl_transport_h
#define lssl_transport_h

#include <openssl/bio.h>

/* A new BIO over 'fd', or NULL: no memory. */
BIO *lssl_newtransport (int fd);

/* From now on, keep what is written. */
void lssl_cork (BIO *bio);

/*
** Sends what was kept: 1 when all is sent, 0 if the socket takes no more now
** (call it again when it is writable), -1 if it failed (errno says why).
*/
int lssl_uncork (BIO *bio);

#endif
