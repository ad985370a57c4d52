/*
** certificate.c - an X509 as getpeercert's table and as DER; certificates and
** keys from strings. What OpenSSL gives goes into a box before Lua is called.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "x509/asn1.h"
#include "x509/certificate.h"

void lssl_freecertificate (void *cert) {
  X509_free((X509 *)cert);
}

static void freepublic (void *key) {
  X509_PUBKEY_free((X509_PUBKEY *)key);
}

void lssl_freekey (void *key) {
  EVP_PKEY_free((EVP_PKEY *)key);
}

/*
** {======================================================
** The table
** =======================================================
*/

static void freenames (void *names) {
  GENERAL_NAMES_free((GENERAL_NAMES *)names);
}

static void freeaccess (void *access) {
  AUTHORITY_INFO_ACCESS_free((AUTHORITY_INFO_ACCESS *)access);
}

static void freepoints (void *points) {
  CRL_DIST_POINTS_free((CRL_DIST_POINTS *)points);
}

/*
** Was it memory that an extension lacked which is there? Newer OpenSSL reports
** some of that only by the part that failed, with no reason below it (seen with
** 3.5); what is malformed begins with a reason of its own.
*/
static int lackedmemory (void) {
  int reason = lssl_firstreason();
  return reason == 0 || reason == ERR_R_ASN1_LIB || reason == ERR_R_CRYPTO_LIB ||
         lssl_outofmemory();
}

/*
** Pushes a box with the extension 'nid' and returns it; NULL if there is none,
** or it is not well formed, or it is there twice: no part of it is trusted.
** Raises if there is no memory for it.
*/
static void *pushextension (lua_State *L, const X509 *cert, int nid,
                            Free f) {
  void **box;
  int critical;  /* -2: there twice */
  if (X509_get_ext_by_NID(cert, nid, -1) < 0)
    return NULL;
  box = lssl_newbox(L, f);
  lssl_clearerrors();
  *box = X509_get_ext_d2i(cert, nid, &critical, NULL);
  if (*box == NULL && critical >= 0 && lackedmemory())
    lssl_raisememory(L);
  lssl_clearerrors();
  return *box;
}

/* sets the array on the top, unless empty, as a field of 'table'; pops it */
static void setarray (lua_State *L, int table, const char *field) {
  if (lua_rawlen(L, -1) > 0)
    lua_setfield(L, table, field);
  else
    lua_pop(L, 1);
}

