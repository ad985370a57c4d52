/*
** ticketkeys.h - the keys that a server encrypts its session tickets with.
** SPDX-License-Identifier: MIT
**
** A set of keys is never changed; the context that it was made for and each
** connection of that context hold a reference, of one Lua state only.
*/
#ifndef lssl_context_ticketkeys_h
#define lssl_context_ticketkeys_h

#include <openssl/ssl.h>

#include "base/common.h"

#define LSSL_TICKETKEY	80	/* bytes: 16 name, 32 AES-256, 32 HMAC-SHA256 */

typedef struct TicketKeys {
  size_t references;
  size_t count;			/* the first one encrypts, all decrypt */
  unsigned char keys[][LSSL_TICKETKEY];
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
