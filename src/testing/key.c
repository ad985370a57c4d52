/*
** key.c - private keys for tests: made, read and written.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "testing/key.h"
#include "testing/seed.h"

typedef struct Key {
  Object object;
  EVP_PKEY *pkey;
} Key;

static const Class keyclass;

/*
** {======================================================
** What others use too
** =======================================================
*/

EVP_PKEY *lssl_checkkey (lua_State *L, int arg, const char *name) {
  return ((Key *)lssl_checkobject(L, arg, &keyclass, name))->pkey;
}

const EVP_MD *lssl_optdigest (lua_State *L, int arg) {
  const EVP_MD *md;
  if (lua_isnil(L, arg))
    return NULL;
  md = EVP_get_digestbyname(lssl_checkcstring(L, arg, "digest"));
  if (md == NULL)
    lssl_valueerror(L, "unknown digest '%s'", lua_tostring(L, arg));
  return md;
}

/*
** The public key of an elliptic curve as it is in a certificate, made straight
** from its bytes: OpenSSL's general way takes six times as long as making the
** key. 0 if it is another kind of key.
*/
static int setcurvekey (X509_PUBKEY *to, EVP_PKEY *pkey) {
  unsigned char bytes[256], *copy;
  char group[64];
  size_t size;
  int curve;
  if (!EVP_PKEY_is_a(pkey, "EC") ||
      !EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) ||
      (curve = OBJ_sn2nid(group)) == NID_undef ||
      !EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, bytes,
                                       sizeof bytes, &size))
    return 0;
  copy = (unsigned char *)OPENSSL_memdup(bytes, size);
  if (copy == NULL)
    return 0;
  if (X509_PUBKEY_set0_param(to, OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
                             V_ASN1_OBJECT, OBJ_nid2obj(curve), copy,
                             (int)size))
    return 1;
  OPENSSL_free(copy);
  return 0;
}

int lssl_setpublickey (X509 *x, EVP_PKEY *pkey) {
  return setcurvekey((X509_PUBKEY *)(uintptr_t)X509_get_X509_PUBKEY(x), pkey) ||
         X509_set_pubkey(x, pkey) == 1;
}

BIO *lssl_newbio (lua_State *L) {
  void **box = lssl_newbox(L, lssl_freebio);
  *box = BIO_new(BIO_s_mem());
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (BIO *)*box;
}

void lssl_pushbio (lua_State *L, BIO *bio) {
  char *data;
  long size = BIO_get_mem_data(bio, &data);
  lssl_clearerrors();  /* what was tried in vain on the way, as an encoder */
  lua_pushlstring(L, data, (size_t)size);
}

/* }====================================================== */


/*
** {======================================================
** Making and reading
** =======================================================
*/

/* "RSA" or "RSA-bits": the number of bits, or 0 if it is no such name */
static size_t rsabits (lua_State *L, const char *type) {
  if (strcmp(type, "RSA") == 0)
    return 2048;
  if (strncmp(type, "RSA-", 4) != 0 || !lua_stringtonumber(L, type + 4))
    return 0;
  return (size_t)lua_tointeger(L, -1);
}

/* a post-quantum signature: FIPS 204, 205 */
static int isquantum (const char *type) {
  return strncmp(type, "ML-DSA-", 7) == 0 || strncmp(type, "SLH-DSA-", 8) == 0;
}

static EVP_PKEY *generate (const char *type, size_t bits) {
  if (bits != 0)
    return EVP_RSA_gen(bits);
  if (strncmp(type, "Ed", 2) == 0 || type[0] == 'X' || isquantum(type))
    return EVP_PKEY_Q_keygen(NULL, NULL, type);
  return EVP_EC_gen(type);
}

/*
** newkey(type): "P-256" or another curve, "RSA-2048", "Ed25519", "Ed448", "X25519",
** "X448", "ML-DSA-65"
*/
static int newkey (lua_State *L) {
  const char *type = lssl_checkcstring(L, 1, "newkey");
  size_t bits = rsabits(L, type);
  Key *k = (Key *)lssl_newobject(L, &keyclass);
  lssl_clearerrors();
  lssl_beginseeded();
  k->pkey = generate(type, bits);
  lssl_endseeded();
  if (k->pkey == NULL) {
    lssl_clearerrors();
#if OPENSSL_VERSION_NUMBER < 0x30500000L
    if (isquantum(type))
      return lssl_notimplemented(L, "keys of type '%s' need OpenSSL 3.5 or "
                                 "newer; this is %s", type,
                                 OpenSSL_version(OPENSSL_VERSION));
#endif
    return lssl_valueerror(L, "cannot make a key of type '%s'", type);
  }
  if (EVP_PKEY_get_size(k->pkey) <= 0)  /* no memory was left to ask for it */
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 1;
}

