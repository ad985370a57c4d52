/*
** protocols.c - the protocols above TLS that an SSLContext agrees on: ALPN and
** its forerunner NPN. Lists are in wire form, each name behind its length.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/protocols.h"

/* the most that the extension's own length can tell */
#define LARGEST		65535

/*
** {======================================================
** Lists
** =======================================================
*/

/* adds the name on the top, which it pops */
static void addname (lua_State *L, luaL_Buffer *b, const char *kind,
                     const char *name) {
  size_t size = lua_rawlen(L, -1);
  char length;
  if (lua_type(L, -1) != LUA_TSTRING)
    lssl_argerror(L, 2, name, "array of strings expected");
  if (size < 1 || size > 255) {
    lua_pushfstring(L, "%s protocols must be 1 to 255 in length", kind);
    lssl_sslerror(L, -1, lua_tostring(L, -1));
  }
  length = (char)(unsigned char)size;
  lua_pushlstring(L, &length, 1);
  lua_insert(L, -2);
  lua_concat(L, 2);
  luaL_addvalue(b);
}

/* pushes the wire form of the array at 2 */
static void pushlist (lua_State *L, const char *kind, const char *name) {
  lua_Integer i, n;
  luaL_Buffer b;
  if (!lua_istable(L, 2))
    lssl_typeerror(L, 2, name, "table");
  n = (lua_Integer)lua_rawlen(L, 2);
  luaL_buffinit(L, &b);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    addname(L, &b, kind, name);
  }
  luaL_pushresult(&b);
  if (lua_rawlen(L, -1) > LARGEST)
    lssl_valueerror(L, "%s protocols must be %d bytes at most in all", kind,
                    LARGEST);
}

/* makes '*list' a copy of the string on the top; 0 without memory */
static int keep (lua_State *L, unsigned char **list, unsigned int *size) {
  size_t len;
  const char *s = lua_tolstring(L, -1, &len);
  unsigned char *copy = NULL;
  if (len > 0) {
    copy = (unsigned char *)OPENSSL_memdup(s, len);
    if (copy == NULL)
      return 0;
  }
  OPENSSL_free(*list);
  *list = copy;
  *size = (unsigned int)len;
  return 1;
}

const unsigned char *lssl_chooseprotocol (const unsigned char *wanted,
                                          unsigned int nwanted,
                                          const unsigned char *offered,
                                          unsigned int noffered) {
  unsigned int i, j;
  for (i = 0; i < nwanted && wanted[i] < nwanted - i; i += wanted[i] + 1u) {
    for (j = 0; j < noffered && offered[j] < noffered - j;
         j += offered[j] + 1u) {
      if (wanted[i] > 0 && wanted[i] == offered[j] &&
          memcmp(wanted + i + 1, offered + j + 1, wanted[i]) == 0)
        return offered + j;
    }
  }
  return NULL;
}

/* the context of the connection in progress, or NULL */
static const Context *contextof (const SSL *ssl) {
  const Caller *who = lssl_getcaller(ssl);
  return who ? who->context : NULL;
}

/* }====================================================== */


/*
** {======================================================
** ALPN
** =======================================================
*/

/* a server's choice: its own order counts; '*out' lies in the client's list */
static int on_alpn (SSL *ssl, const unsigned char **out,
                    unsigned char *outsize, const unsigned char *in,
                    unsigned int insize, void *unused) {
  const Caller *who = lssl_getcaller(ssl);
  const Context *c = contextof(ssl);
  int own = (who != NULL && who->ownalpn);
  const unsigned char *found;
  (void)unused;
  if (c == NULL || (own ? who->alpnsize : c->alpnsize) == 0)
    return SSL_TLSEXT_ERR_NOACK;
  found = own ? lssl_chooseprotocol(who->alpn, who->alpnsize, in, insize)
              : lssl_chooseprotocol(c->alpn, c->alpnsize, in, insize);
  if (found == NULL)
    return c->strictalpn ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
  *out = found + 1;
  *outsize = *found;
  return SSL_TLSEXT_ERR_OK;
}

/*@ SSLContext:set_alpn_protocols(alpn_protocols)
** Sets the protocols that connections may speak on top of TLS, best first. A client
** offers its protocols. A server takes the first of its own protocols that the client
** offers. If both have none in common, the connection has no protocol, unless
** `strict_alpn` is set.
** - `alpn_protocols` (array of strings): names such as `"h2"` and `"http/1.1"`, of 1 to 255
**   bytes each. An empty array switches ALPN off.
** A server that decides by what the client has said calls `SSLSocket:set_alpn_protocols`
** in `client_hello_callback`.
** Returns nothing. Raises `SSLError` for a name of another length, and `ValueError` for
** more than 65535 bytes of names.
** OpenSSL: `SSL_CTX_set_alpn_protos`; RFC 7301. Since: CPython 3.5.
**
** Type: named fun(alpn_protocols*: string[])
**
**     ctx:set_alpn_protocols{"h2", "http/1.1"}
**     server_ctx:set_alpn_protocols{"http/1.1"}
*/
static int context_setalpn (lua_State *L) {
  static const char name[] = ":set_alpn_protocols";
  Context *c = lssl_changingcontext(L);
  lssl_arguments(L, name, "alpn_protocols*");
  pushlist(L, "ALPN", name);
  lssl_clearerrors();
  if (!keep(L, &c->alpn, &c->alpnsize) ||
      SSL_CTX_set_alpn_protos(c->ctx, c->alpn, c->alpnsize) != 0)
    return lssl_raisequeue(L, NULL);  /* 0 was success */
  SSL_CTX_set_alpn_select_cb(c->ctx, on_alpn, NULL);
  return 0;
}

