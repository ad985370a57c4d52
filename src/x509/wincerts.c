/*
** wincerts.c - what the certificate stores of Windows hold. Uses nothing of
** OpenSSL. A store or context is in a box before Lua is called.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "x509/wincerts.h"

#if !defined(_WIN32)

void lssl_openwincerts (lua_State *L) {
  (void)L;
}

#else

#include <windows.h>
#include <wincrypt.h>

/* OpenSSL's types, for what may follow in the same file (docs/embedding.md) */
#undef X509_NAME
#undef X509_CERT_PAIR
#undef X509_EXTENSIONS
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#undef PKCS7_ISSUER_AND_SERIAL
#undef PKCS7_SIGNER_INFO

/*
** {======================================================
** Stores
** =======================================================
*/

static int raisesystem (lua_State *L) {
  switch (GetLastError()) {
    case ERROR_ACCESS_DENIED: return lssl_oserror(L, EACCES, NULL);
    case ERROR_FILE_NOT_FOUND: return lssl_oserror(L, ENOENT, NULL);
    case ERROR_NOT_ENOUGH_MEMORY: return lssl_oserror(L, ENOMEM, NULL);
    default: return lssl_oserror(L, EINVAL, NULL);
  }
}

static void freestore (void *store) {
  CertCloseStore((HCERTSTORE)store, 0);
}

static void freecert (void *cert) {
  CertFreeCertificateContext((PCCERT_CONTEXT)cert);
}

static void freecrl (void *crl) {
  CertFreeCRLContext((PCCRL_CONTEXT)crl);
}

/* where a store of one name may be; the user's and the machine's count alike */
static const DWORD places[] = {
  CERT_SYSTEM_STORE_LOCAL_MACHINE,
  CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE,
  CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY,
  CERT_SYSTEM_STORE_CURRENT_USER,
  CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY,
  CERT_SYSTEM_STORE_SERVICES,
  CERT_SYSTEM_STORE_USERS
};

/* adds all stores of this name to 'collection'; how many there are */
static int gather (HCERTSTORE collection, const char *name) {
  size_t i;
  int n = 0;
  for (i = 0; i < LSSL_COUNT(places); i++) {
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
      CERT_STORE_READONLY_FLAG | places[i], name);
    if (store != NULL) {
      n += CertAddStoreToCollection(collection, store, 0, 0) ? 1 : 0;
      CertCloseStore(store, 0);  /* the collection has its own reference */
    }
  }
  return n;
}

/* pushes a box with what the stores of this name hold together */
static HCERTSTORE pushstore (lua_State *L, const char *name) {
  void **box = lssl_newbox(L, freestore);
  *box = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
  if (*box == NULL || gather((HCERTSTORE)*box, name) == 0)
    raisesystem(L);
  return (HCERTSTORE)*box;
}

/* }====================================================== */


/*
** {======================================================
** Entries
** =======================================================
*/

static void pushencoding (lua_State *L, DWORD encoding) {
  switch (encoding) {
    case X509_ASN_ENCODING: lua_pushliteral(L, "x509_asn"); break;
    case PKCS_7_ASN_ENCODING: lua_pushliteral(L, "pkcs_7_asn"); break;
    default: lua_pushinteger(L, (lua_Integer)encoding);
  }
}

/*
** Pushes what the certificate may be used for, as 'flags' say where that is
** written: true, or a set of OIDs; returns whether it is true.
*/
static int pushusage (lua_State *L, PCCERT_CONTEXT cert, DWORD flags) {
  DWORD size = 0, i;
  CERT_ENHKEY_USAGE *usage;
  if (!CertGetEnhancedKeyUsage(cert, flags, NULL, &size)) {
    if (GetLastError() != (DWORD)CRYPT_E_NOT_FOUND)
      raisesystem(L);
    lua_pushboolean(L, 1);
    return 1;
  }
  usage = (CERT_ENHKEY_USAGE *)lua_newuserdatauv(L, size, 0);
  if (!CertGetEnhancedKeyUsage(cert, flags, usage, &size))
    raisesystem(L);
  lua_newtable(L);
  for (i = 0; i < usage->cUsageIdentifier; i++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, usage->rgpszUsageIdentifier[i]);
  }
  lua_remove(L, -2);
  return 0;
}

/* the store's own word goes before the certificate's */
static void pushtrust (lua_State *L, PCCERT_CONTEXT cert) {
  if (pushusage(L, cert, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG)) {
    lua_pop(L, 1);
    pushusage(L, cert, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG);
  }
}

/* are these two values (both true, or both sets) the same? */
static int sametrust (lua_State *L, int a, int b) {
  int from = lua_absindex(L, a), to = lua_absindex(L, b), once;
  for (once = 0; once < 2; once++) {
    int first = once ? to : from, second = once ? from : to;
    if (!lua_istable(L, first) || !lua_istable(L, second))
      return lua_type(L, first) == lua_type(L, second);
    lua_pushnil(L);
    while (lua_next(L, first)) {
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      if (lua_rawget(L, second) == LUA_TNIL) {
        lua_pop(L, 2);
        return 0;
      }
      lua_pop(L, 1);
    }
  }
  return 1;
}

