/*
** context.c - ssl.SSLContext: its life, and its options.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/constants.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "x509/check.h"
#include "context/context.h"
#include "context/policy.h"

/* what tells this module's sessions from other programs' */
#define SESSIONCONTEXT	"Lua"

/* options that give up a protection */
#define INSECURE	(SSL_OP_LEGACY_SERVER_CONNECT | \
  SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | \
  SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_ANTI_REPLAY)

static const Class contextclass;

/*
** {======================================================
** Life
** =======================================================
*/

static const SSL_METHOD *findmethod (int protocol) {
  switch (protocol) {
    case LSSL_PROTOCOL_TLS_CLIENT:
      return TLS_client_method();
    case LSSL_PROTOCOL_TLS_SERVER:
      return TLS_server_method();
    case LSSL_PROTOCOL_TLS:
    case LSSL_PROTOCOL_TLSV1:
    case LSSL_PROTOCOL_TLSV1_1:
    case LSSL_PROTOCOL_TLSV1_2:
      return TLS_method();
#if LSSL_SSLV3 && !defined(OPENSSL_NO_SSL3_METHOD)
    case LSSL_PROTOCOL_SSLV3:
      return TLS_method();
#endif
#if LSSL_DTLS
    case LSSL_PROTOCOL_DTLS_CLIENT:
      return DTLS_client_method();
    case LSSL_PROTOCOL_DTLS_SERVER:
      return DTLS_server_method();
#endif
    default:
      return NULL;
  }
}

/* the one version that a protocol constant stands for; 0: there is a choice */
static int onlyversion (int protocol) {
  switch (protocol) {
    case LSSL_PROTOCOL_SSLV3: return SSL3_VERSION;
    case LSSL_PROTOCOL_TLSV1: return TLS1_VERSION;
    case LSSL_PROTOCOL_TLSV1_1: return TLS1_1_VERSION;
    case LSSL_PROTOCOL_TLSV1_2: return TLS1_2_VERSION;
    case LSSL_PROTOCOL_DTLS_CLIENT:
    case LSSL_PROTOCOL_DTLS_SERVER: return DTLS1_2_VERSION;
    default: return 0;
  }
}

/* what OpenSSL does otherwise than Python; 0 if it refuses */
static int setdefaults (lua_State *L, Context *c) {
  uint64_t options = SSL_OP_ALL | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION |
                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_SINGLE_DH_USE |
                     SSL_OP_SINGLE_ECDH_USE;
  options &= ~(uint64_t)SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS;
  if (c->protocol == LSSL_PROTOCOL_SSLV3)
    options &= ~(uint64_t)SSL_OP_NO_SSLv3;
  SSL_CTX_set_options(c->ctx, options);
  SSL_CTX_set_post_handshake_auth(c->ctx, 0);
  return lssl_setpolicy(L, c->ctx, onlyversion(c->protocol));
}

/* the modes of every context, and whose sessions it takes */
static int setmodes (Context *c) {
  SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY |
                           SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return SSL_CTX_set_session_id_context(c->ctx,
           (const unsigned char *)SESSIONCONTEXT, sizeof SESSIONCONTEXT - 1);
}

static void setverification (Context *c) {
  X509_VERIFY_PARAM *param = SSL_CTX_get0_param(c->ctx);
  int client = lssl_isclients(c);
  c->checkhostname = (unsigned char)client;
  SSL_CTX_set_verify(c->ctx, client ? SSL_VERIFY_PEER |
    SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST);
  c->hostflags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  X509_VERIFY_PARAM_set_hostflags(param, c->hostflags);
}

/* takes the SSL_CTX over, or fails where there is none */
static void adopt (lua_State *L, Context *c, SSL_CTX *ctx) {
  c->state = lssl_state(L);
  c->ctx = ctx;
  if (ctx == NULL)
    lssl_raisequeue(L, NULL);
  c->state->counters.contexts++;
  c->state->counters.contexts_made++;
}

static void warndeprecated (lua_State *L, const char *name) {
  lua_pushfstring(L, "ssl.%s is deprecated", name);
  lua_warning(L, lua_tostring(L, -1), 0);
  lua_pop(L, 1);
}

