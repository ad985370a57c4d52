/*
** ticketkeys.h - the keys that a server encrypts its session tickets with.
** SPDX-License-Identifier: MIT
**
** The context that a set of keys was made for and each connection of that context
** hold a reference, of one Lua state only. A set of keys that the program gave is
** never changed; a ring (ring.h) changes its own with the time.
*/
#ifndef lssl_context_ticketkeys_h
#define lssl_context_ticketkeys_h

#include <openssl/ssl.h>

#include "base/common.h"

#define LSSL_TICKETKEY	80	/* bytes: 16 name, 32 AES-256, 32 HMAC-SHA256 */
#define LSSL_KEYNAME	16	/* the first of them, which a ticket begins with */

typedef struct TicketKeys {
  size_t references;
  size_t count;
  size_t present;		/* the one that encrypts; all decrypt */
  unsigned char (*keys)[LSSL_TICKETKEY];
  unsigned char clocked;	/* a function of the program tells the time */
  /* makes 'keys' those of the present; NULL: they are always right */
  void (*refresh) (struct TicketKeys *keys);
  void (*release) (struct TicketKeys *keys);  /* wipes all, and frees it */
} TicketKeys;

/* A new set of 'count' keys, all zero, with one reference; NULL: no memory. */
TicketKeys *lssl_newticketkeys (size_t count);

/* Drops a reference; the last one wipes the keys. NULL is fine. */
void lssl_dropticketkeys (TicketKeys *keys);

/* Has 'ctx' use the keys of each SSL, or OpenSSL's own ones again. */
int lssl_enableticketkeys (SSL_CTX *ctx, int enable);

/* Gives 'ssl' a reference to 'keys' (may be NULL), and takes it away. */
int lssl_giveticketkeys (SSL *ssl, TicketKeys *keys);
void lssl_taketicketkeys (SSL *ssl);

#endif
