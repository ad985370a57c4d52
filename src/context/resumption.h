/*
** resumption.h - which sessions a client offers, and a server lets clients
** resume. Knows nothing of Lua; nothing here raises.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_resumption_h
#define lssl_context_resumption_h

#include <openssl/ssl.h>

/*
** Binds the sessions of the server's 'ssl' to how it verifies its clients, for
** which that has to be settled. Returns 0 if OpenSSL refuses.
*/
int lssl_bindsessions (SSL *ssl);

/*
** Whether the sessions of a context's servers are bound to the name of the host
** that the client asks for, too.
*/
void lssl_bindnames (SSL_CTX *ctx, int bind);

/* Binds those of 'ssl' to that name now, in the middle of its client's hello. */
int lssl_bindname (SSL *ssl);

/*
** Lets the client's 'ssl', whose verification has to be settled, offer the
** session, of which it takes a reference; unless the server it came from would
** not pass that verification. Returns 0 if OpenSSL refuses.
*/
int lssl_offersession (SSL *ssl, SSL_SESSION *session);

#endif
