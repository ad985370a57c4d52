/*
** seal.c - sessions encrypted for a store, by AES-256-GCM (NIST SP 800-38D): the
** key's name, the nonce, the ciphertext and the tag. What is authenticated besides
** is the session's ID.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "context/seal.h"

#define NONCE	12
#define TAG	16
#define HEAD	(LSSL_KEYNAME + NONCE)

static const unsigned char *findkey (const Ring *ring,
                                     const unsigned char *name) {
  size_t i;
  for (i = 0; i < ring->tickets.count; i++) {
    if (memcmp(ring->seals[i], name, LSSL_KEYNAME) == 0)
      return ring->seals[i] + LSSL_KEYNAME;
  }
  return NULL;
}

static int lock (EVP_CIPHER_CTX *c, const unsigned char *key,
                 const unsigned char *id, size_t idsize,
                 const unsigned char *from, size_t size, unsigned char *to) {
  unsigned char *nonce = to + LSSL_KEYNAME;
  int n;
  return RAND_bytes(nonce, NONCE) == 1 &&
         EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
         EVP_EncryptUpdate(c, NULL, &n, id, (int)idsize) == 1 &&
         EVP_EncryptUpdate(c, to + HEAD, &n, from, (int)size) == 1 &&
         EVP_EncryptFinal_ex(c, to + HEAD + n, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG,
                             to + HEAD + size) == 1;
}

int lssl_seal (Ring *ring, const unsigned char *id, size_t idsize,
               const unsigned char *from, size_t size, unsigned char *to) {
  EVP_CIPHER_CTX *c;
  const unsigned char *key;
  int ok;
  lssl_refreshring(ring);
  if (ring->tickets.count == 0 || size > INT_MAX - LSSL_SEAL)
    return 0;
  key = ring->seals[ring->tickets.present];
  memcpy(to, key, LSSL_KEYNAME);
  c = EVP_CIPHER_CTX_new();
  ok = c != NULL &&
       lock(c, key + LSSL_KEYNAME, id, idsize, from, size, to);
  EVP_CIPHER_CTX_free(c);
  return ok;
}

static int unlock (EVP_CIPHER_CTX *c, const unsigned char *key,
                   const unsigned char *id, size_t idsize,
                   const unsigned char *from, size_t size, unsigned char *to) {
  unsigned char tag[TAG];
  size_t text = size - LSSL_SEAL;
  int n;
  memcpy(tag, from + HEAD + text, TAG);
  return EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key,
                            from + LSSL_KEYNAME) == 1 &&
         EVP_DecryptUpdate(c, NULL, &n, id, (int)idsize) == 1 &&
         EVP_DecryptUpdate(c, to, &n, from + HEAD, (int)text) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
         EVP_DecryptFinal_ex(c, to + n, &n) == 1;
}

int lssl_unseal (Ring *ring, const unsigned char *id, size_t idsize,
                 const unsigned char *from, size_t size, unsigned char *to) {
  EVP_CIPHER_CTX *c;
  const unsigned char *key;
  int ok;
  if (size <= LSSL_SEAL || size > INT_MAX)
    return 0;
  lssl_refreshring(ring);
  key = findkey(ring, from);
  if (key == NULL)
    return 0;
  c = EVP_CIPHER_CTX_new();
  ok = c != NULL && unlock(c, key, id, idsize, from, size, to);
  EVP_CIPHER_CTX_free(c);
  return ok;
}
