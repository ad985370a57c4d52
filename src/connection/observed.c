/*
** observed.c - what a connection sends and receives, told to the test kit.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/observer.h"
#include "connection/connection.h"
#include "connection/observed.h"
#include "context/keylog.h"

/* a BIO's callback, after each operation: what it returns is the operation's result */
static long on_bytes (BIO *bio, int operation, const char *data, size_t size,
                      int number, long argument, int result, size_t *done) {
  Caller *who = (Caller *)(void *)BIO_get_callback_arg(bio);
  (void)size;
  (void)number;
  (void)argument;
  if (result <= 0 || done == NULL || *done == 0)
    return result;
  if (operation == (BIO_CB_READ | BIO_CB_RETURN))
    lssl_tellobserver(who, "read", data, *done);
  else if (operation == (BIO_CB_WRITE | BIO_CB_RETURN))
    lssl_tellobserver(who, "write", data, *done);
  return result;
}

/*@ SSLSocket:_observe(f)
** Tells a function what the connection sends, receives and keeps secret, from now on.
** `ssl.testing` draws connections with it; programs have no use for it.
** - `f` (function or nil): called with a kind and a string. `"read"` and `"write"` come
**   with the bytes that OpenSSL takes from the network and gives to it; an `SSLObject`
**   has neither, because its owner moves the bytes. `"secret"` comes with a line of the
**   log that `SSLContext.keylog_filename` describes. If the function raises an error,
**   the call in progress raises it. nil ends it.
**
** Whoever has the secrets can read the traffic. Returns nothing. Raises `ValueError` if
** the socket is not connected, and for a connection of a context that a host in C made.
** OpenSSL: `SSL_CTX_set_keylog_callback`, `BIO_set_callback_ex`. Since: an addition.
**
** Type: fun(f: (fun(kind: "read"|"write"|"secret", data: string))|nil)
**
**     local read = 0
**     conn:_observe(function(kind, data)
**       read = read + (kind == "read" and #data or 0)
**     end)
**     peer:sendall("hello")
**     assert(conn:recv(5) == "hello" and read > 5)
*/
static int conn_observe (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  BIO *bio;
  lssl_checkssl(L, c);
  if (!lua_isnoneornil(L, 2) && !lua_isfunction(L, 2))
    return lssl_argerror(L, 2, ":_observe", "function or nil");
  lssl_checkinsecure(L, "only a test may ask for a connection's secrets");
  if (c->ssl == NULL)
    return lssl_valueerror(L, "the socket is not connected yet");
  if (c->caller.context->foreign)
    return lssl_valueerror(L, "the connection's context is the host's");
  lua_settop(L, 2);
  lssl_setobserver(L, 1, &c->caller);
  lssl_checkssl(L, c);  /* a finalizer may have ended it */
  lssl_watchsecrets(c->caller.context);
  if (c->issocket && (bio = SSL_get_rbio(c->ssl)) != NULL) {
    BIO_set_callback_arg(bio, (char *)(void *)&c->caller);
    BIO_set_callback_ex(bio, c->caller.observed ? on_bytes : NULL);
  }
  return 0;
}

const luaL_Reg lssl_observedmethods[] = {
  {"_observe", conn_observe},
  {NULL, NULL}
};
