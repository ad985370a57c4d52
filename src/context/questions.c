/*
** questions.c - what OpenSSL asks in the middle of a handshake: what to make of a
** ClientHello, and which certificate to show.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "context/checks.h"
#include "context/handlers.h"
#include "context/hello.h"
#include "context/questions.h"
#include "context/resumption.h"
#include "context/stored.h"

#define GO_ON	(-1)

/* what the function is that answers, by Caller's 'asked' */
static const struct {
  const char *name;
  int value;			/* the context's user value */
  const char *results;		/* what it may return */
} answerers[] = {
  {"callback", 0, NULL},
  {"client_hello_callback", LSSL_UVHELLO, "an integer or nil is required"},
  {"certificate_callback", LSSL_UVCERTIFICATE, "nil is required"},
  {"verify_callback", LSSL_UVVERIFY, "a boolean or nil is required"}
};

/*
** {======================================================
** OpenSSL's side
** =======================================================
*/

/*
** The answer to a question; 0 if the program has yet to be asked. Where there is
** no Lua at hand, as in a file of makefile, nobody can be; nor for a host's SSL
** that no object has.
*/
static int getanswer (Caller *who, unsigned char question, int *answer) {
  if (who != NULL && who->answered && who->asked == question) {
    *answer = who->answer;
    who->answered = 0;
    who->asked = LSSL_QNONE;
    return 1;
  }
  *answer = SSL_AD_INTERNAL_ERROR;
  if (who == NULL || who->L == NULL)
    return 1;
  who->answered = 0;
  who->asked = question;
  return 0;
}

static int on_hello (SSL *ssl, int *alert, void *unused) {
  int answer;
  (void)unused;
  if (!getanswer(lssl_getcaller(ssl), LSSL_QHELLO, &answer))
    return SSL_CLIENT_HELLO_RETRY;
  if (answer == GO_ON)
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = answer;
  return SSL_CLIENT_HELLO_ERROR;
}

