/*
** certificate.c - LuaSec's certificate: its life, its forms, its checks.
** SPDX-License-Identifier: MIT
*/
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "luasec/certificate.h"
#include "x509/asn1.h"
#include "x509/certificate.h"

static const Class certificateclass;

X509 **lssl_newluaseccertificate (lua_State *L) {
  return &((Certificate *)lssl_newobject(L, &certificateclass))->cert;
}

Certificate *lssl_selfcertificate (lua_State *L) {
  return (Certificate *)lssl_self(L, &certificateclass);
}

void lssl_addtocertificate (lua_State *L, const luaL_Reg *methods) {
  lssl_extendclass(L, &certificateclass, methods, NULL, NULL);
}

static X509 *self (lua_State *L) {
  return lssl_selfcertificate(L)->cert;
}

static X509 *checkcertificate (lua_State *L, int arg) {
  return ((Certificate *)lssl_checkobject(L, arg, &certificateclass,
                                          ":issued"))->cert;
}

/*
** {======================================================
** Forms
** =======================================================
*/

/* pushes a box with a BIO to print to */
static BIO *newoutput (lua_State *L) {
  void **box = lssl_newbox(L, lssl_freebio);
  lssl_clearerrors();
  *box = BIO_new(BIO_s_mem());
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (BIO *)*box;
}

static void pushoutput (lua_State *L, BIO *output) {
  char *text = NULL;
  long size = BIO_get_mem_data(output, &text);
  lua_pushlstring(L, text, size > 0 ? (size_t)size : 0);
}

/*@ certificate:pem()
** Returns the certificate in PEM.
** Returns a string. OpenSSL: `PEM_write_bio_X509`.
**
** Type: fun(): string
**
**     assert(luasec.loadcertificate(cert:pem()):serial() == cert:serial())
*/
static int certificate_pem (lua_State *L) {
  X509 *cert = self(L);
  BIO *output = newoutput(L);
  if (!PEM_write_bio_X509(output, cert))
    return lssl_raisequeue(L, NULL);
  pushoutput(L, output);
  return 1;
}

/* LuaSec's names of the kinds of keys */
static const char *kindof (const EVP_PKEY *key) {
  const char *name;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return "RSA";
    case EVP_PKEY_DSA: return "DSA";
    case EVP_PKEY_DH: return "DH";
    case EVP_PKEY_EC: return "EC";
    default:
      name = EVP_PKEY_get0_type_name(key);
      return name ? name : "Unknown";
  }
}

/*@ certificate:pubkey()
** Returns the public key of the certificate.
** Returns the key in PEM (string), its kind, and its size in bits (integer). The kind is
** `"RSA"`, `"DSA"`, `"DH"`, `"EC"`, or OpenSSL's name of another kind; LuaSec says `"Unknown"`
** for those. Returns nil if OpenSSL does not know the kind. OpenSSL: `X509_get0_pubkey`.
**
** Type: fun(): string?, string?, integer?
**
**     local pem, kind, bits = cert:pubkey()
**     assert(pem:find("BEGIN PUBLIC KEY", 1, true) and bits >= 256)
*/
static int certificate_pubkey (lua_State *L) {
  X509 *cert = self(L);
  BIO *output = newoutput(L);
  EVP_PKEY *key = X509_get0_pubkey(cert);
  if (key == NULL || !PEM_write_bio_PUBKEY(output, key)) {
    lssl_clearerrors();
    lua_pushnil(L);
    return 1;
  }
  pushoutput(L, output);
  lua_pushstring(L, kindof(key));
  lua_pushinteger(L, EVP_PKEY_get_bits(key));
  return 3;
}

static void pushhex (lua_State *L, const unsigned char *data, size_t size) {
  static const char digits[] = "0123456789abcdef";
  char text[2 * EVP_MAX_MD_SIZE];
  size_t i;
  for (i = 0; i < size; i++) {
    text[2 * i] = digits[data[i] >> 4];
    text[2 * i + 1] = digits[data[i] & 15];
  }
  lua_pushlstring(L, text, 2 * size);
}

