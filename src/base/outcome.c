/*
** outcome.c - OpenSSL's failures as error objects: the one place that reads
** the error queue, errno after a call, and SSL_get_error.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "base/reasons.h"

/* CPython's numbers for what OpenSSL has no SSL_ERROR_* for */
#define ERROR_EOF		8
#define ERROR_INVALID_CODE	10

/*
** Whether there are any, the newest entry tells: where there is no memory for what
** an entry says of its place, that is an entry too, and the first has code 0.
*/
void lssl_clearerrors (void) {
  if (ERR_peek_last_error() != 0)  /* clearing costs six times as much */
    ERR_clear_error();
  errno = 0;
}

Outcome lssl_outcome (const SSL *ssl, int result) {
  Outcome o;
  o.syserr = errno;  /* before anything can change it */
  o.kind = SSL_get_error(ssl, result);
  o.first = o.code = ERR_peek_last_error();
  if (o.code != 0) {
    o.first = ERR_peek_error();
    ERR_clear_error();
  }
  if (o.kind == SSL_ERROR_SYSCALL && ERR_SYSTEM_ERROR(o.code)) {
    o.syserr = lssl_queuederror(ERR_GET_REASON(o.code));  /* since 3.2 for writes */
    o.code = 0;
  }
  return o;
}

/*
** {======================================================
** From a code to an object
** =======================================================
*/

static int is (unsigned long code, int library, int reason) {
  return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason;
}

static void setstring (lua_State *L, const char *field, const char *value) {
  if (value != NULL) {
    lua_pushstring(L, value);
    lua_setfield(L, -2, field);
  }
}

void lssl_pushverdict (lua_State *L, const Verdict *v) {
  if (v->text != NULL)
    lua_pushstring(L, v->text);
  else if (v->code == X509_V_ERR_HOSTNAME_MISMATCH && v->hostname != NULL)
    lua_pushfstring(L, "Hostname mismatch, certificate is not valid for '%s'.",
                    v->hostname);
  else if (v->code == X509_V_ERR_IP_ADDRESS_MISMATCH && v->hostname != NULL)
    lua_pushfstring(L,
      "IP address mismatch, certificate is not valid for '%s'.", v->hostname);
  else
    lua_pushstring(L, X509_verify_cert_error_string(v->code));
}

/* pushes "[SSL: REASON] text: verdict"; 'verdict' may be NULL */
static void pushmessage (lua_State *L, const char *library,
                         const char *reason, const char *text,
                         const char *verdict) {
  if (library != NULL && reason != NULL)
    lua_pushfstring(L, "[%s: %s] %s", library, reason, text);
  else if (library != NULL)
    lua_pushfstring(L, "[%s] %s", library, text);
  else
    lua_pushstring(L, text);
  if (verdict != NULL) {
    lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), verdict);
    lua_remove(L, -2);
  }
}

/* sets what the check found as fields of the error on the top */
static void setverdict (lua_State *L, const Verdict *v, const char *text) {
  lua_pushinteger(L, v->code);
  lua_setfield(L, -2, "verify_code");
  setstring(L, "verify_message", text);
  setstring(L, "rule", v->rule);
  setstring(L, "section", v->section);
  if (v->depth >= 0) {
    lua_pushinteger(L, v->depth);
    lua_setfield(L, -2, "depth");
  }
}

