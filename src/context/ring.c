/*
** ring.c - ticket keys from a secret and the clock, by HKDF (RFC 5869).
** SPDX-License-Identifier: MIT
**
** Key number n is for the seconds from n * period on. Its input is the secret, its
** salt SALT; its info is a label, the period and n, as 64-bit numbers in network
** order. That is the agreement between machines, so it may never change.
*/
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/outcome.h"
#include "context/ring.h"

#define SALT	"lua-ssl ticket ring"
#define TICKETS	"ticket key"
#define SEALS	"session seal"

/*
** {======================================================
** Derivation
** =======================================================
*/

static size_t putnumber (unsigned char *to, Moment n) {
  int i;
  for (i = 0; i < 8; i++)
    to[i] = (unsigned char)((unsigned long long)n >> (56 - 8 * i));
  return 8;
}

static int expand (EVP_KDF_CTX *kdf, const Secret *secret,
                   unsigned char *info, size_t infosize,
                   unsigned char *to, size_t size) {
  char digest[] = "SHA256", salt[] = SALT;
  OSSL_PARAM params[5];
  params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest,
                                               0);
  params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                secret->bytes, secret->size);
  params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt,
                                                sizeof salt - 1);
  params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
                                                infosize);
  params[4] = OSSL_PARAM_construct_end();
  return kdf != NULL && EVP_KDF_derive(kdf, to, size, params) == 1;
}

/* 'size' bytes of the key with that label for period number 'n' */
static int derive (const Ring *ring, const Secret *secret, const char *label,
                   Moment n, unsigned char *to, size_t size) {
  unsigned char info[32];
  size_t len = strlen(label);
  EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
  EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(hkdf);
  int ok;
  memcpy(info, label, len);
  len += putnumber(info + len, ring->period);
  len += putnumber(info + len, n);
  ok = expand(kdf, secret, info, len, to, size);
  EVP_KDF_CTX_free(kdf);
  EVP_KDF_free(hkdf);
  return ok;
}

/* }====================================================== */


/*
** {======================================================
** Secrets
** =======================================================
*/

static void wipesecret (Secret *secret) {
  OPENSSL_clear_free(secret->bytes, secret->size);
  memset(secret, 0, sizeof *secret);
}

/* the keys no longer fit the secrets */
static void invalidate (Ring *ring) {
  ring->from = ring->until = 0;
}

static int fill (Secret *secret, const unsigned char *bytes, size_t size,
                 Moment begins) {
  secret->bytes = (unsigned char *)OPENSSL_memdup(bytes, size);
  secret->size = size;
  secret->begins = begins;
  secret->retired = -1;
  return secret->bytes != NULL;
}

int lssl_addsecret (Ring *ring, const unsigned char *bytes, size_t size) {
  if (ring->count == LSSL_MAXSECRETS ||
      !fill(&ring->secrets[ring->count], bytes, size, 0))
    return 0;
  ring->count++;
  invalidate(ring);
  return 1;
}

int lssl_rotatesecret (Ring *ring, const unsigned char *bytes, size_t size,
                       Moment begins) {
  Secret added;
  if (!fill(&added, bytes, size, begins))
    return 0;
  if (ring->count == LSSL_MAXSECRETS)
    wipesecret(&ring->secrets[--ring->count]);
  if (ring->count > 0 && ring->secrets[0].retired < 0)
    ring->secrets[0].retired = begins;
  memmove(ring->secrets + 1, ring->secrets, ring->count * sizeof added);
  ring->secrets[0] = added;
  ring->count++;
  invalidate(ring);
  return 1;
}

void lssl_movesecrets (Ring *ring, Ring *from) {
  size_t i;
  for (i = 0; i < ring->count; i++)
    wipesecret(&ring->secrets[i]);
  memcpy(ring->secrets, from->secrets, sizeof from->secrets);
  memset(from->secrets, 0, sizeof from->secrets);
  ring->count = from->count;
  from->count = 0;
  invalidate(ring);
}

/* }====================================================== */


/*
** {======================================================
** Time
** =======================================================
*/

Moment lssl_ringtime (const Ring *ring) {
  return ring->tickets.clocked ? ring->now : (Moment)time(NULL);
}

/* the number of the period with that moment in it; it may be before 1970 */
static Moment periodof (const Ring *ring, Moment at) {
  Moment n = at / ring->period;
  return at % ring->period < 0 ? n - 1 : n;
}

/* the first and the last period whose keys count */
static Moment firstperiod (const Ring *ring, Moment now) {
  return periodof(ring, now - ring->skew) - ring->keep;
}

static Moment lastperiod (const Ring *ring, Moment now) {
  return periodof(ring, now + ring->skew);
}

