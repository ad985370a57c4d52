/*
** pkcs12.c - the certificate and key that an SSLContext shows, from PKCS#12.
** SPDX-License-Identifier: MIT
**
** Data that need OpenSSL's legacy provider are decoded in a library context of
** their own, which ends before the call does: nothing else in the process gets
** the old algorithms. Then the key and the certificates move to the default
** library context.
*/
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/password.h"
#include "context/context.h"
#include "context/compression.h"
#include "context/pkcs12.h"

/* the longest password that OpenSSL asks for */
#define MAXPASSWORD	1024

/* What comes out of the data, all of it in one box: the order matters. */
typedef struct Parts {
  PKCS12 *p12;
  EVP_PKEY *key;
  X509 *cert;
  STACK_OF(X509) *chain;
  OSSL_LIB_CTX *library;	/* theirs; NULL: the default one */
  OSSL_PROVIDER *standard, *legacy;	/* loaded in it */
} Parts;

static void freeparts (void *p) {
  Parts *parts = (Parts *)p;
  lssl_freecertificates(parts->chain);
  X509_free(parts->cert);
  EVP_PKEY_free(parts->key);
  PKCS12_free(parts->p12);
  if (parts->standard != NULL)
    OSSL_PROVIDER_unload(parts->standard);
  if (parts->legacy != NULL)
    OSSL_PROVIDER_unload(parts->legacy);
  OSSL_LIB_CTX_free(parts->library);
  OPENSSL_free(parts);
}

/* pushes the box of new Parts */
static Parts *newparts (lua_State *L) {
  void **box = lssl_newbox(L, freeparts);
  lssl_clearerrors();
  *box = OPENSSL_zalloc(sizeof(Parts));
  if (*box == NULL)
    lssl_raisememory(L);
  return (Parts *)*box;
}

/*
** {======================================================
** The legacy provider
** =======================================================
*/

static void loadlegacy (lua_State *L, Parts *parts) {
  parts->library = OSSL_LIB_CTX_new();
  if (parts->library != NULL)
    parts->standard = OSSL_PROVIDER_load(parts->library, "default");
  if (parts->standard == NULL)
    lssl_raisequeue(L, NULL);
  parts->legacy = OSSL_PROVIDER_load(parts->library, "legacy");
  if (parts->legacy == NULL && lssl_outofmemory())
    lssl_raisememory(L);
  if (parts->legacy == NULL) {
    lssl_clearerrors();
    lssl_notimplemented(L, "OpenSSL's legacy provider is not installed beside "
                        "OpenSSL %s", OpenSSL_version(OPENSSL_VERSION_STRING));
  }
}

/* puts into '*key' the same key in the default library context; 0: failed */
static int movekey (EVP_PKEY **key) {
  PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(*key);
  EVP_PKEY *own = info ? EVP_PKCS82PKEY(info) : NULL;
  PKCS8_PRIV_KEY_INFO_free(info);  /* wipes it */
  EVP_PKEY_free(*key);
  *key = own;
  return own != NULL;
}

static int movecertificate (X509 **cert) {
  unsigned char *der = NULL;
  int size = i2d_X509(*cert, &der);
  const unsigned char *next = der;
  X509 *own = size > 0 ? d2i_X509(NULL, &next, size) : NULL;
  OPENSSL_free(der);
  X509_free(*cert);
  *cert = own;
  return own != NULL;
}

