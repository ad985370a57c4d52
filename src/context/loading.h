/*
** loading.h - a certificate and a key on their way into a context or connection,
** and what is said of them when they cannot be loaded.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_loading_h
#define lssl_context_loading_h

#include "base/outcome.h"
#include "x509/certificate.h"
#include "x509/password.h"

/*
** Where the parts come from, and where they are gathered. The certificates
** come from 'certfile' or 'cert'; the key from 'keyfile', 'uri' or 'key'.
*/
typedef struct Loading {
  const char *certfile, *keyfile, *uri;
  Source cert, key;
  const char *certname, *keyname;	/* as messages name the two places */
  Password password;
  SSL_CTX *scratch;		/* in a box */
} Loading;

/* Pushes "'path'"; without a path it is the argument 'name'. May raise. */
const char *lssl_pushplace (lua_State *L, const char *path, const char *name);

/* Pushes the URI without the PIN that may be in it (RFC 7512, 2.4). May raise. */
const char *lssl_pushuri (lua_State *L, const char *uri);

/*
** Raise what is wrong with the certificate, or the key, and what to do; from
** OpenSSL's queue, or for what was taken from it. 'filename' may be NULL.
*/
int lssl_failcert (lua_State *L, Loading *l);
int lssl_failkey (lua_State *L, Loading *l, const char *filename);
int lssl_raisekey (lua_State *L, Loading *l, const Trouble *t,
                   const char *filename);

#endif
