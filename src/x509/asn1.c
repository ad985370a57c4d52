/*
** asn1.c - ASN.1 values as Lua has them: bytes in, Lua values out. Lengths are
** always explicit: a NUL inside a name must neither end nor change it.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/asn1.h"

/*
** {======================================================
** Strings
** =======================================================
*/

/* pushes a box with a new memory BIO, into which OpenSSL is to print */
static BIO *newtext (lua_State *L) {
  void **box = lssl_newbox(L, lssl_freebio);
  lssl_clearerrors();
  *box = BIO_new(BIO_s_mem());
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (BIO *)*box;
}

/* replaces the box on the top with the text printed into it */
static void pushtext (lua_State *L, BIO *bio) {
  char *text = NULL;
  long len = BIO_get_mem_data(bio, &text);
  lua_pushlstring(L, text, len > 0 ? (size_t)len : 0);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

void lssl_pushasn1string (lua_State *L, const ASN1_STRING *s) {
  int len = s ? ASN1_STRING_length(s) : 0;
  const char *data = len > 0 ? (const char *)ASN1_STRING_get0_data(s) : "";
  lua_pushlstring(L, data, len > 0 ? (size_t)len : 0);
}

/* are the bytes of 's' its characters in UTF-8? most are plain ASCII */
static int isutf8 (const ASN1_STRING *s) {
  const unsigned char *data = ASN1_STRING_get0_data(s);
  int len = ASN1_STRING_length(s), i;
  switch (ASN1_STRING_type(s)) {
    case V_ASN1_UTF8STRING: case V_ASN1_PRINTABLESTRING: case V_ASN1_IA5STRING:
      break;
    default:
      return 0;
  }
  for (i = 0; i < len && data[i] < 0x80; i++) ;
  return i == len;
}

/* pushes 's' in UTF-8; a BIT STRING has no characters, and comes as its bytes */
static void pushutf8 (lua_State *L, const ASN1_STRING *s) {
  void **box;
  unsigned char *utf8 = NULL;
  int len;
  if (isutf8(s) || ASN1_STRING_type(s) == V_ASN1_BIT_STRING) {
    lssl_pushasn1string(L, s);
    return;
  }
  box = lssl_newbox(L, lssl_freebytes);
  lssl_clearerrors();
  len = ASN1_STRING_to_UTF8(&utf8, s);
  if (len < 0)
    lssl_raisequeue(L, NULL);
  *box = utf8;
  lua_pushlstring(L, (const char *)utf8, (size_t)len);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

/* }====================================================== */


/*
** {======================================================
** Object identifiers
** =======================================================
*/

void lssl_pushobject (lua_State *L, const ASN1_OBJECT *object, int dotted) {
  luaL_Buffer b;
  char *text;
  int len;
  int nid = dotted ? NID_undef : OBJ_obj2nid(object);
  if (nid != NID_undef && OBJ_nid2ln(nid) != NULL) {
    lua_pushstring(L, OBJ_nid2ln(nid));
    return;
  }
  lssl_clearerrors();
  len = OBJ_obj2txt(NULL, 0, object, dotted);
  if (len < 0 && !lssl_haserrors())
    lssl_sslerror(L, -1, "an object identifier is too long");
  else if (len < 0)
    lssl_raisequeue(L, NULL);
  text = luaL_buffinitsize(L, &b, (size_t)len + 1);
  OBJ_obj2txt(text, len + 1, object, dotted);
  luaL_pushresultsize(&b, (size_t)len);
}

/* purposes are the prelude's: tables of a class, with fields that cannot be set */
int lssl_topurpose (lua_State *L, int arg) {
  int nid = NID_undef;
  if (!lua_istable(L, arg) || lssl_isplain(L, arg))
    return NID_undef;
  if (lua_getfield(L, arg, "oid") == LUA_TSTRING &&
      lua_getfield(L, arg, "nid") == LUA_TNUMBER)
    nid = (int)lua_tointeger(L, -1);
  lua_settop(L, arg);
  return nid;
}

/* the four results for a known object; OpenSSL owns what it has a nid for */
static int pushnid (lua_State *L, int nid) {
  const ASN1_OBJECT *object = nid == NID_undef ? NULL : OBJ_nid2obj(nid);
  if (object == NULL)
    return lssl_valueerror(L, "Unknown object");
  lua_pushinteger(L, nid);
  lua_pushstring(L, OBJ_nid2sn(nid));
  lua_pushstring(L, OBJ_nid2ln(nid));
  lssl_pushobject(L, object, 1);
  return 4;
}

/* txt2obj(txt [, name]): 'name' says that names will do as well as numbers */
int lssl_txt2obj (lua_State *L) {
  const char *text;
  ASN1_OBJECT *object;
  int nid;
  lssl_arguments(L, "txt2obj", "txt name");
  text = lssl_checkcstring(L, 1, "txt2obj");
  object = OBJ_txt2obj(text, !lua_toboolean(L, 2));
  if (object == NULL) {
    lssl_clearerrors();
    return lssl_valueerror(L, "unknown object '%s'", text);
  }
  nid = OBJ_obj2nid(object);
  ASN1_OBJECT_free(object);
  return pushnid(L, nid);
}

int lssl_nid2obj (lua_State *L) {
  lua_Integer nid = lssl_checkinteger(L, 1, "nid2obj");
  if (nid < NID_undef)
    return lssl_valueerror(L, "NID must be positive.");
  if (nid > INT_MAX || OBJ_nid2obj((int)nid) == NULL) {
    lssl_clearerrors();
    return lssl_valueerror(L, "unknown NID %I", (LUAI_UACINT)nid);
  }
  return pushnid(L, (int)nid);
}

/* }====================================================== */


/*
** {======================================================
** Times, serial numbers, addresses
** =======================================================
*/

/* is it in one of the two forms that RFC 5280 allows? then without a fraction */
static int isstrict (const ASN1_TIME *time) {
  int len = ASN1_STRING_length(time);
  return (ASN1_STRING_type(time) == V_ASN1_UTCTIME && len == 13) ||
         (ASN1_STRING_type(time) == V_ASN1_GENERALIZEDTIME && len == 15);
}

void lssl_pushseconds (lua_State *L, const ASN1_TIME *time) {
  ASN1_TIME *epoch = time ? ASN1_TIME_set(NULL, 0) : NULL;
  int days = 0, seconds = 0;
  if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time))
    lua_pushinteger(L, (lua_Integer)days * 86400 + seconds);
  else
    lua_pushnil(L);
  ASN1_TIME_free(epoch);
}