/*
** Pushes an object of class 'kind' with errno 'number' for the queue entry
** 'code' (0 for none); 'text' replaces OpenSSL's own text if not NULL.
*/
static void pushsslerror (lua_State *L, ErrorKind kind, lua_Integer number,
                          unsigned long code, const char *text,
                          const Verdict *v) {
  const char *library = code ? lssl_libraryname(ERR_GET_LIB(code)) : NULL;
  const char *reason = NULL, *verdict = NULL;
  int base;
  if (code != 0)
    reason = lssl_reasonname(ERR_GET_LIB(code), ERR_GET_REASON(code));
  if (text == NULL)
    text = ERR_reason_error_string(code);
  if (text == NULL)
    text = "unknown error";
  if (v != NULL) {
    lssl_pushverdict(L, v);
    verdict = lua_tostring(L, -1);
  }
  base = lua_gettop(L);
  pushmessage(L, library, reason, text, verdict);
  lua_pushvalue(L, -1);
  lssl_newerror(L, kind);
  lua_pushvalue(L, base + 1);
  lua_setfield(L, -2, "strerror");
  if (number >= 0) {
    lua_pushinteger(L, number);
    lua_setfield(L, -2, "errno");
  }
  setstring(L, "library", library);
  setstring(L, "reason", reason);
  if (v != NULL)
    setverdict(L, v, verdict);
}

/* }====================================================== */


int lssl_isragged (const Outcome *o) {
#if defined(SSL_R_UNEXPECTED_EOF_WHILE_READING)
  if (is(o->code, ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING))
    return 1;
#endif
  return o->kind == SSL_ERROR_SYSCALL && o->code == 0 && o->syserr == 0;
}

int lssl_isharmless (const Outcome *o) {
  switch (ERR_GET_LIB(o->code) == ERR_LIB_SSL ? ERR_GET_REASON(o->code) : 0) {
    case SSL_R_BAD_LENGTH:
    case SSL_R_BAD_WRITE_RETRY:
    case SSL_R_DTLS_MESSAGE_TOO_BIG:
    case SSL_R_PROTOCOL_IS_SHUTDOWN:
    case SSL_R_SHUTDOWN_WHILE_IN_INIT:
      return 1;
    default:
      return 0;
  }
}

int lssl_isrefusal (const Outcome *o, const Verdict *v) {
  return is(o->code, ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED) ||
         (is(o->code, ERR_LIB_SSL, SSL_R_INVALID_STATUS_RESPONSE) &&
          v != NULL && v->code != X509_V_OK);  /* see ocsp.c */
}

Outcome lssl_refusal (void) {
  Outcome o;
  o.kind = SSL_ERROR_SSL;
  o.syserr = 0;
  o.code = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_CERTIFICATE_VERIFY_FAILED);
  o.first = o.code;
  return o;
}

/*
** Adds what OpenSSL queued first to the error on the top, as its cause: since 3.2
** the newest entry may say no more than that the record layer failed.
*/
static void addcause (lua_State *L, const Outcome *o) {
  int error = lua_gettop(L);
  if (o->code == 0 || o->first == 0 || o->first == o->code ||
      ERR_SYSTEM_ERROR(o->first))
    return;
  pushsslerror(L, LSSL_SSLERROR, SSL_ERROR_SSL, o->first, NULL, NULL);
  lua_setfield(L, error, "cause");
  lua_settop(L, error);
}

/* SSL_ERROR_SYSCALL and SSL_ERROR_SSL */
static void pushfailure (lua_State *L, const Outcome *o, const Verdict *v) {
  int system = (o->kind == SSL_ERROR_SYSCALL);
  if (lssl_isragged(o))
    pushsslerror(L, LSSL_EOF, ERROR_EOF, o->code,
                 "EOF occurred in violation of protocol", NULL);
  else if (lssl_isrefusal(o, v))
    pushsslerror(L, LSSL_CERTVERIFY, o->kind, o->code, NULL, v);
  else if (o->code != 0)
    pushsslerror(L, system ? LSSL_SYSCALL : LSSL_SSLERROR, o->kind, o->code,
                 NULL, NULL);
  else if (system)
    lssl_pushoserror(L, o->syserr);
  else
    pushsslerror(L, LSSL_SSLERROR, o->kind, 0,
                 "A failure in the SSL library occurred", NULL);
}

