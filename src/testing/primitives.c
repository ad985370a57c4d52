/*
** primitives.c - what a TLS endpoint in Lua is made of: digests, HMAC, ciphers
** that authenticate, signatures and agreement on a key. For tests alone: nothing
** here is careful with time or with what stays in memory.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "testing/key.h"
#include "testing/primitives.h"

/* the digest that the string at 'arg' names; raises without one */
static const EVP_MD *checkdigest (lua_State *L, int arg) {
  const EVP_MD *md = lssl_optdigest(L, arg);
  if (md == NULL)
    lssl_argerror(L, arg, "digest", "name of a digest expected");
  return md;
}

/* digest(name, data) */
static int digestof (lua_State *L) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size;
  size_t len;
  const EVP_MD *md = checkdigest(L, 1);
  const char *data = lssl_checkstring(L, 2, &len, "digest");
  lssl_clearerrors();
  if (EVP_Digest(data, len, out, &size, md, NULL) != 1)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)out, size);
  return 1;
}

/* hmac(digest, key, data) */
static int hmac (lua_State *L) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size;
  size_t keylen, len;
  const EVP_MD *md = checkdigest(L, 1);
  const char *key = lssl_checkstring(L, 2, &keylen, "hmac");
  const char *data = lssl_checkstring(L, 3, &len, "hmac");
  lssl_clearerrors();
  if (HMAC(md, key, lssl_toint(L, keylen), (const unsigned char *)data, len,
           out, &size) == NULL)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)out, size);
  return 1;
}

/*
** {======================================================
** Ciphers
** =======================================================
*/

#define TAGSIZE	16

typedef struct Text {
  const EVP_CIPHER *cipher;
  const unsigned char *key, *nonce, *extra, *data;
  size_t extrasize, size;
} Text;

static void freecipher (void *p) {
  EVP_CIPHER_CTX_free((EVP_CIPHER_CTX *)p);
}

/* reads (cipher, key, nonce, additional data, data) */
static void checktext (lua_State *L, Text *t, const char *name) {
  const char *cipher = lssl_checkcstring(L, 1, name);
  size_t keysize, noncesize;
  t->cipher = EVP_get_cipherbyname(cipher);
  t->key = (const unsigned char *)lssl_checkstring(L, 2, &keysize, name);
  t->nonce = (const unsigned char *)lssl_checkstring(L, 3, &noncesize, name);
  t->extra = (const unsigned char *)lssl_checkstring(L, 4, &t->extrasize, name);
  t->data = (const unsigned char *)lssl_checkstring(L, 5, &t->size, name);
  if (t->cipher == NULL ||
      !(EVP_CIPHER_get_flags(t->cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) ||
      EVP_CIPHER_get_mode(t->cipher) == EVP_CIPH_CCM_MODE)
    lssl_valueerror(L, "no cipher '%s' for tests", cipher);
  if (keysize != (size_t)EVP_CIPHER_get_key_length(t->cipher) ||
      noncesize != (size_t)EVP_CIPHER_get_iv_length(t->cipher))
    lssl_valueerror(L, "wrong size of a key or nonce for '%s'", cipher);
}

/* encrypts (or not) into 'out', which has room for the text; 1 if it could */
static int transform (EVP_CIPHER_CTX *ctx, const Text *t, int encrypt,
                      unsigned char *out, unsigned char *tag, int size) {
  int n;
  return EVP_CipherInit_ex(ctx, t->cipher, NULL, t->key, t->nonce, encrypt) &&
         EVP_CipherUpdate(ctx, NULL, &n, t->extra, (int)t->extrasize) &&
         EVP_CipherUpdate(ctx, out, &n, t->data, size) &&
         (encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAGSIZE,
                                         tag) > 0) &&
         EVP_CipherFinal_ex(ctx, out + n, &n) > 0 &&
         (!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAGSIZE,
                                          tag) > 0);
}

/* pushes a userdata that owns a new context for a cipher */
static EVP_CIPHER_CTX *newcipher (lua_State *L) {
  void **box = lssl_newbox(L, freecipher);
  lssl_clearerrors();
  *box = EVP_CIPHER_CTX_new();
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (EVP_CIPHER_CTX *)*box;
}

/* seal(cipher, key, nonce, additional data, data): encrypted, with the tag */
static int seal (lua_State *L) {
  Text t;
  luaL_Buffer b;
  EVP_CIPHER_CTX *ctx;
  unsigned char *out;
  int size;
  checktext(L, &t, "seal");
  size = lssl_toint(L, t.size);
  ctx = newcipher(L);
  out = (unsigned char *)luaL_buffinitsize(L, &b, t.size + TAGSIZE);
  if (!transform(ctx, &t, 1, out, out + t.size, size))
    return lssl_raisequeue(L, NULL);
  luaL_pushresultsize(&b, t.size + TAGSIZE);
  return 1;
}

