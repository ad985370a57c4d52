/*
** revocation.c - revocation lists and OCSP responses for tests.
** SPDX-License-Identifier: MIT
*/
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/outcome.h"
#include "testing/issuer.h"
#include "testing/key.h"
#include "testing/revocation.h"
#include "testing/seed.h"

/*
** {======================================================
** Revocation lists
** =======================================================
*/

/* places of the arguments of 'crl' */
enum {ISSUER = 1, KEY, DIGEST, UPDATED, NEXT, REVOKED, EXTENSIONS};

static void freecrl (void *p) {
  X509_CRL_free((X509_CRL *)p);
}

static void freerevoked (void *p) {
  X509_REVOKED_free((X509_REVOKED *)p);
}

static int addtolist (void *object, X509_EXTENSION *e) {
  return X509_CRL_add_ext((X509_CRL *)object, e, -1);
}

static int addtoentry (void *object, X509_EXTENSION *e) {
  return X509_REVOKED_add_ext((X509_REVOKED *)object, e, -1);
}

/* the entry {certificate, time, extensions} on the top */
static void addrevoked (lua_State *L, X509_CRL *crl) {
  int index = lua_gettop(L);
  X509 *x;
  ASN1_TIME *when;
  X509_REVOKED *entry;
  void **box = lssl_newbox(L, freerevoked);
  luaL_checktype(L, index, LUA_TTABLE);
  lua_rawgeti(L, index, 1);
  lua_rawgeti(L, index, 2);
  lua_rawgeti(L, index, 3);
  x = lssl_checkcertificate(L, index + 2, "crl");
  when = lssl_newtime(L, index + 3);
  lssl_clearerrors();
  *box = entry = X509_REVOKED_new();
  if (entry == NULL ||
      !X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(x)) ||
      !X509_REVOKED_set_revocationDate(entry, when))
    lssl_raisequeue(L, NULL);
  lssl_addextensions(L, index + 4, addtoentry, entry);
  if (!X509_CRL_add0_revoked(crl, entry))
    lssl_raisequeue(L, NULL);
  *box = NULL;  /* the list's now */
  lua_settop(L, index);
}