/* adds the URI in 'name', if it is one, to the array on the top */
static void adduri (lua_State *L, const GENERAL_NAME *name) {
  if (name != NULL && name->type == GEN_URI) {
    lssl_pushasn1string(L, name->d.ia5);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
}

static void setaltnames (lua_State *L, const X509 *cert, int table) {
  const GENERAL_NAMES *names = (const GENERAL_NAMES *)
    pushextension(L, cert, NID_subject_alt_name, freenames);
  int n = names ? sk_GENERAL_NAME_num(names) : 0, i;
  if (names != NULL) {  /* an empty list is shown as one */
    lua_createtable(L, n, 0);
    for (i = 0; i < n; i++) {
      lssl_pushgeneralname(L, sk_GENERAL_NAME_value(names, i));
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, table, "subjectAltName");
  }
  lua_settop(L, table);
}

/* pushes the array of URIs that the access descriptions give for 'method' */
static void pushaccess (lua_State *L, const AUTHORITY_INFO_ACCESS *access,
                        int method) {
  int i;
  lua_newtable(L);
  for (i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
    const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(access, i);
    if (OBJ_obj2nid(d->method) == method)
      adduri(L, d->location);
  }
}

static void setaccess (lua_State *L, const X509 *cert, int table) {
  const AUTHORITY_INFO_ACCESS *access = (const AUTHORITY_INFO_ACCESS *)
    pushextension(L, cert, NID_info_access, freeaccess);
  if (access != NULL) {
    pushaccess(L, access, NID_ad_OCSP);
    setarray(L, table, "OCSP");
    pushaccess(L, access, NID_ad_ca_issuers);
    setarray(L, table, "caIssuers");
  }
  lua_settop(L, table);
}

/* adds the URIs of one point, which may lack the name or have another form */
static void addpoint (lua_State *L, const DIST_POINT *point) {
  const GENERAL_NAMES *names;
  int i;
  if (point->distpoint == NULL || point->distpoint->type != 0)
    return;
  names = point->distpoint->name.fullname;
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
    adduri(L, sk_GENERAL_NAME_value(names, i));
}

static void setpoints (lua_State *L, const X509 *cert, int table) {
  const CRL_DIST_POINTS *points = (const CRL_DIST_POINTS *)
    pushextension(L, cert, NID_crl_distribution_points, freepoints);
  int i;
  if (points != NULL) {
    lua_newtable(L);
    for (i = 0; i < sk_DIST_POINT_num(points); i++)
      addpoint(L, sk_DIST_POINT_value(points, i));
    setarray(L, table, "crlDistributionPoints");
  }
  lua_settop(L, table);
}

void lssl_pushcertificate (lua_State *L, X509 *cert) {
  int table;
  luaL_checkstack(L, 12, "certificate");
  lua_createtable(L, 0, 10);
  table = lua_gettop(L);
  lssl_pushname(L, X509_get_subject_name(cert));
  lua_setfield(L, table, "subject");
  lssl_pushname(L, X509_get_issuer_name(cert));
  lua_setfield(L, table, "issuer");
  lua_pushinteger(L, X509_get_version(cert) + 1);
  lua_setfield(L, table, "version");
  lssl_pushserial(L, X509_get0_serialNumber(cert));
  lua_setfield(L, table, "serialNumber");
  lssl_pushtime(L, X509_get0_notBefore(cert));
  lua_setfield(L, table, "notBefore");
  lssl_pushtime(L, X509_get0_notAfter(cert));
  lua_setfield(L, table, "notAfter");
  setaltnames(L, cert, table);
  setaccess(L, cert, table);
  setpoints(L, cert, table);
}

void lssl_pushder (lua_State *L, X509 *cert) {
  luaL_Buffer b;
  unsigned char *data;
  int size;
  lssl_clearerrors();
  size = i2d_X509(cert, NULL);
  if (size < 0)
    lssl_raisequeue(L, NULL);
  data = (unsigned char *)luaL_buffinitsize(L, &b, (size_t)size);
  i2d_X509(cert, &data);
  luaL_pushresultsize(&b, (size_t)size);
}

void lssl_pushkey (lua_State *L, const X509_PUBKEY *key) {
  luaL_Buffer b;
  unsigned char *data;
  int size;
  lssl_clearerrors();
  size = i2d_X509_PUBKEY(key, NULL);
  if (size < 0)
    lssl_raisequeue(L, NULL);
  data = (unsigned char *)luaL_buffinitsize(L, &b, (size_t)size);
  i2d_X509_PUBKEY(key, &data);
  luaL_pushresultsize(&b, (size_t)size);
}

void lssl_pushrawkey (lua_State *L, EVP_PKEY *key) {
  void **box = lssl_newbox(L, freepublic);
  X509_PUBKEY *public = NULL;
  int ok;
  lssl_clearerrors();
  ok = X509_PUBKEY_set(&public, key);
  *box = public;
  if (ok != 1)
    lssl_raisequeue(L, NULL);
  lssl_pushkey(L, public);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

/* }====================================================== */


/*
** {======================================================
** Reading from memory
** =======================================================
*/

int lssl_isder (const unsigned char *data, size_t size) {
  return size > 0 && data[0] == (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED);
}

int lssl_nopassword (char *buffer, int size, int writing, void *userdata) {
  (void)buffer; (void)size; (void)writing; (void)userdata;
  return 0;
}

static pem_password_cb *passwordof (const Source *s) {
  return s->password ? s->password : lssl_nopassword;
}

static X509 *nextcertificate (const Source *s, BIO *bio) {
  if (s->der)
    return d2i_X509_bio(bio, NULL);
  if (s->trusted)
    return PEM_read_bio_X509_AUX(bio, NULL, passwordof(s), s->userdata);
  return PEM_read_bio_X509(bio, NULL, passwordof(s), s->userdata);
}

/* the last read gave none: were there no more? DER is asked beforehand */
static Reading nomore (const Source *s, int n) {
  if (lssl_outofmemory())  /* whatever else is said */
    return READ_FAILED;
  if (n == 0)
    return READ_NONE;
  if (s->der || !lssl_lasterroris(ERR_LIB_PEM, PEM_R_NO_START_LINE))
    return READ_FAILED;
  lssl_clearerrors();
  return READ_OK;
}

static Reading readall (const Source *s, BIO *bio, TakeCertificate take,
                        void *taker) {
  int n, taken;
  for (n = 0; n == 0 || !s->der || BIO_pending(bio) > 0; n++) {
    X509 *cert = nextcertificate(s, bio);
    if (cert == NULL)
      return nomore(s, n);
    taken = take(cert, taker);
    X509_free(cert);
    if (!taken)
      return READ_FAILED;
  }
  lssl_clearerrors();
  return READ_OK;
}

/* BIO_new_mem_buf counts by int, and takes -1 for a C string */
static BIO *newreader (const Source *s) {
  return s->size <= INT_MAX ? BIO_new_mem_buf(s->data, (int)s->size) : NULL;
}

Reading lssl_readcertificates (const Source *source, TakeCertificate take,
                               void *taker) {
  BIO *bio;
  Reading reading;
  lssl_clearerrors();
  if (source->size == 0)
    return READ_EMPTY;
  if (source->size > INT_MAX)
    return READ_TOOLONG;
  bio = newreader(source);
  if (bio == NULL)
    return READ_FAILED;
  reading = readall(source, bio, take, taker);
  BIO_free(bio);
  return reading;
}

/* DER says of no key whether it is encrypted: the plain forms come first */
static EVP_PKEY *readderkey (const Source *s, BIO *bio) {
  EVP_PKEY *key = d2i_PrivateKey_bio(bio, NULL);
  if (key != NULL || BIO_reset(bio) < 0)
    return key;
  return d2i_PKCS8PrivateKey_bio(bio, NULL, passwordof(s), s->userdata);
}

EVP_PKEY *lssl_readkey (const Source *source) {
  BIO *bio;
  EVP_PKEY *key;
  lssl_clearerrors();
  bio = newreader(source);
  if (bio == NULL)
    return NULL;
  if (source->der)
    key = readderkey(source, bio);
  else
    key = PEM_read_bio_PrivateKey(bio, NULL, passwordof(source),
                                  source->userdata);
  BIO_free(bio);
  if (key != NULL)
    lssl_clearerrors();  /* of the forms that it was not */
  return key;
}

/* raises for bytes that do not begin with a certificate that can be read */
static int failfirst (lua_State *L, int der, const char *what) {
  Trouble t;
  const char *text;
  lssl_taketrouble(&t);  /* before anything can raise */
  text = lua_pushfstring(L, "%s: %s does not contain a certificate",
                         der ? "not enough data" : "no start line", what);
  if (t.ailment != AILMENT_DAMAGED ||
      ERR_GET_REASON(t.code) == ASN1_R_NOT_ENOUGH_DATA)  /* said already */
    return lssl_sslerror(L, 0, text);
  return lssl_advisederror(L, 0, text, lua_pushfstring(L, "what is there "
                           "is another thing, or damaged (%s)", lssl_cause(&t)));
}

/* the same for one of those behind it */
static int faillater (lua_State *L, const char *what) {
  Trouble t;
  lssl_taketrouble(&t);
  if (t.ailment != AILMENT_DAMAGED)
    return lssl_raisetrouble(L, &t, NULL, NULL);
  return lssl_raisetrouble(L, &t, NULL, lua_pushfstring(L, "a certificate in "
           "%s is damaged%s%s", what, t.detail[0] ? ": " : "", t.detail));
}

int lssl_raisereading (lua_State *L, Reading reading, int der,
                       const char *what) {
  switch (reading) {
    case READ_EMPTY:
      return lssl_valueerror(L, "Empty certificate data");
    case READ_TOOLONG:
      return lssl_valueerror(L, "Certificate data is too long.");
    case READ_NONE:
      return failfirst(L, der, what);
    default:
      return faillater(L, what);
  }
}

/* }====================================================== */


/* keeps the first certificate */
static int takefirst (X509 *cert, void *taker) {
  X509 **first = (X509 **)taker;
  if (*first == NULL && X509_up_ref(cert))
    *first = cert;
  return *first != NULL;
}

/*@ ssl.decode_certificate(pem_or_der)
** Reads a certificate. It does not check the certificate: neither its signature nor its
** dates.
** - `pem_or_der` (string or bytearray): DER if its first byte is 0x30, otherwise PEM. Of
**   several certificates in PEM the first is decoded, but the others have to be well
**   formed too.
** Returns the table that `SSLSocket:getpeercert` returns, with these fields:
** - `subject`, `issuer` (arrays of RDNs, each an array of `{name, value}`);
** - `version` (integer), `serialNumber` (string, hexadecimal);
** - `notBefore`, `notAfter` (strings, see `ssl.cert_time_to_seconds`);
** - if the certificate has them: `subjectAltName` (array of `{kind, value}`), `OCSP`,
**   `caIssuers` and `crlDistributionPoints` (arrays of URIs).
** Strings are as the certificate holds them, with all NUL bytes. Names of persons and
** hosts are in UTF-8. Raises `ValueError` for no bytes at all, and `SSLError` if there is no
** certificate. OpenSSL: `PEM_read_bio_X509`, `d2i_X509_bio`; RFC 5280. Since: an addition.
**
** Type: fun(pem_or_der: string|bytearray): Certificate
**
**     local cert = ssl.decode_certificate(io.open(certfile):read("a"))
**     assert(cert.version == 3 and cert.subject[1][1][1] ~= nil)
*/
int lssl_decode_certificate (lua_State *L) {
  Source source = {NULL, 0, 0, 0, NULL, NULL};
  void **box;
  X509 *first = NULL;
  Reading reading;
  lua_settop(L, 1);
  source.data = lssl_checkbytes(L, 1, &source.size, "decode_certificate");
  source.der = lssl_isder(source.data, source.size);
  box = lssl_newbox(L, lssl_freecertificate);
  reading = lssl_readcertificates(&source, takefirst, &first);
  *box = first;
  if (reading != READ_OK)
    return lssl_raisereading(L, reading, source.der, "pem_or_der");
  lssl_pushcertificate(L, first);
  return 1;
}
