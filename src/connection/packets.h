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

#endif
