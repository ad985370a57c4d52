/*
** trouble.c - why a call of OpenSSL's failed: all that its error queue says.
** SPDX-License-Identifier: MIT
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/decodererr.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12err.h>

#include "base/platform.h"
#include "base/trouble.h"

/* what the walk over the queue, from its oldest entry, has found so far */
typedef struct Findings {
  const char *reason;		/* of the newest entry that is not vague */
  char data[96];		/* of the newest entry that has some to show */
  int memory, kind, algorithm, damaged, absent;
} Findings;

/*
** {======================================================
** What may be shown
** =======================================================
*/

/*
** Is there a word that begins as a path does ("SSL/TLS" does not), or the PIN of
** a URI (RFC 7512)?
*/
static int haspath (const char *text) {
  const char *slash;
  if (strchr(text, '\\') != NULL || strstr(text, "pin-value") != NULL)
    return 1;
  for (slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/')) {
    const char *word = slash;
    while (word > text && (word[-1] == '.' || word[-1] == '~'))
      word--;
    if (word == text || !isalnum((unsigned char)word[-1]))
      return 1;
  }
  return 0;
}

/* is 'data' text that may be shown to anybody? */
static int isfit (unsigned long code, const char *data) {
  const char *c;
  int library = ERR_GET_LIB(code);
  if (ERR_SYSTEM_ERROR(code) || library == ERR_LIB_DSO ||
      library == ERR_LIB_CONF || library == ERR_LIB_OSSL_STORE)
    return 0;  /* paths and URIs, which may have a PIN in them */
  for (c = data; *c != '\0'; c++) {
    if (!isprint((unsigned char)*c))
      return 0;
  }
  return c > data && !haspath(data);
}

/*
** Keeps 'data', unless it is too long. Of "Global default library context,
** Algorithm (X : 0), Properties ()", only the algorithm says anything.
*/
static void keepdata (Findings *f, const char *data) {
  const char *start = strstr(data, "Algorithm ("), *end = NULL;
  size_t size;
  if (start == NULL)
    start = data;
  else
    end = strstr(start, ", Properties (");
  size = end ? (size_t)(end - start) : strlen(start);
  if (size < sizeof f->data) {
    memcpy(f->data, start, size);
    f->data[size] = '\0';
  }
}

/* }====================================================== */


/*
** {======================================================
** What is wrong
** =======================================================
*/

/* "PEM lib", "nested asn1 error": that something below has failed */
static int isvague (unsigned long code) {
  int reason = ERR_GET_REASON(code);
  if (reason == ERR_R_NESTED_ASN1_ERROR)
    return 1;
  return ERR_COMMON_ERROR(code) && !ERR_FATAL_ERROR(code) &&
         (reason & ~ERR_RFLAG_COMMON) < ERR_LIB_USER;
}

static void judge (Findings *f, unsigned long code) {
  int library = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);
  if (reason == ERR_R_MALLOC_FAILURE)
    f->memory = 1;
  else if (library == ERR_LIB_EVP &&
           reason == EVP_R_UNSUPPORTED_PRIVATE_KEY_ALGORITHM)
    f->kind = 1;
  else if (library == ERR_LIB_EVP)
    f->algorithm |= reason == ERR_R_UNSUPPORTED ||
                    reason == EVP_R_UNSUPPORTED_ALGORITHM ||
                    reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
                    reason == EVP_R_UNSUPPORTED_PRF;
  else if (library == ERR_LIB_PKCS12)
    f->algorithm |= reason == PKCS12_R_UNKNOWN_DIGEST_ALGORITHM;
  else if (library == ERR_LIB_OSSL_DECODER || library == ERR_LIB_OSSL_STORE)
    f->absent |= reason == ERR_R_UNSUPPORTED;
  else if (library == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE)
    f->absent = 1;
  else if (library == ERR_LIB_PEM || library == ERR_LIB_ASN1)
    f->damaged = 1;
}

static Ailment diagnose (const Findings *f) {
  if (f->memory)
    return AILMENT_MEMORY;
  if (f->kind)
    return AILMENT_KIND;
  if (f->algorithm)
    return AILMENT_ALGORITHM;
  if (f->damaged)
    return AILMENT_DAMAGED;
  return f->absent ? AILMENT_ABSENT : AILMENT_OTHER;
}

/* }====================================================== */


static void look (Trouble *t, Findings *f, unsigned long code,
                  const char *data) {
  if (ERR_SYSTEM_ERROR(code) && (t->code == 0 || ERR_peek_error() == 0)) {
    if (t->syserr == 0)  /* the oldest entry tells, or else the newest */
      t->syserr = lssl_queuederror(ERR_GET_REASON(code));
  }
  t->code = code;
  judge(f, code);
  if (!isvague(code))
    f->reason = ERR_reason_error_string(code);
  if (isfit(code, data))
    keepdata(f, data);
}

/* the reason below a vague entry, and what data say */
static void describe (Trouble *t, const Findings *f) {
  const char *reason = isvague(t->code) ? f->reason : NULL;
  if (t->ailment == AILMENT_MEMORY)
    return;
  if (reason != NULL && f->data[0] != '\0')
    snprintf(t->detail, sizeof t->detail, "%s (%s)", reason, f->data);
  else
    snprintf(t->detail, sizeof t->detail, "%s", reason ? reason : f->data);
}

void lssl_taketrouble (Trouble *t) {
  Findings f = {NULL, "", 0, 0, 0, 0, 0};
  const char *data = "";
  unsigned long code;
  int flags = 0, number = errno;  /* before anything can change it */
  memset(t, 0, sizeof *t);
  t->number = number;
  while (ERR_peek_last_error() != 0) {  /* see lssl_clearerrors */
    code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    if (code != 0)
      look(t, &f, code, (flags & ERR_TXT_STRING) && data ? data : "");
  }
  t->ailment = diagnose(&f);
  describe(t, &f);
}

const char *lssl_cause (const Trouble *t) {
  const char *reason = ERR_reason_error_string(t->code);
  return t->detail[0] != '\0' ? t->detail : reason ? reason : "";
}
