/*
** servername.c - SSLContext.sni_callback: what a server calls when a client has
** named the host that it wants.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "x509/hostname.h"
#include "context/handlers.h"
#include "context/resumption.h"
#include "context/servername.h"

typedef struct Servername {
  const char *name;		/* what the client asks for, or NULL */
  int alert;
  int result;			/* SSL_TLSEXT_ERR_* */
} Servername;

/* body: the callback gets (connection, name, context) */
static int callservername (lua_State *L) {
  Servername *s = (Servername *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVSNI)) {
    s->result = SSL_TLSEXT_ERR_OK;
    return 0;
  }
  lua_pushvalue(L, 2);
  if (s->name == NULL)
    lua_pushnil(L);
  else if (((Context *)lua_touserdata(L, 3))->sniunicode)
    lssl_pushunicodehost(L, s->name, strlen(s->name));
  else
    lua_pushstring(L, s->name);
  lua_pushvalue(L, 3);
  lssl_callhandler(L, 3, 1, "sni_callback",
                   "client_hello_callback may, and is called before");
  if (lua_isnil(L, -1)) {
    s->result = SSL_TLSEXT_ERR_OK;
    return 0;
  }
  s->alert = SSL_AD_INTERNAL_ERROR;
  if (!lua_isinteger(L, -1))
    return lssl_badreturn(L, "sni_callback", "an integer or nil is required");
  s->alert = (int)lua_tointeger(L, -1);
  return 0;
}

static int on_servername (SSL *ssl, int *alert, void *unused) {
  Caller *who = lssl_getcaller(ssl);
  Servername s;
  (void)unused;
  s.name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  s.alert = SSL_AD_HANDSHAKE_FAILURE;
  s.result = SSL_TLSEXT_ERR_ALERT_FATAL;
  if (who != NULL) {  /* else a host's SSL, which no object has: nobody can be asked */
    who->naming = 1;
    lssl_protected(who, callservername, &s);
    who->naming = 0;
  }
  *alert = s.alert;
  return s.result;
}

/* sets the callback from index 3 */
static void setservername (lua_State *L, Context *c, int unicode) {
  int (*f) (SSL *, int *, void *) = lua_isnil(L, 3) ? NULL : on_servername;
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVSNI);
  c->sniunicode = (unsigned char)unicode;
  SSL_CTX_set_tlsext_servername_callback(c->ctx, f);
  if (lua_getiuservalue(L, 1, LSSL_UVHELLO) == LUA_TNIL &&
      lua_getiuservalue(L, 1, LSSL_UVSTORE) == LUA_TNIL)  /* else these bind them */
    lssl_bindnames(c->ctx, f != NULL);  /* the name may change who is trusted */
  lua_settop(L, 3);
}

static void checkserver (lua_State *L, const Context *c) {
  if (lssl_isclients(c))
    lssl_valueerror(L, "sni_callback cannot be set on TLS_CLIENT context");
}

/*@ SSLContext.sni_callback (function or nil, read and write)
** A function that a server calls when a client's handshake begins. Its arguments are the
** connection (`SSLSocket` or `SSLObject`), the name of the host that the client asks for
** (string in its ASCII form, or nil), and the context. The function may set the
** connection's `context` to another one.
**
** The function returns nil to go on, or an `ssl.ALERT_DESCRIPTION_*` to end the handshake
** with that alert. It must not yield: `client_hello_callback`
** may. If it returns another type, the alert is
** `internal_error`; if it raises an error, the alert is `handshake_failure`. In both cases
** the handshake ends with an `SSLError`, whose `cause` is that error.
**
** With a callback, a session is resumed only for the host name that it was made for,
** because another name may mean other trust. CPython leaves this to the callback.
**
** Setting the attribute raises `ValueError` on a client's context, and a string error for
** something that cannot be called. OpenSSL: `SSL_CTX_set_tlsext_servername_callback`;
** RFC 6066, 3. Since: CPython 3.7.
**
** Type: ServerNameCallback?
** Type: ServerNameCallback = fun(conn: Connection, name: string?, context: SSLContext): integer?
**
**     server_ctx.sni_callback = function(conn, name, context)
**       if name == "unknown.test" then return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME end
**     end
*/
static int get_snicallback (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVSNI);
}

static int set_snicallback (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  checkserver(L, c);
  if (!lua_isnil(L, 3) && !lssl_iscallable(L, 3))
    return lssl_valuetypeerror(L, "sni_callback", "not a callable object");
  setservername(L, c, 0);
  return 0;
}

/*@ SSLContext:set_servername_callback(server_name_callback)
** Sets `sni_callback` to a function that gets the name of the host in Unicode (UTF-8)
** instead of its ASCII form.
** - `server_name_callback` (function or nil): see `sni_callback`.
** Returns nothing. Raises `ValueError` on a client's context, and a string error for
** something that cannot be called. Since: CPython 3.4.
**
** Type: named fun(server_name_callback: ServerNameCallback?)
**
**     server_ctx:set_servername_callback(function(conn, name, context) end)
*/
static int context_setservername (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  lssl_arguments(L, ":set_servername_callback", "server_name_callback");
  lua_settop(L, 2);
  checkserver(L, c);
  if (!lua_isnil(L, 2) && !lssl_iscallable(L, 2))
    return lssl_argerror(L, 2, ":set_servername_callback",
                         "not a callable object");
  lua_pushvalue(L, 2);
  setservername(L, c, 1);
  return 0;
}

static const luaL_Reg methods[] = {
  {"set_servername_callback", context_setservername},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"sni_callback", get_snicallback},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"sni_callback", set_snicallback},
  {NULL, NULL}
};

void lssl_openservername (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
