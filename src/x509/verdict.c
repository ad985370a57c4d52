/*
** verdict.c - the rules behind OpenSSL's errors, and how a refusal is told.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509_vfy.h>

#include "x509/asn1.h"
#include "x509/certificate.h"
#include "x509/verdict.h"

typedef struct Section {
  int code;			/* X509_V_ERR_* */
  const char *rule;		/* as a profile would name it */
  const char *section;
} Section;

/* ends with a code of 0 */
static const Section sections[] = {
  {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "issuer", "RFC 5280, 6.1"},
  {X509_V_ERR_UNABLE_TO_GET_CRL, "revocation", "RFC 5280, 6.3"},
  {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, "key",
   "RFC 5280, 4.1.2.7"},
  {X509_V_ERR_CERT_SIGNATURE_FAILURE, "signature", "RFC 5280, 4.1.1.3"},
  {X509_V_ERR_CRL_SIGNATURE_FAILURE, "revocation", "RFC 5280, 5.1.1.3"},
  {X509_V_ERR_CERT_NOT_YET_VALID, "validity", "RFC 5280, 4.1.2.5"},
  {X509_V_ERR_CERT_HAS_EXPIRED, "validity", "RFC 5280, 4.1.2.5"},
  {X509_V_ERR_CRL_NOT_YET_VALID, "revocation", "RFC 5280, 5.1.2.4"},
  {X509_V_ERR_CRL_HAS_EXPIRED, "revocation", "RFC 5280, 5.1.2.5"},
  {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, "validity",
   "RFC 5280, 4.1.2.5"},
  {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, "validity",
   "RFC 5280, 4.1.2.5"},
  {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "issuer", "RFC 5280, 6.1"},
  {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "issuer", "RFC 5280, 6.1"},
  {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "issuer", "RFC 5280, 6.1"},
  {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "issuer", "RFC 5280, 6.1"},
  {X509_V_ERR_CERT_CHAIN_TOO_LONG, "depth", "RFC 5280, 6.1"},
  {X509_V_ERR_CERT_REVOKED, "revocation", "RFC 5280, 6.3"},
  {X509_V_ERR_NO_ISSUER_PUBLIC_KEY, "key", "RFC 5280, 4.1.2.7"},
  {X509_V_ERR_PATH_LENGTH_EXCEEDED, "basic_constraints",
   "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_INVALID_PURPOSE, "extended_key_usage", "RFC 5280, 4.2.1.12"},
  {X509_V_ERR_SUBJECT_ISSUER_MISMATCH, "issuer", "RFC 5280, 6.1.3"},
  {X509_V_ERR_AKID_SKID_MISMATCH, "authority_key_identifier",
   "RFC 5280, 4.2.1.1"},
  {X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH, "authority_key_identifier",
   "RFC 5280, 4.2.1.1"},
  {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "key_usage", "RFC 5280, 4.2.1.3"},
  {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, "revocation", "RFC 5280, 6.3"},
  {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "extensions", "RFC 5280, 4.2"},
  {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, "key_usage", "RFC 5280, 4.2.1.3"},
  {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, "revocation",
   "RFC 5280, 5.2"},
  {X509_V_ERR_INVALID_NON_CA, "basic_constraints", "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE, "key_usage",
   "RFC 5280, 4.2.1.3"},
  {X509_V_ERR_INVALID_EXTENSION, "extensions", "RFC 5280, 4.2"},
  {X509_V_ERR_INVALID_POLICY_EXTENSION, "policies", "RFC 5280, 4.2.1.4"},
  {X509_V_ERR_NO_EXPLICIT_POLICY, "policies", "RFC 5280, 6.1.5"},
  {X509_V_ERR_DIFFERENT_CRL_SCOPE, "revocation", "RFC 5280, 5.2.5"},
  {X509_V_ERR_PERMITTED_VIOLATION, "name_constraints",
   "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_EXCLUDED_VIOLATION, "name_constraints", "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_SUBTREE_MINMAX, "name_constraints", "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, "name_constraints",
   "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, "name_constraints",
   "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, "name_constraints",
   "RFC 5280, 4.2.1.10"},
  {X509_V_ERR_CRL_PATH_VALIDATION_ERROR, "revocation", "RFC 5280, 6.3"},
  {X509_V_ERR_HOSTNAME_MISMATCH, "subject_alt_name", "RFC 9525, 6"},
  {X509_V_ERR_EMAIL_MISMATCH, "subject_alt_name", "RFC 5280, 4.2.1.6"},
  {X509_V_ERR_IP_ADDRESS_MISMATCH, "subject_alt_name", "RFC 9525, 6"},
  {X509_V_ERR_EE_KEY_TOO_SMALL, "key", "RFC 9325, 4.5"},
  {X509_V_ERR_CA_KEY_TOO_SMALL, "key", "RFC 9325, 4.5"},
  {X509_V_ERR_CA_MD_TOO_WEAK, "signature_algorithm", "RFC 8446, 4.4.2.4"},
  {X509_V_ERR_OCSP_VERIFY_NEEDED, "revocation", "RFC 7633, 4.2.3.1"},
  {X509_V_ERR_OCSP_VERIFY_FAILED, "revocation", "RFC 6960, 3.2"},
  {X509_V_ERR_OCSP_CERT_UNKNOWN, "revocation", "RFC 6960, 2.2"},
  {X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, "signature_algorithm",
   "RFC 5280, 4.1.1.2"},
  {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, "signature_algorithm",
   "RFC 5280, 4.1.1.2"},
  {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, "signature_algorithm",
   "RFC 5280, 4.1.1.2"},
  {X509_V_ERR_INVALID_CA, "basic_constraints", "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, "basic_constraints",
   "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, "basic_constraints",
   "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, "key_usage",
   "RFC 5280, 4.2.1.3"},
  {X509_V_ERR_ISSUER_NAME_EMPTY, "issuer", "RFC 5280, 4.1.2.4"},
  {X509_V_ERR_SUBJECT_NAME_EMPTY, "subject", "RFC 5280, 4.1.2.6"},
  {X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, "authority_key_identifier",
   "RFC 5280, 4.2.1.1"},
  {X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, "subject_key_identifier",
   "RFC 5280, 4.2.1.2"},
  {X509_V_ERR_EMPTY_SUBJECT_ALT_NAME, "subject_alt_name",
   "RFC 5280, 4.2.1.6"},
  {X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL, "subject_alt_name",
   "RFC 5280, 4.2.1.6"},
  {X509_V_ERR_CA_BCONS_NOT_CRITICAL, "basic_constraints",
   "RFC 5280, 4.2.1.9"},
  {X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, "authority_key_identifier",
   "RFC 5280, 4.2.1.1"},
  {X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, "subject_key_identifier",
   "RFC 5280, 4.2.1.2"},
  {X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, "key_usage", "RFC 5280, 4.2.1.3"},
  {X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3, "version", "RFC 5280, 4.1.2.1"},
  {X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, "key", "RFC 5480, 2.1.1"},
  {0, NULL, NULL}
};

static const Section *findsection (long code) {
  const Section *s = sections;
  while (s->code != 0 && s->code != code)
    s++;
  return s;
}

/* pushes what people know the certificate by */
static void pushwhich (lua_State *L, X509 *cert) {
  if (cert == NULL)
    lua_pushliteral(L, "a certificate");
  else if (X509_NAME_entry_count(X509_get_subject_name(cert)) > 0) {
    lssl_pushnametext(L, X509_get_subject_name(cert));
    lua_pushfstring(L, "'%s'", lua_tostring(L, -1));
  }
  else {
    lssl_pushserial(L, X509_get0_serialNumber(cert));
    lua_pushfstring(L, "the certificate %s", lua_tostring(L, -1));
  }
}

void lssl_fillverdict (lua_State *L, Verdict *v, X509 *cert, int depth,
                       const Rule *broken) {
  const Section *s = findsection(v->code);
  luaL_checkstack(L, 8, "certificate");
  v->rule = s->rule;
  v->section = s->section;
  v->depth = depth;
  if (broken != NULL) {
    v->rule = broken->name;
    v->section = broken->section;
    pushwhich(L, cert);
    lua_pushfstring(L, "%s, depth %d, %s (%s)", lua_tostring(L, -1), depth,
                    broken->text, broken->section);
    v->text = lua_tostring(L, -1);
  }
}

void lssl_fillwholeverdict (lua_State *L, Verdict *v, X509 *cert, int depth,
                            const Rule *broken) {
  lssl_fillverdict(L, v, cert, depth, broken);
  if (v->text != NULL)
    return;
  pushwhich(L, cert);
  lssl_pushverdict(L, v);
  lua_pushfstring(L, v->section ? "%s, depth %d: %s (%s)" : "%s, depth %d: %s",
                  lua_tostring(L, -2), depth, lua_tostring(L, -1), v->section);
  v->text = lua_tostring(L, -1);
}

void lssl_setrefused (lua_State *L, X509 *cert) {
  if (cert != NULL) {
    lssl_pushder(L, cert);
    lua_setfield(L, -2, "certificate");
  }
}
