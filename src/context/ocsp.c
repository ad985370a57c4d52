/*
** ocsp.c - stapled OCSP responses (RFC 6066, 8; RFC 6960): a server gives one,
** a client asks for it and accepts the certificate only if it is good.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "x509/ocsp.h"
#include "context/handlers.h"
#include "context/ocsp.h"

#define SKEW		300	/* seconds that clocks may differ */
#define LONGEST		86400	/* a response without an end lasts so long */

/* the feature "status_request" of a certificate (RFC 7633) */
#define STATUSREQUEST	5

/* ssl.CERT_REQUIRED */
#define REQUIRED	2

/* the type of request of an SSL_CTX that makes none */
#define NOREQUEST	(-1)

/*
** {======================================================
** A server's response
** =======================================================
*/

typedef struct Staple {
  unsigned char *data;		/* OpenSSL's, to be given to an SSL */
  size_t size;
} Staple;

/* body: the bytes as they are, or what the function gives for (connection) */
static int callstaple (lua_State *L) {
  Staple *s = (Staple *)lua_touserdata(L, 1);
  const unsigned char *data;
  if (!lssl_pushhandler(L, LSSL_UVSTAPLE))
    return 0;
  if (lua_type(L, -1) != LUA_TSTRING) {
    lua_pushvalue(L, 2);
    lssl_callhandler(L, 1, 1, "ocsp_response",
                     "certificate_callback may, and is called before");
  }
  if (lua_isnil(L, -1))
    return 0;
  data = lssl_tobytes(L, -1, &s->size);
  if (data == NULL)
    return lssl_badreturn(L, "ocsp_response",
                          "a string, bytearray or nil is required");
  if (s->size == 0)
    return 0;
  s->data = (unsigned char *)OPENSSL_memdup(data, s->size);
  if (s->data == NULL)
    return lssl_raisequeue(L, NULL);
  return 0;
}

static int staple (SSL *ssl) {
  Staple s = {NULL, 0};
  if (!lssl_protected(lssl_getcaller(ssl), callstaple, &s))
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  if (s.data == NULL)
    return SSL_TLSEXT_ERR_NOACK;
  if (SSL_set_tlsext_status_ocsp_resp(ssl, s.data, (long)s.size) == 1)
    return SSL_TLSEXT_ERR_OK;  /* which has taken the bytes */
  OPENSSL_free(s.data);
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* }====================================================== */


/*
** {======================================================
** A client's check
** =======================================================
*/

typedef struct Finding {
  long code;			/* X509_V_*: OK if the certificate is good */
  const char *text;
} Finding;

static Finding found (long code, const char *text) {
  Finding f;
  f.code = code;
  f.text = text;
  return f;
}

/* does the certificate say that it always comes with a response? */
static int muststaple (X509 *cert) {
  TLS_FEATURE *features =
    (TLS_FEATURE *)X509_get_ext_d2i(cert, NID_tlsfeature, NULL, NULL);
  int i, must = 0;
  for (i = 0; i < sk_ASN1_INTEGER_num(features); i++)
    must |= (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) ==
             STATUSREQUEST);
  sk_ASN1_INTEGER_pop_free(features, ASN1_INTEGER_free);
  return must;
}

/* what a response whose signature is right says of 'cert' */
static Finding readstatus (OCSP_BASICRESP *basic, X509 *cert, X509 *issuer) {
  OCSP_SINGLERESP *single = lssl_ocspsingle(basic, cert, issuer);
  ASN1_GENERALIZEDTIME *since = NULL, *until = NULL;
  int status;
  if (single == NULL)
    return found(X509_V_ERR_OCSP_CERT_UNKNOWN,
                 "the stapled OCSP response is about another certificate");
  status = OCSP_single_get0_status(single, NULL, NULL, &since, &until);
  if (!OCSP_check_validity(since, until, SKEW, until ? -1 : LONGEST))
    return found(X509_V_ERR_OCSP_VERIFY_FAILED,
                 "the stapled OCSP response is out of date");
  if (status == V_OCSP_CERTSTATUS_GOOD)
    return found(X509_V_OK, NULL);
  if (status == V_OCSP_CERTSTATUS_REVOKED)
    return found(X509_V_ERR_CERT_REVOKED,
      "the stapled OCSP response says that the certificate is revoked");
  return found(X509_V_ERR_OCSP_CERT_UNKNOWN,
    "the stapled OCSP response says that the certificate is unknown");
}

/*
** Is the response signed by who may say it? The signer is looked for by name
** among the authorities, not the leaf, whose name may be the responder's too.
*/
static int issigned (SSL *ssl, OCSP_BASICRESP *basic) {
  X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  STACK_OF(X509) *others = sk_X509_dup(SSL_get0_verified_chain(ssl));
  unsigned long flags = 0;
  int ok;
  if (sk_X509_num(others) > 1)
    sk_X509_shift(others);
#if defined(OCSP_PARTIAL_CHAIN)
  if (X509_VERIFY_PARAM_get_flags(SSL_get0_param(ssl)) &
      X509_V_FLAG_PARTIAL_CHAIN)
    flags |= OCSP_PARTIAL_CHAIN;
#endif
  ok = OCSP_basic_verify(basic, others, store, flags);
  sk_X509_free(others);
  return ok == 1;
}

