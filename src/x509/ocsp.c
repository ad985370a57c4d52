/*
** ocsp.c - OCSP (RFC 6960): what an authority says of a certificate now, as
** requests to ask it with and as answers to read.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509_vfy.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/asn1.h"
#include "x509/chain.h"
#include "x509/ocsp.h"

static void freerequest (void *request) {
  OCSP_REQUEST_free((OCSP_REQUEST *)request);
}

static void freewhole (void *response) {
  OCSP_RESPONSE_free((OCSP_RESPONSE *)response);
}

static void freebasic (void *basic) {
  OCSP_BASICRESP_free((OCSP_BASICRESP *)basic);
}

static void freetrust (void *store) {
  X509_STORE_free((X509_STORE *)store);
}

/* the two certificates at 'arg': the one in question, and its issuer's */
static STACK_OF(X509) *checkquestion (lua_State *L, int arg, const char *name) {
  STACK_OF(X509) *chain = lssl_checkchainarg(L, arg, "chain", name);
  X509 *cert = sk_X509_value(chain, 0), *issuer = sk_X509_value(chain, 1);
  if (issuer == NULL)
    lssl_valueerror(L, "the certificate of the issuer has to follow in 'chain'");
  if (X509_check_issued(issuer, cert) != X509_V_OK) {
    lssl_clearerrors();
    lssl_valueerror(L, "the second certificate of 'chain' is not the issuer of "
                    "the first");
  }
  lssl_clearerrors();
  return chain;
}

/*
** {======================================================
** Requests
** =======================================================
*/

/* adds 'cert' to the request; 0: no memory */
static int addquestion (OCSP_REQUEST *request, X509 *cert, X509 *issuer) {
  OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer);
  if (id != NULL && OCSP_request_add0_id(request, id) != NULL)
    return 1;
  OCSP_CERTID_free(id);
  return 0;
}

/*@ ssl.ocsp_request(chain)
** Makes a question to the issuer of a certificate: is the certificate revoked? Send the
** request by HTTP POST, with the type `application/ocsp-request`, to one of the URLs that
** `ssl.decode_certificate` lists as `OCSP`. `ssl.read_ocsp_response` reads the answer, and
** `ssl.stapler` does all of it again and again for a server.
** - `chain` (string, bytearray or array of strings): the certificate and after it the
**   certificate of its issuer, as PEM or DER.
** Returns the request in DER (string). The request has no nonce, so that the issuer may
** give everybody the same answer. Raises `ValueError` if there is no second certificate, or
** one of somebody else; `SSLError` for what is no certificate.
** OpenSSL: `OCSP_request_add0_id`; RFC 6960, 4.1; RFC 5019. Since: an addition.
**
** Type: named fun(chain*: string|bytearray|string[]): string
**
**     local pem = io.open(certfile):read("a") .. io.open(cafile):read("a")
**     local request = ssl.ocsp_request(pem)
**     assert(#request > 50)
*/
int lssl_ocsprequest (lua_State *L) {
  static const char name[] = "ocsp_request";
  STACK_OF(X509) *chain;
  void **request, **der;
  int size;
  lssl_arguments(L, name, "chain*");
  chain = checkquestion(L, 1, name);
  request = lssl_newbox(L, freerequest);
  der = lssl_newbox(L, lssl_freebytes);
  lssl_clearerrors();
  *request = OCSP_REQUEST_new();
  if (*request == NULL ||
      !addquestion((OCSP_REQUEST *)*request, sk_X509_value(chain, 0),
                   sk_X509_value(chain, 1)))
    return lssl_raisequeue(L, NULL);
  size = i2d_OCSP_REQUEST((OCSP_REQUEST *)*request, (unsigned char **)der);
  if (size <= 0)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)*der, (size_t)size);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Responses
** =======================================================
*/

/* is 'single' about 'cert', which 'issuer' signed? */
static int isabout (OCSP_SINGLERESP *single, X509 *cert, X509 *issuer) {
  OCSP_CERTID *theirs =
    (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(single);
  OCSP_CERTID *ours;
  ASN1_OBJECT *algorithm = NULL;
  const EVP_MD *md;
  int same;
  OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, theirs);
  md = algorithm ? EVP_get_digestbyobj(algorithm) : NULL;
  ours = md ? OCSP_cert_to_id(md, cert, issuer) : NULL;
  same = (ours != NULL && OCSP_id_cmp(ours, theirs) == 0);
  OCSP_CERTID_free(ours);
  return same;
}

OCSP_SINGLERESP *lssl_ocspsingle (OCSP_BASICRESP *basic, X509 *cert,
                                  X509 *issuer) {
  int i;
  for (i = 0; i < OCSP_resp_count(basic); i++) {
    OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
    if (isabout(single, cert, issuer))
      return single;
  }
  return NULL;
}

/* pushes a box with a store that trusts the issuer, and nobody else */
static X509_STORE *trusting (lua_State *L, X509 *issuer) {
  void **box = lssl_newbox(L, freetrust);
  X509_STORE *store;
  lssl_clearerrors();
  *box = store = X509_STORE_new();
  if (store == NULL || !X509_STORE_add_cert(store, issuer) ||
      !X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN))
    lssl_raisequeue(L, NULL);
  return store;
}