typedef struct Password {
  const char *text;
  size_t size;
} Password;

/* OpenSSL's own would ask at the terminal */
static int givepassword (char *to, int size, int writing, void *data) {
  const Password *p = (const Password *)data;
  (void)writing;
  if (p->text == NULL || p->size > (size_t)size)
    return -1;
  memcpy(to, p->text, p->size);
  return (int)p->size;
}

/* readkey(pem or DER [, password]) */
static int readkey (lua_State *L) {
  size_t size;
  Password password;
  const char *data = lssl_checkstring(L, 1, &size, "readkey");
  BIO *bio;
  Key *k;
  password.text = lssl_optstring(L, 2, &password.size, "readkey");
  bio = lssl_newbio(L);
  k = (Key *)lssl_newobject(L, &keyclass);
  lssl_clearerrors();
  if (BIO_write(bio, data, lssl_toint(L, size)) > 0)
    k->pkey = data[0] == 0x30
                ? d2i_PrivateKey_bio(bio, NULL)
                : PEM_read_bio_PrivateKey(bio, NULL, givepassword, &password);
  if (k->pkey == NULL)
    return lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Methods
** =======================================================
*/

/* key:pem([password]): PKCS #8, encrypted with AES-256 if a password is given */
static int key_pem (lua_State *L) {
  EVP_PKEY *pkey = lssl_checkkey(L, 1, ":pem");
  size_t size;
  const char *password = lssl_optstring(L, 2, &size, ":pem");
  int length = lssl_toint(L, size);
  BIO *bio = lssl_newbio(L);
  const EVP_CIPHER *cipher = password ? EVP_aes_256_cbc() : NULL;
  lssl_clearerrors();
  if (PEM_write_bio_PKCS8PrivateKey(bio, pkey, cipher, password, length, NULL,
                                    NULL) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

/* key:der(): PKCS #8 */
static int key_der (lua_State *L) {
  EVP_PKEY *pkey = lssl_checkkey(L, 1, ":der");
  BIO *bio = lssl_newbio(L);
  lssl_clearerrors();
  if (i2d_PKCS8PrivateKeyInfo_bio(bio, pkey) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

/*
** key:identifier(): the SHA-1 of the public key's bits, as RFC 5280, 4.2.1.2
** has it in its first method
*/
static int key_identifier (lua_State *L) {
  EVP_PKEY *pkey = lssl_checkkey(L, 1, ":identifier");
  unsigned char digest[SHA_DIGEST_LENGTH];
  X509_PUBKEY *spki;
  const unsigned char *bits;
  int size, made;
  lssl_clearerrors();
  spki = X509_PUBKEY_new();
  made = spki != NULL &&
         (setcurvekey(spki, pkey) || X509_PUBKEY_set(&spki, pkey) == 1) &&
         X509_PUBKEY_get0_param(NULL, &bits, &size, NULL, spki) == 1 &&
         EVP_Digest(bits, (size_t)size, digest, NULL, EVP_sha1(), NULL) == 1;
  X509_PUBKEY_free(spki);
  if (!made)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)digest, sizeof digest);
  return 1;
}

/* key:type(): "EC", "RSA", "ED25519", ... */
static int key_type (lua_State *L) {
  lua_pushstring(L, EVP_PKEY_get0_type_name(lssl_checkkey(L, 1, ":type")));
  return 1;
}

/* }====================================================== */

static void release (void *object) {
  Key *k = (Key *)object;
  EVP_PKEY *pkey = k->pkey;
  k->pkey = NULL;
  EVP_PKEY_free(pkey);
}

static const luaL_Reg methods[] = {
  {"pem", key_pem},
  {"der", key_der},
  {"identifier", key_identifier},
  {"type", key_type},
  {NULL, NULL}
};

static const Class keyclass = {
  .name = "Key", .tname = "ssl.testing.Key", .size = sizeof(Key),
  .release = release, .methods = methods
};

static const luaL_Reg functions[] = {
  {"newkey", newkey},
  {"readkey", readkey},
  {NULL, NULL}
};

void lssl_openissuerkey (lua_State *L) {
  lssl_openclass(L, &keyclass);
  luaL_setfuncs(L, functions, 0);
}
