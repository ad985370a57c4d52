/*
** identity.c - the certificate and private key that an SSLContext shows: from
** files, strings, PKCS#12 or a key store.
** SPDX-License-Identifier: MIT
**
** All is read into an SSL_CTX of its own and moved to the context only when
** the parts fit together, so that a failure leaves the context as it was.
*/
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pkcs12.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/certificate.h"
#include "x509/password.h"
#include "context/context.h"
#include "context/identity.h"

/* the longest password that OpenSSL asks for */
#define MAXPASSWORD	1024

/*
** Where the parts come from, and where they are gathered. The certificates
** come from 'certfile' or 'cert'; the key from 'keyfile', 'uri' or 'key'.
*/
typedef struct Loading {
  const char *certfile, *keyfile, *uri;
  Source cert, key;
  Password password;
  SSL_CTX *scratch;		/* in a box */
} Loading;

/* OpenSSL says of a missing password no more than of a broken file */
static void checkasked (lua_State *L, Password *password) {
  lssl_checkpassword(password);
  if (password->missed) {
    lssl_clearerrors();
    lssl_sslerror(L, -1, "the private key is encrypted: give its password");
  }
}

static int fail (lua_State *L, Loading *l, const char *filename) {
  checkasked(L, &l->password);
  return lssl_raisequeue(L, filename);
}

/*
** Pushes the box of l->scratch, which judges as the context does: by the same
** method (hence versions) and security level.
*/
static void newscratch (lua_State *L, const Context *c, Loading *l) {
  void **box = lssl_newbox(L, lssl_freecontext);
  lssl_clearerrors();
  *box = l->scratch = SSL_CTX_new(SSL_CTX_get_ssl_method(c->ctx));
  if (l->scratch == NULL)
    lssl_raisequeue(L, NULL);
  SSL_CTX_set_security_level(l->scratch,
                             SSL_CTX_get_security_level(c->ctx));
  SSL_CTX_set_default_passwd_cb(l->scratch, lssl_askpassword);
  SSL_CTX_set_default_passwd_cb_userdata(l->scratch, &l->password);
}

/* makes 'source' of the bytes at 'arg'; 0 if there is nil */
static int tosource (lua_State *L, int arg, const char *name, Source *source,
                     Loading *l) {
  memset(source, 0, sizeof *source);
  if (lua_isnil(L, arg))
    return 0;
  source->data = lssl_checkbytes(L, arg, &source->size, name);
  source->der = lssl_isder(source->data, source->size);
  source->trusted = !source->der;
  source->password = lssl_askpassword;
  source->userdata = &l->password;
  return 1;
}

/*
** {======================================================
** The certificates
** =======================================================
*/

/* the first one is our own, the others its chain */
static int takecertificate (X509 *cert, void *taker) {
  SSL_CTX *scratch = (SSL_CTX *)taker;
  if (SSL_CTX_get0_certificate(scratch) == NULL)
    return SSL_CTX_use_certificate(scratch, cert) == 1;
  return SSL_CTX_add1_chain_cert(scratch, cert) == 1;
}

static void usecertificates (lua_State *L, Loading *l) {
  Reading reading;
  lssl_clearerrors();
  if (l->certfile != NULL) {
    if (SSL_CTX_use_certificate_chain_file(l->scratch, l->certfile) != 1)
      fail(L, l, l->certfile);
    return;
  }
  reading = lssl_readcertificates(&l->cert, takecertificate, l->scratch);
  lssl_checkpassword(&l->password);
  if (reading != READ_OK)
    lssl_raisereading(L, reading, l->cert.der, "certdata");
}

/* }====================================================== */


/*
** {======================================================
** The key
** =======================================================
*/

/* the first private key that the store gives, which becomes the caller's */
static EVP_PKEY *firstkey (OSSL_STORE_CTX *store) {
  EVP_PKEY *key = NULL;
  while (key == NULL && !OSSL_STORE_eof(store)) {
    OSSL_STORE_INFO *info = OSSL_STORE_load(store);
    if (info == NULL) {
      if (OSSL_STORE_error(store))
        break;
      continue;
    }
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
      key = OSSL_STORE_INFO_get1_PKEY(info);
    OSSL_STORE_INFO_free(info);
  }
  return key;
}

