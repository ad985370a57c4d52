/*
** trust.c - whom an SSLContext trusts: certificates and revocation lists from
** files, directories, strings and the system's defaults.
** SPDX-License-Identifier: MIT
**
** What is read goes to the store only when all of it could be read.
*/
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "x509/asn1.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/chain.h"
#include "context/context.h"
#include "context/trust.h"

static void freecrls (void *list) {
  sk_X509_CRL_pop_free((STACK_OF(X509_CRL) *)list, X509_CRL_free);
}

static void freestore (void *store) {
  X509_STORE_free((X509_STORE *)store);
}

/*
** {======================================================
** Loading certificates
** =======================================================
*/

/* pushes a box with the certificates at 'arg', and returns them */
static STACK_OF(X509) *readcadata (lua_State *L, int arg) {
  Source source = {NULL, 0, 0, 0, NULL, NULL};
  void **box = lssl_newbox(L, lssl_freecertificates);
  STACK_OF(X509) *certs;
  Reading reading;
  source.data = lssl_tobytes(L, arg, &source.size);
  source.der = lssl_isbytearray(L, arg) ||
               lssl_isder(source.data, source.size);
  *box = certs = sk_X509_new_null();
  if (certs == NULL)
    lssl_raisequeue(L, NULL);
  reading = lssl_readcertificates(&source, lssl_keepcertificate, certs);
  if (reading != READ_OK)
    lssl_raisereading(L, reading, source.der, "cadata");
  return certs;
}

/* OpenSSL tells the queue of a bad path only, so the file is to come last */
static void checkcapath (lua_State *L, const char *capath) {
  void **box = lssl_newbox(L, freestore);
  lssl_clearerrors();
  *box = X509_STORE_new();
  if (*box == NULL || !X509_STORE_load_path((X509_STORE *)*box, capath))
    lssl_raisequeue(L, capath);
  lua_pop(L, 1);
}

static int addcertificates (X509_STORE *store, const STACK_OF(X509) *certs) {
  int n = certs ? sk_X509_num(certs) : 0, i;
  for (i = 0; i < n; i++) {  /* one that is there already is no error */
    if (!X509_STORE_add_cert(store, sk_X509_value(certs, i)))
      return 0;
  }
  return 1;
}

/* raises for a file that has nothing to trust, or what cannot be read */
static int failfile (lua_State *L, const char *cafile) {
  Trouble t;
  const char *advice;
  lssl_taketrouble(&t);
  if (t.ailment == AILMENT_DAMAGED)
    advice = lua_pushfstring(L, "a certificate or CRL in '%s' is damaged: %s",
                             cafile, lssl_cause(&t));
  else
    advice = lua_pushfstring(L, "none in PEM in '%s'", cafile);
  return lssl_raisetrouble(L, &t, cafile, advice);
}

