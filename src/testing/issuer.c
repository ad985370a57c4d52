/*
** issuer.c - certificates for tests, made from their parts and signed.
** SPDX-License-Identifier: MIT
*/
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "testing/issuer.h"
#include "testing/key.h"
#include "testing/seed.h"

typedef struct Certificate {
  Object object;
  X509 *x509;
  int built;  /* here, not read */
} Certificate;

static const Class certificateclass;

/*
** One that was only built has no key that OpenSSL could use. Parsing takes
** as long as all of the building, so that it waits until it is needed.
*/
static int parseagain (Certificate *c) {
  unsigned char *der = NULL;
  const unsigned char *p;
  X509 *parsed = NULL;
  int size = i2d_X509(c->x509, &der);
  p = der;
  if (size > 0)
    parsed = d2i_X509(NULL, &p, size);
  OPENSSL_free(der);
  if (parsed == NULL)
    return 0;
  X509_free(c->x509);
  c->x509 = parsed;
  c->built = 0;
  return 1;
}

static Certificate *checkcertificate (lua_State *L, int arg,
                                      const char *name) {
  return (Certificate *)lssl_checkobject(L, arg, &certificateclass, name);
}

X509 *lssl_checkcertificate (lua_State *L, int arg, const char *name) {
  Certificate *c = checkcertificate(L, arg, name);
  lssl_clearerrors();
  if (c->built && !parseagain(c))
    lssl_raisequeue(L, NULL);
  return c->x509;
}

/*
** {======================================================
** Parts
** =======================================================
*/

static void freenumber (void *p) {
  BN_free((BIGNUM *)p);
}

static void freeinteger (void *p) {
  ASN1_INTEGER_free((ASN1_INTEGER *)p);
}

static void freeoctets (void *p) {
  ASN1_OCTET_STRING_free((ASN1_OCTET_STRING *)p);
}

static void freetime (void *p) {
  ASN1_TIME_free((ASN1_TIME *)p);
}

static void freename (void *p) {
  X509_NAME_free((X509_NAME *)p);
}

/* the bits of a serial that nobody chose: positive, and 16 bytes in DER */
#define SERIALBITS	127

/*
** Pushes a userdata that owns the serial number that the string at 'arg' has
** in hexadecimal, "-" before it if negative, or a random one for nil; or raises.
*/
static ASN1_INTEGER *newserial (lua_State *L, int arg) {
  const char *text = NULL;
  void **serial = lssl_newbox(L, freeinteger);
  void **number = lssl_newbox(L, freenumber);
  BIGNUM *bn;
  int made;
  if (!lua_isnil(L, arg))
    text = lssl_checkcstring(L, arg, "serial");
  lssl_clearerrors();
  *number = bn = BN_new();
  lssl_beginseeded();
  if (text != NULL)
    made = bn != NULL && BN_hex2bn(&bn, text) != 0;
  else
    made = bn != NULL && BN_rand(bn, SERIALBITS, BN_RAND_TOP_ONE,
                                 BN_RAND_BOTTOM_ANY);
  lssl_endseeded();
  if (made)
    *serial = BN_to_ASN1_INTEGER(bn, NULL);
  if (*serial == NULL && (text == NULL || lssl_outofmemory()))
    lssl_raisequeue(L, NULL);
  if (*serial == NULL)
    lssl_valueerror(L, "bad serial number '%s'", text ? text : "");
  lua_pop(L, 1);  /* the box of the number, which goes with the next cycle */
  return (ASN1_INTEGER *)*serial;
}

ASN1_TIME *lssl_newtime (lua_State *L, int arg) {
  int set;
  ASN1_TIME *t;
  void **box = lssl_newbox(L, freetime);
  if (lua_type(L, arg) != LUA_TSTRING)
    lssl_checkinteger(L, arg, "time");
  lssl_clearerrors();
  *box = t = ASN1_TIME_new();
  if (t == NULL)
    lssl_raisequeue(L, NULL);
  if (lua_type(L, arg) == LUA_TSTRING)
    set = ASN1_TIME_set_string(t, lua_tostring(L, arg)) == 1;
  else
    set = ASN1_TIME_set(t, (time_t)lua_tointeger(L, arg)) != NULL;
  if (!set) {
    lssl_clearerrors();
    lssl_valueerror(L, "no time for a certificate: %s",
                    luaL_tolstring(L, arg, NULL));
  }
  return t;
}