/* the same without a function of the program: only a store may have to be asked */
static int on_lookup (SSL *ssl, int *alert, void *unused) {
  const Caller *who = lssl_getcaller(ssl);
  if (who != NULL && who->L != NULL &&
      ((who->answered && who->asked == LSSL_QHELLO) || lssl_wantsstored(who, ssl)))
    return on_hello(ssl, alert, unused);
  if (lssl_bindname(ssl))
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

/* 1: go on; 0: fail; -1: ask again */
static int on_certificate (SSL *ssl, void *unused) {
  int answer;
  (void)unused;
  if (!getanswer(lssl_getcaller(ssl), LSSL_QCERTIFICATE, &answer))
    return -1;
  return answer == GO_ON;
}

/* }====================================================== */


/*
** {======================================================
** The program's side
** =======================================================
*/

/* the function of a context that has lost it meanwhile */
static int noanswer (lua_State *L) {
  (void)L;
  return 0;
}

static void pushfunction (lua_State *L, int which) {
  if (lua_getiuservalue(L, 1, LSSL_UVCONTEXT) != LUA_TUSERDATA ||
      lua_getiuservalue(L, -1, which) == LUA_TNIL)
    lua_pushcfunction(L, noanswer);
}

/* what asks the store: see lua/ssl/context/lookup.lua */
#define LOOKUP	"ssl.lookup"

/*
** Pushes the function that calls the one on the top, if it is one, and asks the
** store; and its arguments behind that function.
*/
static int pushlookup (lua_State *L, SSL *ssl) {
  const unsigned char *id;
  size_t size;
  if (!lssl_offeredid(ssl, &id, &size))
    return 0;
  lua_getfield(L, LUA_REGISTRYINDEX, LOOKUP);
  if (lua_getfield(L, -1, "ask") == LUA_TNIL) {  /* lua/ssl/ is not there */
    lua_pop(L, 2);
    return 0;
  }
  lua_replace(L, -2);
  lua_insert(L, -2);  /* the function of the program behind it */
  lua_getiuservalue(L, 1, LSSL_UVKEPTSTORE);
  lua_rawgeti(L, -1, LSSL_STOREGET);
  lua_replace(L, -2);
  lua_pushlstring(L, (const char *)id, size);
  return 3;
}

/* pushes what verify_callback gets: (ok, error, depth, der, connection, key) */
static int pushverify (lua_State *L, const Caller *who) {
  int field, question;
  lssl_pushcheck(L, who);
  question = lua_gettop(L);
  for (field = LSSL_CHECKOK; field <= LSSL_CHECKDER; field++)
    lua_rawgeti(L, question, field);
  lua_pushvalue(L, 1);
  if (lua_rawgeti(L, question, LSSL_CHECKKEY) == LUA_TNIL)
    lua_pop(L, 1);
  lua_remove(L, question);
  return lua_gettop(L) - question + 1;
}

int lssl_pushquestion (lua_State *L, Caller *who, SSL *ssl) {
  int n = 0;
  luaL_checkstack(L, 12, answerers[who->asked].name);
  pushfunction(L, answerers[who->asked].value);
  if (who->asked == LSSL_QCHECK)
    return pushverify(L, who);
  if (who->asked == LSSL_QHELLO && lssl_wantsstored(who, ssl))
    n = pushlookup(L, ssl);
  lua_pushvalue(L, 1);
  if (who->asked != LSSL_QHELLO)
    return 1;
  lssl_pushhello(L, ssl);
  who->naming = 1;
  return n + 2;
}

/* keeps the error on the top as the handshake's cause, the first one if several */
static void fail (lua_State *L, Caller *who) {
  who->answer = SSL_AD_INTERNAL_ERROR;
  if (who->asked == LSSL_QCHECK)
    lssl_settlecheck(L, who, 0);
  if (who->failed)
    return;
  who->failed = 1;
  lua_setiuservalue(L, 1, LSSL_UVCAUSE);
}

/*
** With what a ClientHello asks for, the function may change who is trusted: a
** session is for that name alone. The context may be another one by now.
*/
static int bindname (const Caller *who, SSL *ssl) {
  return who->asked != LSSL_QHELLO || ssl == NULL || lssl_bindname(ssl);
}

/* is the answer on the top, of which there is one, of the right type? */
static int isanswer (lua_State *L, const Caller *who) {
  switch (who->asked) {
    case LSSL_QHELLO:
      return lua_isinteger(L, -1);
    case LSSL_QCHECK:
      return lua_isboolean(L, -1);
    default:
      return 0;
  }
}

/* keeps the answer that is on the top: nil, or of the right type */
static void keepanswer (lua_State *L, Caller *who) {
  if (who->asked == LSSL_QCHECK)
    lssl_settlecheck(L, who, lua_isnil(L, -1) ? -1 : lua_toboolean(L, -1));
  else if (!lua_isnil(L, -1))
    who->answer = (int)lua_tointeger(L, -1) & 0xff;
}

int lssl_asksmore (const Caller *who) {
  return who->asked == LSSL_QCHECK && who->unsettled > 0;
}

/* takes what the function returned: its answer, and what a store said */
static void takeresults (lua_State *L, Caller *who, SSL *ssl) {
  if (who->asked == LSSL_QHELLO)
    lssl_takestored(L, who, ssl);
  lua_pop(L, 1);
  if (lua_isnil(L, -1) || isanswer(L, who))
    keepanswer(L, who);
  else {
    lua_pushfstring(L, "bad return value from '%s' (%s)",
                    answerers[who->asked].name, answerers[who->asked].results);
    fail(L, who);
  }
}

void lssl_takeanswer (lua_State *L, Caller *who, SSL *ssl, int status) {
  who->naming = 0;
  who->answered = 1;
  who->answer = GO_ON;
  if (status == LUA_OK || status == LUA_YIELD)
    takeresults(L, who, ssl);
  else
    fail(L, who);
  if (!bindname(who, ssl))
    who->answer = SSL_AD_INTERNAL_ERROR;
}

/* }====================================================== */


/*@ SSLContext.client_hello_callback (function or nil, read and write)
** A function that a server calls first of all in a handshake. Its arguments are the
** connection and what the client has said (`ssl.ClientHello`). The function may take its
** time: it may yield, under a waiter or in any coroutine, and the handshake goes on when
** it returns. So it can ask a database without holding up other connections.
**
** The function may set the connection's `context`, `minimum_version` and
** `maximum_version`, and call its `load_cert_chain`, `set_alpn_protocols`, `set_ciphers`
** and `set_ciphersuites`. Set the context first: the others are the connection's own.
**
** The function returns nil to go on, or an `ssl.ALERT_DESCRIPTION_*` to end the handshake
** with that alert. If it raises an error or returns another value, the handshake ends
** with the alert `internal_error`, and `do_handshake` raises an error whose `cause` tells
** why.
**
** After a HelloRetryRequest, the function is called for the second ClientHello as well.
** The time limit of the call goes on while the function runs, but does not end the
** function. A file of `makefile` cannot make such a handshake. Setting the attribute
** raises `ValueError` on a client's context, and a string error for something that cannot
** be called.
** OpenSSL: `SSL_CTX_set_client_hello_cb`; RFC 8446, 4.1.2. Since: an addition.
**
** Type: ClientHelloCallback?
** Type: ClientHelloCallback = fun(conn: Connection, hello: ClientHello): integer?
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       if hello.name == "unknown.test" then
**         return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
**       end
**     end
*/
static int get_hello (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVHELLO);
}

