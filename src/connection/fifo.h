/*
** fifo.h - a queue of bytes, or of datagrams, as an OpenSSL BIO: what is written at
** its end is read from its start. Knows nothing of Lua.
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
  size_t borders;		/* datagrams that wait, each behind its size */
  unsigned char datagrams;	/* keeps the borders of what is written */
  unsigned char eof;		/* no more will be written */
} Fifo;

/* A new empty queue, of bytes or of datagrams, or NULL: no memory. */
BIO *lssl_newfifo (int datagrams);

/* The queue of such a BIO; valid as long as the BIO. */
Fifo *lssl_tofifo (BIO *bio);

/* Appends bytes, or a datagram unless it is empty; 0 if there is no memory. */
int lssl_fifowrite (Fifo *f, const void *data, size_t size);

/* How many bytes wait, in all. */
size_t lssl_fifopending (const Fifo *f);

/* What is next: all the bytes, or the first datagram; '*size' is 0 if nothing is. */
const unsigned char *lssl_fifonext (const Fifo *f, size_t *size);

/*
** Takes 'n' bytes, of which there must be so many, from the start; of datagrams the
** whole first one.
*/
void lssl_fifodrop (Fifo *f, size_t n);

#endif
