/*
** psk.c - keys that both sides have before they connect, in place of
** certificates (RFC 4279; RFC 8446, 4.2.11).
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/handlers.h"
#include "context/psk.h"

#if defined(OPENSSL_NO_PSK)

static int missing (lua_State *L) {
  return lssl_notimplemented(L,
    "TLS-PSK is not supported by your OpenSSL version.");
}

#else

/* what a callback is asked, and answers */
typedef struct Key {
  const char *name;		/* the hint or the identity */
  char *identity;		/* a client's answer; NULL for a server */
  unsigned int identitysize;	/* with the final NUL */
  unsigned char *psk;
  unsigned int psksize;
  unsigned int length;		/* of the key; 0: none */
} Key;

/* takes the key from the top */
static void takekey (lua_State *L, Key *k, const char *callback) {
  size_t size;
  const unsigned char *psk = lssl_tobytes(L, -1, &size);
  if (psk == NULL)
    lssl_badreturn(L, callback, "a key is required, as a string or bytearray");
  if (size > k->psksize)
    lssl_valueerror(L, "psk is longer than %d bytes", (int)k->psksize);
  memcpy(k->psk, psk, size);
  k->length = (unsigned int)size;
}

/* takes a client's identity from 'index' */
static void takeidentity (lua_State *L, Key *k, int index) {
  size_t size = 0;
  const char *identity = "";
  if (lua_type(L, index) == LUA_TSTRING)
    identity = lua_tolstring(L, index, &size);
  else if (!lua_isnil(L, index))
    lssl_badreturn(L, "psk_client_callback",
                   "the identity must be a string or nil");
  if (strlen(identity) != size)
    lssl_valueerror(L, "embedded null byte in the identity");
  if (size + 1 > k->identitysize)
    lssl_valueerror(L, "identity is longer than %d bytes",
                    (int)k->identitysize - 1);
  memcpy(k->identity, identity, size + 1);
}

/* pushes the name, nil for an empty one */
static void pushname (lua_State *L, const Key *k) {
  lua_pushstring(L, k->name && k->name[0] ? k->name : NULL);
}

/* body: hint, the longest identity, the longest key -> identity, key */
static int callclient (lua_State *L) {
  Key *k = (Key *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVPSKCLIENT))
    return 0;
  pushname(L, k);
  lua_pushinteger(L, (lua_Integer)k->identitysize - 1);
  lua_pushinteger(L, k->psksize);
  lssl_callhandler(L, 3, 2, "psk_client_callback",
                   "get the key before you make the handshake");
  takeidentity(L, k, -2);
  takekey(L, k, "psk_client_callback");
  return 0;
}

/* body: identity, the longest key -> key */
static int callserver (lua_State *L) {
  Key *k = (Key *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVPSKSERVER))
    return 0;
  pushname(L, k);
  lua_pushinteger(L, k->psksize);
  lssl_callhandler(L, 2, 1, "psk_server_callback",
                   "client_hello_callback may, and gets TLS 1.3's identities");
  takekey(L, k, "psk_server_callback");
  return 0;
}

/*
** What a failed callback answers. No key would do, were it not that TLS 1.3,
** which asks with the ClientHello, then goes on with certificates: a length
** that cannot be ends the handshake there.
*/
static unsigned int refuse (const SSL *ssl, const Key *k) {
  OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);
  OPENSSL_cleanse(k->psk, k->psksize);
  return (state == TLS_ST_CW_CLNT_HELLO || state == TLS_ST_SR_CLNT_HELLO)
         ? k->psksize + 1 : 0;
}

static unsigned int on_client (SSL *ssl, const char *hint, char *identity,
                               unsigned int identitysize, unsigned char *psk,
                               unsigned int psksize) {
  Key k = {NULL, NULL, 0, NULL, 0, 0};
  k.name = hint;
  k.identity = identity;
  k.identitysize = identitysize;
  k.psk = psk;
  k.psksize = psksize;
  return lssl_protected(lssl_getcaller(ssl), callclient, &k) ? k.length
                                                             : refuse(ssl, &k);
}

static unsigned int on_server (SSL *ssl, const char *identity,
                               unsigned char *psk, unsigned int psksize) {
  Key k = {NULL, NULL, 0, NULL, 0, 0};
  k.name = identity;
  k.psk = psk;
  k.psksize = psksize;
  return lssl_protected(lssl_getcaller(ssl), callserver, &k) ? k.length
                                                             : refuse(ssl, &k);
}

/* keeps the callback at 2; returns whether there is one */
static int setcallback (lua_State *L, int which, const char *name) {
  int any = !lua_isnil(L, 2);
  if (any && !lssl_iscallable(L, 2))
    lssl_argerror(L, 2, name, "callback must be callable");
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 1, which);
  return any;
}

#endif