/*@ certificate:digest([algorithm])
** Returns the fingerprint of the certificate.
** - `algorithm` (string): `"sha1"` by default. `"sha256"` and `"sha512"` are better.
** Returns a string of hexadecimal digits; or nil and a text for another algorithm. OpenSSL:
** `X509_digest`.
**
** Type: fun(algorithm?: string): string?, string?
**
**     assert(#cert:digest("sha256") == 64)
*/
static int certificate_digest (lua_State *L) {
  unsigned char data[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509 *cert = self(L);
  const char *name = luaL_optstring(L, 2, "sha1");
  const EVP_MD *md = NULL;
  if (strcmp(name, "sha1") == 0)
    md = EVP_sha1();
  else if (strcmp(name, "sha256") == 0)
    md = EVP_sha256();
  else if (strcmp(name, "sha512") == 0)
    md = EVP_sha512();
  if (md == NULL) {
    lua_pushnil(L);
    lua_pushfstring(L, "digest algorithm not supported (%s)", name);
    return 2;
  }
  lssl_clearerrors();
  if (!X509_digest(cert, md, data, &size))
    return lssl_raisequeue(L, NULL);
  pushhex(L, data, size);
  return 1;
}

/*@ certificate:serial()
** Returns the serial number.
** Returns a string of hexadecimal digits. OpenSSL: `X509_get0_serialNumber`.
**
** Type: fun(): string
**
**     assert(cert:serial():find("^%x+$"))
*/
static int certificate_serial (lua_State *L) {
  X509 *cert = self(L);
  void **box = lssl_newbox(L, lssl_freebytes);
  BIGNUM *number;
  lssl_clearerrors();
  number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
  if (number != NULL)
    *box = BN_bn2hex(number);
  BN_free(number);
  if (*box == NULL)
    return lssl_raisequeue(L, NULL);
  lua_pushstring(L, (const char *)*box);
  lssl_emptybox(L, -2);
  return 1;
}

/*@ certificate:getsignaturename()
** Returns the name of the algorithm that signed the certificate.
** Returns OpenSSL's short name (string). OpenSSL: `X509_get_signature_nid`.
**
** Type: fun(): string
**
**     assert(cert:getsignaturename():find("SHA256", 1, true))
*/
static int certificate_getsignaturename (lua_State *L) {
  lua_pushstring(L, OBJ_nid2sn(X509_get_signature_nid(self(L))));
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Checks
** =======================================================
*/

/*@ certificate:notbefore()
** Returns the time from which the certificate is valid.
** Returns a string such as `"Nov 28 00:21:34 2026 GMT"`. OpenSSL: `X509_get0_notBefore`.
**
** Type: fun(): string
**
**     assert(cert:notbefore():find("GMT$"))
*/
static int certificate_notbefore (lua_State *L) {
  lssl_pushtime(L, X509_get0_notBefore(self(L)));
  return 1;
}

/*@ certificate:notafter()
** Returns the time until which the certificate is valid.
** Returns a string, as `notbefore` does. OpenSSL: `X509_get0_notAfter`.
**
** Type: fun(): string
**
**     assert(cert:notafter():find("GMT$"))
*/
static int certificate_notafter (lua_State *L) {
  lssl_pushtime(L, X509_get0_notAfter(self(L)));
  return 1;
}

/*@ certificate:validat(time)
** Tells whether the certificate is valid at a time.
** - `time` (integer): seconds since 1970, as `os.time` gives them.
** Returns a boolean. OpenSSL: `ASN1_TIME_cmp_time_t`.
**
** Type: fun(time: integer): boolean
**
**     assert(cert:validat(os.time()) and not cert:validat(0))
*/
static int certificate_validat (lua_State *L) {
  X509 *cert = self(L);
  time_t at = (time_t)luaL_checkinteger(L, 2);
  int begin = ASN1_TIME_cmp_time_t(X509_get0_notBefore(cert), at);
  int end = ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert), at);
  lua_pushboolean(L, (begin == -1 || begin == 0) && end >= 0);  /* -2: no time */
  return 1;
}

static void freestore (void *store) {
  X509_STORE_free((X509_STORE *)store);
}

static void freecheck (void *check) {
  X509_STORE_CTX_free((X509_STORE_CTX *)check);
}

static void freelist (void *list) {
  sk_X509_free((STACK_OF(X509) *)list);
}

