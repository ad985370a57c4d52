/*
** packets.h - a connected socket of datagrams as an OpenSSL BIO: each write sends
** one datagram, each read receives one. Knows nothing of Lua.
** SPDX-License-Identifier: MIT
**
** Never waits, and does not own the descriptor.
*/
#ifndef lssl_connection_packets_h
#define lssl_connection_packets_h

#include <openssl/bio.h>

#include "base/platform.h"

/* A new BIO over 'fd', or NULL: no memory. */
BIO *lssl_newpackets (Socket fd);

/*
** The errno of its last call, 0 if that succeeded or has to wait. OpenSSL is told in
** each case that it has to wait: since 4.0 a failure would be the connection's end,
** and what the network says of one datagram need not hold for the next.
*/
int lssl_packeterror (BIO *bio);

#endif
