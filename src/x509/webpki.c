/*
** webpki.c - the rules of the Web PKI, one function each, and their table. BR
** are the CA/Browser Forum's Baseline Requirements for TLS server certificates.
** OpenSSL's own rules, strict ones included, have been checked before.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "x509/asn1.h"
#include "x509/namerules.h"
#include "x509/webpki.h"

/*
** {======================================================
** The certificate itself
** =======================================================
*/

#define VERSION3	2	/* as the field has it */

static int isversion3 (const ChainLink *link) {
  return X509_get_version(link->cert) == VERSION3;
}

#define LONGESTSERIAL	20	/* bytes, of which the first bit is the sign */

static int hasgoodserial (const ChainLink *link) {
  const ASN1_INTEGER *serial = X509_get0_serialNumber(link->cert);
  BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
  int good = (number != NULL && !BN_is_zero(number) &&
              !BN_is_negative(number) &&
              BN_num_bits(number) < LONGESTSERIAL * 8);
  BN_free(number);
  return good;
}

/* the digests and the kinds of key that certificates are signed with */
static int hasgoodsignature (const ChainLink *link) {
  static const int digests[] = {NID_sha256, NID_sha384, NID_sha512, 0};
  static const int kinds[] = {NID_rsaEncryption, NID_rsassaPss,
    NID_X9_62_id_ecPublicKey, 0};
  int digest = 0, kind = 0, i;
  if (!X509_get_signature_info(link->cert, &digest, &kind, NULL, NULL))
    return 0;
  for (i = 0; digests[i] != digest; i++) {
    if (digests[i] == 0)
      return 0;
  }
  for (i = 0; kinds[i] != kind; i++) {
    if (kinds[i] == 0)
      return 0;
  }
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Its key
** =======================================================
*/

#define LEASTRSA	2048	/* bits */

static int isgoodcurve (const EVP_PKEY *key) {
  static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1",
    NULL};
  char name[80];
  int i;
  if (!EVP_PKEY_get_group_name(key, name, sizeof name, NULL))
    return 0;
  for (i = 0; curves[i] != NULL; i++) {
    if (strcmp(curves[i], name) == 0)
      return 1;
  }
  return 0;
}

static int hasgoodkey (const ChainLink *link) {
  const EVP_PKEY *key = X509_get0_pubkey(link->cert);
  int bits = key ? EVP_PKEY_get_bits(key) : 0;
  switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA:
      return bits >= LEASTRSA && bits % 8 == 0;
    case EVP_PKEY_EC:
      return isgoodcurve(key);
    default:
      return 0;
  }
}

/* }====================================================== */


/*
** {======================================================
** Its extensions
** =======================================================
*/

static int hasextension (const ChainLink *link, int nid) {
  return X509_get_ext_by_NID(link->cert, nid, -1) >= 0;
}

/* is it there, and not critical? */
static int isuncritical (const ChainLink *link, int nid) {
  int i = X509_get_ext_by_NID(link->cert, nid, -1);
  return i >= 0 && !X509_EXTENSION_get_critical(X509_get_ext(link->cert, i));
}

/* does OpenSSL read it, if it knows the like? */
static int isreadable (Extension *e) {
  const X509V3_EXT_METHOD *method = X509V3_EXT_get(e);
  void *value;
  if (method == NULL)
    return 1;
  value = X509V3_EXT_d2i(e);
  if (value == NULL)
    return 0;
  if (method->it != NULL)
    ASN1_item_free((ASN1_VALUE *)value, ASN1_ITEM_ptr(method->it));
  else
    method->ext_free(value);
  return 1;
}

static int hasreadableextensions (const ChainLink *link) {
  int i, n = X509_get_ext_count(link->cert);
  for (i = 0; i < n; i++) {
    if (!isreadable(X509_get_ext(link->cert, i)))
      return 0;
  }
  return 1;
}

static int isnoauthority (const ChainLink *link) {
  return !(X509_get_extension_flags(link->cert) & EXFLAG_CA);
}

static int hascriticalpolicyconstraints (const ChainLink *link) {
  return !isuncritical(link, NID_policy_constraints);
}

static int hascriticalinhibition (const ChainLink *link) {
  return !isuncritical(link, NID_inhibit_any_policy);
}

/* }====================================================== */


/*
** {======================================================
** Whose key signed it
** =======================================================
*/

/* one that its own key signed need not tell, whatever it calls its issuer */
static int namesissuerskey (const ChainLink *link) {
  return X509_get0_authority_key_id(link->cert) != NULL ||
         X509_verify(link->cert, X509_get0_pubkey(link->cert)) == 1;
}

static int namesnoissuersserial (const ChainLink *link) {
  return X509_get0_authority_issuer(link->cert) == NULL &&
         X509_get0_authority_serial(link->cert) == NULL;
}

/* a root may leave it out */
static int namesownkey (const ChainLink *link) {
  const ASN1_OCTET_STRING *signer = X509_get0_authority_key_id(link->cert);
  const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(link->cert);
  if (!hasextension(link, NID_authority_key_identifier))
    return 1;
  return signer != NULL && own != NULL &&
         ASN1_OCTET_STRING_cmp(signer, own) == 0;
}