/* pushes the boxes of what a check needs: X509_STORE_CTX on the top; NULL on
   failure. The certificates from 3 to 'top' may lead from 'cert' to 'issuer'. */
static X509_STORE_CTX *newcheck (lua_State *L, X509 *issuer, X509 *cert,
                                 int top) {
  void **list = lssl_newbox(L, freelist);
  void **store = lssl_newbox(L, freestore);
  void **check = lssl_newbox(L, freecheck);
  int i;
  lssl_clearerrors();
  *list = sk_X509_new_null();
  *store = X509_STORE_new();
  *check = X509_STORE_CTX_new();
  if (*list == NULL || *store == NULL || *check == NULL ||
      !X509_STORE_add_cert((X509_STORE *)*store, issuer))
    return NULL;
  for (i = 3; i <= top; i++) {
    if (!sk_X509_push((STACK_OF(X509) *)*list, checkcertificate(L, i)))
      return NULL;
  }
  if (!X509_STORE_CTX_init((X509_STORE_CTX *)*check, (X509_STORE *)*store,
                           cert, (STACK_OF(X509) *)*list))
    return NULL;
  return (X509_STORE_CTX *)*check;
}

/*@ certificate:issued(cert [, ...])
** Tells whether this certificate has issued another one. It trusts this certificate alone for
** the check.
** - `cert` (certificate): the other one.
** - `...` (certificates): certificates between the two.
** Returns true; or nil and a text. OpenSSL: `X509_verify_cert`.
**
** Type: fun(cert: certificate, ...: certificate): true?, string?
**
**     assert(authority:issued(cert))
*/
static int certificate_issued (lua_State *L) {
  X509 *issuer = self(L);
  X509 *cert = checkcertificate(L, 2);
  int top = lua_gettop(L), ok;
  X509_STORE_CTX *check = newcheck(L, issuer, cert, top);
  if (check == NULL)
    return lssl_raisequeue(L, NULL);
  ok = X509_verify_cert(check) > 0;
  lssl_clearerrors();
  if (ok) {
    lua_pushboolean(L, 1);
    lssl_emptybox(L, top + 3);  /* before what it refers to */
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, X509_verify_cert_error_string(
                      X509_STORE_CTX_get_error(check)));
  lssl_emptybox(L, top + 3);
  return 2;
}

/* }====================================================== */


/* (pem) -> a certificate; nil for anything else */
static int load (lua_State *L) {
  size_t size;
  const char *pem = luaL_checklstring(L, 1, &size);
  void **bio = lssl_newbox(L, lssl_freebio);
  X509 **slot = lssl_newluaseccertificate(L);
  *bio = size <= INT32_MAX ? BIO_new_mem_buf(pem, (int)size) : NULL;
  if (*bio != NULL)
    *slot = PEM_read_bio_X509((BIO *)*bio, NULL, lssl_nopassword, NULL);
  lssl_clearerrors();
  if (*slot == NULL)
    lua_pushnil(L);
  return 1;
}

static int certificate_tostring (lua_State *L) {
  lua_pushfstring(L, "X509 certificate: %p", (const void *)self(L));
  return 1;
}

/* a to-be-closed variable may hold one; the collector frees it all the same */
static int certificate_close (lua_State *L) {
  (void)L;
  return 0;
}

static void release (void *object) {
  Certificate *c = (Certificate *)object;
  X509_free(c->cert);
  c->cert = NULL;
}

static const luaL_Reg methods[] = {
  {"pem", certificate_pem},
  {"pubkey", certificate_pubkey},
  {"digest", certificate_digest},
  {"serial", certificate_serial},
  {"getsignaturename", certificate_getsignaturename},
  {"notbefore", certificate_notbefore},
  {"notafter", certificate_notafter},
  {"validat", certificate_validat},
  {"issued", certificate_issued},
  {NULL, NULL}
};

static const Class certificateclass = {
  .name = "Certificate", .tname = "ssl.luasec.certificate",
  .size = sizeof(Certificate), .release = release, .methods = methods,
  .tostring = certificate_tostring, .close = certificate_close
};

void lssl_openluaseccertificate (lua_State *L) {
  lssl_openplainclass(L, &certificateclass);
  lua_pushcfunction(L, load);
  lua_setfield(L, -2, "loadcertificate");
}