static Finding checkbasic (SSL *ssl, OCSP_BASICRESP *basic) {
  STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
  X509 *cert = SSL_get0_peer_certificate(ssl), *issuer = NULL;
  if (chain != NULL && sk_X509_num(chain) > 0)
    issuer = sk_X509_value(chain, sk_X509_num(chain) > 1 ? 1 : 0);
  if (cert == NULL || issuer == NULL)
    return found(X509_V_ERR_OCSP_VERIFY_FAILED,
                 "the issuer of the certificate is not known");
  if (!issigned(ssl, basic))
    return found(X509_V_ERR_OCSP_VERIFY_FAILED,
      "the stapled OCSP response is not signed by who may say it");
  return readstatus(basic, cert, issuer);
}

static Finding checkresponse (SSL *ssl, const unsigned char *data,
                              long size) {
  const unsigned char *p = data;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, size);
  OCSP_BASICRESP *basic = NULL;
  Finding f = found(X509_V_ERR_OCSP_VERIFY_FAILED,
                    "the stapled OCSP response cannot be read");
  if (response != NULL && p == data + size) {
    if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
      f.text = "the stapled OCSP response tells of the responder's failure";
    else if ((basic = OCSP_response_get1_basic(response)) != NULL)
      f = checkbasic(ssl, basic);
  }
  OCSP_BASICRESP_free(basic);
  OCSP_RESPONSE_free(response);
  return f;
}

typedef struct Question {
  Finding finding;
  const unsigned char *data;	/* OpenSSL's; NULL: nothing is stapled */
  long size;
  int answer;
} Question;

/* body: the callback gets (ok, code, response, connection) */
static int callocsp (lua_State *L) {
  Question *q = (Question *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVOCSP))
    return 0;
  lua_pushboolean(L, q->finding.code == X509_V_OK);
  lua_pushinteger(L, q->finding.code);
  if (q->data == NULL)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)q->data, (size_t)q->size);
  lua_pushvalue(L, 2);
  lssl_callhandler(L, 4, 1, "ocsp_callback",
                   "verify_callback may, and is called before");
  if (lua_isboolean(L, -1))
    q->answer = lua_toboolean(L, -1);
  else if (!lua_isnil(L, -1))
    lssl_badreturn(L, "ocsp_callback", "a boolean or nil is required");
  return 0;
}

/* does the program want the response accepted? our finding may become its */
static int isaccepted (Caller *who, Question *q) {
  int good = (q->finding.code == X509_V_OK);
  q->answer = good;
  if (!lssl_protected(who, callocsp, q))
    q->answer = 0;
  if (good && !q->answer)
    q->finding = found(X509_V_ERR_APPLICATION_VERIFICATION,
                       "ocsp_callback refuses the OCSP response");
  return q->answer;
}

/* body: keeps the finding as the error's cause */
static int raisefinding (lua_State *L) {
  const Finding *f = (const Finding *)lua_touserdata(L, 1);
  return lssl_sslerror(L, -1, f->text);
}

static int check (SSL *ssl) {
  Caller *who = lssl_getcaller(ssl);
  const Context *c = who ? who->context : NULL;
  X509 *cert = SSL_get0_peer_certificate(ssl);
  Question q = {{X509_V_OK, NULL}, NULL, 0, 0};
  if (c == NULL)
    return 0;
  if (SSL_session_reused(ssl) || cert == NULL)
    return 1;  /* no certificate is shown, so none is vouched for */
  q.size = SSL_get_tlsext_status_ocsp_resp(ssl, &q.data);
  if (q.size <= 0)
    q.data = NULL;
  if (q.data != NULL)
    q.finding = checkresponse(ssl, q.data, q.size);
  else if (c->ocsp == REQUIRED || muststaple(cert))
    q.finding = found(X509_V_ERR_OCSP_VERIFY_NEEDED,
                      "the server did not staple an OCSP response");
  lssl_clearerrors();
  if (isaccepted(who, &q))
    return 1;
  SSL_set_verify_result(ssl, q.finding.code);
  lssl_protected(who, raisefinding, &q.finding);
  return 0;
}

/* }====================================================== */


static int on_status (SSL *ssl, void *unused) {
  (void)unused;
  return SSL_is_server(ssl) ? staple(ssl) : check(ssl);
}

