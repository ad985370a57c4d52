/*
** loading.c - what went wrong with a certificate or a key, and what to do.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/err.h>

#include "base/errors.h"
#include "context/loading.h"

const char *lssl_pushplace (lua_State *L, const char *path,
                              const char *name) {
  return path ? lua_pushfstring(L, "'%s'", path) : lua_pushstring(L, name);
}

const char *lssl_pushuri (lua_State *L, const char *uri) {
  static const char attribute[] = "pin-value=";
  luaL_Buffer b;
  const char *pin;
  luaL_buffinit(L, &b);
  while ((pin = strstr(uri, attribute)) != NULL) {
    pin += sizeof attribute - 1;
    luaL_addlstring(&b, uri, (size_t)(pin - uri));
    luaL_addstring(&b, "...");
    uri = pin + strcspn(pin, "&");
  }
  luaL_addstring(&b, uri);
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

static const char *pushdamage (lua_State *L, const char *what,
                               const char *where, const Trouble *t) {
  return lua_pushfstring(L, "%s in %s is damaged%s%s", what, where,
                         t->detail[0] ? ": " : "", t->detail);
}

/* is a certificate, its key or its signature below the security level? */
static int isweak (const Trouble *t) {
  int reason = ERR_GET_REASON(t->code);
  return ERR_GET_LIB(t->code) == ERR_LIB_SSL &&
         (reason == SSL_R_EE_KEY_TOO_SMALL ||
          reason == SSL_R_CA_KEY_TOO_SMALL || reason == SSL_R_CA_MD_TOO_WEAK);
}

/* has OpenSSL compared a key with a certificate, and found no fit? */
static int ismisfit (const Trouble *t) {
  int library = ERR_GET_LIB(t->code), reason = ERR_GET_REASON(t->code);
  return library == ERR_LIB_X509 ? reason == X509_R_KEY_VALUES_MISMATCH ||
                                   reason == X509_R_KEY_TYPE_MISMATCH
    : library == ERR_LIB_SSL && reason == SSL_R_NO_CERTIFICATE_ASSIGNED;
}

/* pushes what to say of a certificate that was refused; NULL, nil for nothing */
static const char *pushcertadvice (lua_State *L, const Loading *l,
                                   const Trouble *t) {
  if (isweak(t))
    return lua_pushfstring(L, "the certificates in %s are too weak for "
      "security level %d", l->certname,
      SSL_CTX_get_security_level(l->scratch));
  if (t->ailment == AILMENT_ABSENT)
    return lua_pushfstring(L, "no certificate in PEM in %s", l->certname);
  if (t->ailment == AILMENT_DAMAGED)
    return pushdamage(L, "a certificate", l->certname, t);
  lua_pushnil(L);
  return NULL;
}

/* the same of a key */
static const char *pushkeyadvice (lua_State *L, const Loading *l,
                                  const Trouble *t) {
  if (ismisfit(t))
    return lua_pushfstring(L, "the private key in %s is not that of the "
                           "certificate in %s", l->keyname, l->certname);
  if (t->ailment == AILMENT_KIND)
    return lua_pushfstring(L, "%s: this OpenSSL does not know the kind of the "
                           "private key in %s", lssl_cause(t), l->keyname);
  if (t->ailment == AILMENT_ALGORITHM && l->password.asked)
    return lua_pushfstring(L, "%s: OpenSSL's default provider cannot decrypt "
      "the private key in %s; this command converts it: openssl pkey -provider "
      "legacy -provider default -in old.pem -aes256 -out new.pem", t->detail,
      l->keyname);
  if (l->password.asked)
    return lua_pushfstring(L, "wrong password for the private key in %s, or a "
                           "damaged key", l->keyname);
  if (t->ailment == AILMENT_ABSENT)
    return lua_pushfstring(L, "no readable private key%s in %s",
                           l->keyfile ? " in PEM" : "", l->keyname);
  if (t->ailment == AILMENT_DAMAGED)
    return pushdamage(L, "the private key", l->keyname, t);
  lua_pushnil(L);
  return NULL;
}

int lssl_failcert (lua_State *L, Loading *l) {
  Trouble t;
  lssl_checkpassword(&l->password);
  lssl_taketrouble(&t);
  return lssl_raisetrouble(L, &t, l->certfile, pushcertadvice(L, l, &t));
}

int lssl_raisekey (lua_State *L, Loading *l, const Trouble *t,
                     const char *filename) {
  if (l->password.missed)  /* OpenSSL says the same of a broken file */
    return lssl_sslerror(L, -1, lua_pushfstring(L, "the private key in %s is "
                         "encrypted: give its password", l->keyname));
  return lssl_raisetrouble(L, t, filename, pushkeyadvice(L, l, t));
}

int lssl_failkey (lua_State *L, Loading *l, const char *filename) {
  Trouble t;
  lssl_checkpassword(&l->password);
  lssl_taketrouble(&t);
  return lssl_raisekey(L, l, &t, filename);
}
