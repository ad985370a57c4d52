/*
** check.c - certificate_profile, and verify_certificate: the check of a chain
** without a connection, by the settings of a context.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/asn1.h"
#include "x509/chain.h"
#include "x509/check.h"
#include "x509/hostname.h"
#include "x509/verdict.h"
#include "context/check.h"
#include "context/context.h"

/*
** {======================================================
** The profile
** =======================================================
*/

/*@ SSLContext.certificate_profile (string or nil, read and write)
** The rules that a peer's certificate has to keep besides OpenSSL's own. nil (the
** default) stands for no more rules, as in CPython. `"webpki"` stands for the rules
** that browsers apply to servers: RFC 5280, as `VERIFY_X509_STRICT` checks it, and
** the Baseline Requirements of the CA/Browser Forum ("BR"), as far as one can see
** from a chain:
** - The version is 3. The serial number is positive and has 20 bytes at most. The
**   signature is RSA or ECDSA with SHA-2. The key is RSA (at least 2048 bits, whole
**   bytes), P-256, P-384 or P-521. All extensions can be read.
** - `subjectAltName` names the peer by a possible host, address or mailbox. It is
**   critical only if there is no subject. A common name is one of its hosts or
**   addresses, or the domain above a host.
** - The peer's certificate is not an authority's, has no name constraints, and is
**   not for any purpose.
** - Each certificate identifies its signer by the key, and not by name and number.
** - Name constraints constrain something, are names, and hold for wildcards. Policy
**   constraints are critical. Roots are for all purposes.
** If a certificate breaks a rule, the peer gets the alert `bad_certificate`, and the
** handshake raises `SSLCertVerificationError`. Its `verify_code` is 28, its `rule`
** names the rule, and its `section` names the document that holds the rule.
** `verify_callback` is asked first, as for other errors.
**
** The rules hold for clients, and for servers that ask for certificates, while
** `verify_mode` is not `CERT_NONE`. A resumed session is not checked again. Setting
** the attribute raises `ValueError` for an unknown profile.
** OpenSSL: `SSL_CTX_set_cert_verify_callback`. Since: an addition.
**
**     ctx.certificate_profile = "webpki"
*/
static int get_profile (lua_State *L) {
  const Profile *profile = lssl_attributecontext(L)->profile;
  lua_pushstring(L, profile ? profile->name : NULL);  /* NULL: nil */
  return 1;
}

static int set_profile (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  const Profile *profile = NULL;
  if (!lua_isnil(L, 3)) {
    if (lua_type(L, 3) != LUA_TSTRING)
      return lssl_valuetypeerror(L, "certificate_profile",
                                 "a string or nil is required");
    profile = lssl_findprofile(lua_tostring(L, 3));
    if (profile == NULL)
      return lssl_valueerror(L, "no certificate profile is named '%s'",
                             lua_tostring(L, 3));
  }
  c->profile = profile;
  lssl_setprofile(c->ctx, profile);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** The check
** =======================================================
*/

/* where the arguments are */
enum { CERTIFICATES = 2, NAME, PURPOSE, TIME, DEPTH };

static const char verifyname[] = ":verify_certificate";

static void freestorecontext (void *p) {
  X509_STORE_CTX_free((X509_STORE_CTX *)p);
}

/* is it a server's certificate that is checked? */
static int isservers (lua_State *L, const Context *c) {
  int nid;
  if (lua_isnil(L, PURPOSE))
    return c->protocol != LSSL_PROTOCOL_TLS_SERVER;
  lua_pushvalue(L, PURPOSE);
  nid = lssl_topurpose(L, lua_gettop(L));
  lua_pop(L, 1);
  if (nid != NID_server_auth && nid != NID_client_auth)
    lssl_typeerror(L, PURPOSE, verifyname, "Purpose");
  return nid == NID_server_auth;
}

/* has the check demand the name: an address, a mailbox or a host */
static int expect (X509_VERIFY_PARAM *param, const char *name) {
  ASN1_OCTET_STRING *ip = a2i_IPADDRESS(name);
  int ok;
  lssl_clearerrors();  /* a name that is no address is no error */
  if (ip != NULL)
    ok = X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(ip),
                                   (size_t)ASN1_STRING_length(ip));
  else if (strchr(name, '@') != NULL)
    ok = X509_VERIFY_PARAM_set1_email(param, name, strlen(name));
  else
    ok = X509_VERIFY_PARAM_set1_host(param, name, strlen(name));
  ASN1_OCTET_STRING_free(ip);
  return ok;
}

static void setname (lua_State *L, X509_VERIFY_PARAM *param) {
  const char *name;
  if (lua_isnil(L, NAME))
    return;
  name = lssl_checkcstring(L, NAME, verifyname);
  if (strchr(name, '@') == NULL) {
    lssl_asciihost(L, NAME, verifyname);
    name = lua_tostring(L, NAME);
  }
  if (!expect(param, name)) {
    if (lssl_haserrors())
      lssl_raisequeue(L, NULL);
    lssl_valueerror(L, "OpenSSL does not check for the name '%s'", name);
  }
}

static void setlimits (lua_State *L, X509_VERIFY_PARAM *param) {
  if (!lua_isnil(L, TIME))
    X509_VERIFY_PARAM_set_time(param,
                           (time_t)lssl_checkinteger(L, TIME, verifyname));
  if (!lua_isnil(L, DEPTH))
    X509_VERIFY_PARAM_set_depth(param,
                     (int)lssl_checkrange(L, DEPTH, 0, 1000, verifyname));
}