/*@ SSLContext:load_verify_locations([cafile [, capath [, cadata]]])
** Makes the context trust more authorities. Give at least one argument. If one of them
** cannot be read, none is added.
** - `cafile` (string): a file of certificates (and CRLs) in PEM.
** - `capath` (string): a folder of such files, named by `openssl rehash` after the hash
**   of the subject. The folder is read only when a certificate is checked, so it need
**   not exist yet.
** - `cadata` (string or bytearray): the certificates themselves. They are DER, one after
**   the other, if the first byte is 0x30 or if it is a bytearray; otherwise PEM.
** Returns nothing. Raises `OSError`, with the field `filename`, if `cafile` cannot be
** opened; `SSLError` if there is no certificate in `cafile` or `cadata`; `ValueError` for
** an empty `cadata`; a string error if all are nil.
** OpenSSL: `SSL_CTX_load_verify_locations`. Since: CPython 3.2.
**
** Type: named fun(cafile?: string, capath?: string, cadata?: string|bytearray)
**
**     ctx:load_verify_locations(cafile)
**     ctx:load_verify_locations{cadata = io.open(cafile):read("a")}
*/
static int context_loadlocations (lua_State *L) {
  static const char name[] = ":load_verify_locations";
  Context *c = lssl_changingcontext(L);
  X509_STORE *store = SSL_CTX_get_cert_store(c->ctx);
  STACK_OF(X509) *certs = NULL;
  const char *cafile, *capath;
  lssl_arguments(L, name, "cafile capath cadata");
  cafile = lssl_optpath(L, 2, "cafile", name);
  capath = lssl_optpath(L, 3, "capath", name);
  if (lua_type(L, 4) == LUA_TSTRING || lssl_isbytearray(L, 4))
    certs = readcadata(L, 4);
  else if (!lua_isnil(L, 4))
    return lssl_argerror(L, 4, name,
                    "cadata should be an ASCII string or a bytes-like object");
  else if (cafile == NULL && capath == NULL)
    return lssl_argerror(L, 2, name,
                       "cafile, capath and cadata cannot be all omitted");
  if (capath != NULL)
    checkcapath(L, capath);
  lssl_clearerrors();
  if (cafile != NULL && !X509_STORE_load_file(store, cafile))
    return failfile(L, cafile);
  if ((capath != NULL && !X509_STORE_load_path(store, capath)) ||
      !addcertificates(store, certs))
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Revocation lists
** =======================================================
*/

static X509_CRL *nextcrl (BIO *bio, int der) {
  return der ? d2i_X509_CRL_bio(bio, NULL)
             : PEM_read_bio_X509_CRL(bio, NULL, lssl_nopassword, NULL);
}

/* 1 if 'list' got them all; else 0, with a reason unless there is none */
static int readcrls (STACK_OF(X509_CRL) *list, BIO *bio, int der) {
  while (!der || BIO_pending(bio) > 0) {
    X509_CRL *crl = nextcrl(bio, der);
    if (crl == NULL)
      return !der && sk_X509_CRL_num(list) > 0 && !lssl_outofmemory() &&
             lssl_lasterroris(ERR_LIB_PEM, PEM_R_NO_START_LINE);
    if (sk_X509_CRL_push(list, crl) <= 0) {
      X509_CRL_free(crl);
      return 0;
    }
  }
  return 1;
}

/* raises for bytes that are no lists */
static int failcrl (lua_State *L) {
  Trouble t;
  const char *advice = NULL;
  lssl_taketrouble(&t);
  if (t.ailment == AILMENT_ABSENT)
    advice = "no CRL in PEM in data";
  else if (t.ailment == AILMENT_DAMAGED)
    advice = lua_pushfstring(L, "a CRL in data is damaged: %s",
                             lssl_cause(&t));
  return lssl_raisetrouble(L, &t, NULL, advice);
}

/*@ SSLContext:load_crl(data)
** Adds certificate revocation lists. The context uses the lists only if `verify_flags`
** has `ssl.VERIFY_CRL_CHECK_LEAF` or `ssl.VERIFY_CRL_CHECK_CHAIN`. If one of the lists
** cannot be read, none is added.
**
** Do not add a delta list, which holds only the changes since a complete list: OpenSSL then
** takes the delta list for a complete one, and accepts certificates that the complete list
** revokes. It does not do so if `verify_flags` has `X509_V_FLAG_EXTENDED_CRL_SUPPORT` (0x1000).
** - `data` (string or bytearray): the lists. They are DER, one after the other, if the
**   first byte is 0x30 or if it is a bytearray; otherwise PEM.
** Returns nothing. Raises `ValueError` for no data, and `SSLError` for data that are no
** revocation list.
** OpenSSL: `X509_STORE_add_crl`; RFC 5280, 5. Since: an addition; CPython
** loads them from a file by `load_verify_locations`, which works here too.
**
** Type: named fun(data: string|bytearray)
**
**     ctx:load_crl(crl)                                  -- the contents of a list in PEM
**     ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
*/
static int context_loadcrl (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  X509_STORE *store = SSL_CTX_get_cert_store(c->ctx);
  size_t size;
  const unsigned char *data;
  void **list, **bio;
  int i, der;
  lssl_arguments(L, ":load_crl", "data");
  data = lssl_checkbytes(L, 2, &size, ":load_crl");
  if (size == 0)
    return lssl_valueerror(L, "Empty CRL data");
  der = lssl_isbytearray(L, 2) || lssl_isder(data, size);
  list = lssl_newbox(L, freecrls);
  bio = lssl_newbox(L, lssl_freebio);
  lssl_clearerrors();
  *list = sk_X509_CRL_new_null();
  *bio = BIO_new_mem_buf(data, lssl_toint(L, size));
  if (*list == NULL || *bio == NULL ||
      !readcrls((STACK_OF(X509_CRL) *)*list, (BIO *)*bio, der))
    return failcrl(L);
  for (i = 0; i < sk_X509_CRL_num((STACK_OF(X509_CRL) *)*list); i++) {
    if (!X509_STORE_add_crl(store,
                        sk_X509_CRL_value((STACK_OF(X509_CRL) *)*list, i)))
      return lssl_raisequeue(L, NULL);
  }
  lssl_clearerrors();
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Defaults
** =======================================================
*/

/* OpenSSL's folder and store; it asks the environment by itself */
static int adddefaultfolder (lua_State *L, SSL_CTX *ctx) {
  if (lssl_mayaskenvironment(L))
    return SSL_CTX_set_default_verify_dir(ctx) &&
           SSL_CTX_set_default_verify_store(ctx);
  return X509_STORE_load_path(SSL_CTX_get_cert_store(ctx),
                              X509_get_default_cert_dir());
}

/*@ SSLContext:set_default_verify_paths()
** Makes the context trust the system's authorities: those in the file and the folder that
** OpenSSL was built with. The environment variables `SSL_CERT_FILE` and `SSL_CERT_DIR` can
** name others. A file or folder that does not exist is passed over. The file is parsed once
** for all contexts, until it changes.
** Returns nothing. OpenSSL: `SSL_CTX_set_default_verify_paths`. Since: CPython
** 3.2.
**
** Type: fun()
**
**     ctx:set_default_verify_paths()
*/
static int context_setdefaults (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  lssl_clearerrors();
  if (!lssl_adddefaults(L, SSL_CTX_get_cert_store(c->ctx)) ||
      !adddefaultfolder(L, c->ctx))
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 0;
}

/*@ SSLContext:load_default_certs([purpose])
** Makes the context trust the authorities that the system trusts: see
** `set_default_verify_paths`. On Windows, these include the system's stores `"CA"` and
** `"ROOT"`, as far as the system trusts their certificates for the purpose.
** - `purpose` (`ssl.Purpose`): which certificates you are going to check:
**   `ssl.Purpose.SERVER_AUTH` (the default) or `ssl.Purpose.CLIENT_AUTH`. It makes no
**   difference if the system keeps one set for both.
** Returns nothing. Raises a string error for another `purpose`. If OpenSSL cannot read a
** certificate of Windows, it makes a `warn`.
** OpenSSL: `SSL_CTX_set_default_verify_paths`. Since: CPython 3.4.
**
** Type: named fun(purpose*?: Purpose)
**
**     ctx:load_default_certs()
*/
static int context_loaddefaults (lua_State *L) {
  lssl_arguments(L, ":load_default_certs", "purpose*");
  if (!lua_isnil(L, 2) && lssl_topurpose(L, 2) == NID_undef)
    return lssl_argerror(L, 2, ":load_default_certs",
                         luaL_tolstring(L, 2, NULL));
  return context_setdefaults(L);
}

/* }====================================================== */


/*
** {======================================================
** Looking at the store
** =======================================================
*/

typedef struct Counts {
  lua_Integer certs, crls, authorities;
} Counts;

static Counts count (X509_STORE *store) {
  Counts n = {0, 0, 0};
  STACK_OF(X509_OBJECT) *objects = lssl_storeobjects(store);
  int i;
  for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
    X509_OBJECT *object = sk_X509_OBJECT_value(objects, i);
    if (X509_OBJECT_get_type(object) == X509_LU_CRL)
      n.crls++;
    else if (X509_OBJECT_get_type(object) == X509_LU_X509) {
      n.certs++;
      n.authorities += X509_check_ca(X509_OBJECT_get0_X509(object)) != 0;
    }
  }
  sk_X509_OBJECT_pop_free(objects, X509_OBJECT_free);
  return n;
}

/*@ SSLContext:cert_store_stats()
** Counts the certificates that the context trusts. A certificate in `capath` counts once
** it has been used.
** Returns a table of integers: `x509` (certificates), `x509_ca` (those of
** authorities) and `crl` (revocation lists). OpenSSL: `X509_STORE_get1_objects`.
** Since: CPython 3.4.
**
** Type: fun(): { x509: integer, x509_ca: integer, crl: integer }
**
**     assert(ctx:cert_store_stats().x509_ca >= 1)
*/
static int context_storestats (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  Counts n = count(SSL_CTX_get_cert_store(c->ctx));
  lssl_clearerrors();
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, n.certs);
  lua_setfield(L, -2, "x509");
  lua_pushinteger(L, n.authorities);
  lua_setfield(L, -2, "x509_ca");
  lua_pushinteger(L, n.crls);
  lua_setfield(L, -2, "crl");
  return 1;
}

