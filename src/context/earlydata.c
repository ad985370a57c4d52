/*
** earlydata.c - what servers of an SSLContext take of TLS 1.3's early data, and
** how they are kept from taking them twice.
** SPDX-License-Identifier: MIT
**
** Whoever can copy a client's first flight can send it again (RFC 8446, 8). While
** a server takes early data, OpenSSL keeps the sessions itself, and its tickets are
** for one use (RFC 8446, 8.1). A server that shares its tickets with others does
** not have that (OP_NO_ANTI_REPLAY), and has to share a list of what was seen (8.2).
*/
#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "context/earlydata.h"
#include "context/handlers.h"

/* what OpenSSL skips of early data by default when it does not take them */
#define SKIPPED	SSL3_RT_MAX_PLAIN_LENGTH

typedef struct Flight {
  SSL *ssl;
  int taken;
} Flight;

static int issingleuse (uint64_t options) {
  return !(options & SSL_OP_NO_ANTI_REPLAY);
}

/* body: the callback gets (connection, the client's random bytes) */
static int callearly (lua_State *L) {
  Flight *f = (Flight *)lua_touserdata(L, 1);
  unsigned char random[SSL3_RANDOM_SIZE];
  size_t size = SSL_get_client_random(f->ssl, random, sizeof random);
  if (!lssl_pushhandler(L, LSSL_UVEARLY)) {
    f->taken = issingleuse(SSL_get_options(f->ssl));
    return 0;
  }
  lua_pushvalue(L, 2);
  lua_pushlstring(L, (const char *)random, size);
  lssl_callhandler(L, 2, 1, "early_data_callback",
                   "client_hello_callback may, and gets the same 'random'");
  if (!lua_isboolean(L, -1))
    return lssl_badreturn(L, "early_data_callback", "a boolean is required");
  f->taken = lua_toboolean(L, -1);
  return 0;
}

/* asked last of all, when OpenSSL would take the early data; 0: they are skipped */
static int on_early (SSL *ssl, void *unused) {
  Flight f = {NULL, 0};
  (void)unused;
  f.ssl = ssl;
  return lssl_protected(lssl_getcaller(ssl), callearly, &f) && f.taken;
}

void lssl_prepareearlydata (SSL *ssl, const Context *c) {
  if (!c->foreign)
    SSL_set_allow_early_data_cb(ssl, on_early, NULL);
}

/* OpenSSL's own cache, in which a ticket for one use has its session, is off */
static int hasstore (const Context *c) {
  return (SSL_CTX_get_session_cache_mode(c->ctx) &
          SSL_SESS_CACHE_NO_INTERNAL) != 0;
}

static int sharestickets (const Context *c) {
  return hasstore(c) || (c->tickets != NULL && c->tickets->count > 0);
}

void lssl_checkearlydata (lua_State *L, const Context *c) {
  if (c->foreign || SSL_CTX_get_max_early_data(c->ctx) == 0)
    return;
  if (!issingleuse(SSL_CTX_get_options(c->ctx))) {
    if (!c->early)
      lssl_valueerror(L, "max_early_data with OP_NO_ANTI_REPLAY needs an "
                      "early_data_callback, which refuses what was seen before");
  }
  else if (sharestickets(c))
    lssl_valueerror(L, "set_ticket_keys and session_store have no effect with "
                    "max_early_data, whose tickets are for one use in this "
                    "process; to share sessions, set OP_NO_ANTI_REPLAY and an "
                    "early_data_callback");
}