/* is an entry equal to the one on the top in the array of those alike? */
static int contains (lua_State *L, int alike) {
  int entry = lua_gettop(L), same = 0;
  lua_Integer i;
  lua_getfield(L, entry, "encoding_type");
  lua_getfield(L, entry, "trust");
  for (i = 1; !same && lua_rawgeti(L, alike, i) == LUA_TTABLE; i++) {
    lua_getfield(L, entry + 3, "encoding_type");
    lua_getfield(L, entry + 3, "trust");
    same = lua_rawequal(L, entry + 1, entry + 4) &&
           sametrust(L, entry + 2, entry + 5);
    lua_settop(L, entry + 2);
  }
  lua_settop(L, entry);
  return same;
}

/*
** Moves the entry on the top to the end of 'list', unless it is there already:
** one certificate is often in several stores. 'seen' has arrays by the bytes.
*/
static void add (lua_State *L, int list, int seen) {
  int entry = lua_gettop(L), alike = entry + 1;
  lua_rawgeti(L, entry, 1);
  lua_rawget(L, seen);
  if (lua_isnil(L, alike)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_rawgeti(L, entry, 1);
    lua_pushvalue(L, alike);
    lua_rawset(L, seen);
  }
  lua_pushvalue(L, entry);
  if (!contains(L, alike)) {
    lua_pushvalue(L, entry);
    lua_rawseti(L, alike, (lua_Integer)lua_rawlen(L, alike) + 1);
    lua_pushvalue(L, entry);
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
  }
  lua_settop(L, entry - 1);
}

/* pushes {bytes, encoding, bytes =, encoding_type =} */
static void pushentry (lua_State *L, const BYTE *bytes, DWORD size,
                       DWORD encoding) {
  lua_createtable(L, 3, 3);
  lua_pushlstring(L, (const char *)bytes, size);
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, 1);
  lua_setfield(L, -2, "cert_bytes");
  pushencoding(L, encoding);
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, 2);
  lua_setfield(L, -2, "encoding_type");
}

/* }====================================================== */


/*@ ssl.enum_certificates(store_name)
** Reads the certificates of a system store. Windows only.
** - `store_name` (string): `"CA"`, `"ROOT"`, `"MY"` or another store's name.
** Returns an array of entries `{cert_bytes, encoding_type, trust}`, which have
** these as fields too: `cert_bytes` (string), `encoding_type` (string:
** `"x509_asn"` or `"pkcs_7_asn"`) and `trust` (true for every purpose, or a
** table whose keys are the OIDs it is trusted for). An entry that is in
** several stores comes once. Raises `OSError` if none can be opened.
** Since: CPython 3.4.
**
** Type: fun(store_name: string): { cert_bytes: string, encoding_type: "x509_asn"|"pkcs_7_asn",
**   trust: true|table<string, true> }[]
**
**     if ssl.enum_certificates then
**       for _, entry in ipairs(ssl.enum_certificates("ROOT")) do print(#entry.cert_bytes) end
**     end
*/
static int enum_certificates (lua_State *L) {
  const char *name = lssl_checkcstring(L, 1, "enum_certificates");
  HCERTSTORE store;
  void **box;
  lua_settop(L, 1);
  store = pushstore(L, name);  /* at 2 */
  box = lssl_newbox(L, freecert);  /* at 3 */
  lua_newtable(L);  /* the result, at 4 */
  lua_newtable(L);  /* those seen, at 5 */
  for (;;) {
    PCCERT_CONTEXT cert = (PCCERT_CONTEXT)*box;
    *box = NULL;  /* the call frees it */
    cert = CertEnumCertificatesInStore(store, cert);
    *box = (void *)(uintptr_t)cert;
    if (cert == NULL)
      break;
    pushentry(L, cert->pbCertEncoded, cert->cbCertEncoded,
              cert->dwCertEncodingType);
    pushtrust(L, cert);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, 3);
    lua_setfield(L, -2, "trust");
    add(L, 4, 5);
  }
  lssl_emptybox(L, 2);
  lua_settop(L, 4);
  return 1;
}

/*@ ssl.enum_crls(store_name)
** Reads the revocation lists of a system store. Windows only.
** - `store_name` (string): as for `ssl.enum_certificates`.
** Returns an array of entries `{cert_bytes, encoding_type}`, which have these
** as fields too: both strings, as for `ssl.enum_certificates`. Raises
** `OSError` if none can be opened. Since: CPython 3.4.
**
** Type: fun(store_name: string): { cert_bytes: string, encoding_type: string }[]
**
**     if ssl.enum_crls then
**       for _, entry in ipairs(ssl.enum_crls("CA")) do print(#entry.cert_bytes) end
**     end
*/
static int enum_crls (lua_State *L) {
  const char *name = lssl_checkcstring(L, 1, "enum_crls");
  HCERTSTORE store;
  void **box;
  lua_settop(L, 1);
  store = pushstore(L, name);  /* at 2 */
  box = lssl_newbox(L, freecrl);  /* at 3 */
  lua_newtable(L);  /* the result, at 4 */
  lua_newtable(L);  /* those seen, at 5 */
  for (;;) {
    PCCRL_CONTEXT crl = (PCCRL_CONTEXT)*box;
    *box = NULL;  /* the call frees it */
    crl = CertEnumCRLsInStore(store, crl);
    *box = (void *)(uintptr_t)crl;
    if (crl == NULL)
      break;
    pushentry(L, crl->pbCrlEncoded, crl->cbCrlEncoded,
              crl->dwCertEncodingType);
    add(L, 4, 5);
  }
  lssl_emptybox(L, 2);
  lua_settop(L, 4);
  return 1;
}

static const luaL_Reg functions[] = {
  {"enum_certificates", enum_certificates},
  {"enum_crls", enum_crls},
  {NULL, NULL}
};

void lssl_openwincerts (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

#endif