static int set_hello (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  if (lssl_isclients(c))
    return lssl_valueerror(L, "client_hello_callback cannot be set on "
                           "TLS_CLIENT context");
  lssl_setcallable(L, LSSL_UVHELLO, "client_hello_callback",
                   "not a callable object");
  lssl_askhello(L, c);
  return 0;
}

/* pushes a user value of the context; is there one? */
static int hasvalue (lua_State *L, int which) {
  return lua_getiuservalue(L, 1, which) != LUA_TNIL;
}

/* each does the work of those below as well */
void lssl_askhello (lua_State *L, Context *c) {
  int top = lua_gettop(L);
  if (hasvalue(L, LSSL_UVHELLO))
    SSL_CTX_set_client_hello_cb(c->ctx, on_hello, NULL);
  else if (hasvalue(L, LSSL_UVSTORE))
    SSL_CTX_set_client_hello_cb(c->ctx, on_lookup, NULL);
  else
    lssl_bindnames(c->ctx, hasvalue(L, LSSL_UVSNI));
  lua_settop(L, top);
}

/*@ SSLContext.certificate_callback (function or nil, read and write)
** A function that gives a connection its certificate. A server calls it before it
** chooses a certificate, and a client when the server has asked for one. Its argument
** is the connection, whose `load_cert_chain` takes the certificate. The function may
** yield, as `client_hello_callback` may. It returns nothing. If it raises an error, the
** handshake ends with the alert `internal_error`, and `do_handshake` raises an error
** whose `cause` is that error. When a session is resumed, no certificate is needed, and
** the function is not called. Set the attribute before you make the connection.
** Setting it raises a string error for something that cannot be called.
** OpenSSL: `SSL_CTX_set_cert_cb`. Since: an addition.
**
** Type: CertificateCallback?
** Type: CertificateCallback = fun(conn: Connection)
**
**     server_ctx.certificate_callback = function(conn)
**       conn:load_cert_chain(certfile, keyfile)
**     end
*/
static int get_certificate (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVCERTIFICATE);
}

static int set_certificate (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lssl_setcallable(L, LSSL_UVCERTIFICATE, "certificate_callback",
                   "not a callable object");
  SSL_CTX_set_cert_cb(c->ctx, lua_isnil(L, 3) ? NULL : on_certificate, NULL);
  return 0;
}

static const luaL_Reg getters[] = {
  {"client_hello_callback", get_hello},
  {"certificate_callback", get_certificate},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"client_hello_callback", set_hello},
  {"certificate_callback", set_certificate},
  {NULL, NULL}
};

void lssl_openquestions (lua_State *L) {
  luaL_newmetatable(L, LOOKUP);
  lua_setfield(L, -2, "_lookup");
  lssl_openhello(L);
  lssl_addtocontext(L, NULL, getters, setters);
}