/* "Jan  5 09:34:43 2018 GMT"; "Bad time value" for what is no time */
void lssl_pushtime (lua_State *L, const ASN1_TIME *time) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  BIO *bio;
  struct tm t;
  if (isstrict(time) && ASN1_TIME_to_tm(time, &t)) {
    char text[64];
    int len = snprintf(text, sizeof text, "%.3s %2d %02d:%02d:%02d %d GMT",
                       months + 3 * t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min,
                       t.tm_sec, t.tm_year + 1900);
    lua_pushlstring(L, text, (size_t)len);
    return;
  }
  lssl_clearerrors();
  bio = newtext(L);
  if (ASN1_TIME_print(bio, time) != 1)
    lssl_clearerrors();
  pushtext(L, bio);
}

/* hexadecimal, in one piece however long (i2a_ASN1_INTEGER breaks the line) */
void lssl_pushserial (lua_State *L, const ASN1_INTEGER *serial) {
  static const char digits[] = "0123456789ABCDEF";
  const unsigned char *data = ASN1_STRING_get0_data(serial);
  int len = ASN1_STRING_length(serial), i;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  if (ASN1_STRING_type(serial) & V_ASN1_NEG)
    luaL_addchar(&b, '-');
  if (len <= 0)
    luaL_addstring(&b, "00");
  for (i = 0; i < len; i++) {
    luaL_addchar(&b, digits[data[i] >> 4]);
    luaL_addchar(&b, digits[data[i] & 15]);
  }
  luaL_pushresult(&b);
}

void lssl_puship (lua_State *L, const unsigned char *a, size_t size) {
  char text[8 * 5];
  size_t i, n = 0;
  if (size == 4)
    lua_pushfstring(L, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
  else if (size == 16) {
    for (i = 0; i < 16; i += 2)
      n += (size_t)snprintf(text + n, sizeof text - n, i ? ":%X" : "%X",
                            (unsigned int)(a[i] << 8 | a[i + 1]));
    lua_pushlstring(L, text, n);
  }
  else
    lua_pushliteral(L, "<invalid>");
}

/* }====================================================== */


/*
** {======================================================
** Names
** =======================================================
*/

/* replaces the value on the top with {tag, value} */
static void pair (lua_State *L, const char *tag) {
  lua_createtable(L, 2, 0);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 2);
  lua_pushstring(L, tag);
  lua_rawseti(L, -2, 1);
}

/* pushes {"commonName", "x"} */
static void pushentry (lua_State *L, const X509_NAME_ENTRY *entry) {
  lua_createtable(L, 2, 0);
  lssl_pushobject(L, X509_NAME_ENTRY_get_object(entry), 0);
  lua_rawseti(L, -2, 1);
  pushutf8(L, X509_NAME_ENTRY_get_data(entry));
  lua_rawseti(L, -2, 2);
}

