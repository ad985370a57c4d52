/*
** free.c - what frees the things of OpenSSL's that several files put in boxes.
** SPDX-License-Identifier: MIT
*/
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#include "base/free.h"

void lssl_freebio (void *bio) {
  BIO_free((BIO *)bio);
}

void lssl_freebytes (void *bytes) {
  OPENSSL_free(bytes);
}

void lssl_freecertificates (void *list) {
  sk_X509_pop_free((STACK_OF(X509) *)list, X509_free);
}

void lssl_freeciphers (void *list) {
  sk_SSL_CIPHER_free((STACK_OF(SSL_CIPHER) *)list);
}

void lssl_freecontext (void *ctx) {
  SSL_CTX_free((SSL_CTX *)ctx);
}

void lssl_freepkcs12 (void *p12) {
  PKCS12_free((PKCS12 *)p12);
}
