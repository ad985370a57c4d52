/*
** cookies.c - the cookies of DTLS (RFC 6347, 4.2.1).
** SPDX-License-Identifier: MIT
**
** A cookie is an HMAC of the client's address. The key is changed every minute, and
** the one before it is good for another minute, so that nobody gathers cookies of
** addresses that are not his for later.
*/
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/callback.h"
#include "base/platform.h"
#include "context/cookies.h"

/* seconds */
#define LIFETIME	60

#define COOKIE	32		/* SHA-256's size */

int lssl_startcookies (CookieKeys *keys) {
  keys->since = lssl_now();
  return RAND_bytes(keys->key[0], sizeof keys->key[0]) == 1 &&
         RAND_bytes(keys->key[1], sizeof keys->key[1]) == 1;
}

int lssl_renewcookies (CookieKeys *keys) {
  unsigned char fresh[LSSL_COOKIEKEY];
  double now = lssl_now();
  if (now - keys->since < LIFETIME)
    return 1;
  if (now - keys->since >= 2 * LIFETIME)  /* the first one is too old, too */
    return lssl_startcookies(keys);
  if (RAND_bytes(fresh, sizeof fresh) != 1)
    return 0;
  memcpy(keys->key[1], keys->key[0], sizeof keys->key[1]);
  memcpy(keys->key[0], fresh, sizeof fresh);
  keys->since = now;
  return 1;
}

static int make (const Cookie *c, int which, unsigned char *cookie) {
  unsigned int size = 0;
  return HMAC(EVP_sha256(), c->keys->key[which], LSSL_COOKIEKEY, c->address,
              c->size, cookie, &size) != NULL && size == COOKIE;
}

static int on_generate (SSL *ssl, unsigned char *cookie, unsigned int *size) {
  const Caller *who = lssl_getcaller(ssl);
  if (who == NULL || who->cookie == NULL || !make(who->cookie, 0, cookie))
    return 0;
  *size = COOKIE;
  return 1;
}

static int is (const Cookie *c, int which, const unsigned char *cookie) {
  unsigned char expected[EVP_MAX_MD_SIZE];
  return make(c, which, expected) &&
         CRYPTO_memcmp(expected, cookie, COOKIE) == 0;
}

/*
** OpenSSL asks a second time when the handshake begins. It only does where the listening
** socket has taken the cookie for good, which may be longer ago than keys live.
*/
static int on_verify (SSL *ssl, const unsigned char *cookie,
                      unsigned int size) {
  const Caller *who = lssl_getcaller(ssl);
  if (who == NULL)
    return 0;
  if (who->cookie == NULL)
    return 1;
  return size == COOKIE &&
         (is(who->cookie, 0, cookie) || is(who->cookie, 1, cookie));
}

void lssl_usecookies (SSL_CTX *ctx) {
  SSL_CTX_set_cookie_generate_cb(ctx, on_generate);
  SSL_CTX_set_cookie_verify_cb(ctx, on_verify);
}