/* as libssl fills them in for the peer of a connection of 'c' */
static int setparameters (X509_VERIFY_PARAM *param, const Context *c) {
  X509_VERIFY_PARAM_set_auth_level(param, SSL_CTX_get_security_level(c->ctx));
  if (!X509_VERIFY_PARAM_set1(param, SSL_CTX_get0_param(c->ctx)))
    return 0;
  X509_VERIFY_PARAM_set_hostflags(param, c->hostflags);
  return 1;
}

/* pushes a box with what the check needs, of the list in the box before it */
static X509_STORE_CTX *newcheck (lua_State *L, const Context *c,
                                 STACK_OF(X509) *list) {
  void **box = lssl_newbox(L, freestorecontext);
  X509_STORE_CTX *check;
  int servers = isservers(L, c);
  lssl_clearerrors();
  *box = check = X509_STORE_CTX_new();
  if (check == NULL ||
      !X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(c->ctx),
                           sk_X509_value(list, 0), list) ||
      !X509_STORE_CTX_set_default(check,
                                  servers ? "ssl_server" : "ssl_client") ||
      !setparameters(X509_STORE_CTX_get0_param(check), c))
    lssl_raisequeue(L, NULL);
  setname(L, X509_STORE_CTX_get0_param(check));
  setlimits(L, X509_STORE_CTX_get0_param(check));
  return check;
}

/* pushes a box with the chain that the check built, and returns it */
static STACK_OF(X509) *newchain (lua_State *L, X509_STORE_CTX *check) {
  void **box = lssl_newbox(L, lssl_freecertificates);
  STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(check);
  if (chain != NULL) {
    *box = X509_chain_up_ref(chain);
    if (*box == NULL)
      lssl_raisequeue(L, NULL);
  }
  return (STACK_OF(X509) *)*box;
}

/* raises what the check found; the chain is in the box on the top */
static int refuse (lua_State *L, X509_STORE_CTX *check,
                   STACK_OF(X509) *chain, const Rule *broken) {
  Verdict v = LSSL_NOVERDICT;
  Outcome o = lssl_refusal();
  int depth = X509_STORE_CTX_get_error_depth(check);
  int box = lua_gettop(L);
  X509 *cert = sk_X509_value(chain, depth);
  v.code = X509_STORE_CTX_get_error(check);
  v.hostname = lua_tostring(L, NAME);
  if (v.code == X509_V_ERR_OUT_OF_MEM)
    return lssl_raisememory(L);
  lssl_fillwholeverdict(L, &v, cert, depth, broken);
  lssl_pushoutcome(L, &o, &v);
  lssl_setrefused(L, cert);
  lua_pushvalue(L, box);
  lssl_pushchain(L);
  lua_setfield(L, -2, "chain");
  return lua_error(L);
}

/*@ SSLContext:verify_certificate(certificates [, name [, purpose [, time [, depth]]]])
** Checks certificates without a connection, as a handshake of this context would. It
** uses the context's trusted certificates, revocation lists, `verify_flags`, security
** level and `certificate_profile`. It does not use `verify_mode`, and does not call
** `verify_callback`.
** - `certificates` (string, bytearray, or array of strings): the peer's own
**   certificate, then those of authorities that may be needed; PEM or DER.
** - `name` (string): the name that the certificate must have: a host, an IP address,
**   or a mailbox (`"user@example.org"`). nil accepts any name.
** - `purpose` (`ssl.Purpose`): `SERVER_AUTH` for a server's certificate, and
**   `CLIENT_AUTH` for a client's. By default the purpose of the context.
** - `time` (integer): the time at which the certificate must be valid, in seconds
**   since 1970; now by default.
** - `depth` (integer): how many authorities may stand between the certificate and
**   the trusted one, 0 to 1000; 100 by default.
** Returns the chain: an array of strings (DER), from the peer's certificate to the
** trusted one. Raises `ValueError` for no certificate, a name that cannot be one, or
** a depth out of range; `SSLError` for data that are no certificate.
**
** If the certificate is not accepted, it raises `SSLCertVerificationError`, which has
** these fields:
** - `depth` (integer), `certificate` (string, DER): the certificate that is at fault.
**   The depth of the peer's own is 0.
** - `rule` (string, such as `"validity"`), `section` (string, such as
**   `"RFC 5280, 4.1.2.5"`): the broken rule, and where it is written. Both are nil
**   for the rare error that belongs to no rule.
** - `verify_code` (integer), `verify_message` (string): OpenSSL's error.
** - `chain` (array of strings): the chain as far as it was built.
** OpenSSL: `X509_verify_cert`; RFC 5280, 6. Since: an addition.
**
** Type: named fun(certificates*: string|bytearray|string[], name?: string, purpose*?: Purpose,
**   time?: integer, depth?: integer): string[]
**
**     ctx:load_verify_locations(cafile)
**     local pem = io.open(certfile):read("a")
**     local chain = ctx:verify_certificate(pem, "localhost")
**     local ok, err = pcall(ctx.verify_certificate, ctx, pem, { name = "other.test" })
**     assert(err.rule == "subject_alt_name" and err.certificate == chain[1])
*/
static int context_verify (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  STACK_OF(X509) *list, *chain;
  X509_STORE_CTX *check;
  const Rule *broken;
  int ok;
  lssl_arguments(L, verifyname, "certificates* name purpose* time depth");
  list = lssl_checkchainarg(L, CERTIFICATES, "certificates", verifyname);
  check = newcheck(L, c, list);
  lssl_clearerrors();
  ok = lssl_checkchain(check, c->profile, &broken);
  if (!ok && lssl_outofmemory())
    return lssl_raisememory(L);
  lssl_clearerrors();
  chain = newchain(L, check);
  if (!ok)
    return refuse(L, check, chain, broken);
  return lssl_pushchain(L);
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"verify_certificate", context_verify},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"certificate_profile", get_profile},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"certificate_profile", set_profile},
  {NULL, NULL}
};

void lssl_opencheck (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