/* may another callback choose the protocols: the host's, or LuaSec's? */
static int choosesotherwise (const Context *c) {
  return c->foreign || c->role != 0;
}

int lssl_setconnalpn (lua_State *L, Caller *who, SSL *const *ssl) {
  static const char name[] = ":set_alpn_protocols";
  lssl_arguments(L, name, "alpn_protocols*");
  if (SSL_is_server(*ssl) && choosesotherwise(who->context))
    return lssl_valueerror(L, "the protocols are chosen by the context's own "
                           "callback");
  pushlist(L, "ALPN", name);
  lssl_checkthere(L, ssl);
  lssl_clearerrors();
  if (!keep(L, &who->alpn, &who->alpnsize) ||
      SSL_set_alpn_protos(*ssl, who->alpn, who->alpnsize) != 0)
    return lssl_raisequeue(L, NULL);  /* 0 was success */
  who->ownalpn = 1;
  return 0;
}

void lssl_preparealpn (const Context *c) {
  if (!choosesotherwise(c))
    SSL_CTX_set_alpn_select_cb(c->ctx, on_alpn, NULL);
}

/*@ SSLContext.strict_alpn (boolean, read and write)
** Whether a server ends the handshake, by the alert `no_application_protocol`, if the
** client offers protocols and the server has none of them. It is false by default, as
** in Python: such a connection then has no protocol. A client that offers no protocols
** is served in both cases. Since: an addition; RFC 7301, 3.2.
**
**     server_ctx:set_alpn_protocols{"h2"}
**     server_ctx.strict_alpn = true
*/
static int get_strictalpn (lua_State *L) {
  lua_pushboolean(L, lssl_attributecontext(L)->strictalpn);
  return 1;
}

static int set_strictalpn (lua_State *L) {
  lssl_attributecontext(L)->strictalpn = (unsigned char)lua_toboolean(L, 3);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** NPN
** =======================================================
*/

#if !defined(OPENSSL_NO_NEXTPROTONEG)

/* a server's list */
static int on_advertise (SSL *ssl, const unsigned char **out,
                         unsigned int *outsize, void *unused) {
  const Context *c = contextof(ssl);
  (void)unused;
  if (c == NULL || c->npnsize == 0)
    return SSL_TLSEXT_ERR_NOACK;
  *out = c->npn;
  *outsize = c->npnsize;
  return SSL_TLSEXT_ERR_OK;
}

/*
** A client's choice: the first of the server's that it speaks, else the first
** of its own, for NPN's client has to name one.
*/
static int on_choose (SSL *ssl, unsigned char **out, unsigned char *outsize,
                      const unsigned char *in, unsigned int insize,
                      void *unused) {
  const Context *c = contextof(ssl);
  const unsigned char *found;
  (void)unused;
  if (c == NULL || c->npnsize == 0)
    return SSL_TLSEXT_ERR_NOACK;
  found = lssl_chooseprotocol(in, insize, c->npn, c->npnsize);
  if (found == NULL)
    found = c->npn;
  *out = c->npn + (found - c->npn) + 1;
  *outsize = *found;
  return SSL_TLSEXT_ERR_OK;
}

/* without protocols, nothing is offered (an empty list once was a hole) */
static void enablenpn (const Context *c) {
  int any = (c->npnsize > 0);
  SSL_CTX_set_next_protos_advertised_cb(c->ctx, any ? on_advertise : NULL,
                                        NULL);
  SSL_CTX_set_next_proto_select_cb(c->ctx, any ? on_choose : NULL, NULL);
}

#endif

/*@ SSLContext:set_npn_protocols(npn_protocols)
** Sets the protocols for NPN, the forerunner of ALPN. TLS 1.3 does not have NPN. The
** server offers its protocols. The client takes the first of them that it has too, or
** else its own first one. Deprecated: makes a `warn`.
** - `npn_protocols` (array of strings): names of 1 to 255 bytes. An empty array switches
**   NPN off.
** Returns nothing. Raises `SSLError` for a name of another length, `ValueError` for more
** than 65535 bytes of names, and `NotImplementedError` if OpenSSL was built without NPN
** (`ssl.HAS_NPN`).
** OpenSSL: `SSL_CTX_set_next_protos_advertised_cb`,
** `SSL_CTX_set_next_proto_select_cb`. Since: CPython 3.3.
**
** Type: named fun(npn_protocols*: string[])
**
**     if ssl.HAS_NPN then ctx:set_npn_protocols{"http/1.1", "spdy/2"} end
*/
static int context_setnpn (lua_State *L) {
  static const char name[] = ":set_npn_protocols";
  Context *c = lssl_changingcontext(L);
  lssl_arguments(L, name, "npn_protocols*");
  lua_warning(L, "ssl NPN is deprecated, use ALPN instead", 0);
  pushlist(L, "NPN", name);
#if defined(OPENSSL_NO_NEXTPROTONEG)
  (void)c;
  return lssl_notimplemented(L, "NPN is not supported by this OpenSSL");
#else
  lssl_clearerrors();
  if (!keep(L, &c->npn, &c->npnsize))
    return lssl_raisequeue(L, NULL);
  enablenpn(c);
  return 0;
#endif
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"set_alpn_protocols", context_setalpn},
  {"set_npn_protocols", context_setnpn},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"strict_alpn", get_strictalpn},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"strict_alpn", set_strictalpn},
  {NULL, NULL}
};

void lssl_openprotocols (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
