/*
** certificate.h - certificates as Lua values, and certificates and keys read
** from memory.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_certificate_h
#define lssl_x509_certificate_h

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/common.h"

/*
** Pushes 'cert' as getpeercert's table, and as a string of DER. The caller
** keeps its reference, and has it in a box or object: both may raise.
*/
void lssl_pushcertificate (lua_State *L, X509 *cert);
void lssl_pushder (lua_State *L, X509 *cert);

/*
** Pushes a public key as SubjectPublicKeyInfo in DER: a certificate's, byte for
** byte, and one that came without. The same holds for the references.
*/
void lssl_pushkey (lua_State *L, const X509_PUBKEY *key);
void lssl_pushrawkey (lua_State *L, EVP_PKEY *key);

/* ssl.decode_certificate */
int lssl_decode_certificate (lua_State *L);

/* Do these bytes begin as DER does (a SEQUENCE), so that they are no PEM? */
int lssl_isder (const unsigned char *data, size_t size);

/*
** Where certificates or a key are read from; zero what is not needed. The
** bytes stay the caller's. Without 'password', an encrypted key is refused:
** OpenSSL never asks at the terminal.
*/
typedef struct Source {
  const unsigned char *data;
  size_t size;
  int der;			/* DER, one after the other; else PEM */
  int trusted;			/* takes BEGIN TRUSTED CERTIFICATE as well */
  pem_password_cb *password;
  void *userdata;		/* for 'password' */
} Source;

/*
** The password callback that gives none. Wherever OpenSSL takes such a
** callback, NULL would let it ask at the terminal.
*/
int lssl_nopassword (char *buffer, int size, int writing, void *userdata);

/* How the reading of certificates ended; all but OK leave a reason in the
   error queue for lssl_raisereading, or need none. */
typedef enum Reading {
  READ_OK,			/* to the end of the bytes, one at least */
  READ_EMPTY,			/* no bytes */
  READ_TOOLONG,			/* more bytes than OpenSSL counts */
  READ_NONE,			/* no certificate at the beginning */
  READ_FAILED			/* no certificate later, or 'take' refused */
} Reading;

/*
** Gives each certificate to 'take', which returns 0 to refuse it (having left
** its reason in the error queue) and 1 to go on. The reference is not the
** taker's: it adds its own to keep it. Neither raises.
*/
typedef int (*TakeCertificate) (X509 *cert, void *taker);
Reading lssl_readcertificates (const Source *source, TakeCertificate take,
                               void *taker);

/*
** The private key (PEM, or DER of any of its forms), which becomes the
** caller's; NULL with a reason in the error queue. Never raises.
*/
EVP_PKEY *lssl_readkey (const Source *source);

/*
** Raises what 'reading' (not READ_OK) means, as CPython says it of 'cadata';
** 'what' is the argument's name. Empties the error queue.
*/
int lssl_raisereading (lua_State *L, Reading reading, int der,
                       const char *what);

/* X509_free and EVP_PKEY_free for lssl_newbox */
void lssl_freecertificate (void *cert);
void lssl_freekey (void *key);

#endif