/* }====================================================== */


/*
** {======================================================
** What it is for
** =======================================================
*/

static int isnotforall (const ChainLink *link) {
  return !(X509_get_extension_flags(link->cert) & EXFLAG_XKUSAGE) ||
         !(X509_get_extended_key_usage(link->cert) & XKU_ANYEKU);
}

static int hasuncriticalpurposes (const ChainLink *link) {
  return !hasextension(link, NID_ext_key_usage) ||
         isuncritical(link, NID_ext_key_usage);
}

static int hasnopurposes (const ChainLink *link) {
  return !hasextension(link, NID_ext_key_usage);
}

/* }====================================================== */


static int hasuncriticalnames (const ChainLink *link) {
  return X509_NAME_entry_count(X509_get_subject_name(link->cert)) == 0 ||
         !hasextension(link, NID_subject_alt_name) ||
         isuncritical(link, NID_subject_alt_name);
}

#define BELOWROOT	(LSSL_LEAF | LSSL_MIDDLE | LSSL_ANCHOR)
#define UNTRUSTED	(LSSL_LEAF | LSSL_MIDDLE)

const Rule lssl_webpki[] = {
  {"version", UNTRUSTED, "RFC 5280, 4.1.2.1",
   "is not of version 3", isversion3},
  {"serial_number", UNTRUSTED, "RFC 5280, 4.1.2.2",
   "has a serial number that is not positive, or longer than 20 bytes",
   hasgoodserial},
  {"signature_algorithm", UNTRUSTED, "BR, 7.1.3.2",
   "is not signed by RSA or ECDSA with SHA-256, SHA-384 or SHA-512",
   hasgoodsignature},
  {"key", LSSL_ALL, "BR, 6.1.5",
   "has a key that is neither RSA, of whole bytes and 2048 bits at least, "
   "nor of P-256, P-384 or P-521", hasgoodkey},
  {"extensions", LSSL_ALL, "RFC 5280, 4.2",
   "has an extension that cannot be read", hasreadableextensions},
  {"authority_key_identifier", BELOWROOT, "RFC 5280, 4.2.1.1",
   "does not tell which key signed it", namesissuerskey},
  {"authority_key_identifier", LSSL_ALL, "BR, 7.1.2.11.1",
   "tells its issuer's name and serial number beside the key that signed it",
   namesnoissuersserial},
  {"authority_key_identifier", LSSL_ROOT, "BR, 7.1.2.1.3",
   "is signed by its own key, but tells of another", namesownkey},
  {"basic_constraints", LSSL_LEAF, "BR, 7.1.2.7.8",
   "is an authority's", isnoauthority},
  {"extended_key_usage", LSSL_LEAF, "BR, 7.1.2.7.10",
   "is for any purpose", isnotforall},
  {"extended_key_usage", LSSL_LEAF, "BR, 7.1.2.7.6",
   "has a critical extendedKeyUsage", hasuncriticalpurposes},
  {"extended_key_usage", LSSL_ROOT, "BR, 7.1.2.1.2",
   "is a root with an extendedKeyUsage", hasnopurposes},
  {"policy_constraints", LSSL_ISSUERS, "RFC 5280, 4.2.1.11",
   "has policyConstraints that are not critical",
   hascriticalpolicyconstraints},
  {"inhibit_any_policy", LSSL_ISSUERS, "RFC 5280, 4.2.1.14",
   "has an inhibitAnyPolicy that is not critical", hascriticalinhibition},
  {"name_constraints", LSSL_LEAF, "RFC 5280, 4.2.1.10",
   "has nameConstraints without being an authority's", lssl_hasnoconstraints},
  {"name_constraints", LSSL_ISSUERS, "BR, 7.1.2.5.2",
   "has nameConstraints that neither permit nor exclude a name",
   lssl_hasfullconstraints},
  {"name_constraints", LSSL_ISSUERS, "RFC 5280, 4.2.1.10",
   "has nameConstraints with a host name that cannot be one",
   lssl_hasgoodconstraints},
  {"subject_alt_name", LSSL_LEAF, "BR, 7.1.2.7.12",
   "has no subjectAltName", lssl_hasaltnames},
  {"subject_alt_name", LSSL_LEAF, "RFC 5280, 4.2.1.6",
   "has a critical subjectAltName beside a subject", hasuncriticalnames},
  {"subject_alt_name", LSSL_LEAF, "RFC 5280, 4.2.1.6",
   "has a subjectAltName that cannot be a host, address or mailbox",
   lssl_hasgoodnames},
  {"common_name", LSSL_LEAF, "BR, 7.1.4.3",
   "has a commonName that its subjectAltName does not have",
   lssl_hasrepeatedcommonname},
  {"name_constraints", LSSL_LEAF, "RFC 5280, 4.2.1.10",
   "has a wildcard that stands for a name which its authority is excluded from",
   lssl_hasallowedwildcards},
  {NULL, 0, NULL, NULL, NULL}
};
