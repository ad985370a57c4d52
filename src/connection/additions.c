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
** Shows the next bytes without taking them: the next `recv` returns them again. A
** server can tell by them which protocol a client speaks. Like `recv`, `peek` waits
** only if no bytes have come.
** - `len` (integer): how many bytes to show at most; 1024 by default. One call
**   shows no more than 16384 bytes, and no more than have come. A second call may
**   show no more than the first, so you cannot wait for a whole message by `peek`.
** Returns a string, or nil at the end of the stream. Raises the errors of `recv`:
** `SSLError`, `TimeoutError`, `OSError`.
** OpenSSL: `SSL_peek_ex`. Since: an addition.
**
** Type: named fun(len?: integer): string?
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
** Changes the key that this side encrypts with. An attacker who learns the new key
** cannot read what the old key protected. Call it on connections that live long or
** carry much: OpenSSL changes a key by itself only before the key is used up.
** - `request` (boolean): whether to ask the peer to change its key too; false by
**   default.
** Returns nothing. Raises `ValueError` before the handshake is done and for
** versions before TLS 1.3, `SSLError` while a write is unfinished, and the errors
** of `send`. With a timeout of 0, call it again after `SSLWantWriteError`: the
** second call goes on with the same change.
** OpenSSL: `SSL_key_update`; RFC 8446, 4.6.3. Since: an addition.
**
** Type: named fun(request?: boolean)
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
  if (c->datagram || SSL_version(c->ssl) < TLS1_3_VERSION)
    return lssl_valueerror(L, "%s has no key updates",
                           SSL_get_version(c->ssl));
  return lssl_keyupdate(L, c, request);
}

/*@ SSLSocket:send_close_notify()
** Tells the peer that this side sends no more data. You can still read: `recv`
** returns the peer's data, and nil at its end. After that, `unwrap` returns at
** once. Writing raises `SSLError` from now on.
**
** Before TLS 1.3, the peer is supposed to answer with its own end, and many peers
** do so at once.
** Returns nothing. Raises `SSLError` before the handshake is done, and while a
** write that raised `SSLWantWriteError` is unfinished; otherwise the errors of
** `send`. You may call it more than once.
** OpenSSL: `SSL_shutdown`; RFC 8446, 6.1. Since: an addition.
**
** Type: fun()
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