static void addallrevoked (lua_State *L, X509_CRL *crl) {
  lua_Integer i;
  luaL_checktype(L, REVOKED, LUA_TTABLE);
  for (i = 1; lua_rawgeti(L, REVOKED, i) != LUA_TNIL; i++) {
    addrevoked(L, crl);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* all but the entries, the extensions and the signature */
static void fill (lua_State *L, X509_CRL *crl) {
  X509_NAME *issuer = lssl_newname(L, ISSUER);
  ASN1_TIME *updated = lssl_newtime(L, UPDATED);
  ASN1_TIME *next = lua_isnil(L, NEXT) ? NULL : lssl_newtime(L, NEXT);
  lssl_clearerrors();
  if (!X509_CRL_set_version(crl, X509_CRL_VERSION_2) ||
      !X509_CRL_set_issuer_name(crl, issuer) ||
      !X509_CRL_set1_lastUpdate(crl, updated) ||
      (next != NULL && !X509_CRL_set1_nextUpdate(crl, next)))
    lssl_raisequeue(L, NULL);
}

/*
** crl{issuer =, key =, digest =, updated =, next =, revoked = {{certificate,
** time, extensions}, ...}, extensions =}: its DER
*/
static int crl (lua_State *L) {
  EVP_PKEY *key;
  const EVP_MD *md;
  X509_CRL *list;
  BIO *bio;
  void **box;
  int made;
  lssl_arguments(L, "crl", "issuer key digest updated next revoked* "
                 "extensions*");
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  key = lssl_checkkey(L, KEY, "crl");
  md = lssl_optdigest(L, DIGEST);
  bio = lssl_newbio(L);
  box = lssl_newbox(L, freecrl);
  *box = list = X509_CRL_new();
  if (list == NULL)
    return lssl_raisequeue(L, NULL);
  fill(L, list);
  addallrevoked(L, list);
  lssl_addextensions(L, EXTENSIONS, addtolist, list);
  lssl_clearerrors();
  lssl_beginseeded();
  made = X509_CRL_sort(list) && X509_CRL_sign(list, key, md);
  lssl_endseeded();
  if (!made || i2d_X509_CRL_bio(bio, list) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** OCSP
** =======================================================
*/

/* places of the arguments of 'ocsp' */
enum {SUBJECT = 1, AUTHORITY, SIGNER, SIGNERKEY, MD, STATUS, REASON, REVOKEDAT,
      THIS, NEXTTIME};

static void freeresponse (void *p) {
  OCSP_BASICRESP_free((OCSP_BASICRESP *)p);
}

static void freeanswer (void *p) {
  OCSP_RESPONSE_free((OCSP_RESPONSE *)p);
}

/* adds what is said of the certificate; 'revoked' and 'next' may be NULL */
static int addstatus (OCSP_BASICRESP *r, X509 *x, X509 *issuer, int status,
                      int reason, ASN1_TIME *revoked, ASN1_TIME *now,
                      ASN1_TIME *next) {
  OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, issuer);
  int added = id != NULL &&
              OCSP_basic_add1_status(r, id, status, reason, revoked, now,
                                     next) != NULL;
  OCSP_CERTID_free(id);
  return added;
}

static void fillresponse (lua_State *L, OCSP_BASICRESP *r) {
  X509 *x = lssl_checkcertificate(L, SUBJECT, "ocsp");
  X509 *issuer = lssl_checkcertificate(L, AUTHORITY, "ocsp");
  int status = (int)lssl_checkrange(L, STATUS, 0, 2, "status");
  int reason = (int)lssl_checkrange(L, REASON, -1, 10, "reason");
  ASN1_TIME *revoked =
    lua_isnil(L, REVOKEDAT) ? NULL : lssl_newtime(L, REVOKEDAT);
  ASN1_TIME *now = lssl_newtime(L, THIS);
  ASN1_TIME *next = lua_isnil(L, NEXTTIME) ? NULL : lssl_newtime(L, NEXTTIME);
  lssl_clearerrors();
  if (!addstatus(r, x, issuer, status, reason, revoked, now, next))
    lssl_raisequeue(L, NULL);
}

/*
** ocsp{certificate =, issuer =, signer =, key =, digest =, status =, reason =,
** revoked =, this =, next =}: the DER of a whole response. 'status' is 0
** (good), 1 (revoked) or 2 (unknown); 'reason' -1 for none.
*/
static int ocsp (lua_State *L) {
  X509 *signer;
  EVP_PKEY *key;
  const EVP_MD *md;
  BIO *bio;
  void **basic, **answer;
  lssl_arguments(L, "ocsp", "certificate issuer signer key digest status "
                 "reason revoked this next");
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  signer = lssl_checkcertificate(L, SIGNER, "ocsp");
  key = lssl_checkkey(L, SIGNERKEY, "ocsp");
  md = lssl_optdigest(L, MD);
  bio = lssl_newbio(L);
  basic = lssl_newbox(L, freeresponse);
  answer = lssl_newbox(L, freeanswer);
  *basic = OCSP_BASICRESP_new();
  if (*basic == NULL)
    return lssl_raisequeue(L, NULL);
  fillresponse(L, (OCSP_BASICRESP *)*basic);
  lssl_clearerrors();
  if (!OCSP_basic_sign((OCSP_BASICRESP *)*basic, signer, key, md, NULL, 0))
    return lssl_raisequeue(L, NULL);
  *answer = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL,
                                 (OCSP_BASICRESP *)*basic);
  if (*answer == NULL ||
      i2d_OCSP_RESPONSE_bio(bio, (OCSP_RESPONSE *)*answer) <= 0)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

/* }====================================================== */

static const luaL_Reg functions[] = {
  {"crl", crl},
  {"ocsp", ocsp},
  {NULL, NULL}
};

void lssl_openrevocation (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
