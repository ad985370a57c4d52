/*
** identity.c - the certificate and private key that an SSLContext shows: from
** files, strings or a key store.
** SPDX-License-Identifier: MIT
**
** All is read into an SSL_CTX of its own and moved to the context only when
** the parts fit together, so that a failure leaves the context as it was.
*/
#include <string.h>

#include <openssl/err.h>
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
#include "context/compression.h"
#include "context/identity.h"
#include "context/loading.h"

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
      lssl_failcert(L, l);
    return;
  }
  reading = lssl_readcertificates(&l->cert, takecertificate, l->scratch);
  lssl_checkpassword(&l->password);
  if (reading == READ_FAILED)
    lssl_failcert(L, l);
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
static EVP_PKEY *storedkey (Loading *l, int *opened) {
  UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(lssl_askpassword, 0);
  OSSL_STORE_CTX *store = NULL;
  EVP_PKEY *key = NULL;
  if (ui != NULL)
    store = OSSL_STORE_open(l->uri, ui, &l->password, NULL, NULL);
  *opened = (store != NULL);
  if (store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY))
    key = firstkey(store);
  OSSL_STORE_close(store);
  UI_destroy_method(ui);
  return key;
}

/* raises what is wrong with the URI, or with what is there */
static void failuri (lua_State *L, Loading *l, int opened) {
  Trouble t;
  int foreign = !opened &&
                lssl_lasterroris(ERR_LIB_OSSL_STORE, ERR_R_UNSUPPORTED);
  lssl_taketrouble(&t);
  t.number = 0;  /* of the forms that the URI was tried for */
  if (foreign) {
    t.syserr = 0;  /* that it is no file either */
    lssl_raisetrouble(L, &t, lssl_pushuri(L, l->uri), lua_pushfstring(L, "no "
      "provider that is loaded knows what kind of URI %s is", l->keyname));
  }
  if (t.code == 0 && !l->password.missed)  /* there are other things only */
    lssl_sslerror(L, -1, lua_pushfstring(L, "no readable private key in %s",
                                         l->keyname));
  lssl_raisekey(L, l, &t, lssl_pushuri(L, l->uri));
}

/* pushes the box of the key that is in no file */
static EVP_PKEY *pushkey (lua_State *L, Loading *l) {
  void **box = lssl_newbox(L, lssl_freekey);
  EVP_PKEY *key;
  int opened = 1;
  lssl_clearerrors();
  *box = key = l->uri ? storedkey(l, &opened) : lssl_readkey(&l->key);
  lssl_checkpassword(&l->password);
  if (key == NULL && l->uri != NULL)
    failuri(L, l, opened);
  if (key == NULL)
    lssl_failkey(L, l, NULL);
  lssl_clearerrors();  /* of the forms that the key was tried for */
  return key;
}

static void takekey (lua_State *L, Loading *l) {
  int ok;
  lssl_clearerrors();
  if (l->keyfile != NULL)
    ok = SSL_CTX_use_PrivateKey_file(l->scratch, l->keyfile,
                                     SSL_FILETYPE_PEM);
  else
    ok = SSL_CTX_use_PrivateKey(l->scratch, pushkey(L, l));
  if (ok != 1)
    lssl_failkey(L, l, l->keyfile);
  errno = 0;  /* of a file that could be read */
}

static void usekey (lua_State *L, Loading *l) {
  takekey(L, l);
  if (SSL_CTX_check_private_key(l->scratch) != 1)
    lssl_failkey(L, l, l->keyfile);
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
    return lssl_failkey(L, l, NULL);
  lssl_clearerrors();
  return 0;
}