/* cuts the string on the top, which others chose, at the end of a character */
static void shorten (lua_State *L, size_t most) {
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  if (len <= most)
    return;
  while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
    most--;
  lua_pushlstring(L, text, most);
  lua_pushliteral(L, "...");
  lua_concat(L, 2);
  lua_remove(L, -2);
}

void lssl_pushnametext (lua_State *L, const X509_NAME *name) {
  BIO *bio = newtext(L);
  if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 &
                         ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
    lssl_raisequeue(L, NULL);
  lssl_clearerrors();  /* OpenSSL may print less, and say so there alone */
  pushtext(L, bio);
  shorten(L, LSSL_NAMETEXT);
}

/* what belongs to one RDN says so by its set, and stands together */
void lssl_pushname (lua_State *L, const X509_NAME *name) {
  int n = X509_NAME_entry_count(name), set = -1, i, base;
  lua_Integer rdns = 0, entries = 0;
  luaL_checkstack(L, 8, "name");
  base = lua_gettop(L);
  lua_createtable(L, n, 0);  /* the name, at base + 1 */
  for (i = 0; i < n; i++) {
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
    if (i == 0 || X509_NAME_ENTRY_set(entry) != set) {
      lua_settop(L, base + 1);
      lua_createtable(L, 1, 0);  /* the RDN, at base + 2 */
      lua_pushvalue(L, -1);
      lua_rawseti(L, base + 1, ++rdns);
      set = X509_NAME_ENTRY_set(entry);
      entries = 0;
    }
    pushentry(L, entry);
    lua_rawseti(L, base + 2, ++entries);
  }
  lua_settop(L, base + 1);
}

/* }====================================================== */


/*
** {======================================================
** General names
** =======================================================
*/

/* does an otherName hold text that a C string would cut short? */
static int hasnul (const GENERAL_NAME *name) {
  const ASN1_TYPE *value;
  const ASN1_STRING *s;
  if (name->type != GEN_OTHERNAME)
    return 0;
  value = name->d.otherName->value;
  if (value == NULL || (value->type != V_ASN1_UTF8STRING &&
                        value->type != V_ASN1_IA5STRING))
    return 0;
  s = value->value.asn1_string;
  return ASN1_STRING_length(s) > 0 &&
         memchr(ASN1_STRING_get0_data(s), 0,
                (size_t)ASN1_STRING_length(s)) != NULL;
}

/* pushes OpenSSL's own "tag:value", cut in two, as {tag, value} */
static void pushprinted (lua_State *L, const GENERAL_NAME *name) {
  BIO *bio;
  const char *text, *colon;
  size_t len;
  if (hasnul(name)) {
    lua_pushliteral(L, "<unsupported>");
    pair(L, "othername");
    return;
  }
  bio = newtext(L);
  GENERAL_NAME_print(bio, (GENERAL_NAME *)(uintptr_t)name);
  pushtext(L, bio);
  text = lua_tolstring(L, -1, &len);
  colon = (const char *)memchr(text, ':', len);
  if (colon == NULL) {
    lssl_valueerror(L, "Invalid value %s", text);
    return;  /* never: it raises */
  }
  lua_createtable(L, 2, 0);
  lua_pushlstring(L, text, (size_t)(colon - text));
  lua_rawseti(L, -2, 1);
  lua_pushlstring(L, colon + 1, len - (size_t)(colon + 1 - text));
  lua_rawseti(L, -2, 2);
  lua_remove(L, -2);
}

void lssl_pushgeneralname (lua_State *L, const GENERAL_NAME *name) {
  switch (name->type) {
    case GEN_DIRNAME:
      lssl_pushname(L, name->d.dirn);
      pair(L, "DirName");
      break;
    case GEN_EMAIL:
      lssl_pushasn1string(L, name->d.ia5);
      pair(L, "email");
      break;
    case GEN_DNS:
      lssl_pushasn1string(L, name->d.ia5);
      pair(L, "DNS");
      break;
    case GEN_URI:
      lssl_pushasn1string(L, name->d.ia5);
      pair(L, "URI");
      break;
    case GEN_RID:
      lssl_pushobject(L, name->d.rid, 0);
      pair(L, "Registered ID");
      break;
    case GEN_IPADD:
      lssl_puship(L, ASN1_STRING_get0_data(name->d.ip),
                  (size_t)ASN1_STRING_length(name->d.ip));
      pair(L, "IP Address");
      break;
    default:
      pushprinted(L, name);
  }
}

/* }====================================================== */