/*@ SSLContext.ocsp_response (string, function or nil, read and write)
** The OCSP response (DER) that a server staples to its certificate when a client asks
** for one; nil for none. It may also be a function: it gets the connection, and
** returns a response (string or bytearray) or nil.
**
** The function must not yield. If it raises an error or returns another type, the
** handshake ends with an `SSLError`, whose `cause` is that error.
** OpenSSL: `SSL_set_tlsext_status_ocsp_resp`; RFC 6066, 8. Since: an addition.
**
** Type: string|(fun(conn: Connection): string|bytearray|nil)|nil
**
**     server_ctx.ocsp_response = function(conn) return nil end    -- none at hand
*/
static int get_response (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVSTAPLE);
}

static int set_response (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  const unsigned char *data;
  size_t size;
  if (!lua_isnil(L, 3) && !lssl_iscallable(L, 3)) {
    data = lssl_tobytes(L, 3, &size);
    if (data == NULL)
      return lssl_valuetypeerror(L, "ocsp_response",
                                 "a string or a function is required");
    lua_pushlstring(L, (const char *)data, size);
    lua_replace(L, 3);
  }
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVSTAPLE);
  SSL_CTX_set_tlsext_status_cb(c->ctx, on_status);
  return 0;
}

/*@ SSLContext.ocsp_stapling (integer, read and write)
** Whether a client asks the server to staple an OCSP response. In such a response the
** issuer of the certificate says that the certificate is not revoked.
** - `ssl.CERT_NONE` (the default): the client does not ask.
** - `ssl.CERT_OPTIONAL`: the client asks, and checks the response if it gets one.
** - `ssl.CERT_REQUIRED`: the client asks, and refuses a server that staples none.
** If a certificate promises a response ("must staple", RFC 7633), the client needs one
** with `CERT_OPTIONAL` too.
**
** The response must be readable, up to date, signed by the issuer or by a signer whom
** the issuer has charged, and say `good`. A response without `nextUpdate` is up to date
** for a day. Otherwise the handshake raises `SSLCertVerificationError`: its
** `verify_code` is 23 (revoked), 73 (missing), 74 (bad) or 75 (unknown), and its
** `cause` tells more. A resumed connection shows no certificate, and needs no
** response. Setting the attribute raises `ValueError` for another number.
** OpenSSL: `SSL_CTX_set_tlsext_status_type`, `OCSP_basic_verify`; RFC 6960.
** Since: an addition.
**
**     ctx.ocsp_stapling = ssl.CERT_OPTIONAL
*/
static int get_stapling (lua_State *L) {
  lua_pushinteger(L, lssl_attributecontext(L)->ocsp);
  return 1;
}

static int set_stapling (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lua_Integer mode = lssl_checkvalueinteger(L, "ocsp_stapling");
  if (mode < 0 || mode > 2)
    return lssl_valueerror(L, "invalid value for ocsp_stapling");
  lssl_clearerrors();
  if (!SSL_CTX_set_tlsext_status_type(c->ctx, mode ? TLSEXT_STATUSTYPE_ocsp
                                                   : NOREQUEST))
    return lssl_raisequeue(L, NULL);
  c->ocsp = (unsigned char)mode;
  SSL_CTX_set_tlsext_status_cb(c->ctx, on_status);
  return 0;
}

/*@ SSLContext.ocsp_callback (function or nil, read and write)
** A function that decides last about a stapled response. A client that asks for
** responses (`ocsp_stapling`) calls it once in each full handshake. Its arguments are:
** - `ok` (boolean): whether `ssl` accepts the server;
** - `code` (integer): the `verify_code` of a refusal; 0 if `ok`;
** - `response` (string or nil): the stapled response, in DER;
** - the connection.
** The function returns `true` to accept the server in spite of the response, `false`
** to refuse it, and nil or nothing to agree with `ok`. It must not yield. If it raises
** an error or returns another type, the server is refused: the handshake raises
** `SSLCertVerificationError`, whose `cause` is that error.
**
** Setting the attribute raises a string error for something that cannot be called.
** OpenSSL: `SSL_CTX_set_tlsext_status_cb`; RFC 6066, 8. Since: an addition.
**
** Type: OCSPCallback?
** Type: OCSPCallback = fun(ok: boolean, code: integer, response: string?,
**   conn: Connection): boolean?
**
**     ctx.ocsp_callback = function(ok, code, response, conn)
**       if not ok then io.stderr:write("stapled OCSP response: ", code, "\n") end
**     end
*/
static int get_callback (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVOCSP);
}

static int set_callback (lua_State *L) {
  if (!lua_isnil(L, 3))
    lssl_checkinsecure(L, "ocsp_callback could accept any response");
  lssl_setcallable(L, LSSL_UVOCSP, "ocsp_callback", "not a callable object");
  return 0;
}

static const luaL_Reg getters[] = {
  {"ocsp_callback", get_callback},
  {"ocsp_response", get_response},
  {"ocsp_stapling", get_stapling},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"ocsp_callback", set_callback},
  {"ocsp_response", set_response},
  {"ocsp_stapling", set_stapling},
  {NULL, NULL}
};

void lssl_openocsp (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