/* gathers the parts, and moves them to the context, or to '*ssl' alone */
static int load (lua_State *L, Context *c, SSL *const *ssl, Loading *l) {
  STACK_OF(X509) *chain = NULL;
  X509 *cert;
  EVP_PKEY *key;
  int ok;
  newscratch(L, c, l);
  usecertificates(L, l);
  usekey(L, l);
  lssl_clearerrors();
  lssl_checkthere(L, ssl);
  SSL_CTX_get0_chain_certs(l->scratch, &chain);
  cert = SSL_CTX_get0_certificate(l->scratch);
  key = SSL_CTX_get0_privatekey(l->scratch);
  ok = ssl ? SSL_use_cert_and_key(*ssl, cert, key, chain, 1)
           : SSL_CTX_use_cert_and_key(c->ctx, cert, key, chain, 1);
  if (ok != 1)
    return lssl_raisequeue(L, NULL);
  if (ssl != NULL)
    lssl_compressown(c, *ssl);
  else
    lssl_forgetcompressed(c);
  lssl_clearerrors();
  return 0;
}

/*@ SSLContext:load_cert_chain(certfile [, keyfile [, password]])
** Loads the certificate that the context shows to its peers, and its private key. A
** server needs one: without it, every handshake fails with `NO_SHARED_CIPHER`.
**
** You may load one certificate for each kind of key (RSA, ECDSA, ...). A connection
** then shows one that its peer can use. If it raises an error, the context stays as it
** was.
** - `certfile` (string): a file in PEM: the certificate, then the certificates that
**   lead to the authority's.
** - `keyfile` (string): a file in PEM with the private key; `certfile` by default.
** - `password` (string, bytearray or function): the password of an encrypted key, at
**   most 1024 bytes. A function is called without arguments, once, and only if the key
**   is encrypted; if it raises an error, so does `load_cert_chain`. An encrypted key
**   without a password is an `SSLError`: nobody is asked at the terminal.
** - `certdata`, `keydata` (strings or bytearrays; by name only): the contents, instead
**   of a file's name, in PEM, or in DER if the first byte is 0x30.
** Returns nothing. Raises `OSError`, with the field `filename`, if a file cannot be
** read; `SSLError` if its contents are not right, the password is wrong, or the key
** does not belong to the certificate; `ValueError` if the password is too long, or if
** you give both a file and data.
** OpenSSL: `SSL_CTX_use_certificate_chain_file`, `SSL_CTX_use_PrivateKey_file`,
** `SSL_CTX_use_cert_and_key`. Since: CPython 3.2; `certdata` and `keydata` are
** an addition.
**
** Type: named fun(certfile: string, keyfile?: string, password?: Password;
**   certdata?: string|bytearray, keydata?: string|bytearray)
** Type: Password = string|bytearray|(fun(): string|bytearray)
**
**     server_ctx:load_cert_chain(certfile, keyfile)
**     server_ctx:load_cert_chain{certfile = certfile, keyfile = encryptedkeyfile,
**                                password = function () return keypassword end}
**     server_ctx:load_cert_chain{certdata = io.open(certfile):read("a"),
**                                keydata = io.open(keyfile):read("a")}
*/
static int context_loadcertchain (lua_State *L) {
  return lssl_loadcertchain(L, lssl_changingcontext(L), NULL);
}

int lssl_loadcertchain (lua_State *L, Context *c, SSL *const *ssl) {
  static const char name[] = ":load_cert_chain";
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
  l.certname = lssl_pushplace(L, l.certfile, "certdata");
  l.keyname = lssl_pushplace(L, l.keyfile, lua_isnil(L, 6) ? "certdata" : "keydata");
  lssl_newpassword(L, &l.password, 4, name);
  return load(L, c, ssl, &l);
}

