/*
** webpki.h - the rules of the Web PKI: those that browsers hold the
** certificates of servers to.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_webpki_h
#define lssl_x509_webpki_h

#include "x509/rule.h"

/* ends with a name of NULL */
extern const Rule lssl_webpki[];

#endif
