/*
** ticketkeys.c - the keys that a server encrypts its session tickets with
** (RFC 5077; RFC 8446, 4.6.1). OpenSSL asks the context that the handshake began
** with, which the connection may have left for another: so each SSL holds the
** keys itself.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "context/ticketkeys.h"

#define NAME	LSSL_KEYNAME
#define KEY	32

/* one index for the process, made once; constant from then on */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int keysindex = -1;

static void makeindex (void) {
  keysindex = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* the keys lie behind the struct */
static size_t sizeofkeys (size_t count) {
  return sizeof(TicketKeys) + count * LSSL_TICKETKEY;
}

static void release (TicketKeys *keys) {
  OPENSSL_clear_free(keys, sizeofkeys(keys->count));
}

TicketKeys *lssl_newticketkeys (size_t count) {
  TicketKeys *keys = (TicketKeys *)OPENSSL_zalloc(sizeofkeys(count));
  if (keys != NULL) {
    keys->references = 1;
    keys->count = count;
    keys->keys = (unsigned char (*)[LSSL_TICKETKEY])(keys + 1);
    keys->release = release;
  }
  return keys;
}

void lssl_dropticketkeys (TicketKeys *keys) {
  if (keys != NULL && --keys->references == 0)
    keys->release(keys);
}

/* readies both ciphers with 'key' */
static int start (const unsigned char *key, const unsigned char *iv,
                  EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt) {
  unsigned char secret[KEY];
  char digest[] = "SHA256";
  OSSL_PARAM params[3];
  int ok;
  memcpy(secret, key + NAME + KEY, KEY);
  params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret,
                                                KEY);
  params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
                                               0);
  params[2] = OSSL_PARAM_construct_end();
  ok = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key + NAME, iv,
                         encrypt) == 1 &&
       EVP_MAC_CTX_set_params(mac, params) == 1;
  OPENSSL_cleanse(secret, sizeof secret);
  return ok;
}

/* -1: failure; 0: no such key; 1: done; 2: done, but make a new ticket */
static int on_ticket (SSL *ssl, unsigned char *name, unsigned char *iv,
                      EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt) {
  TicketKeys *keys = (TicketKeys *)SSL_get_ex_data(ssl, keysindex);
  size_t i;
  if (keys != NULL && keys->refresh != NULL)
    keys->refresh(keys);
  if (keys == NULL || keys->count == 0)
    return 0;
  if (encrypt) {
    const unsigned char *key = keys->keys[keys->present];
    memcpy(name, key, NAME);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
      return -1;
    return start(key, iv, cipher, mac, 1) ? 1 : -1;
  }
  for (i = 0; i < keys->count; i++) {
    if (memcmp(name, keys->keys[i], NAME) == 0) {
      if (!start(keys->keys[i], iv, cipher, mac, 0))
        return -1;
      return i == keys->present ? 1 : 2;
    }
  }
  return 0;
}

int lssl_enableticketkeys (SSL_CTX *ctx, int enable) {
  return CRYPTO_THREAD_run_once(&once, makeindex) && keysindex >= 0 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, enable ? on_ticket
                                                          : NULL);
}

int lssl_giveticketkeys (SSL *ssl, TicketKeys *keys) {
  if (keys == NULL)
    return 1;
  if (!SSL_set_ex_data(ssl, keysindex, keys))
    return 0;
  keys->references++;
  return 1;
}

void lssl_taketicketkeys (SSL *ssl) {
  if (CRYPTO_THREAD_run_once(&once, makeindex) && keysindex >= 0) {
    TicketKeys *keys = (TicketKeys *)SSL_get_ex_data(ssl, keysindex);
    if (keys != NULL)
      SSL_set_ex_data(ssl, keysindex, NULL);
    lssl_dropticketkeys(keys);
  }
}
