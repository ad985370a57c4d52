/*
** dane.c - DANE: TLSA records in place of trusted authorities (RFC 6698, 7671).
** SPDX-License-Identifier: MIT
**
** The context keeps the records as an array of strings: usage, selector and
** matching type, a byte each, and the data.
*/
#include <limits.h>

#include <openssl/err.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/dane.h"

/* the bytes of a record before its data */
#define HEAD	3

/*
** {======================================================
** Reading what the program gives
** =======================================================
*/

static void badrecord (lua_State *L, lua_Integer n) {
  lssl_valueerror(L, "TLSA record %d is not {usage, selector, matching type, "
                  "data}", (int)n);
}

/* pushes the byte at field 'i' of record 'n', which is on the top */
static char head (lua_State *L, lua_Integer n, int i) {
  lua_Integer value;
  lua_rawgeti(L, -1, i);
  value = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : -1;
  if (value < 0 || value > UCHAR_MAX)
    badrecord(L, n);
  lua_pop(L, 1);
  return (char)(unsigned char)value;
}

/* replaces record 'n', on the top, by its string */
static void packrecord (lua_State *L, lua_Integer n) {
  char text[HEAD];
  size_t size;
  const unsigned char *data;
  int i;
  if (!lua_istable(L, -1))
    badrecord(L, n);
  for (i = 0; i < HEAD; i++)
    text[i] = head(L, n, i + 1);
  lua_rawgeti(L, -1, HEAD + 1);
  data = lssl_tobytes(L, -1, &size);
  if (data == NULL)
    badrecord(L, n);
  lua_pushlstring(L, text, HEAD);
  lua_pushlstring(L, (const char *)data, size);
  lua_concat(L, 2);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* is the failure that OpenSSL does not know what the record means? */
static int isunknown (void) {
  return lssl_lasterroris(ERR_LIB_SSL, SSL_R_DANE_TLSA_BAD_CERTIFICATE_USAGE) ||
         lssl_lasterroris(ERR_LIB_SSL, SSL_R_DANE_TLSA_BAD_SELECTOR) ||
         lssl_lasterroris(ERR_LIB_SSL, SSL_R_DANE_TLSA_BAD_MATCHING_TYPE);
}

/* adds the record on the top, which it pops; raises for one that cannot be */
static void addrecord (lua_State *L, SSL *ssl) {
  size_t size;
  const unsigned char *r = (const unsigned char *)lua_tolstring(L, -1, &size);
  lssl_clearerrors();
  if (SSL_dane_tlsa_add(ssl, r[0], r[1], r[2], r + HEAD, size - HEAD) <= 0 &&
      !isunknown())
    lssl_raisequeue(L, NULL);
  lssl_clearerrors();
  lua_pop(L, 1);
}

static void freessl (void *ssl) {
  lssl_freessl((SSL *)ssl);
}

/* raises for a record, in the array on the top, that OpenSSL does not take */
static void tryrecords (lua_State *L, const Context *c, lua_Integer n) {
  int records = lua_gettop(L);
  void **box = lssl_newbox(L, freessl);
  lua_Integer i;
  lssl_clearerrors();
  *box = SSL_new(c->ctx);
  if (*box == NULL || SSL_dane_enable((SSL *)*box, "localhost") <= 0)
    lssl_raisequeue(L, NULL);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, records, i);
    addrecord(L, (SSL *)*box);
  }
  lssl_emptybox(L, records + 1);
  lua_settop(L, records);
}

/* }====================================================== */


/* turns 'dane' on, as OpenSSL has it for a context; without records it does nothing */
static void enable (lua_State *L, const Context *c) {
  lssl_clearerrors();
  if (SSL_CTX_dane_enable(c->ctx) <= 0)
    lssl_raisequeue(L, NULL);
}