static void warnprotocol (lua_State *L, int protocol) {
  static const char *const names[] = {"PROTOCOL_SSLv2", "PROTOCOL_SSLv3",
    "PROTOCOL_TLS", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1_2"};
  if (protocol <= LSSL_PROTOCOL_TLSV1_2)
    warndeprecated(L, names[protocol]);
}

Context *lssl_newcontext (lua_State *L, int protocol) {
  const SSL_METHOD *method = findmethod(protocol);
  Context *c;
  if (method == NULL)
    return NULL;
  if (onlyversion(protocol) != 0)
    lssl_checkversionfloor(L, onlyversion(protocol));
  lssl_checkcontexts(L);
  c = (Context *)lssl_newobject(L, &contextclass);
  c->protocol = protocol;
  c->datagram = (protocol >= LSSL_PROTOCOL_DTLS_CLIENT);
  lssl_clearerrors();
  adopt(L, c, SSL_CTX_new(method));
  if (!setmodes(c))
    lssl_raisequeue(L, NULL);
  return c;
}

/*@ ssl.SSLContext([protocol])
** Makes a context. A context holds the settings, certificates and keys that its
** connections share. In most programs `ssl.create_default_context` is the better
** choice: its context is ready for use.
** - `protocol` (integer): `ssl.PROTOCOL_TLS_CLIENT` for a client, which checks the
**   server's certificate and host name; `ssl.PROTOCOL_TLS_SERVER` for a server;
**   `ssl.PROTOCOL_DTLS_CLIENT` and `ssl.PROTOCOL_DTLS_SERVER` for the same over
**   datagrams; `ssl.PROTOCOL_TLS` (the default) for either side, which checks nothing;
**   or one fixed version, such as `ssl.PROTOCOL_TLSv1_2`. The last two kinds are
**   deprecated and `warn`.
** Returns an `SSLContext`, which speaks TLS 1.2 and newer, or DTLS 1.2. Raises
** `ValueError` for another number, and `NotImplementedError` for DTLS if OpenSSL has
** none (`ssl.HAS_DTLSv1_2`).
**
** The system's configuration, `openssl.cnf`, can set `MinProtocol`, `MaxProtocol`,
** `CipherString`, `Ciphersuites`, `Groups`, `SignatureAlgorithms` and `Options` for
** all programs. The context has these settings until your program makes its own.
** OpenSSL: `SSL_CTX_new`, `config(5)`. Since: CPython 3.2.
**
** Type: named fun(protocol?: integer): SSLContext
**
**     local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
**     assert(ctx.verify_mode == ssl.CERT_REQUIRED and ctx.check_hostname)
*/
static int context_new (lua_State *L) {
  lua_Integer protocol;
  Context *c = NULL;
  lssl_arguments(L, "SSLContext", "protocol");
  protocol = lssl_optinteger(L, 1, LSSL_PROTOCOL_TLS, "SSLContext");
  if (protocol >= 0 && protocol <= LSSL_PROTOCOL_DTLS_SERVER)
    c = lssl_newcontext(L, (int)protocol);
  if (c == NULL && protocol >= LSSL_PROTOCOL_DTLS_CLIENT &&
      protocol <= LSSL_PROTOCOL_DTLS_SERVER)
    return lssl_notimplemented(L, "DTLS 1.2 is not supported by this OpenSSL: %s",
                               OpenSSL_version(OPENSSL_VERSION));
  if (c == NULL)
    return lssl_valueerror(L, "invalid or unsupported protocol version %I",
                           (LUAI_UACINT)protocol);
  warnprotocol(L, (int)protocol);
  if (!setdefaults(L, c))
    return lssl_raisequeue(L, NULL);
  setverification(c);
  lssl_setprofile(c->ctx, NULL);
  return 1;
}

/* SSLs hold the SSL_CTX; their callbacks find the members gone, and do less */
static void release (void *object) {
  Context *c = (Context *)object;
  if (c->ctx != NULL)
    c->state->counters.contexts--;
  SSL_CTX_free(c->ctx);
  OPENSSL_free(c->alpn);
  OPENSSL_free(c->npn);
  lssl_dropticketkeys(c->tickets);
  if (c->keylog > 0)
    lssl_closefile(c->keylog - 1);
  memset(c, 0, sizeof *c);
}

/* }====================================================== */


/*
** {======================================================
** The host's SSL_CTXs
** =======================================================
*/

static int protocolof (const SSL_CTX *ctx) {
  const SSL_METHOD *method = SSL_CTX_get_ssl_method(ctx);
  if (method == TLS_client_method())
    return LSSL_PROTOCOL_TLS_CLIENT;
  if (method == TLS_server_method())
    return LSSL_PROTOCOL_TLS_SERVER;
#if LSSL_DTLS
  if (method == DTLS_client_method())
    return LSSL_PROTOCOL_DTLS_CLIENT;
  if (method == DTLS_server_method())
    return LSSL_PROTOCOL_DTLS_SERVER;
#endif
  return LSSL_PROTOCOL_TLS;
}

/* what the object has to know of its SSL_CTX: who verifies, verifies the name */
static void describe (Context *c) {
  int verifies = SSL_CTX_get_verify_mode(c->ctx) & SSL_VERIFY_PEER;
  c->foreign = 1;
  c->protocol = protocolof(c->ctx);
  c->datagram = (c->protocol >= LSSL_PROTOCOL_DTLS_CLIENT);
  c->checkhostname = verifies && !lssl_isservers(c);
  c->hostflags = X509_VERIFY_PARAM_get_hostflags(SSL_CTX_get0_param(c->ctx));
}

void lssl_newforeigncontext (lua_State *L, SSL_CTX *ctx) {
  Context *c;
  lssl_checkcontexts(L);
  c = (Context *)lssl_newobject(L, &contextclass);
  if (!SSL_CTX_up_ref(ctx))
    ctx = NULL;
  adopt(L, c, ctx);
  describe(c);
}

int lssl_issameside (const Context *c, const SSL_CTX *ctx) {
  return protocolof(c->ctx) == protocolof(ctx);
}

void lssl_changeforeigncontext (Context *c, SSL_CTX *ctx) {
  SSL_CTX *old = c->ctx;
  SSL_CTX_up_ref(ctx);
  c->ctx = ctx;
  SSL_CTX_free(old);
  describe(c);
}

void lssl_checkchangeable (lua_State *L, const Context *c) {
  if (c->foreign)
    lssl_checkchange(L);
}

static void guard (lua_State *L, const void *object) {
  lssl_checkchangeable(L, (const Context *)object);
}

Context *lssl_changingcontext (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  lssl_checkchangeable(L, c);
  return c;
}

/* }====================================================== */


/*
** {======================================================
** For the other parts
** =======================================================
*/

int lssl_isclients (const Context *c) {
  return c->protocol == LSSL_PROTOCOL_TLS_CLIENT ||
         c->protocol == LSSL_PROTOCOL_DTLS_CLIENT;
}

int lssl_isservers (const Context *c) {
  return c->protocol == LSSL_PROTOCOL_TLS_SERVER ||
         c->protocol == LSSL_PROTOCOL_DTLS_SERVER;
}

const char *lssl_protocolname (const Context *c) {
  switch (c->protocol) {
    case LSSL_PROTOCOL_TLS_CLIENT: return "PROTOCOL_TLS_CLIENT";
    case LSSL_PROTOCOL_TLS_SERVER: return "PROTOCOL_TLS_SERVER";
    case LSSL_PROTOCOL_DTLS_CLIENT: return "PROTOCOL_DTLS_CLIENT";
    case LSSL_PROTOCOL_DTLS_SERVER: return "PROTOCOL_DTLS_SERVER";
    default: return "PROTOCOL_TLS";
  }
}

void lssl_checkdatagram (lua_State *L, const Context *c, int datagram,
                         const char *method) {
  if (datagram && !c->datagram)
    lssl_valueerror(L, "%s needs a context for DTLS: one of PROTOCOL_DTLS_CLIENT "
                    "or PROTOCOL_DTLS_SERVER, not %s", method,
                    lssl_protocolname(c));
  if (!datagram && c->datagram)
    lssl_valueerror(L, "%s needs a context for TLS, and this one is of %s: use "
                    "wrap_datagram", method, lssl_protocolname(c));
}

void lssl_checkthere (lua_State *L, SSL *const *ssl) {
  if (ssl != NULL && *ssl == NULL)
    lssl_oserror(L, EBADF, NULL);
}

void lssl_addtocontext (lua_State *L, const luaL_Reg *methods,
                        const luaL_Reg *getters, const luaL_Reg *setters) {
  lssl_extendclass(L, &contextclass, methods, getters, setters);
}

Context *lssl_selfcontext (lua_State *L) {
  return (Context *)lssl_self(L, &contextclass);
}

Context *lssl_attributecontext (lua_State *L) {
  return (Context *)lua_touserdata(L, 1);
}

Context *lssl_testcontext (lua_State *L, int arg) {
  return (Context *)lssl_testobject(L, arg, &contextclass);
}

int lssl_getvalue (lua_State *L, int which) {
  lua_getiuservalue(L, 1, which);
  return 1;
}

void lssl_setcallable (lua_State *L, int which, const char *attribute,
                       const char *text) {
  if (!lua_isnil(L, 3) && !lssl_iscallable(L, 3))
    lssl_valuetypeerror(L, attribute, text);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, which);
}

