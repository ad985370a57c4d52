/*
** plaintext.h - what is left of a record when a small read has taken its part.
** Knows nothing of Lua.
** SPDX-License-Identifier: MIT
**
** A program that reads in small pieces pays OpenSSL's price for a read only
** once in a record: the rest is kept here, a copy away. Memory is in use only
** while something waits.
*/
#ifndef lssl_connection_plaintext_h
#define lssl_connection_plaintext_h

#include <openssl/ssl.h>

/* all zero: nothing waits */
typedef struct Plaintext {
  unsigned char *data;		/* ours; NULL: nothing waits */
  size_t start, end;		/* what waits is data[start..end-1] */
} Plaintext;

/* Takes what waits decrypted in 'ssl'. Without memory it stays there. */
void lssl_keeptext (Plaintext *p, SSL *ssl);

/* Has the 'size' bytes at 'data', which it takes over, wait; nothing did. */
void lssl_settext (Plaintext *p, unsigned char *data, size_t size);

/* The number of bytes that wait; the first is data[start]. */
size_t lssl_textsize (const Plaintext *p);

/* Forgets the first 'size' bytes of those that wait. */
void lssl_droptext (Plaintext *p, size_t size);

/* Up to 'size' bytes, copied to 'data'; their number. */
size_t lssl_showtext (const Plaintext *p, void *data, size_t size);

/* The same, and forgotten. */
size_t lssl_taketext (Plaintext *p, void *data, size_t size);

#endif
