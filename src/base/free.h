/*
** free.h - what frees the things of OpenSSL's that several files put in boxes
** (lssl_newbox). Each takes NULL, too.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_free_h
#define lssl_base_free_h

void lssl_freebio (void *bio);
void lssl_freebytes (void *bytes);	/* OPENSSL_free */
void lssl_freecertificates (void *list);	/* and the list */
void lssl_freeciphers (void *list);	/* the list alone */
void lssl_freecontext (void *ctx);
void lssl_freepkcs12 (void *p12);

#endif