/* }====================================================== */


/*
** {======================================================
** Options
** =======================================================
*/

/*@ SSLContext.protocol (integer, read only)
** The `ssl.PROTOCOL_*` that you made the context with. Since: CPython 3.2.
**
**     assert(ctx.protocol == ssl.PROTOCOL_TLS_CLIENT)
*/
static int get_protocol (lua_State *L) {
  lua_pushinteger(L, lssl_attributecontext(L)->protocol);
  return 1;
}

/*@ SSLContext.options (integer, read and write)
** The `ssl.OP_*` flags that are on. You may set and clear flags. The flags
** `ssl.OP_NO_SSL*` and `ssl.OP_NO_TLS*` are deprecated: setting one makes a `warn`.
** OpenSSL: `SSL_CTX_set_options`. Since: CPython 3.2.
**
**     ctx.options = ctx.options | ssl.OP_NO_TICKET
**     assert(ctx.options & ssl.OP_NO_TICKET ~= 0)
*/
static int get_options (lua_State *L) {
  uint64_t options = SSL_CTX_get_options(lssl_attributecontext(L)->ctx);
  lua_pushinteger(L, (lua_Integer)options);
  return 1;
}

void lssl_checkoptions (lua_State *L, uint64_t added) {
  if (added & INSECURE)
    lssl_checkinsecure(L, "options may not allow what is insecure");
}

