/*
** session.c - ssl.SSLSession: what a later connection resumes.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/session.h"

typedef struct Session {
  Object object;
  SSL_SESSION *session;		/* ours */
} Session;

static const Class sessionclass;

/* for the getters */
static SSL_SESSION *self (lua_State *L) {
  return ((Session *)lua_touserdata(L, 1))->session;
}

void lssl_pushsession (lua_State *L, SSL *const *ssl, int context) {
  Session *s;
  if (*ssl == NULL || SSL_get0_session(*ssl) == NULL) {
    lua_pushnil(L);
    return;
  }
  s = (Session *)lssl_newobject(L, &sessionclass);
  s->session = *ssl ? SSL_get1_session(*ssl) : NULL;
  if (s->session == NULL) {  /* a finalizer has closed it */
    lua_pushnil(L);
    return;
  }
  lua_pushvalue(L, context);
  lua_setiuservalue(L, -2, 1);
}

SSL_SESSION *lssl_tosession (lua_State *L, int arg, const void **context) {
  Session *s = (Session *)lssl_testobject(L, arg, &sessionclass);
  *context = NULL;
  if (s == NULL)
    return NULL;
  lua_getiuservalue(L, arg, 1);
  *context = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return s->session;
}

/*@ ssl.SSLSession (class)
** A session of a connection. A later connection with the same server can resume it: see the
** attribute `session` of connections. You may compare sessions by `==`.
** Since: CPython 3.6.
**
**     assert(ssl.isinstance(conn.session, ssl.SSLSession))
*/
/*@ SSLSession.id (string, read only)
** The identifier of the session, up to 32 bytes. For a TLS 1.3 client, OpenSSL has made it
** up. OpenSSL: `SSL_SESSION_get_id`. Since: CPython 3.6.
**
**     assert(#conn.session.id <= 32)
*/
static int session_id (lua_State *L) {
  unsigned int len;
  const unsigned char *id = SSL_SESSION_get_id(self(L), &len);
  lua_pushlstring(L, (const char *)id, len);
  return 1;
}

/*@ SSLSession.time (integer, read only)
** The time at which the session was made, in seconds since 1970.
** OpenSSL: `SSL_SESSION_get_time`. Since: CPython 3.6.
**
**     assert(conn.session.time <= os.time())
*/
static int session_time (lua_State *L) {
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
  lua_pushinteger(L, (lua_Integer)SSL_SESSION_get_time_ex(self(L)));
#else
  lua_pushinteger(L, (lua_Integer)SSL_SESSION_get_time(self(L)));
#endif
  return 1;
}

/*@ SSLSession.timeout (integer, read only)
** How many seconds after `time` the session can be resumed.
** OpenSSL: `SSL_SESSION_get_timeout`. Since: CPython 3.6.
**
**     local session = conn.session
**     assert(session.time + session.timeout > os.time())
*/
static int session_timeout (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)SSL_SESSION_get_timeout(self(L)));
  return 1;
}

/*@ SSLSession.ticket_lifetime_hint (integer, read only)
** How many seconds the server says that it accepts the ticket; 0 if it did not say.
** OpenSSL: `SSL_SESSION_get_ticket_lifetime_hint`. Since: CPython 3.6.
**
**     assert(conn.session.ticket_lifetime_hint >= 0)
*/
static int session_lifetime (lua_State *L) {
  lua_pushinteger(L,
    (lua_Integer)SSL_SESSION_get_ticket_lifetime_hint(self(L)));
  return 1;
}

/*@ SSLSession.has_ticket (boolean, read only)
** Whether the session has a ticket. With a ticket, the server need not remember the session.
** OpenSSL: `SSL_SESSION_has_ticket`. Since: CPython 3.6.
**
**     assert(type(conn.session.has_ticket) == "boolean")
*/
static int session_hasticket (lua_State *L) {
  lua_pushboolean(L, SSL_SESSION_has_ticket(self(L)));
  return 1;
}

/*@ SSLSession.max_early_data (integer, read only)
** How many bytes of early data the server takes with this session; 0 for none. See
** `SSLSocket:write_early_data`. OpenSSL: `SSL_SESSION_get_max_early_data`.
** Since: an addition.
**
**     assert(conn.session.max_early_data == 0)
*/
static int session_maxearly (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)SSL_SESSION_get_max_early_data(self(L)));
  return 1;
}