/* has every ticket of the secret run out, those of late machines too? */
static int isover (const Ring *ring, const Secret *secret, Moment now) {
  return secret->retired >= 0 && firstperiod(ring, now) >
         periodof(ring, secret->retired + ring->skew);
}

static void dropold (Ring *ring, Moment now) {
  while (ring->count > 1 &&
         isover(ring, &ring->secrets[ring->count - 1], now))
    wipesecret(&ring->secrets[--ring->count]);
}

/* the secret that encrypts: the newest one that has begun */
static size_t encrypting (const Ring *ring, Moment now) {
  size_t i = 0;
  while (i + 1 < ring->count && ring->secrets[i].begins > now)
    i++;
  return i;
}

static Moment earlier (Moment a, Moment b) { return a < b ? a : b; }

/* from 'now' on, how long nothing changes */
static Moment nextchange (const Ring *ring, Moment now) {
  Moment ends = (periodof(ring, now) + 1) * ring->period;
  size_t i;
  ends = earlier(ends, (lastperiod(ring, now) + 1) * ring->period - ring->skew);
  ends = earlier(ends, (periodof(ring, now - ring->skew) + 1) * ring->period +
                       ring->skew);
  for (i = 0; i < ring->count; i++) {
    if (ring->secrets[i].begins > now)
      ends = earlier(ends, ring->secrets[i].begins);
  }
  return ends;
}

/* }====================================================== */


/*
** {======================================================
** Keys
** =======================================================
*/

static void dropkeys (Ring *ring) {
  size_t count = ring->tickets.count;
  OPENSSL_clear_free(ring->tickets.keys, count * LSSL_TICKETKEY);
  OPENSSL_clear_free(ring->seals, count * LSSL_SEALKEY);
  ring->tickets.keys = NULL;
  ring->seals = NULL;
  ring->tickets.count = ring->tickets.present = 0;
}

static int makekeys (Ring *ring, size_t count) {
  dropkeys(ring);
  ring->tickets.keys = OPENSSL_zalloc(count * LSSL_TICKETKEY);
  ring->seals = OPENSSL_zalloc(count * LSSL_SEALKEY);
  ring->tickets.count = count;
  return ring->tickets.keys != NULL && ring->seals != NULL;
}

/* derives key 'i', for a period of a secret */
static int makekey (Ring *ring, size_t i, const Secret *secret, Moment n) {
  return derive(ring, secret, TICKETS, n, ring->tickets.keys[i],
                LSSL_TICKETKEY) &&
         derive(ring, secret, SEALS, n, ring->seals[i], LSSL_SEALKEY);
}

/* the keys of each secret for each period that counts; 0 for no memory */
static int derivekeys (Ring *ring, Moment now) {
  Moment first = firstperiod(ring, now), last = lastperiod(ring, now);
  size_t periods = (size_t)(last - first) + 1, s, p;
  size_t best = encrypting(ring, now);
  if (!makekeys(ring, ring->count * periods))
    return 0;
  for (s = 0; s < ring->count; s++) {
    for (p = 0; p < periods; p++) {
      Moment n = first + (Moment)p;
      if (s == best && n == periodof(ring, now))
        ring->tickets.present = s * periods + p;
      if (!makekey(ring, s * periods + p, &ring->secrets[s], n))
        return 0;
    }
  }
  return 1;
}

void lssl_wipering (Ring *ring) {
  Moment now = lssl_ringtime(ring);
  if (now >= ring->from && now < ring->until)
    return;
  dropkeys(ring);
  dropold(ring, now);
  invalidate(ring);
}

void lssl_refreshring (Ring *ring) {
  Moment now = lssl_ringtime(ring);
  if (now >= ring->from && now < ring->until)
    return;
  lssl_wipering(ring);
  if (!derivekeys(ring, now)) {  /* handshakes are full until there is memory */
    dropkeys(ring);
    lssl_clearerrors();
    return;
  }
  ring->from = now;
  ring->until = nextchange(ring, now);
}

/* }====================================================== */


static void refresh (TicketKeys *keys) {
  lssl_refreshring((Ring *)keys);
}

static void release (TicketKeys *keys) {
  Ring *ring = (Ring *)keys;
  size_t i;
  dropkeys(ring);
  for (i = 0; i < ring->count; i++)
    wipesecret(&ring->secrets[i]);
  OPENSSL_clear_free(ring, sizeof *ring);
}

Ring *lssl_newring (Moment period, Moment keep, Moment skew) {
  Ring *ring = (Ring *)OPENSSL_zalloc(sizeof *ring);
  if (ring != NULL) {
    ring->tickets.references = 1;
    ring->tickets.refresh = refresh;
    ring->tickets.release = release;
    ring->period = period;
    ring->keep = keep;
    ring->skew = skew;
  }
  return ring;
}
