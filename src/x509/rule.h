/*
** rule.h - what a rule is that certificates have to keep beyond those of
** OpenSSL, and what it is told of them.
** SPDX-License-Identifier: MIT
**
** Rules run inside OpenSSL's check of a chain: none raises, or allocates Lua's
** memory.
*/
#ifndef lssl_x509_rule_h
#define lssl_x509_rule_h

#include <openssl/x509.h>

#include "base/common.h"

/* where a certificate stands in its chain, as a set */
#define LSSL_LEAF	1	/* the peer's own */
#define LSSL_MIDDLE	2	/* between the peer's and the trusted one */
#define LSSL_ANCHOR	4	/* trusted, and issued by another */
#define LSSL_ROOT	8	/* trusted, and issued by itself */
#define LSSL_ISSUERS	(LSSL_MIDDLE | LSSL_ANCHOR | LSSL_ROOT)
#define LSSL_ALL	(LSSL_LEAF | LSSL_ISSUERS)

/* One certificate in its place. */
typedef struct ChainLink {
  X509 *cert;
  STACK_OF(X509) *chain;	/* the peer's own first, the trusted one last */
  int depth;			/* of 'cert' in it */
  int place;			/* LSSL_LEAF, ... */
} ChainLink;

typedef struct Rule {
  const char *name;		/* for programs */
  int places;			/* which certificates have to keep it */
  const char *section;		/* of the document that asks for it */
  const char *text;		/* what one that breaks it does, for people */
  int (*holds) (const ChainLink *link);
} Rule;

#endif
