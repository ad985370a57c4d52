/*
** pkcs12.c - the certificate and key that an SSLContext shows, from PKCS#12.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pkcs12.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/certificate.h"
#include "x509/password.h"
#include "context/context.h"
#include "context/pkcs12.h"

/* the longest password that OpenSSL asks for */
#define MAXPASSWORD	1024

/* the parts of a parsed PKCS#12, each in its box */
typedef struct Bag {
  void **key, **cert, **chain;
} Bag;

/*
** Parses with the password, which is nowhere once this is done. OpenSSL reads
** it up to a NUL: -1 if there is one.
*/
static int parse (PKCS12 *p12, Password *password, Bag *bag) {
  char text[MAXPASSWORD + 1];
  EVP_PKEY *key = NULL;
  X509 *cert = NULL;
  STACK_OF(X509) *chain = NULL;
  int size = lssl_askpassword(text, MAXPASSWORD, 0, password);
  int ok;
  text[size] = '\0';
  if (strlen(text) != (size_t)size)
    ok = -1;
  else
    ok = !password->failed && PKCS12_parse(p12, text, &key, &cert, &chain);
  OPENSSL_cleanse(text, sizeof text);
  *bag->key = key;
  *bag->cert = cert;
  *bag->chain = chain;
  return ok;
}

/*@ SSLContext:load_pkcs12(data [, password])
** Loads the certificate, its private key and its chain from PKCS#12 (`.p12`,
** `.pfx`). If it raises, the context is as before.
** - `data` (string or bytearray): the contents of such a file.
** - `password` (string, bytearray or function): see `load_cert_chain`; without
**   NUL.
** Returns nothing. Raises `SSLError` if the data or the password is not right,
** or the certificate or its key is not there. Old files want an algorithm that
** OpenSSL 3 has in its legacy provider only.
** OpenSSL: `PKCS12_parse`; RFC 7292. Since: an addition.
**
**     local ok, err = pcall(server_ctx.load_pkcs12, server_ctx, "no such thing")
**     assert(not ok and ssl.isinstance(err, ssl.SSLError))
*/
static int context_loadpkcs12 (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  Password password;
  const unsigned char *data;
  size_t size;
  void **p12;
  Bag bag;
  int ok;
  lssl_arguments(L, ":load_pkcs12", "data password");
  data = lssl_checkbytes(L, 2, &size, ":load_pkcs12");
  lssl_newpassword(L, &password, 3, ":load_pkcs12");
  p12 = lssl_newbox(L, lssl_freepkcs12);
  bag.key = lssl_newbox(L, lssl_freekey);
  bag.cert = lssl_newbox(L, lssl_freecertificate);
  bag.chain = lssl_newbox(L, lssl_freecertificates);
  lssl_clearerrors();
  *p12 = d2i_PKCS12(NULL, &data, lssl_toint(L, size));
  ok = *p12 ? parse((PKCS12 *)*p12, &password, &bag) : 0;
  lssl_checkpassword(&password);
  if (ok < 0)
    return lssl_valueerror(L, "embedded null byte");
  if (!ok)
    return lssl_raisequeue(L, NULL);
  if (*bag.key == NULL || *bag.cert == NULL)
    return lssl_sslerror(L, -1, "no certificate with its key in this data");
  lssl_clearerrors();
  if (SSL_CTX_use_cert_and_key(c->ctx, (X509 *)*bag.cert,
          (EVP_PKEY *)*bag.key, (STACK_OF(X509) *)*bag.chain, 1) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 0;
}

static const luaL_Reg methods[] = {
  {"load_pkcs12", context_loadpkcs12},
  {NULL, NULL}
};

void lssl_openpkcs12 (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
