/*
** additions.c - what TLS offers beyond Python's ssl: to look ahead, to change the
** keys, and to end one direction alone.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "connection/additions.h"
#include "connection/connection.h"
#include "connection/operations.h"

/* the connection of the method at 1, which has an SSL; raises */
static Conn *connected (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  if (lssl_checkssl(L, c) == NULL)
    lssl_oserror(L, ENOTCONN, NULL);
  return c;
}

/*@ SSLSocket:peek([len])
** Shows the next bytes without taking them: what has come, waiting for some if
** there are none. The next `recv` gives them again. Servers tell by them which
** protocol a client speaks.
** - `len` (integer): at most so many; 1024 by default. One call shows no more than
**   16384, and no more than has come: a second call may show no more than the
**   first, so `peek` cannot wait for a whole message.
** Returns a string; nil at the end of the stream. Raises as `recv` does.
** OpenSSL: `SSL_peek_ex`. Since: an addition.
**
**     peer:sendall("GET / HTTP/1.0\r\n")
**     assert(conn:peek(3) == "GET" and conn:recv(5) == "GET /")
*/
static int conn_peek (lua_State *L) {
  lua_Integer size;
  Conn *c;
  lssl_arguments(L, ":peek", "len");
  size = lssl_optinteger(L, 2, 1024, ":peek");
  c = connected(L);
  if (size < 0)
    return lssl_valueerror(L, "size should not be negative");
  return lssl_peekstring(L, c, (size_t)size);
}

/*@ SSLSocket:key_update([request])
** Changes the key that this side encrypts with, as connections should that live
** long or carry much: who learns the new key cannot read what the old one
** protected. OpenSSL does it by itself only before a key is used up.
** - `request` (boolean): whether to ask the peer for the same; false by default.
** Returns nothing. Raises `ValueError` before the handshake is done, and for
** versions before TLS 1.3; `SSLError` while a write is unfinished; otherwise as
** `send` does. With a timeout of 0 call it
** again after `SSLWantWriteError`, which goes on with the same change.
** OpenSSL: `SSL_key_update`; RFC 8446, 4.6.3. Since: an addition.
**
**     conn:key_update(true)
**     conn:sendall("under a new key")
*/
static int conn_keyupdate (lua_State *L) {
  int request;
  Conn *c;
  lssl_arguments(L, ":key_update", "request");
  request = lua_toboolean(L, 2);
  c = connected(L);
  if (SSL_in_before(c->ssl) || SSL_get0_session(c->ssl) == NULL ||
      (!SSL_is_init_finished(c->ssl) && !c->updating))
    return lssl_valueerror(L, "handshake not done yet");
  if (SSL_version(c->ssl) < TLS1_3_VERSION)
    return lssl_valueerror(L, "%s has no key updates",
                           SSL_get_version(c->ssl));
  return lssl_keyupdate(L, c, request);
}

/*@ SSLSocket:send_close_notify()
** Says that this side has sent all that it had, and keeps reading: the first half
** of what `unwrap` does. `recv` goes on until it gives nil, the end of what the peer
** sends, and `unwrap` then returns at once. Writing raises `SSLError` from here on.
** Before TLS 1.3 the peer is to answer by its own end, and many do so at once.
** Returns nothing. Raises `SSLError` before the handshake is done, and while a write
** is unfinished that raised `SSLWantWriteError`; otherwise as `send` does. More than
** once does no harm.
** OpenSSL: `SSL_shutdown`; RFC 8446, 6.1. Since: an addition.
**
**     conn:sendall("a request")
**     conn:send_close_notify()
**     peer:sendall("its answer")
**     assert(conn:recv() == "its answer")
*/
static int conn_sendclosenotify (lua_State *L) {
  Conn *c = connected(L);
  return lssl_closenotify(L, c);
}

const luaL_Reg lssl_additionmethods[] = {
  {"peek", conn_peek},
  {"key_update", conn_keyupdate},
  {"send_close_notify", conn_sendclosenotify},
  {NULL, NULL}
};