/* the same for all that there is in the parts; 0 with a reason in the queue */
static int moveparts (Parts *parts) {
  int i;
  if ((parts->key != NULL && !movekey(&parts->key)) ||
      (parts->cert != NULL && !movecertificate(&parts->cert)))
    return 0;
  for (i = 0; i < sk_X509_num(parts->chain); i++) {
    X509 *cert = sk_X509_value(parts->chain, i);
    int ok = movecertificate(&cert);
    (void)sk_X509_set(parts->chain, i, cert);
    if (!ok)
      return 0;
  }
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Decoding
** =======================================================
*/

/*
** Puts key, certificate and chain into the parts. With a password, PKCS12_parse
** of OpenSSL 3.0 refuses data without a MAC, which the command reads. So they
** get one here. The password has to decrypt them all the same.
*/
static int parse (Parts *parts, const char *text, int size, int hasmac) {
  if (!hasmac &&
      !PKCS12_set_mac(parts->p12, text, size, NULL, 0, 1, EVP_sha256()))
    return 0;
  return PKCS12_parse(parts->p12, text, &parts->key, &parts->cert,
                      &parts->chain);
}

/*
** The same in the library context of the parts. It is this thread's default
** for as long as the parsing takes, and nothing else runs meanwhile: OpenSSL 3.0
** does not pass a library context on to all that takes part.
*/
static int parsein (Parts *parts, const char *text, int size, int hasmac) {
  OSSL_LIB_CTX *before;
  int ok;
  if (parts->library == NULL)
    return parse(parts, text, size, hasmac);
  before = OSSL_LIB_CTX_set0_default(parts->library);
  ok = before != NULL && parse(parts, text, size, hasmac);
  OSSL_LIB_CTX_set0_default(before);
  return ok;
}

/*
** Parses with the password, which is nowhere once this is done. OpenSSL reads
** it up to a NUL: -1 if there is one.
*/
static int unlock (Parts *parts, Password *password, int hasmac) {
  char text[MAXPASSWORD + 1];
  int size = lssl_askpassword(text, MAXPASSWORD, 0, password);
  int ok;
  text[size] = '\0';
  if (strlen(text) != (size_t)size)
    ok = -1;
  else
    ok = !password->failed && parsein(parts, text, size, hasmac);
  OPENSSL_cleanse(text, sizeof text);
  return ok;
}

/*
** Without a MAC, somebody may have changed the key unseen. The signatures of an
** RSA key with wrong numbers give its secret away. 0 if the key is not sound.
*/
static int issound (EVP_PKEY *key) {
  EVP_PKEY_CTX *check = EVP_PKEY_CTX_new(key, NULL);
  int ok = check != NULL && EVP_PKEY_check(check) == 1;
  EVP_PKEY_CTX_free(check);
  return ok;
}

/* }====================================================== */


/*
** {======================================================
** What went wrong, and what to do
** =======================================================
*/

/* raises for data that are no PKCS#12 at all */
static int faildata (lua_State *L, const unsigned char *data, size_t size) {
  static const char pem[] = "-----BEGIN";
  Trouble t;
  lssl_taketrouble(&t);
  if (size >= sizeof pem - 1 && memcmp(data, pem, sizeof pem - 1) == 0)
    return lssl_raisetrouble(L, &t, NULL, "data is PEM, not PKCS#12: "
                             "load_cert_chain takes it as certdata");
  return lssl_raisetrouble(L, &t, NULL, lua_pushfstring(L, "data is not "
           "PKCS#12, or damaged%s%s", t.detail[0] ? ": " : "", t.detail));
}

/* raises for data that the password does not open */
static int faillocked (lua_State *L, const Password *password, int legacy) {
  static const char convert[] = ". Give legacy = true to use the legacy "
    "provider for this call alone, or convert the file: openssl pkcs12 -legacy "
    "-in old.p12 -out both.pem; openssl pkcs12 -export -in both.pem -out "
    "new.p12";
  Trouble t;
  const char *advice = NULL;
  lssl_taketrouble(&t);
  if (t.ailment == AILMENT_KIND)
    advice = lua_pushfstring(L, "%s: this OpenSSL does not know the kind of "
                             "the private key in data", lssl_cause(&t));
  else if (t.ailment == AILMENT_ALGORITHM)
    advice = lua_pushfstring(L, "%s%sOpenSSL's default%s provider cannot "
      "decrypt data%s", t.detail, t.detail[0] ? ": " : "",
      legacy ? " or legacy" : "", legacy ? "" : convert);
  else if (password->missed)
    advice = "data has a password: give it";
  else if (ERR_GET_LIB(t.code) == ERR_LIB_PKCS12)
    advice = "wrong password, or damaged data";
  return lssl_raisetrouble(L, &t, NULL, advice);
}

/* }====================================================== */


/* fills the parts from the argument at index 2 */
static void decode (lua_State *L, Parts *parts, Password *password) {
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, 2, &size, ":load_pkcs12");
  const unsigned char *next = data;
  int hasmac, ok;
  long length = lssl_toint(L, size);
  lssl_clearerrors();
  parts->p12 = d2i_PKCS12(NULL, &next, length);
  if (parts->p12 == NULL)
    faildata(L, data, size);
  hasmac = PKCS12_mac_present(parts->p12);
  ok = unlock(parts, password, hasmac);
  lssl_checkpassword(password);
  if (ok < 0)
    lssl_valueerror(L, "embedded null byte");
  if (!ok || (parts->library != NULL && !moveparts(parts)))
    faillocked(L, password, parts->library != NULL);
  lssl_clearerrors();
  if (parts->key == NULL || parts->cert == NULL)
    lssl_sslerror(L, -1, "no certificate with its key in data");
  if (!hasmac && !issound(parts->key)) {
    if (lssl_outofmemory())
      lssl_raisememory(L);
    lssl_clearerrors();
    lssl_sslerror(L, -1, "data has no MAC, and its private key is damaged");
  }
}

/*@ SSLContext:load_pkcs12(data [, password [, legacy]])
** Loads a certificate, its private key and its chain from PKCS#12 (`.p12`, `.pfx`). If
** it raises an error, the context stays as it was.
** - `data` (string or bytearray): the contents of such a file.
** - `password` (string, bytearray or function): see `load_cert_chain`; without NUL.
** - `legacy` (boolean): whether OpenSSL's legacy provider may decrypt `data`; false by
**   default. Files from before 2022 or so are often encrypted by RC2 with keys of 40
**   bits, which no one should rely on. The provider serves this call alone: nothing
**   else in the program gets its algorithms.
** Returns nothing. Raises `SSLError` if the data or the password is not right, the
** certificate or its key is missing, or OpenSSL does not have an algorithm. Raises
** `NotImplementedError` if `legacy` is true and the provider is not installed.
**
** Most files have a MAC. The MAC shows whether the password is right and the contents
** are intact. A file without a MAC is accepted if its private key passes OpenSSL's
** check of keys. You can then trust its contents as much as the place that they come
** from, as with a PEM file.
** OpenSSL: `PKCS12_parse`, `EVP_PKEY_check`, `OSSL_LIB_CTX_new`,
** `OSSL_PROVIDER_load`; RFC 7292. Since: an addition.
**
** Type: named fun(data: string|bytearray, password?: Password, legacy?: boolean)
**
**     server_ctx:load_pkcs12(pkcs12, keypassword)        -- the contents of a .p12 file
*/
static int context_loadpkcs12 (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  Password password;
  Parts *parts;
  lssl_arguments(L, ":load_pkcs12", "data password legacy");
  lssl_newpassword(L, &password, 3, ":load_pkcs12");
  parts = newparts(L);
  if (lua_toboolean(L, 4))
    loadlegacy(L, parts);
  decode(L, parts, &password);
  if (SSL_CTX_use_cert_and_key(c->ctx, parts->cert, parts->key, parts->chain,
                               1) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_forgetcompressed(c);
  lssl_emptybox(L, -1);  /* the key, too, and the provider */
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
