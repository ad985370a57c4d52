/*
** crls.c - revocation lists that an SSLContext gets anew while it is in use.
** SPDX-License-Identifier: MIT
**
** OpenSSL's X509_STORE keeps for good what was added to it. The lists here are the
** store's extra data instead, so that a new one can take the place of an old one; a
** callback adds them to those that OpenSSL finds.
*/
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "x509/asn1.h"
#include "x509/certificate.h"
#include "context/context.h"
#include "context/crls.h"

/* one index for the process, made once; constant from then on */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int storeindex = -1;

/*
** {======================================================
** The lists of a store
** =======================================================
*/

static void dropcrls (void *parent, void *list, CRYPTO_EX_DATA *all, int index,
                      long unused, void *nothing) {
  (void)parent, (void)all, (void)index, (void)unused, (void)nothing;
  sk_X509_CRL_pop_free((STACK_OF(X509_CRL) *)list, X509_CRL_free);
}

static void makestoreindex (void) {
  storeindex = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, dropcrls);
}

/* adds the store's own lists of this issuer to those that OpenSSL knows */
static STACK_OF(X509_CRL) *on_lookup (const X509_STORE_CTX *look,
                                      const X509_NAME *issuer) {
  STACK_OF(X509_CRL) *found = X509_STORE_CTX_get1_crls(look, issuer);
  STACK_OF(X509_CRL) *ours = (STACK_OF(X509_CRL) *)
    X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(look), storeindex);
  int i;
  if (found == NULL)  /* OpenSSL knows none */
    found = sk_X509_CRL_new_null();
  for (i = 0; found != NULL && i < sk_X509_CRL_num(ours); i++) {
    X509_CRL *crl = sk_X509_CRL_value(ours, i);
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer) != 0)
      continue;
    if (!X509_CRL_up_ref(crl))
      break;
    if (sk_X509_CRL_push(found, crl) <= 0) {
      X509_CRL_free(crl);
      break;
    }
  }
  return found;
}

/* the lists of 'store', made if there are none; NULL: no memory */
static STACK_OF(X509_CRL) *listsof (X509_STORE *store) {
  STACK_OF(X509_CRL) *list;
  if (!CRYPTO_THREAD_run_once(&once, makestoreindex) || storeindex < 0)
    return NULL;
  list = (STACK_OF(X509_CRL) *)X509_STORE_get_ex_data(store, storeindex);
  if (list != NULL)
    return list;
  list = sk_X509_CRL_new_null();
  if (list == NULL || !X509_STORE_set_ex_data(store, storeindex, list)) {
    sk_X509_CRL_free(list);
    return NULL;
  }
  X509_STORE_set_lookup_crls(store, on_lookup);
  return list;
}

/* }====================================================== */


/*
** {======================================================
** Replacing one
** =======================================================
*/

static void freecrlbox (void *crl) {
  X509_CRL_free((X509_CRL *)crl);
}

/* the bytes of the part of its issuer's certificates that a list is about */
static const ASN1_OCTET_STRING *scope (const X509_CRL *crl) {
  int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);
  return at < 0 ? NULL : X509_EXTENSION_get_data(X509_CRL_get_ext(crl, at));
}

static int samescope (const X509_CRL *a, const X509_CRL *b) {
  const ASN1_OCTET_STRING *one = scope(a), *other = scope(b);
  if (X509_NAME_cmp(X509_CRL_get_issuer(a), X509_CRL_get_issuer(b)) != 0)
    return 0;
  if (one == NULL || other == NULL)
    return one == other;
  return ASN1_STRING_cmp(one, other) == 0;
}

/* did a certificate that the store trusts sign the list? < 0: no memory */
static int issignedby (X509_STORE *store, X509_CRL *crl) {
  X509_STORE_CTX *look = X509_STORE_CTX_new();
  STACK_OF(X509) *issuers = NULL;
  int i, found = -1;
  if (look != NULL && X509_STORE_CTX_init(look, store, NULL, NULL) == 1) {
    issuers = X509_STORE_CTX_get1_certs(look, X509_CRL_get_issuer(crl));
    found = 0;
    for (i = 0; !found && i < sk_X509_num(issuers); i++)
      found = X509_CRL_verify(crl, X509_get0_pubkey(sk_X509_value(issuers, i)))
              == 1;
  }
  sk_X509_pop_free(issuers, X509_free);
  X509_STORE_CTX_free(look);
  return found;
}

