/*
** profile.h - certificate profiles: rules that a verified chain has to keep
** beyond OpenSSL's own.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_profile_h
#define lssl_x509_profile_h

#include "x509/rule.h"

typedef struct Profile {
  const char *name;
  const Rule *rules;		/* ends with a name of NULL */
} Profile;

/* The profile of that name, or NULL. */
const Profile *lssl_findprofile (const char *name);

/*
** Where the search for broken rules is: zero before it begins. 'rule' is the
** one that the certificate at 'depth' breaks.
*/
typedef struct Violation {
  const Rule *rule;
  int depth;
} Violation;

/*
** Finds the next broken rule in 'chain', from the peer's certificate upwards;
** returns 0 if there is none. A want of memory looks like a broken rule, and
** leaves its reason in the error queue (lssl_outofmemory), which is otherwise
** left empty.
*/
int lssl_nextviolation (const Profile *profile, STACK_OF(X509) *chain,
                        Violation *v);

#endif
