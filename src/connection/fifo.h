/*
** fifo.h - a queue of bytes as an OpenSSL BIO: what is written at its end is
** read from its start. Knows nothing of Lua.
** SPDX-License-Identifier: MIT
**
** The BIO owns the bytes and frees them with its last reference. Its pointers
** are for the thread that uses it; nothing here raises or waits.
*/
#ifndef lssl_connection_fifo_h
#define lssl_connection_fifo_h

#include <stddef.h>

#include <openssl/bio.h>

typedef struct Fifo {
  unsigned char *data;
  size_t start, end;		/* what waits is data[start..end-1] */
  size_t size;			/* allocated */
  size_t dropped;		/* bytes ever taken, to notice who else did */
  int eof;			/* no more will be written */
} Fifo;

/* A new empty queue, or NULL: no memory. */
BIO *lssl_newfifo (void);

/* The queue of such a BIO; valid as long as the BIO. */
Fifo *lssl_tofifo (BIO *bio);

/* Appends; 0 if there is no memory. */
int lssl_fifowrite (Fifo *f, const void *data, size_t size);

/* Takes 'n' bytes, of which there must be so many, from the start. */
void lssl_fifodrop (Fifo *f, size_t n);

#endif