X509_NAME *lssl_newname (lua_State *L, int arg) {
  size_t size;
  const unsigned char *der =
    (const unsigned char *)lssl_checkstring(L, arg, &size, "name");
  void **box = lssl_newbox(L, freename);
  lssl_clearerrors();
  *box = d2i_X509_NAME(NULL, &der, (long)size);
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (X509_NAME *)*box;
}

static X509_EXTENSION *newextension (const char *oid, int critical,
                                     const char *der, int size) {
  ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  X509_EXTENSION *e = NULL;
  if (object != NULL && value != NULL &&
      ASN1_OCTET_STRING_set(value, (const unsigned char *)der, size))
    e = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(object);
  return e;
}

/* the extension {oid, critical, der} on the top */
static void addextension (lua_State *L, AddExtension add, void *object) {
  int index = lua_gettop(L), size, added;
  size_t length;
  const char *oid, *der;
  X509_EXTENSION *e;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_rawgeti(L, index, 1);
  lua_rawgeti(L, index, 2);
  lua_rawgeti(L, index, 3);
  oid = lssl_checkcstring(L, index + 1, "extension");
  der = lssl_checkstring(L, index + 3, &length, "extension");
  size = lssl_toint(L, length);
  lssl_clearerrors();
  e = newextension(oid, lua_toboolean(L, index + 2), der, size);
  added = e != NULL && add(object, e);
  X509_EXTENSION_free(e);
  if (!added)
    lssl_raisequeue(L, NULL);
  lua_settop(L, index);
}