static int set_options (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  uint64_t want = (uint64_t)lssl_checkvalueinteger(L, "options");
  uint64_t have = SSL_CTX_get_options(c->ctx);
  uint64_t old = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                 SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
  lssl_checkoptions(L, want & ~have);
  SSL_CTX_clear_options(c->ctx, have & ~want);
  SSL_CTX_set_options(c->ctx, want & ~have);
  if (want & ~have & old)
    warndeprecated(L, "OP_NO_SSL*/ssl.OP_NO_TLS* options");
  return 0;
}

/*@ SSLContext.post_handshake_auth (boolean, read and write)
** On a client's context: whether the client offers to show its certificate after a
** TLS 1.3 handshake. On a server's context: whether the server may ask for it then,
** by `SSLSocket:verify_client_post_handshake`. OpenSSL:
** `SSL_CTX_set_post_handshake_auth`; RFC 8446, 4.6.2. Since: CPython 3.8.
**
**     ctx.post_handshake_auth = true
*/
static int get_posthandshakeauth (lua_State *L) {
  lua_pushboolean(L, lssl_attributecontext(L)->posthandshakeauth);
  return 1;
}

static int set_posthandshakeauth (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  c->posthandshakeauth = (unsigned char)lua_toboolean(L, 3);
  return 0;
}

/* }====================================================== */


static const luaL_Reg getters[] = {
  {"protocol", get_protocol},
  {"options", get_options},
  {"post_handshake_auth", get_posthandshakeauth},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"options", set_options},
  {"post_handshake_auth", set_posthandshakeauth},
  {NULL, NULL}
};

static const Class contextclass = {
  .name = "SSLContext", .tname = "ssl.SSLContext", .size = sizeof(Context),
  .uservalues = LSSL_CONTEXTVALUES, .weight = 13, .release = release,
  .guard = guard,
  .getters = getters, .setters = setters, .call = context_new
};

void lssl_opencontext (lua_State *L) {
  lssl_openclass(L, &contextclass);
}