/* the key that l->uri names, or NULL; never raises */
static EVP_PKEY *storedkey (Loading *l) {
  UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(lssl_askpassword, 0);
  OSSL_STORE_CTX *store = NULL;
  EVP_PKEY *key = NULL;
  if (ui != NULL)
    store = OSSL_STORE_open(l->uri, ui, &l->password, NULL, NULL);
  if (store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY))
    key = firstkey(store);
  OSSL_STORE_close(store);
  UI_destroy_method(ui);
  return key;
}

/* pushes the box of the key that is in no file */
static EVP_PKEY *pushkey (lua_State *L, Loading *l) {
  void **box = lssl_newbox(L, lssl_freekey);
  EVP_PKEY *key;
  lssl_clearerrors();
  *box = key = l->uri ? storedkey(l) : lssl_readkey(&l->key);
  if (key == NULL || l->password.failed) {
    checkasked(L, &l->password);
    if (lssl_lasterroris(0, 0))  /* it has other things than keys */
      lssl_sslerror(L, -1, "no private key at this URI");
    errno = 0;  /* of the forms that the URI was tried for */
    lssl_raisequeue(L, l->uri);
  }
  lssl_clearerrors();  /* of the forms that the key was tried for */
  return key;
}

static void usekey (lua_State *L, Loading *l) {
  int ok;
  lssl_clearerrors();
  if (l->keyfile != NULL)
    ok = SSL_CTX_use_PrivateKey_file(l->scratch, l->keyfile,
                                     SSL_FILETYPE_PEM);
  else
    ok = SSL_CTX_use_PrivateKey(l->scratch, pushkey(L, l));
  if (ok != 1)
    fail(L, l, l->keyfile);
  if (SSL_CTX_check_private_key(l->scratch) != 1)
    lssl_raisequeue(L, NULL);
}

/* }====================================================== */


