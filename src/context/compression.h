/*
** compression.h - how an SSLContext's certificates are compressed.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_compression_h
#define lssl_context_compression_h

#include "context/context.h"

/* Adds its attribute to SSLContext. */
void lssl_opencompression (lua_State *L);

/*
** Compresses the certificates of a server's context, if it was told how, and they are
** not yet: before an SSL takes them over. If that fails, lssl_holdcompressed has that
** SSL send them as they are. None of these raises.
*/
void lssl_compresscerts (Context *c);
void lssl_holdcompressed (const Context *c, SSL *ssl);

/* Compresses the one that its connection 'ssl' alone has got, or has it sent as it is. */
void lssl_compressown (const Context *c, SSL *ssl);

/* The context has got another certificate. */
void lssl_forgetcompressed (Context *c);

#endif