/*@ SSLContext.max_early_data (integer, read and write)
** How many bytes of early data a server takes with a connection that resumes a
** session; 0 (the default) for none. A client may send early data ("0-RTT") in its
** first flight, before the handshake: one round trip earlier.
**
** **Early data can be replayed.** Whoever has recorded a client's first flight can
** send it to the server again, and the data look the same then. And early data have no
** forward secrecy: whoever learns the key of the ticket can read them. So act on early
** data only if it does no harm to act on them twice: on a `GET` without effects, but not
** on a payment. Over HTTP, tell the application by the header `Early-Data: 1` (RFC 8470).
**
** While it is not 0, OpenSSL keeps the sessions in the memory of this context (about
** 20000 at most), and each ticket is good for one connection. So one process takes no
** early data twice. A connection that ends without the client's close_notify takes its
** last ticket with it. Processes that share sessions (`set_ticket_keys`,
** `session_store`) cannot rely on that: a connection raises `ValueError` unless you
** set `ssl.OP_NO_ANTI_REPLAY` and an `early_data_callback`.
**
** The server reads early data by `SSLSocket:read_early_data`, before the handshake.
** If it does not call that, it skips them, and the client has to send the data again.
** A session remembers the limit that it was made with, so tickets from before you
** raise it allow less.
**
** Setting it raises `ValueError` on a client's context, and for a number that is
** negative or larger than 4294967295. OpenSSL: `SSL_CTX_set_max_early_data`,
** `SSL_CTX_set_recv_max_early_data`; RFC 8446, 2.3, 8. Since: an addition.
**
**     server_ctx.max_early_data = 16384
*/
static int get_maxearlydata (lua_State *L) {
  SSL_CTX *ctx = lssl_attributecontext(L)->ctx;
  lua_pushinteger(L, (lua_Integer)SSL_CTX_get_max_early_data(ctx));
  return 1;
}

static void checkserver (lua_State *L, const Context *c, const char *name) {
  if (lssl_isclients(c))
    lssl_valueerror(L, "%s cannot be set on TLS_CLIENT context", name);
}

/* what is skipped covers what sessions of before may send */
static int set_maxearlydata (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lua_Integer n = lssl_checkvalueinteger(L, "max_early_data");
  uint32_t size = (uint32_t)n;
  checkserver(L, c, "max_early_data");
  if (n < 0 || n > (lua_Integer)UINT32_MAX)
    return lssl_valueerror(L, "max_early_data must be between 0 and %I",
                           (LUAI_UACINT)UINT32_MAX);
  SSL_CTX_set_max_early_data(c->ctx, size);
  if (size > SKIPPED && size > SSL_CTX_get_recv_max_early_data(c->ctx))
    SSL_CTX_set_recv_max_early_data(c->ctx, size);
  return 0;
}

/*@ SSLContext.early_data_callback (function or nil, read and write)
** A function that decides whether a server takes the early data of a connection. It
** is called when OpenSSL would take them: the session is known, its ticket is fresh
** (to about ten seconds), and the first flight was not changed. Its arguments are the
** connection and the client's random bytes (string of 32 bytes), which are the same
** if the flight is sent again, and different otherwise.
**
** The function returns `true` to take the early data, and `false` to skip them: the
** handshake goes on, and the client has to send the data again. If it raises an error
** or returns another type, the data are skipped, and `read_early_data` raises that
** error. It must not yield. To ask a list in a database, do so in
** `client_hello_callback`, which may yield: it gets the same bytes as `hello.random`.
**
** Servers that share tickets have to share the list of the random bytes that they
** have seen, and keep each for a minute. The list has to tell "seen before" and take
** the new entry in one step, as `SET key NX EX 60` of Redis does. If it cannot be
** reached, return `false`.
**
** Setting it raises `ValueError` on a client's context, and a string error for
** something that cannot be called. OpenSSL: `SSL_CTX_set_allow_early_data_cb`;
** RFC 8446, 8.2. Since: an addition.
**
** Type: EarlyDataCallback?
** Type: EarlyDataCallback = fun(conn: Connection, random: string): boolean
**
**     local seen = {}                       -- of this process: forget entries in time
**     server_ctx.max_early_data = 16384
**     server_ctx.early_data_callback = function(conn, random)
**       local new = not seen[random]
**       seen[random] = true
**       return new
**     end
*/
static int get_earlycallback (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVEARLY);
}

static int set_earlycallback (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  checkserver(L, c, "early_data_callback");
  lssl_setcallable(L, LSSL_UVEARLY, "early_data_callback",
                   "not a callable object");
  c->early = !lua_isnil(L, 3);
  if (c->early)
    SSL_CTX_set_allow_early_data_cb(c->ctx, on_early, NULL);
  return 0;
}

static const luaL_Reg getters[] = {
  {"max_early_data", get_maxearlydata},
  {"early_data_callback", get_earlycallback},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"max_early_data", set_maxearlydata},
  {"early_data_callback", set_earlycallback},
  {NULL, NULL}
};

void lssl_openearlydata (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