/* the key alone, for the certificate that the context has */
static int replacekey (lua_State *L, Context *c, Loading *l) {
  EVP_PKEY *key = pushkey(L, l);
  X509 *cert = SSL_CTX_get0_certificate(c->ctx);
  if (cert == NULL)
    return lssl_valueerror(L, "there is no certificate for this key");
  if (X509_check_private_key(cert, key) != 1 ||
      SSL_CTX_use_PrivateKey(c->ctx, key) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 0;
}

/* gathers the parts, and moves them to the context */
static int load (lua_State *L, Context *c, Loading *l) {
  STACK_OF(X509) *chain = NULL;
  newscratch(L, c, l);
  usecertificates(L, l);
  usekey(L, l);
  lssl_clearerrors();
  SSL_CTX_get0_chain_certs(l->scratch, &chain);
  if (SSL_CTX_use_cert_and_key(c->ctx, SSL_CTX_get0_certificate(l->scratch),
                     SSL_CTX_get0_privatekey(l->scratch), chain, 1) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 0;
}

/*@ SSLContext:load_cert_chain(certfile [, keyfile [, password]])
** Loads the certificate that the context shows to its peers, and its private
** key. A server without one fails every handshake with `NO_SHARED_CIPHER`. One
** certificate of each kind of key (RSA, ECDSA, ...) may be loaded; the peer's
** abilities choose. If it raises, the context is as before.
** - `certfile` (string): a file in PEM: the certificate, then the
**   certificates that lead to the authority's.
** - `keyfile` (string): a file in PEM with the private key; `certfile` by
**   default.
** - `password` (string, bytearray or function): of an encrypted key; at most
**   1024 bytes. A function is called once, without arguments, and only if the
**   key is encrypted; what it raises comes out unchanged. Without a password
**   an encrypted key is an `SSLError`: nothing is asked at the terminal.
** - `certdata`, `keydata` (strings or bytearrays; by name only): the contents
**   instead of a file's name, in PEM, or in DER if the first byte is 0x30.
** Returns nothing. Raises `OSError`, with `filename`, when a file cannot be
** read; `SSLError` when its contents are not right, the password is wrong, or
** the key is not the certificate's; `ValueError` for a password too long, and
** for both a file and data.
** OpenSSL: `SSL_CTX_use_certificate_chain_file`, `SSL_CTX_use_PrivateKey_file`,
** `SSL_CTX_use_cert_and_key`. Since: CPython 3.2; `certdata` and `keydata` are
** an addition.
**
**     server_ctx:load_cert_chain(certfile, keyfile)
**     server_ctx:load_cert_chain{certfile = certfile, keyfile = encryptedkeyfile,
**                                password = function () return keypassword end}
**     server_ctx:load_cert_chain{certdata = io.open(certfile):read("a"),
**                                keydata = io.open(keyfile):read("a")}
*/
static int context_loadcertchain (lua_State *L) {
  static const char name[] = ":load_cert_chain";
  Context *c = lssl_selfcontext(L);
  Loading l;
  memset(&l, 0, sizeof l);
  lssl_arguments(L, name, "certfile keyfile password certdata keydata");
  l.certfile = lssl_optpath(L, 2, "certfile", name);
  l.keyfile = lssl_optpath(L, 3, "keyfile", name);
  if (!tosource(L, 5, name, &l.cert, &l) && l.certfile == NULL)
    return lssl_argerror(L, 2, name,
                         "certfile should be a valid filesystem path");
  if (tosource(L, 6, name, &l.key, &l)) {
    if (l.keyfile != NULL)
      return lssl_valueerror(L, "keyfile and keydata cannot both be given");
  }
  else if (l.keyfile == NULL) {  /* the key is with the certificate */
    l.keyfile = l.certfile;
    l.key = l.cert;
  }
  if (l.certfile != NULL && l.cert.data != NULL)
    return lssl_valueerror(L, "certfile and certdata cannot both be given");
  lssl_newpassword(L, &l.password, 4, name);
  return load(L, c, &l);
}

/*@ SSLContext:load_key_uri(uri [, password [, certfile]])
** Loads the private key that a URI names: in a file, or by a provider of
** OpenSSL in a hardware module, which keeps it to itself. If it raises, the
** context is as before.
** - `uri` (string): `"file:/path/key.pem"`, or what a provider knows, such as
**   `"pkcs11:object=server;type=private"` (RFC 7512).
** - `password` (string, bytearray or function): see `load_cert_chain`; a PIN.
** - `certfile` (string): the certificate and its chain, in PEM; by default the
**   key is to be that of the certificate loaded last.
** - `certdata` (string or bytearray; by name only): the same, from memory.
** Returns nothing. Raises `SSLError` if no key is found there, or it is not
** that of the certificate; `OSError` if a file cannot be read; `ValueError` if
** there is no certificate.
** OpenSSL: `OSSL_STORE_open`. Since: an addition.
**
**     server_ctx:load_key_uri{uri = "file:" .. keyfile, certfile = certfile}
*/
static int context_loadkeyuri (lua_State *L) {
  static const char name[] = ":load_key_uri";
  Context *c = lssl_selfcontext(L);
  Loading l;
  int given;
  memset(&l, 0, sizeof l);
  lssl_arguments(L, name, "uri password certfile certdata");
  l.uri = lssl_checkcstring(L, 2, name);
  l.certfile = lssl_optpath(L, 4, "certfile", name);
  given = tosource(L, 5, name, &l.cert, &l);
  if (l.certfile != NULL && given)
    return lssl_valueerror(L, "certfile and certdata cannot both be given");
  lssl_newpassword(L, &l.password, 3, name);
  return l.certfile != NULL || given ? load(L, c, &l) : replacekey(L, c, &l);
}

/*
** {======================================================
** PKCS#12
** =======================================================
*/

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

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"load_cert_chain", context_loadcertchain},
  {"load_key_uri", context_loadkeyuri},
  {"load_pkcs12", context_loadpkcs12},
  {NULL, NULL}
};

void lssl_openidentity (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