/*@ SSLContext:set_psk_client_callback(callback)
** Sets the function that gives a client the key that it shares with the server. The
** server then needs no certificate. Before TLS 1.3, you also have to choose the ciphers,
** with `set_ciphers("PSK")`.
** - `callback` (function or nil): its arguments are the server's hint (string or nil;
**   TLS 1.3 has no hints), and the largest sizes of identity and key in bytes
**   (integers). It returns the client's identity (string, or nil for none, which TLS
**   1.3 does not allow) and the key (string or bytearray; empty for no key). It must
**   not yield: get the key before you make the handshake. If it raises an error or
**   returns another type, the handshake ends with an `SSLError`, whose `cause` is that
**   error. nil removes the function.
** Returns nothing. Raises `SSLError` on a server's context, and `NotImplementedError` if
** OpenSSL has no PSK (`ssl.HAS_PSK`).
** OpenSSL: `SSL_CTX_set_psk_client_callback`; RFC 4279; RFC 8446, 4.2.11.
** Since: CPython 3.13.
**
** Type: named fun(callback: PSKClientCallback?)
** Type: PSKClientCallback = fun(hint: string?, identity_size: integer,
**   key_size: integer): string?, string|bytearray
**
**     ctx:set_psk_client_callback(function(hint) return "client-1", "\xde\xad\xbe\xef" end)
*/
static int context_setpskclient (lua_State *L) {
  static const char name[] = ":set_psk_client_callback";
  Context *c = lssl_changingcontext(L);
  lssl_arguments(L, name, "callback");
#if defined(OPENSSL_NO_PSK)
  (void)c;
  return missing(L);
#else
  if (lssl_isservers(c))
    return lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot add PSK client callback to a %s context", lssl_protocolname(c)));
  SSL_CTX_set_psk_client_callback(c->ctx,
    setcallback(L, LSSL_UVPSKCLIENT, name) ? on_client : NULL);
  return 0;
#endif
}

/*@ SSLContext:set_psk_server_callback(callback [, identity_hint])
** Sets the function that gives a server the key that it shares with a client.
** - `callback` (function or nil): its arguments are the client's identity (string, or
**   nil for an empty one), and the largest size of the key in bytes (integer). It
**   returns the key (string or bytearray), or an empty one to refuse the client. It
**   must not yield. If it raises an error or returns another type, the handshake ends
**   with an `SSLError`, whose `cause` is that error. nil removes the function.
** - `identity_hint` (string): a text that the server sends before TLS 1.3, by which
**   clients can choose their identity.
** Returns nothing. Raises `SSLError` on a client's context, `ValueError` for a hint that
** is too long, and `NotImplementedError` if OpenSSL has no PSK (`ssl.HAS_PSK`).
**
** With TLS 1.3, the function is called before `sni_callback`. It may also be called with
** the ticket of a session in place of an identity. `client_hello_callback` is called
** before, and may yield: there you can look up the keys of its `psk_identities` in a
** database, and keep them for this function. Before TLS 1.3, the identity comes too late
** for that.
** OpenSSL: `SSL_CTX_set_psk_server_callback`, `SSL_CTX_use_psk_identity_hint`;
** RFC 4279; RFC 8446, 4.2.11. Since: CPython 3.13.
**
** Type: named fun(callback: PSKServerCallback?, identity_hint?: string)
** Type: PSKServerCallback = fun(identity: string?, key_size: integer): string|bytearray
**
**     local keys = {["client-1"] = "\xde\xad\xbe\xef"}
**     server_ctx:set_psk_server_callback(function(identity) return keys[identity] or "" end)
**     server_ctx.client_hello_callback = function(conn, hello)
**       for _, identity in ipairs(hello.psk_identities) do
**         keys[identity] = keys[identity] or nil    -- or from a database, which takes time
**       end
**     end
*/
static int context_setpskserver (lua_State *L) {
  static const char name[] = ":set_psk_server_callback";
  Context *c = lssl_changingcontext(L);
  const char *hint = NULL;
  lssl_arguments(L, name, "callback identity_hint");
#if defined(OPENSSL_NO_PSK)
  (void)c;
  (void)hint;
  return missing(L);
#else
  if (lssl_isclients(c))
    return lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot add PSK server callback to a %s context", lssl_protocolname(c)));
  if (!lua_isnil(L, 3))
    hint = lssl_checkcstring(L, 3, name);
  lssl_clearerrors();
  if (SSL_CTX_use_psk_identity_hint(c->ctx, hint) != 1) {
    lssl_clearerrors();
    return lssl_valueerror(L, "failed to set identity hint");
  }
  c->pskserver = (unsigned char)setcallback(L, LSSL_UVPSKSERVER, name);
  SSL_CTX_set_psk_server_callback(c->ctx, c->pskserver ? on_server : NULL);
  return 0;
#endif
}

void lssl_preparepsk (SSL *ssl, const Context *context) {
#if !defined(OPENSSL_NO_PSK)
  SSL_set_psk_server_callback(ssl, context->pskserver ? on_server : NULL);
#else
  (void)ssl;
  (void)context;
#endif
}

static const luaL_Reg methods[] = {
  {"set_psk_client_callback", context_setpskclient},
  {"set_psk_server_callback", context_setpskserver},
  {NULL, NULL}
};

void lssl_openpsk (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
