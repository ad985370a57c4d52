/*
** namerules.h - the rules of the Web PKI on names: subjectAltName, the common
** name, and name constraints.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_namerules_h
#define lssl_x509_namerules_h

#include "x509/rule.h"

/* each tells whether the certificate keeps its rule */
int lssl_hasaltnames (const ChainLink *link);
int lssl_hasgoodnames (const ChainLink *link);
int lssl_hasrepeatedcommonname (const ChainLink *link);
int lssl_hasnoconstraints (const ChainLink *link);
int lssl_hasfullconstraints (const ChainLink *link);
int lssl_hasgoodconstraints (const ChainLink *link);
int lssl_hasallowedwildcards (const ChainLink *link);

#endif
