/*
** wincertstore.c - for wincerts_spec.lua: puts a certificate into a store of the
** user's in Windows, and takes it out again.
** SPDX-License-Identifier: MIT
*/
#include <windows.h>
#include <wincrypt.h>

#include <lua.h>
#include <lauxlib.h>

#define MOSTUSAGES	8

static HCERTSTORE openstore (lua_State *L) {
  HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_A, 0, 0,
    CERT_SYSTEM_STORE_CURRENT_USER, luaL_checkstring(L, 1));
  if (store == NULL)
    luaL_error(L, "cannot open the store: %d", (int)GetLastError());
  return store;
}

/* the usages (OIDs) at 3 and above are what Windows trusts it for */
static int setusages (lua_State *L, PCCERT_CONTEXT cert) {
  LPSTR oids[MOSTUSAGES];
  CERT_ENHKEY_USAGE usage = {0, NULL};
  int i, n = lua_gettop(L) - 2;
  for (i = 0; i < n && i < MOSTUSAGES; i++)
    oids[i] = (LPSTR)(UINT_PTR)lua_tostring(L, 3 + i);
  usage.cUsageIdentifier = (DWORD)i;
  usage.rgpszUsageIdentifier = oids;
  return n <= 0 || CertSetEnhancedKeyUsage(cert, &usage);
}

/* add(store, der, ...): whether it could be */
static int add (lua_State *L) {
  size_t size;
  const BYTE *der = (const BYTE *)luaL_checklstring(L, 2, &size);
  HCERTSTORE store = openstore(L);
  PCCERT_CONTEXT cert = CertCreateCertificateContext(X509_ASN_ENCODING, der,
                                                     (DWORD)size);
  int ok = cert != NULL && setusages(L, cert) &&
    CertAddCertificateContextToStore(store, cert,
                                     CERT_STORE_ADD_REPLACE_EXISTING, NULL);
  if (cert != NULL)
    CertFreeCertificateContext(cert);
  CertCloseStore(store, 0);
  lua_pushboolean(L, ok);
  return 1;
}

/* addcrl(store, der): the same for a revocation list */
static int addcrl (lua_State *L) {
  size_t size;
  const BYTE *der = (const BYTE *)luaL_checklstring(L, 2, &size);
  HCERTSTORE store = openstore(L);
  int ok = CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der,
    (DWORD)size, CERT_STORE_ADD_REPLACE_EXISTING, NULL);
  CertCloseStore(store, 0);
  lua_pushboolean(L, ok);
  return 1;
}

/* remove(store, der): the certificate or the list; whether it was there */
static int removeentry (lua_State *L) {
  size_t size;
  const BYTE *der = (const BYTE *)luaL_checklstring(L, 2, &size);
  HCERTSTORE store = openstore(L);
  PCCERT_CONTEXT cert = NULL;
  PCCRL_CONTEXT crl = NULL;
  int found = 0;
  while (!found && (cert = CertEnumCertificatesInStore(store, cert)) != NULL) {
    if (cert->cbCertEncoded == size &&
        memcmp(cert->pbCertEncoded, der, size) == 0)
      found = CertDeleteCertificateFromStore(cert);  /* which frees it */
  }
  while (!found && (crl = CertEnumCRLsInStore(store, crl)) != NULL) {
    if (crl->cbCrlEncoded == size && memcmp(crl->pbCrlEncoded, der, size) == 0)
      found = CertDeleteCRLFromStore(crl);
  }
  CertCloseStore(store, 0);
  lua_pushboolean(L, found);
  return 1;
}

static const luaL_Reg functions[] = {
  {"add", add},
  {"addcrl", addcrl},
  {"remove", removeentry},
  {NULL, NULL}
};

__declspec(dllexport) int luaopen_wincertstore (lua_State *L);

__declspec(dllexport) int luaopen_wincertstore (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