/*@ SSLSession:to_bytes()
** Returns the session as bytes. `ssl.SSLSession.from_bytes` makes the session from them
** again, also in another process. The bytes hold the session's secrets: whoever has them
** can read what a resumed connection says. OpenSSL: `i2d_SSL_SESSION`.
** Returns a string. Since: an addition.
**
** Type: fun(): string
**
**     local bytes = conn.session:to_bytes()
**     assert(ssl.SSLSession.from_bytes(bytes) == conn.session)
*/
static int session_tobytes (lua_State *L) {
  Session *s = (Session *)lssl_self(L, &sessionclass);
  void **box = lssl_newbox(L, lssl_freebytes);
  unsigned char *data = NULL;
  int len = i2d_SSL_SESSION(s->session, &data);
  *box = data;
  if (len < 0)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)data, (size_t)len);
  OPENSSL_cleanse(data, (size_t)len);
  lssl_emptybox(L, -2);
  return 1;
}

static int failbytes (lua_State *L) {
  Trouble t;
  lssl_taketrouble(&t);
  return lssl_raisetrouble(L, &t, NULL, lua_pushfstring(L, "bytes is no "
           "session that to_bytes gave, or damaged: %s", lssl_cause(&t)));
}

/*@ ssl.SSLSession.from_bytes(bytes)
** Makes a session from the bytes of `SSLSession:to_bytes`. The session belongs to no context,
** so a connection of any context may try to resume it. Give it only to a context that trusts
** the same servers as the session's first connection did.
** - `bytes` (string or bytearray): the session.
** Returns an `SSLSession`. Raises `SSLError` for bytes that are no session.
** OpenSSL: `d2i_SSL_SESSION`. Since: an addition.
**
** Type: fun(bytes: string|bytearray): SSLSession
**
**     local bytes = conn.session:to_bytes()
**     local session = ssl.SSLSession.from_bytes(bytes)
**     assert(session.id == conn.session.id)
*/
static int session_frombytes (lua_State *L) {
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, 1, &size, "from_bytes");
  const unsigned char *p = data;
  Session *s = (Session *)lssl_newobject(L, &sessionclass);
  lssl_clearerrors();
  s->session = d2i_SSL_SESSION(NULL, &p, lssl_toint(L, size));
  if (s->session == NULL)
    return failbytes(L);
  if (p != data + size)
    return lssl_valueerror(L, "bytes after the end of the session");
  return 1;
}

static int session_eq (lua_State *L) {
  Session *a = (Session *)lssl_testobject(L, 1, &sessionclass);
  Session *b = (Session *)lssl_testobject(L, 2, &sessionclass);
  unsigned int alen = 0, blen = 0;
  const unsigned char *aid = a ? SSL_SESSION_get_id(a->session, &alen) : NULL;
  const unsigned char *bid = b ? SSL_SESSION_get_id(b->session, &blen) : NULL;
  lua_pushboolean(L, a && b && alen == blen && memcmp(aid, bid, alen) == 0);
  return 1;
}

static void release (void *object) {
  Session *s = (Session *)object;
  SSL_SESSION *session = s->session;
  s->session = NULL;
  SSL_SESSION_free(session);
}

static const luaL_Reg methods[] = {
  {"to_bytes", session_tobytes},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"id", session_id},
  {"time", session_time},
  {"timeout", session_timeout},
  {"ticket_lifetime_hint", session_lifetime},
  {"has_ticket", session_hasticket},
  {"max_early_data", session_maxearly},
  {NULL, NULL}
};

static const luaL_Reg statics[] = {
  {"from_bytes", session_frombytes},
  {NULL, NULL}
};

static const Class sessionclass = {
  .name = "SSLSession", .tname = "ssl.SSLSession", .size = sizeof(Session),
  .uservalues = 1, .release = release, .methods = methods, .getters = getters,
  .statics = statics
};

void lssl_opensession (lua_State *L) {
  lssl_openclass(L, &sessionclass);
  luaL_getmetatable(L, sessionclass.tname);
  lua_pushcfunction(L, session_eq);
  lua_setfield(L, -2, "__eq");
  lua_pop(L, 1);
}