/*@ SSLContext:get_ca_certs([binary_form])
** Lists the certificates of authorities that the context trusts. A certificate in
** `capath` is in the list once it has been used.
** - `binary_form` (boolean): whether to return each certificate as DER; false by default.
** Returns an array of tables, with the fields of `SSLSocket:getpeercert`, or of strings.
** OpenSSL: `X509_STORE_get1_all_certs`. Since: CPython 3.4.
**
** Type: named fun(binary_form?: false): Certificate[]
** Type: named fun(binary_form: true): string[]
**
**     local der = ctx:get_ca_certs(true)[1]
**     assert(ssl.decode_certificate(der).serialNumber)
*/
static int context_getcacerts (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  STACK_OF(X509) *certs;
  void **box;
  lua_Integer n = 0;
  int i;
  lssl_arguments(L, ":get_ca_certs", "binary_form");
  box = lssl_newbox(L, lssl_freecertificates);
  lssl_clearerrors();
  *box = certs = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(c->ctx));
  if (certs == NULL)
    return lssl_raisequeue(L, NULL);
  lua_newtable(L);
  for (i = 0; i < sk_X509_num(certs); i++) {
    X509 *cert = sk_X509_value(certs, i);
    if (X509_check_ca(cert) == 0)
      continue;
    if (lua_toboolean(L, 2))
      lssl_pushder(L, cert);
    else
      lssl_pushcertificate(L, cert);
    lua_rawseti(L, -2, ++n);
  }
  lssl_clearerrors();
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"load_verify_locations", context_loadlocations},
  {"load_crl", context_loadcrl},
  {"set_default_verify_paths", context_setdefaults},
  {"load_default_certs", context_loaddefaults},
  {"cert_store_stats", context_storestats},
  {"get_ca_certs", context_getcacerts},
  {NULL, NULL}
};

void lssl_opentrust (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
