/*
** verdict.h - what a failed check has to say: which certificate, which rule,
** and which section of which document has the rule.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_verdict_h
#define lssl_x509_verdict_h

#include "base/outcome.h"
#include "x509/profile.h"

/*
** Fills 'v', whose code is set, for 'cert' at 'depth' (it may be NULL). 'broken'
** is a profile's rule, or NULL where OpenSSL refused. Pushes the strings that
** 'v' then points to. May raise.
*/
void lssl_fillverdict (lua_State *L, Verdict *v, X509 *cert, int depth,
                       const Rule *broken);

/*
** The same, but what 'v' has to say begins with the certificate wherever OpenSSL
** refused too; CPython's messages do not.
*/
void lssl_fillwholeverdict (lua_State *L, Verdict *v, X509 *cert, int depth,
                            const Rule *broken);

/* Sets the field 'certificate' of the error on the top, unless NULL. */
void lssl_setrefused (lua_State *L, X509 *cert);

#endif