/* the one flag, once nothing can fail any more: records before keep theirs till then */
static void setflag (const Context *c, int lax) {
  if (lax)
    SSL_CTX_dane_set_flags(c->ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  else
    SSL_CTX_dane_clear_flags(c->ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
}

/*@ SSLContext.dane (table or nil, read and write)
** The TLSA records of the one server that a client's context is for; nil (the
** default) for no DANE. The server's certificate must then match one of the records.
** You need not trust an authority, but `verify_mode` must be `CERT_REQUIRED`.
**
** Take the records from DNS only if DNSSEC has secured them: whoever can forge the
** records can forge the server.
**
** The table is an array of {usage, selector, matching type, data}: three integers,
** and a string or bytearray. If its field `no_ee_namechecks` is true, a record for
** the server's own key (usage 3) makes the check of the server's name unnecessary.
** Records that OpenSSL does not understand are left out. If no record is left, the
** context checks the server by its authorities, as without DANE.
**
** Each connection needs a `server_hostname`: the name whose records these are.
** Setting the attribute raises `ValueError` for something that is not a record, and
** `SSLError` for a record that is not valid.
** OpenSSL: `SSL_dane_enable`, `SSL_dane_tlsa_add`; RFC 6698, RFC 7671. Since: an
** addition.
**
** Type: Dane?
** Type: Dane = { [integer]: { [1]: integer, [2]: integer, [3]: integer, [4]: string|bytearray },
**   no_ee_namechecks?: boolean }
**
**     ctx.dane = {{3, 1, 1, ("\xab"):rep(32)}}
**     assert(ctx.dane[1][1] == 3)
*/
static int get_dane (lua_State *L) {
  lua_Integer i, n;
  int j, flags;
  if (lua_getiuservalue(L, 1, LSSL_UVDANE) != LUA_TTABLE)
    return 1;
  n = (lua_Integer)lua_rawlen(L, -1);
  lua_newtable(L);
  for (i = 1; i <= n; i++) {
    size_t size;
    const char *record;
    lua_rawgeti(L, -2, i);
    record = lua_tolstring(L, -1, &size);
    lua_createtable(L, HEAD + 1, 0);
    for (j = 0; j < HEAD; j++) {
      lua_pushinteger(L, (unsigned char)record[j]);
      lua_rawseti(L, -2, j + 1);
    }
    lua_pushlstring(L, record + HEAD, size - HEAD);
    lua_rawseti(L, -2, HEAD + 1);
    lua_rawseti(L, -3, i);
    lua_pop(L, 1);
  }
  flags = (int)SSL_CTX_dane_set_flags(lssl_attributecontext(L)->ctx, 0);
  lua_pushboolean(L, flags & DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  lua_setfield(L, -2, "no_ee_namechecks");
  return 1;
}

static int set_dane (lua_State *L) {
  const Context *c = lssl_attributecontext(L);
  lua_Integer i, n;
  int lax;
  if (!lua_isnil(L, 3)) {
    if (!lua_istable(L, 3))
      return lssl_valuetypeerror(L, "dane", "table or nil expected");
    lua_getfield(L, 3, "no_ee_namechecks");
    lax = lua_toboolean(L, -1);
    lua_pop(L, 1);
    n = (lua_Integer)lua_rawlen(L, 3);
    lua_newtable(L);
    for (i = 1; i <= n; i++) {
      lua_rawgeti(L, 3, i);
      packrecord(L, i);
      lua_rawseti(L, -2, i);
    }
    enable(L, c);
    tryrecords(L, c, n);
    setflag(c, lax);
  }
  lua_setiuservalue(L, 1, LSSL_UVDANE);
  return 0;
}

void lssl_usedane (lua_State *L, int context, SSL *ssl, const char *host) {
  int top = lua_gettop(L);
  lua_Integer i, n;
  if (lua_getiuservalue(L, context, LSSL_UVDANE) == LUA_TTABLE &&
      (n = (lua_Integer)lua_rawlen(L, -1)) > 0) {
    if (host == NULL)
      lssl_valueerror(L, "the context's dane requires server_hostname");
    lssl_clearerrors();
    if (SSL_dane_enable(ssl, host) <= 0)
      lssl_raisequeue(L, NULL);
    for (i = 1; i <= n; i++) {
      lua_rawgeti(L, top + 1, i);
      addrecord(L, ssl);
    }
  }
  lua_settop(L, top);
}

static const luaL_Reg getters[] = {
  {"dane", get_dane},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"dane", set_dane},
  {NULL, NULL}
};

void lssl_opendane (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
