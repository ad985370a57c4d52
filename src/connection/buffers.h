/*
** buffers.h - OpenSSL's buffers of a connection: when it keeps them. Knows nothing of
** Lua.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_buffers_h
#define lssl_connection_buffers_h

#include <openssl/ssl.h>

typedef struct Buffers {
  unsigned char fresh;		/* there may be those of the handshake */
  unsigned char releases;	/* the context has SSL_MODE_RELEASE_BUFFERS */
  unsigned char differ;		/* a handshake has others than what follows it */
  unsigned char ahead;		/* it reads ahead, by a BIO of transport.h */
} Buffers;

/* For a new SSL; 'ahead': over a socket. */
void lssl_newbuffers (Buffers *b, SSL *ssl, int ahead);

/* For an SSL that was another's until now, in whatever state. */
void lssl_adoptbuffers (Buffers *b);

/* The handshake begins or goes on: the buffers are kept until it is over. */
void lssl_keepbuffers (Buffers *b, SSL *ssl);

/* The handshake is over: from now on a buffer is freed when it is empty. */
void lssl_endbuffers (Buffers *b, SSL *ssl);

/*
** Where they are fresh: a read has to wait. Frees what the handshake has left,
** unless a part of a record has come.
*/
void lssl_waitbuffers (const Buffers *b, SSL *ssl);

/* Where they are fresh: a read has brought data. */
void lssl_readbuffers (Buffers *b, SSL *ssl);

#endif
