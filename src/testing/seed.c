/*
** seed.c - randomness that a test can repeat. While the kit makes a key or signs,
** OpenSSL's random bytes are replaced by those of a seed. All else in the process,
** TLS above all, keeps OpenSSL's own.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "testing/seed.h"

#if !defined(OPENSSL_NO_DEPRECATED_3_0)

/*
** The stream of a seed: SHA-256 of the seed and a counter. The method of random
** numbers is the process's, so the stream is, too.
*/
static struct {
  unsigned char key[SHA256_DIGEST_LENGTH + 8];  /* the seed's digest; counter */
  unsigned char block[SHA256_DIGEST_LENGTH];
  size_t left;	/* how many bytes of 'block' are unused, at its end */
  int seeded;
} stream;

static int nextblock (void) {
  int i = (int)sizeof stream.key;
  while (--i >= SHA256_DIGEST_LENGTH && ++stream.key[i] == 0) {
  }
  stream.left = sizeof stream.block;
  return EVP_Digest(stream.key, sizeof stream.key, stream.block, NULL,
                    EVP_sha256(), NULL) == 1;
}

static int stream_bytes (unsigned char *to, int size) {
  for (; size > 0; size--) {
    if (stream.left == 0 && !nextblock())
      return 0;
    *to++ = stream.block[sizeof stream.block - stream.left--];
  }
  return 1;
}

static int stream_status (void) {
  return 1;
}

static const RAND_METHOD method = {
  .bytes = stream_bytes, .pseudorand = stream_bytes, .status = stream_status
};

/* OpenSSL has no other way to replace what its key generators ask, since 1.1 */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif

void lssl_beginseeded (void) {
  if (stream.seeded)
    RAND_set_rand_method(&method);
}

void lssl_endseeded (void) {
  if (stream.seeded)
    RAND_set_rand_method(RAND_OpenSSL());
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* seed([bytes]): from here on, keys and signatures are those of the bytes */
static int seed (lua_State *L) {
  size_t size;
  const char *bytes = lssl_optstring(L, 1, &size, "seed");
  memset(&stream, 0, sizeof stream);
  if (bytes == NULL)
    return 0;
  lssl_clearerrors();
  if (EVP_Digest(bytes, size, stream.key, NULL, EVP_sha256(), NULL) != 1)
    return lssl_raisequeue(L, NULL);
  stream.seeded = 1;
  return 0;
}

#else

void lssl_beginseeded (void) {
}

void lssl_endseeded (void) {
}

static int seed (lua_State *L) {
  if (lua_isnoneornil(L, 1))
    return 0;
  return lssl_notimplemented(L, "no seed: this OpenSSL was built without what "
                             "3.0 deprecated");
}

#endif

void lssl_openseed (lua_State *L) {
  lua_pushcfunction(L, seed);
  lua_setfield(L, -2, "seed");
}
