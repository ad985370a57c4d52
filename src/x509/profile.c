/*
** profile.c - the profiles there are, and the walk along a chain.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/x509v3.h>

#include "base/outcome.h"
#include "x509/profile.h"
#include "x509/webpki.h"

static const Profile profiles[] = {
  {"webpki", lssl_webpki},
  {NULL, NULL}
};

const Profile *lssl_findprofile (const char *name) {
  const Profile *p;
  for (p = profiles; p->name != NULL; p++) {
    if (strcmp(p->name, name) == 0)
      return p;
  }
  return NULL;
}

/* a certificate that is trusted by itself keeps the rules of a leaf */
static int place (X509 *cert, int depth, int last) {
  if (depth == 0)
    return LSSL_LEAF;
  if (depth < last)
    return LSSL_MIDDLE;
  return (X509_get_extension_flags(cert) & EXFLAG_SI) ? LSSL_ROOT
                                                      : LSSL_ANCHOR;
}

int lssl_nextviolation (const Profile *profile, STACK_OF(X509) *chain,
                        Violation *v) {
  int last = sk_X509_num(chain) - 1;
  const Rule *rule = v->rule ? v->rule + 1 : profile->rules;
  ChainLink link;
  link.chain = chain;
  for (link.depth = v->depth; link.depth <= last; link.depth++) {
    link.cert = sk_X509_value(chain, link.depth);
    link.place = place(link.cert, link.depth, last);
    for (; rule->name != NULL; rule++) {
      lssl_clearerrors();
      if ((rule->places & link.place) && !rule->holds(&link)) {
        v->rule = rule;
        v->depth = link.depth;
        return 1;
      }
    }
    rule = profile->rules;
  }
  lssl_clearerrors();
  return 0;
}