/*@ SSLContext:load_key_uri(uri [, password [, certfile]])
** Loads the private key that a URI names. The key may be in a file, or in a hardware
** module that a provider of OpenSSL talks to; such a key never leaves the module. If
** it raises an error, the context stays as it was.
** - `uri` (string): `"file:/path/key.pem"`, or a URI of a provider, such as
**   `"pkcs11:object=server;type=private"` (RFC 7512).
** - `password` (string, bytearray or function): the password or PIN; see
**   `load_cert_chain`.
** - `certfile` (string): the certificate and its chain, in PEM. By default the key
**   has to belong to the certificate that was loaded last.
** - `certdata` (string or bytearray; by name only): the same, from memory.
** Returns nothing. Raises `SSLError` if the URI leads to no key, or the key does not
** belong to the certificate; `OSError` if a file cannot be read; `ValueError` if there
** is no certificate.
** OpenSSL: `OSSL_STORE_open`. Since: an addition.
**
** Type: named fun(uri: string, password?: Password, certfile?: string;
**   certdata?: string|bytearray)
**
**     server_ctx:load_key_uri{uri = "file:" .. keyfile, certfile = certfile}
*/
static int context_loadkeyuri (lua_State *L) {
  static const char name[] = ":load_key_uri";
  Context *c = lssl_changingcontext(L);
  Loading l;
  int given;
  memset(&l, 0, sizeof l);
  lssl_arguments(L, name, "uri password certfile certdata");
  l.uri = lssl_checkpath(L, 2, name);
  l.certfile = lssl_optpath(L, 4, "certfile", name);
  given = tosource(L, 5, name, &l.cert, &l);
  if (l.certfile != NULL && given)
    return lssl_valueerror(L, "certfile and certdata cannot both be given");
  l.certname = given || l.certfile ? lssl_pushplace(L, l.certfile, "certdata")
                                   : "this context";
  l.keyname = lssl_pushplace(L, lssl_pushuri(L, l.uri), NULL);
  lssl_newpassword(L, &l.password, 3, name);
  return l.certfile != NULL || given ? load(L, c, NULL, &l)
                                         : replacekey(L, c, &l);
}

/* a key that goes without a certificate */
static int loadraw (lua_State *L, Context *c, Loading *l) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  newscratch(L, c, l);
  takekey(L, l);
  lssl_clearerrors();
  if (SSL_CTX_use_PrivateKey(c->ctx,
                             SSL_CTX_get0_privatekey(l->scratch)) != 1)
    return lssl_raisequeue(L, NULL);
  return 0;
#else
  (void)c, (void)l;
  return lssl_notimplemented(L, "raw public keys need OpenSSL 3.2 or newer; "
                             "this is %s", OpenSSL_version(OPENSSL_VERSION));
#endif
}

/*@ SSLContext:load_private_key(keyfile [, password])
** Loads a private key that has no certificate. The context then shows the public key
** alone, to peers that accept this: see `server_certificate_types` and
** `client_certificate_types`. If it raises an error, the context stays as it was.
** - `keyfile` (string): a file in PEM with the private key.
** - `password` (string, bytearray or function): see `load_cert_chain`.
** - `keydata` (string or bytearray; by name only): the contents, instead of a file's
**   name, in PEM, or in DER if the first byte is 0x30.
** Returns nothing. Raises `OSError`, with the field `filename`, if the file cannot be
** read; `ValueError` if the password is too long, or if you give both a file and data.
** Raises `SSLError` if the contents are not right, the password is wrong, or a
** certificate with another key of the same kind was loaded before. Raises
** `NotImplementedError` before OpenSSL 3.2, where such a key is of no use.
** OpenSSL: `SSL_CTX_use_PrivateKey`; RFC 7250. Since: an addition.
**
** Type: named fun(keyfile: string, password?: Password; keydata?: string|bytearray)
**
**     if ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 then
**       server_ctx:load_private_key(keyfile)
**     end
*/
static int context_loadprivatekey (lua_State *L) {
  static const char name[] = ":load_private_key";
  Context *c = lssl_changingcontext(L);
  Loading l;
  memset(&l, 0, sizeof l);
  lssl_arguments(L, name, "keyfile password keydata");
  l.keyfile = lssl_optpath(L, 2, "keyfile", name);
  if (!tosource(L, 4, name, &l.key, &l) && l.keyfile == NULL)
    return lssl_argerror(L, 2, name,
                         "keyfile should be a valid filesystem path");
  if (l.keyfile != NULL && l.key.data != NULL)
    return lssl_valueerror(L, "keyfile and keydata cannot both be given");
  lssl_newpassword(L, &l.password, 3, name);
  return loadraw(L, c, &l);
}

static const luaL_Reg methods[] = {
  {"load_cert_chain", context_loadcertchain},
  {"load_key_uri", context_loadkeyuri},
  {"load_private_key", context_loadprivatekey},
  {NULL, NULL}
};

void lssl_openidentity (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