/* pushes a box with the one list in the bytes at 'arg' */
static X509_CRL *checkcrlarg (lua_State *L, int arg, const char *name) {
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, arg, &size, name), *p = data;
  int length = lssl_toint(L, size);
  void **box = lssl_newbox(L, freecrlbox);
  lssl_clearerrors();
  if (lssl_isder(data, size))
    *box = d2i_X509_CRL(NULL, &p, length);
  else {
    BIO *bio = BIO_new_mem_buf(data, length);
    *box = bio ? PEM_read_bio_X509_CRL(bio, NULL, lssl_nopassword, NULL) : NULL;
    BIO_free(bio);
    p = data + size;
  }
  if (*box == NULL || p != data + size) {
    if (lssl_outofmemory())
      lssl_raisememory(L);
    lssl_clearerrors();
    lssl_sslerror(L, 0, "no revocation list, in PEM or DER, in data");
  }
  return (X509_CRL *)*box;
}

/*
** Does it hold only the changes since a complete list (RFC 5280, 5.2.4)? OpenSSL takes
** such a list for a complete one, unless it has X509_V_FLAG_EXTENDED_CRL_SUPPORT.
*/
static int isdelta (const X509_CRL *crl) {
  return X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0;
}

/* raises for a list that may not be used now */
static void checkcrl (lua_State *L, X509_STORE *store, X509_CRL *crl) {
  const ASN1_TIME *since = X509_CRL_get0_lastUpdate(crl);
  const ASN1_TIME *until = X509_CRL_get0_nextUpdate(crl);
  time_t now = time(NULL);
  int found = issignedby(store, crl);
  if (found < 0)
    lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  if (!found)
    lssl_sslerror(L, 0, "the revocation list is not signed by an authority that "
                  "the context trusts");
  if (isdelta(crl))
    lssl_sslerror(L, 0, "the revocation list is a delta list: it holds only the "
                  "changes since a complete one");
  if (ASN1_TIME_cmp_time_t(since, now) > 0)
    lssl_sslerror(L, 0, "the revocation list is not valid yet");
  if (until != NULL && ASN1_TIME_cmp_time_t(until, now) <= 0)
    lssl_sslerror(L, 0, "the revocation list is out of date");
}

/* the place of the list that 'crl' replaces, or -1 */
static int findold (STACK_OF(X509_CRL) *list, const X509_CRL *crl) {
  int i = sk_X509_CRL_num(list);
  while (--i >= 0 && !samescope(sk_X509_CRL_value(list, i), crl))
    ;
  return i;
}

/*@ SSLContext:replace_crl(data)
** Adds a certificate revocation list in the place of the one that this method has added
** before for the same authority, so that a program which runs for long can keep its lists
** current; `ssl.crl_keeper` does that. Lists of `load_crl` and `load_verify_locations` stay.
** The context uses the lists only if `verify_flags` has `ssl.VERIFY_CRL_CHECK_LEAF` or
** `ssl.VERIFY_CRL_CHECK_CHAIN`.
** - `data` (string or bytearray): one list, in PEM or DER.
** Returns since when and until when the list holds (integers, seconds since 1970; the second
** is nil if the list does not say). Raises `SSLError` for data that are no revocation list,
** for a list that no authority which the context trusts has signed, for one that is not valid
** yet or is out of date, for one that is older than the one in its place, and for a delta list,
** which holds only the changes since a complete list.
** OpenSSL: `X509_STORE_set_lookup_crls`, `X509_CRL_verify`; RFC 5280, 5. Since: an addition.
**
** Type: named fun(data: string|bytearray): integer, integer?
**
**     local since, till = ctx:replace_crl(crl)
**     assert(till > os.time())
*/
static int context_replacecrl (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  X509_STORE *store = SSL_CTX_get_cert_store(c->ctx);
  STACK_OF(X509_CRL) *list;
  X509_CRL *crl, *old;
  int at;
  lssl_arguments(L, ":replace_crl", "data");
  crl = checkcrlarg(L, 2, ":replace_crl");
  checkcrl(L, store, crl);
  list = listsof(store);
  if (list == NULL)
    return lssl_raisequeue(L, NULL);
  at = findold(list, crl);
  old = at < 0 ? NULL : sk_X509_CRL_value(list, at);
  if (old != NULL && ASN1_TIME_compare(X509_CRL_get0_lastUpdate(crl),
                                       X509_CRL_get0_lastUpdate(old)) < 0)
    return lssl_sslerror(L, 0, "the revocation list is older than the one in its "
                         "place");
  if (!X509_CRL_up_ref(crl))
    return lssl_raisequeue(L, NULL);
  if (old != NULL) {
    sk_X509_CRL_set(list, at, crl);
    X509_CRL_free(old);
  }
  else if (sk_X509_CRL_push(list, crl) <= 0) {
    X509_CRL_free(crl);
    return lssl_raisequeue(L, NULL);
  }
  lssl_pushseconds(L, X509_CRL_get0_lastUpdate(crl));
  lssl_pushseconds(L, X509_CRL_get0_nextUpdate(crl));
  return 2;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"replace_crl", context_replacecrl},
  {NULL, NULL}
};

void lssl_opencrls (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