void lssl_pushoutcome (lua_State *L, const Outcome *o, const Verdict *v) {
  switch (o->kind) {
    case SSL_ERROR_WANT_READ:
      lssl_pushwantread(L);
      break;
    case SSL_ERROR_WANT_WRITE:
      lssl_pushwantwrite(L);
      break;
    case SSL_ERROR_ZERO_RETURN:
      pushsslerror(L, LSSL_ZERORETURN, o->kind, 0,
                   "TLS/SSL connection has been closed (EOF)", NULL);
      break;
    case SSL_ERROR_SYSCALL:
    case SSL_ERROR_SSL:
      if (!lssl_pushmemoryrefusal(L))
        pushfailure(L, o, v);
      addcause(L, o);
      break;
    default:
      pushsslerror(L, LSSL_SSLERROR, ERROR_INVALID_CODE, o->code,
                   "Invalid error code", NULL);
  }
}

void lssl_advise (lua_State *L, const char *text) {
  lua_getfield(L, -1, "message");
  lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), text);
  lua_setfield(L, -3, "message");
  lua_pop(L, 1);
}

int lssl_raiseunsent (lua_State *L, int reason, size_t sent) {
  pushsslerror(L, LSSL_SSLERROR, SSL_ERROR_SSL, ERR_PACK(ERR_LIB_SSL, 0, reason),
               lua_tostring(L, -1), NULL);
  lua_pushinteger(L, (lua_Integer)sent);
  lua_setfield(L, -2, "sent");
  return lua_error(L);
}

int lssl_raisetrouble (lua_State *L, const Trouble *t, const char *filename,
                       const char *advice) {
  int syserr = t->syserr;
  if (lssl_pushmemoryrefusal(L))
    return lua_error(L);
  if (syserr == 0 && filename != NULL)  /* OpenSSL may have dropped the entry */
    syserr = t->number;
  if (syserr != 0)
    return lssl_fileerror(L, syserr, filename);
  pushsslerror(L, LSSL_SSLERROR, ERR_GET_REASON(t->code), t->code, NULL, NULL);
  if (advice == NULL)
    advice = t->detail;
  if (advice[0] != '\0' && t->ailment != AILMENT_MEMORY)
    lssl_advise(L, advice);
  if (filename != NULL) {  /* OpenSSL's "PEM lib" says little of which file */
    lua_pushstring(L, filename);
    lua_setfield(L, -2, "filename");
  }
  return lua_error(L);
}

int lssl_raisequeue (lua_State *L, const char *filename) {
  Trouble t;
  lssl_taketrouble(&t);
  return lssl_raisetrouble(L, &t, filename, NULL);
}

int lssl_sslerror (lua_State *L, int code, const char *text) {
  pushsslerror(L, LSSL_SSLERROR, code, 0, text, NULL);
  return lua_error(L);
}

int lssl_advisederror (lua_State *L, int code, const char *text,
                       const char *advice) {
  pushsslerror(L, LSSL_SSLERROR, code, 0, text, NULL);
  lssl_advise(L, advice);
  return lua_error(L);
}

int lssl_haserrors (void) {
  return ERR_peek_last_error() != 0;
}

int lssl_lasterroris (int library, int reason) {
  return is(ERR_peek_last_error(), library, reason);
}

int lssl_firstreason (void) {
  return ERR_GET_REASON(ERR_peek_error());
}

int lssl_outofmemory (void) {
  return lssl_firstreason() == ERR_R_MALLOC_FAILURE ||
         ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
}

int lssl_raisememory (lua_State *L) {
  ERR_clear_error();
  if (lssl_pushmemoryrefusal(L))
    return lua_error(L);
  return lssl_stringerror(L, "not enough memory");
}

void lssl_freessl (SSL *ssl) {
  ERR_set_mark();
  SSL_free(ssl);
  ERR_pop_to_mark();  /* without a mark, for want of an entry: all */
}

void lssl_pusherror (void) {
  ERR_raise_data(ERR_LIB_USER, ERR_R_INTERNAL_ERROR, "a text");
}

int lssl_counterrors (void) {
  int n = 0;
  while (lssl_haserrors()) {
    ERR_get_error();
    n++;
  }
  return n;
}