void lssl_addextensions (lua_State *L, int arg, AddExtension add,
                         void *object) {
  lua_Integer i;
  if (lua_isnil(L, arg))
    return;
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  luaL_checktype(L, arg, LUA_TTABLE);
  for (i = 1; lua_rawgeti(L, arg, i) != LUA_TNIL; i++) {
    addextension(L, add, object);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* }====================================================== */


/*
** {======================================================
** Making and reading
** =======================================================
*/

static int add (void *object, X509_EXTENSION *e) {
  return X509_add_ext((X509 *)object, e, -1);
}

/* places of the arguments of 'certificate' */
enum {SUBJECT = 1, ISSUER, SERIAL, BEFORE, AFTER, KEY, ISSUERKEY, DIGEST,
      VERSION, EXTENSIONS};

/* all but the extensions and the signature; each setter copies */
static void fill (lua_State *L, X509 *x) {
  X509_NAME *subject = lssl_newname(L, SUBJECT);
  X509_NAME *issuer = lssl_newname(L, ISSUER);
  ASN1_INTEGER *serial = newserial(L, SERIAL);
  ASN1_TIME *before = lssl_newtime(L, BEFORE);
  ASN1_TIME *after = lssl_newtime(L, AFTER);
  EVP_PKEY *key = lssl_checkkey(L, KEY, "certificate");
  lua_Integer version = lssl_checkrange(L, VERSION, 1, 100, "version");
  lssl_clearerrors();
  if (!X509_set_version(x, (long)version - 1) ||
      !X509_set_subject_name(x, subject) || !X509_set_issuer_name(x, issuer) ||
      !X509_set_serialNumber(x, serial) || !X509_set1_notBefore(x, before) ||
      !X509_set1_notAfter(x, after) || !lssl_setpublickey(x, key))
    lssl_raisequeue(L, NULL);
}

/*
** certificate{subject =, issuer =, serial =, not_before =, not_after =, key =,
** issuer_key =, digest =, version =, extensions =}: names in DER, times as
** numbers or strings, the serial in hexadecimal (nil: random)
*/
static int certificate (lua_State *L) {
  Certificate *c;
  const EVP_MD *md;
  EVP_PKEY *key;
  int size;
  lssl_arguments(L, "certificate", "subject issuer serial not_before not_after"
                 " key issuer_key digest version extensions*");
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  c = (Certificate *)lssl_newobject(L, &certificateclass);
  key = lssl_checkkey(L, ISSUERKEY, "certificate");
  md = lssl_optdigest(L, DIGEST);
  c->x509 = X509_new();
  c->built = 1;
  if (c->x509 == NULL)
    return lssl_raisequeue(L, NULL);
  fill(L, c->x509);
  lssl_addextensions(L, EXTENSIONS, add, c->x509);
  lssl_clearerrors();
  lssl_beginseeded();
  size = X509_sign(c->x509, key, md);
  lssl_endseeded();
  /* lacking memory, ECDSA of OpenSSL 3.0 queues an error and succeeds */
  if (size == 0 || lssl_haserrors()) {
    lssl_clearerrors();
    return lssl_valueerror(L, "the key cannot sign with digest '%s'",
                           luaL_tolstring(L, DIGEST, NULL));
  }
  lua_settop(L, EXTENSIONS + 1);
  return 1;
}

/* readcertificate(pem or DER) */
static int readcertificate (lua_State *L) {
  size_t size;
  const char *data = lssl_checkstring(L, 1, &size, "readcertificate");
  const unsigned char *der = (const unsigned char *)data;
  BIO *bio = lssl_newbio(L);
  Certificate *c = (Certificate *)lssl_newobject(L, &certificateclass);
  lssl_clearerrors();
  if (data[0] == 0x30)
    c->x509 = d2i_X509(NULL, &der, (long)size);
  else if (BIO_write(bio, data, lssl_toint(L, size)) > 0)
    c->x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  if (c->x509 == NULL)
    return lssl_raisequeue(L, NULL);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Methods
** =======================================================
*/

static int certificate_der (lua_State *L) {
  X509 *x = checkcertificate(L, 1, ":der")->x509;
  BIO *bio = lssl_newbio(L);
  lssl_clearerrors();
  if (i2d_X509_bio(bio, x) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

static int certificate_pem (lua_State *L) {
  X509 *x = checkcertificate(L, 1, ":pem")->x509;
  BIO *bio = lssl_newbio(L);
  lssl_clearerrors();
  if (PEM_write_bio_X509(bio, x) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

/* certificate:subject(): its DER */
static int certificate_subject (lua_State *L) {
  X509 *x = checkcertificate(L, 1, ":subject")->x509;
  const unsigned char *der;
  size_t size;
  lssl_clearerrors();
  if (!X509_NAME_get0_der(X509_get_subject_name(x), &der, &size))
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)der, size);
  return 1;
}

/* certificate:matches(key) */
static int certificate_matches (lua_State *L) {
  X509 *x = lssl_checkcertificate(L, 1, ":matches");
  EVP_PKEY *key = lssl_checkkey(L, 2, ":matches");
  lua_pushboolean(L, X509_check_private_key(x, key) == 1);
  lssl_clearerrors();
  return 1;
}

/* }====================================================== */


static void release (void *object) {
  Certificate *c = (Certificate *)object;
  X509 *x = c->x509;
  c->x509 = NULL;
  X509_free(x);
}

static const luaL_Reg methods[] = {
  {"der", certificate_der},
  {"pem", certificate_pem},
  {"subject", certificate_subject},
  {"matches", certificate_matches},
  {NULL, NULL}
};

static const Class certificateclass = {
  .name = "Certificate", .tname = "ssl.testing.Certificate",
  .size = sizeof(Certificate), .release = release, .methods = methods
};

/* address(text): the 4 or 16 bytes of an IP address; nil if it is none */
static int address (lua_State *L) {
  const char *text = lssl_checkcstring(L, 1, "address");
  void **box = lssl_newbox(L, freeoctets);
  ASN1_OCTET_STRING *octets = a2i_IPADDRESS(text);
  lssl_clearerrors();
  if (octets == NULL)
    return 0;
  *box = octets;
  lua_pushlstring(L, (const char *)ASN1_STRING_get0_data(octets),
                  (size_t)ASN1_STRING_length(octets));
  return 1;
}

static const luaL_Reg functions[] = {
  {"certificate", certificate},
  {"readcertificate", readcertificate},
  {"address", address},
  {NULL, NULL}
};

void lssl_openissuer (lua_State *L) {
  lssl_openclass(L, &certificateclass);
  luaL_setfuncs(L, functions, 0);
}
