/*
** stored.h - sessions that a server keeps in a store of the program's, by their ID:
** those of TLS 1.2, and those of TLS 1.3 where it sends no tickets that need none.
** SPDX-License-Identifier: MIT
**
** OpenSSL asks for a session in the middle of the handshake, and waits for nobody.
** So the store is asked before, as a part of the question that the ClientHello is
** (questions.h), and what it has is kept in the Caller. OpenSSL gives new sessions
** away in a callback, which does not yield either.
*/
#ifndef lssl_context_stored_h
#define lssl_context_stored_h

#include "context/context.h"
#include "base/callback.h"

/* a context's LSSL_UVSTORE, and a Caller's LSSL_UVKEPTSTORE: an array of these */
enum {
  LSSL_STOREGET = 1,
  LSSL_STOREPUT,
  LSSL_STOREREMOVE,
  LSSL_STORERING,		/* the TicketRing that seals, or false */
  LSSL_STOREGIVEN		/* the program's own table */
};

/* Whether the servers of the context have a store. */
void lssl_usestore (SSL_CTX *ctx, int use);

/*
** Keeps the store of the context at 'context' for the connection at 'self', whose
** 'who' is a server. Raises nothing.
*/
void lssl_keepstore (lua_State *L, Caller *who, int self, int context);

/*
** The ID of the session that the client of 'ssl', whose ClientHello is at hand,
** would like to resume from a store; 0 if there is none.
*/
int lssl_offeredid (SSL *ssl, const unsigned char **id, size_t *size);

/* Has the store of 'who' yet to be asked for such a session? */
int lssl_wantsstored (const Caller *who, SSL *ssl);

/*
** Takes what the store said, on the top: bytes; "" for nothing, false for a
** failure; nil if it was not asked. Value 1 is the object. Raises nothing.
*/
void lssl_takestored (lua_State *L, Caller *who, SSL *ssl);

/* Has the store of the object at 1 forget the session of 'ssl', which has failed. */
void lssl_removestored (lua_State *L, const Caller *who, SSL *ssl);

/* Frees what the store gave. */
void lssl_dropstored (Caller *who);

#endif
