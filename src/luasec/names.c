/*
** names.c - whom LuaSec's certificate is about and who has issued it.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/x509v3.h>

#include "base/free.h"
#include "base/outcome.h"
#include "base/platform.h"
#include "luasec/certificate.h"
#include "luasec/names.h"
#include "x509/asn1.h"

/*
** {======================================================
** Texts
** =======================================================
*/

/* as it is, or in UTF-8; nil for what has no characters */
static void pushtext (lua_State *L, const ASN1_STRING *s, int utf8) {
  unsigned char *data = NULL;
  void **box;
  int size;
  if (!utf8) {
    lssl_pushasn1string(L, s);
    return;
  }
  box = lssl_newbox(L, lssl_freebytes);
  size = ASN1_STRING_to_UTF8(&data, s);
  *box = data;
  if (size < 0) {
    lssl_clearerrors();
    lua_pushnil(L);
  }
  else
    lua_pushlstring(L, (const char *)data, (size_t)size);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

static int pushname (lua_State *L, const X509_NAME *name, int utf8) {
  int i, n = X509_NAME_entry_count(name);
  lua_createtable(L, n, 0);
  for (i = 0; i < n; i++) {
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    lua_createtable(L, 0, 3);
    lssl_pushobject(L, object, 1);
    lua_setfield(L, -2, "oid");
    lssl_pushobject(L, object, 0);
    lua_setfield(L, -2, "name");
    pushtext(L, X509_NAME_ENTRY_get_data(entry), utf8);
    lua_setfield(L, -2, "value");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/*@ certificate:subject()
** Returns the name of the certificate's owner.
** Returns an array of tables with the fields `oid`, `name` and `value` (strings), in the order
** of the certificate. `setencode` decides how a value is written. OpenSSL:
** `X509_get_subject_name`.
**
** Type: fun(): { oid: string, name: string, value: string }[]
**
**     for _, part in ipairs(cert:subject()) do
**       assert(part.name ~= "commonName" or part.oid == "2.5.4.3")
**     end
*/
static int certificate_subject (lua_State *L) {
  const Certificate *c = lssl_selfcertificate(L);
  return pushname(L, X509_get_subject_name(c->cert), c->utf8);
}

/*@ certificate:issuer()
** Returns the name of the authority that has signed the certificate.
** Returns an array, as `subject` does. OpenSSL: `X509_get_issuer_name`.
**
** Type: fun(): { oid: string, name: string, value: string }[]
**
**     assert(cert:issuer()[1].value)
*/
static int certificate_issuer (lua_State *L) {
  const Certificate *c = lssl_selfcertificate(L);
  return pushname(L, X509_get_issuer_name(c->cert), c->utf8);
}

/*@ certificate:setencode(encoding)
** Sets how `subject`, `issuer` and `extensions` write texts.
** - `encoding` (string): `"ai5"`, the encoding at first, leaves texts as they are in the
**   certificate. `"utf8"` converts them to UTF-8.
** Returns true, or false if there is no such encoding. OpenSSL: `ASN1_STRING_to_UTF8`.
**
** Type: fun(encoding: "ai5"|"utf8"): boolean
**
**     assert(cert:setencode("utf8"))
*/
static int certificate_setencode (lua_State *L) {
  Certificate *c = lssl_selfcertificate(L);
  const char *encoding = luaL_checkstring(L, 2);
  int utf8 = strncmp(encoding, "utf8", 4) == 0;
  int known = utf8 || strncmp(encoding, "ai5", 3) == 0;
  if (known)
    c->utf8 = utf8;
  lua_pushboolean(L, known);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** The other names
** =======================================================
*/

/* pushes field 'key', a string on the top which it pops, of the table at 'index':
   a table, made if need be */
static void pushsubtable (lua_State *L, int index) {
  lua_pushvalue(L, -1);
  if (lua_rawget(L, index) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, index);
  }
  lua_remove(L, -2);
}

/* adds the value on the top to the array below it, and pops both */
static void addvalue (lua_State *L) {
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

/* the text of a name of a type that a program knows; NULL for another */
static const ASN1_STRING *othertext (const OTHERNAME *other) {
  switch (other->value ? other->value->type : V_ASN1_NULL) {
    case V_ASN1_UTF8STRING: case V_ASN1_IA5STRING: case V_ASN1_PRINTABLESTRING:
    case V_ASN1_BMPSTRING: case V_ASN1_T61STRING: case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_VISIBLESTRING: case V_ASN1_NUMERICSTRING:
    case V_ASN1_OCTET_STRING:
      return other->value->value.asn1_string;
    default:
      return NULL;
  }
}

static void addother (lua_State *L, int names, const OTHERNAME *other,
                      int utf8) {
  const ASN1_STRING *text = othertext(other);
  lssl_pushobject(L, other->type_id, 1);
  pushsubtable(L, names);
  lssl_pushobject(L, other->type_id, 0);
  lua_setfield(L, -2, "name");
  if (text == NULL)
    lua_pushnil(L);
  else
    pushtext(L, text, utf8);
  addvalue(L);
}

/* adds a text under a key of LuaSec's */
static void addtext (lua_State *L, int names, const char *key,
                     const ASN1_STRING *text, int utf8) {
  lua_pushstring(L, key);
  pushsubtable(L, names);
  pushtext(L, text, utf8);
  addvalue(L);
}

static void addip (lua_State *L, int names, const ASN1_OCTET_STRING *ip) {
  char text[INET6_ADDRSTRLEN];
  int size = ASN1_STRING_length(ip);
  int family = (size == 4) ? AF_INET : AF_INET6;
  if ((size != 4 && size != 16) ||
      inet_ntop(family, ASN1_STRING_get0_data(ip), text, sizeof text) == NULL)
    return;
  lua_pushliteral(L, "iPAddress");
  pushsubtable(L, names);
  lua_pushstring(L, text);
  addvalue(L);
}

static void addgeneralname (lua_State *L, int names, const GENERAL_NAME *name,
                            int utf8) {
  switch (name->type) {
    case GEN_OTHERNAME:
      addother(L, names, name->d.otherName, utf8);
      break;
    case GEN_DNS:
      addtext(L, names, "dNSName", name->d.dNSName, utf8);
      break;
    case GEN_EMAIL:
      addtext(L, names, "rfc822Name", name->d.rfc822Name, utf8);
      break;
    case GEN_URI:
      addtext(L, names, "uniformResourceIdentifier",
              name->d.uniformResourceIdentifier, utf8);
      break;
    case GEN_IPADD:
      addip(L, names, name->d.iPAddress);
      break;
    default:
      break;
  }
}

static void freenames (void *names) {
  GENERAL_NAMES_free((GENERAL_NAMES *)names);
}

/* adds the names of one extension to the table at 'extensions' */
static void addextension (lua_State *L, int extensions, Extension *e,
                          int utf8) {
  void **box = lssl_newbox(L, freenames);
  const GENERAL_NAMES *names;
  int i, base = lua_gettop(L);
  *box = X509V3_EXT_d2i(e);
  names = (const GENERAL_NAMES *)*box;
  lssl_clearerrors();
  if (names != NULL) {
    lssl_pushobject(L, X509_EXTENSION_get_object(e), 1);
    pushsubtable(L, extensions);
    lssl_pushobject(L, X509_EXTENSION_get_object(e), 0);
    lua_setfield(L, -2, "name");
  }
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
    addgeneralname(L, base + 1, sk_GENERAL_NAME_value(names, i), utf8);
  lssl_emptybox(L, base);
  lua_settop(L, base - 1);
}

/*@ certificate:extensions()
** Returns the other names that the certificate is for (subjectAltName).
** Returns a table. Its key is the object identifier of the extension, `"2.5.29.17"`. The value
** is a table with the field `name`, and with arrays of strings in `dNSName`, `rfc822Name`,
** `iPAddress` and `uniformResourceIdentifier`. Names of other kinds stand under their own object
** identifier, with a `name` too. `setencode` decides how texts are written. OpenSSL:
** `X509V3_EXT_d2i`; RFC 5280, 4.2.1.6.
**
** Type: fun(): table<string, table>
**
**     assert(cert:extensions()["2.5.29.17"].dNSName[1] == "localhost")
*/
static int certificate_extensions (lua_State *L) {
  const Certificate *c = lssl_selfcertificate(L);
  int i = -1;
  lua_newtable(L);
  lssl_clearerrors();
  while ((i = X509_get_ext_by_NID(c->cert, NID_subject_alt_name, i)) >= 0)
    addextension(L, 2, X509_get_ext(c->cert, i), c->utf8);
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"subject", certificate_subject},
  {"issuer", certificate_issuer},
  {"setencode", certificate_setencode},
  {"extensions", certificate_extensions},
  {NULL, NULL}
};

void lssl_openluasecnames (lua_State *L) {
  lssl_addtocertificate(L, methods);
}