/*
** Is it signed by the issuer, or by who has the issuer's word for it? The certificate
** in question is none of those who may sign, although its name may be theirs.
*/
static int isbyissuer (OCSP_BASICRESP *basic, STACK_OF(X509) *chain,
                       X509_STORE *store) {
  STACK_OF(X509) *signers = sk_X509_dup(chain);
  int ok = 0;
  if (signers != NULL) {
    sk_X509_shift(signers);
    ok = OCSP_basic_verify(basic, signers, store, 0);
  }
  sk_X509_free(signers);
  return ok == 1;
}

/* pushes a box with the part of the response at 'arg' that is signed */
static OCSP_BASICRESP *checkbasicarg (lua_State *L, int arg, const char *name) {
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, arg, &size, name), *p = data;
  int status, length = lssl_toint(L, size);
  void **whole = lssl_newbox(L, freewhole);
  void **basic = lssl_newbox(L, freebasic);
  lssl_clearerrors();
  *whole = d2i_OCSP_RESPONSE(NULL, &p, length);
  if (*whole == NULL || p != data + size) {
    lssl_clearerrors();
    lssl_sslerror(L, 0, "the OCSP response cannot be read");
  }
  status = OCSP_response_status((OCSP_RESPONSE *)*whole);
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    lssl_sslerror(L, 0, lua_pushfstring(L, "the OCSP responder failed: %s",
                                        OCSP_response_status_str(status)));
  *basic = OCSP_response_get1_basic((OCSP_RESPONSE *)*whole);
  if (*basic == NULL) {
    lssl_clearerrors();
    lssl_sslerror(L, 0, "the OCSP response is of an unknown type");
  }
  return (OCSP_BASICRESP *)*basic;
}

/* sets the field to the time in seconds since 1970, unless there is none */
static void setseconds (lua_State *L, const char *field,
                        const ASN1_GENERALIZEDTIME *time) {
  lssl_pushseconds(L, time);
  lua_setfield(L, -2, field);
}

static void pushstatus (lua_State *L, OCSP_SINGLERESP *single) {
  static const char *const names[] = {"good", "revoked", "unknown"};
  ASN1_GENERALIZEDTIME *revoked = NULL, *since = NULL, *until = NULL;
  int reason = -1;
  int status = OCSP_single_get0_status(single, &reason, &revoked, &since,
                                       &until);
  lua_newtable(L);
  lua_pushstring(L, status >= 0 && status <= 2 ? names[status] : names[2]);
  lua_setfield(L, -2, "status");
  setseconds(L, "this_update", since);
  setseconds(L, "next_update", until);
  setseconds(L, "revocation_time", revoked);
  if (status == V_OCSP_CERTSTATUS_REVOKED && reason >= 0) {
    lua_pushstring(L, OCSP_crl_reason_str(reason));
    lua_setfield(L, -2, "reason");
  }
}

/*@ ssl.read_ocsp_response(response, chain)
** Reads what the issuer of a certificate answered to `ssl.ocsp_request`.
** - `response` (string or bytearray): the answer, in DER.
** - `chain` (string, bytearray or array of strings): the certificate and its issuer's, as
**   for `ssl.ocsp_request`.
** Returns a table:
** - `status` (string): `"good"`, `"revoked"`, or `"unknown"` to the issuer;
** - `this_update` (integer): when this was so, in seconds since 1970, and `next_update`
**   (integer or nil): until when it holds. Compare them with the clock: an old answer is no
**   error here;
** - `revocation_time` (integer) and `reason` (string): of a revoked certificate, if said.
**
** Raises `SSLError` if the answer cannot be read, is not signed by the issuer or by a signer
** whom the issuer has charged, is about another certificate, or tells of the responder's
** failure; and what `ssl.ocsp_request` raises for the chain.
** OpenSSL: `OCSP_basic_verify`, `OCSP_single_get0_status`; RFC 6960, 3.2, 4.2.
** Since: an addition.
**
** Type: named fun(response: string|bytearray, chain*: string|bytearray|string[]): OCSPAnswer
** Type: OCSPAnswer = { status: string, this_update: integer, next_update?: integer,
**   revocation_time?: integer, reason?: string }
**
**     local testing = require "ssl.testing"
**     local ca = testing.CA()
**     local leaf = ca:issue("localhost")
**     local answer = ssl.read_ocsp_response(ca:ocsp(leaf), leaf.cert.pem .. ca.cert.pem)
**     assert(answer.status == "good" and answer.next_update > os.time())
*/
int lssl_readocspresponse (lua_State *L) {
  static const char name[] = "read_ocsp_response";
  STACK_OF(X509) *chain;
  OCSP_BASICRESP *basic;
  OCSP_SINGLERESP *single;
  X509_STORE *store;
  lssl_arguments(L, name, "response chain*");
  chain = checkquestion(L, 2, name);
  basic = checkbasicarg(L, 1, name);
  store = trusting(L, sk_X509_value(chain, 1));
  if (!isbyissuer(basic, chain, store)) {
    if (lssl_outofmemory())
      return lssl_raisememory(L);
    lssl_clearerrors();
    return lssl_sslerror(L, 0, "the OCSP response is not signed by who may say "
                         "it");
  }
  single = lssl_ocspsingle(basic, sk_X509_value(chain, 0),
                           sk_X509_value(chain, 1));
  lssl_clearerrors();
  if (single == NULL)
    return lssl_sslerror(L, 0, "the OCSP response is about another certificate");
  pushstatus(L, single);
  return 1;
}

/* }====================================================== */