/* unseal(cipher, key, nonce, additional data, data): nil if the tag is wrong */
static int unseal (lua_State *L) {
  Text t;
  luaL_Buffer b;
  EVP_CIPHER_CTX *ctx;
  unsigned char tag[TAGSIZE];
  unsigned char *out;
  int size;
  checktext(L, &t, "unseal");
  if (t.size < TAGSIZE)
    return 0;
  size = lssl_toint(L, t.size - TAGSIZE);
  ctx = newcipher(L);
  memcpy(tag, t.data + size, TAGSIZE);
  out = (unsigned char *)luaL_buffinitsize(L, &b, t.size);
  if (!transform(ctx, &t, 0, out, tag, size)) {
    lssl_clearerrors();
    return 0;
  }
  luaL_pushresultsize(&b, (size_t)size);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Keys
** =======================================================
*/

static void freepkey (void *p) {
  EVP_PKEY_free((EVP_PKEY *)p);
}

static void freepkeyctx (void *p) {
  EVP_PKEY_CTX_free((EVP_PKEY_CTX *)p);
}

static void freemdctx (void *p) {
  EVP_MD_CTX_free((EVP_MD_CTX *)p);
}

/* share(key): its public half, as a key share has it */
static int share (lua_State *L) {
  EVP_PKEY *key = lssl_checkkey(L, 1, "share");
  unsigned char *bytes = NULL, copy[256];
  size_t size;
  lssl_clearerrors();
  size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
  if (size == 0 || size > sizeof copy) {
    OPENSSL_free(bytes);
    return lssl_raisequeue(L, NULL);
  }
  memcpy(copy, bytes, size);
  OPENSSL_free(bytes);
  lua_pushlstring(L, (const char *)copy, size);
  return 1;
}

/* agree(key, share of the peer): the secret of both; nil if the share is none */
static int agree (lua_State *L) {
  EVP_PKEY *key = lssl_checkkey(L, 1, "agree"), *peer;
  unsigned char secret[256];
  size_t len, size = sizeof secret;
  const char *bytes = lssl_checkstring(L, 2, &len, "agree");
  void **peerbox = lssl_newbox(L, freepkey);
  void **box = lssl_newbox(L, freepkeyctx);
  lssl_clearerrors();
  *peerbox = peer = EVP_PKEY_new();
  *box = EVP_PKEY_CTX_new(key, NULL);
  if (peer == NULL || *box == NULL)
    return lssl_raisequeue(L, NULL);
  if (!EVP_PKEY_copy_parameters(peer, key) ||
      EVP_PKEY_set1_encoded_public_key(peer, (const unsigned char *)bytes,
                                       len) != 1 ||
      EVP_PKEY_derive_init((EVP_PKEY_CTX *)*box) != 1 ||
      EVP_PKEY_derive_set_peer((EVP_PKEY_CTX *)*box, peer) != 1 ||
      EVP_PKEY_derive((EVP_PKEY_CTX *)*box, secret, &size) != 1) {
    lssl_clearerrors();
    return 0;
  }
  lua_pushlstring(L, (const char *)secret, size);
  return 1;
}

/* sign(key, digest or nil, data [, pss]): its signature of the data */
static int sign (lua_State *L) {
  EVP_PKEY *key = lssl_checkkey(L, 1, "sign");
  const EVP_MD *md = lssl_optdigest(L, 2);
  unsigned char signature[1024];
  size_t len, size = sizeof signature;
  const char *data = lssl_checkstring(L, 3, &len, "sign");
  int pss = lua_toboolean(L, 4);
  EVP_PKEY_CTX *parameters;
  EVP_MD_CTX *ctx;
  void **box = lssl_newbox(L, freemdctx);
  lssl_clearerrors();
  *box = ctx = EVP_MD_CTX_new();
  if (ctx == NULL ||
      EVP_DigestSignInit(ctx, &parameters, md, NULL, key) != 1 ||
      (pss && (EVP_PKEY_CTX_set_rsa_padding(parameters,
                                            RSA_PKCS1_PSS_PADDING) != 1 ||
               EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters,
                                                RSA_PSS_SALTLEN_DIGEST) != 1)) ||
      EVP_DigestSign(ctx, signature, &size, (const unsigned char *)data,
                     len) != 1)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)signature, size);
  return 1;
}

/* }====================================================== */

static const luaL_Reg functions[] = {
  {"digest", digestof},
  {"hmac", hmac},
  {"seal", seal},
  {"unseal", unseal},
  {"share", share},
  {"agree", agree},
  {"sign", sign},
  {NULL, NULL}
};

void lssl_openprimitives (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
