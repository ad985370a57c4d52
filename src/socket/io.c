/*
** io.c - the recv and send families of SSLSocket.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "connection/operations.h"
#include "socket/io.h"
#include "socket/socket.h"

/*
** {======================================================
** Receiving
** =======================================================
*/

/* raises unless the flags at 'arg' are 0 or not given */
static void checkflags (lua_State *L, int arg, const char *name) {
  if (lssl_optinteger(L, arg, 0, name) != 0)
    lssl_valueerror(L, "non-zero flags not allowed in calls to %s() on "
                    "ssl.SSLSocket", name + 1);
}

/*@ SSLSocket:recv([bufsize [, flags]])
** Receives bytes. It returns the bytes that have come, and waits only if there are
** none.
** - `bufsize` (integer): how many bytes to return at most; 1024 by default. One
**   call returns no more than 16384.
** - `flags` (integer): 0.
**
** With DTLS, one call returns one datagram, and `bufsize` is 16384 by default. If the
** datagram is longer than `bufsize`, its rest is lost, and the second result is its
** whole length (integer).
** Returns a string, or nil at the end of the stream. Raises `SSLError`,
** `TimeoutError` and `OSError`. With a timeout of 0, it raises `SSLWantReadError`
** or `SSLWantWriteError` instead of waiting. If `suppress_ragged_eofs` is false,
** an end without close_notify is an `SSLEOFError`.
** OpenSSL: `SSL_read_ex`. Since: CPython 2.6.
**
** Type: named fun(bufsize?: integer, flags?: integer): string?, integer?
**
**     peer:sendall("hello")
**     assert(conn:recv(3) == "hel" and conn:recv() == "lo")
*/
static int socket_recv (lua_State *L) {
  static const char name[] = ":recv";
  Conn *c = lssl_selfsocket(L);
  size_t size;
  if (!lua_isinteger(L, 2) || lua_gettop(L) > 2) {
    lssl_arguments(L, name, "bufsize flags");
    checkflags(L, 3, name);
  }
  size = lssl_optreadsize(L, c, 2, name, "negative buffersize in recv");
  lssl_checkconnected(L, c);
  return lssl_readstring(L, c, size);
}

/* recv_into with any arguments */
static int recvinto (lua_State *L, Conn *c) {
  static const char name[] = ":recv_into";
  unsigned char *buffer;
  size_t size, n;
  lssl_arguments(L, name, "buffer nbytes flags");
  buffer = lssl_checkbuffer(L, 2, &size, name);
  n = lua_isnoneornil(L, 3) ? 0 : lssl_checksize(L, 3, name);
  checkflags(L, 4, name);
  if (n > size)
    return lssl_valueerror(L, "nbytes is greater than the length of the "
                           "buffer");
  lssl_checkconnected(L, c);
  return lssl_readinto(L, c, buffer, n > 0 ? n : size);
}

/*@ SSLSocket:recv_into(buffer [, nbytes [, flags]])
** Receives bytes into a bytearray. Unlike `recv`, it makes no garbage.
** - `buffer` (bytearray): where to put the bytes.
** - `nbytes` (integer): how many bytes to receive at most. By default, or if it is
**   0, the size of the buffer.
** - `flags` (integer): 0.
** Returns the number of bytes; 0 at the end of the stream. With DTLS, its second result
** is that of `recv`. Raises the errors of
** `recv` (`SSLError`, `TimeoutError`, `OSError`), and `ValueError` if the buffer
** has no room for `nbytes`. OpenSSL: `SSL_read_ex`. Since: CPython 2.6.
**
** Type: named fun(buffer: bytearray, nbytes?: integer, flags?: integer): integer, integer?
**
**     local buffer = ssl.bytearray(100)
**     peer:sendall("hello")
**     assert(conn:recv_into(buffer) == 5 and buffer:tostring(1, 5) == "hello")
*/
static int socket_recvinto (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  const Bytearray *buffer = lssl_testbytearray(L, 2);
  if (buffer == NULL || lua_gettop(L) > 2)
    return recvinto(L, c);
  lssl_checkconnected(L, c);
  return lssl_readinto(L, c, buffer->data, buffer->size);
}

/*@ SSLSocket:read([len [, buffer]])
** Does the same as `recv`, or as `recv_into` with a `buffer`. Deprecated since
** CPython 3.6: use these methods.
** - `len` (integer): how many bytes to read at most; 1024 by default.
** - `buffer` (bytearray): where to put the bytes.
** Returns a string or nil; with `buffer` the number of bytes. Raises the errors of
** `recv` (`SSLError`, `TimeoutError`, `OSError`), and `ValueError` if there is no
** TLS on the socket. OpenSSL: `SSL_read_ex`. Since: CPython 2.6.
**
** Type: named fun(len?: integer): string?
** Type: named fun(len: integer?, buffer: bytearray): integer
**
**     peer:sendall("hello")
**     assert(conn:read() == "hello")
*/
static int socket_read (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lssl_arguments(L, ":read", "len buffer");
  if (c->ssl == NULL)
    return lssl_valueerror(L, "Read on closed or unwrapped SSL socket.");
  return lssl_readmethod(L, c);
}

/* }====================================================== */


/*
** {======================================================
** Sending
** =======================================================
*/

/* the bytes at 2; the flags at 3 must be 0 */
static const unsigned char *checkdata (lua_State *L, size_t *size,
                                       const char *name) {
  if (lua_gettop(L) > 2) {
    lssl_arguments(L, name, "data flags");
    checkflags(L, 3, name);
  }
  lua_settop(L, 2);
  return lssl_checkbytes(L, 2, size, name);
}

/*@ SSLSocket:send(data [, flags])
** Sends bytes.
** - `data` (string or bytearray): the bytes.
** - `flags` (integer): 0.
** Returns the number of bytes sent (integer), which is all of them. Raises
** `SSLError`, `TimeoutError` and `OSError`. With a timeout of 0, it raises
** `SSLWantWriteError` or `SSLWantReadError` if it could not send all.
**
** After a want-error or a `TimeoutError`, a part of the bytes may have been sent.
** Call `send` again with the same bytes, or with more bytes after them. Until that
** write is done, `unwrap` and a write of other bytes raise `SSLError`:
** `BAD_LENGTH` for fewer bytes, `BAD_WRITE_RETRY` otherwise. The field `sent`
** (integer, an addition) of that error is the number of bytes that were sent.
**
** With DTLS, the bytes make one datagram, which is sent as a whole or not at all. More
** bytes than `max_datagram` are a `ValueError`.
** OpenSSL: `SSL_write_ex`. Since: CPython 2.6.
**
** Type: named fun(data*: string|bytearray, flags?: integer): integer
**
**     assert(conn:send("hello") == 5)
*/
static int socket_send (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  size_t size;
  const unsigned char *data = checkdata(L, &size, ":send");
  lssl_checkconnected(L, c);
  return lssl_write(L, c, data, size);
}

/*@ SSLSocket:sendall(data [, flags])
** Sends all the bytes.
** - `data` (string or bytearray): the bytes.
** - `flags` (integer): 0.
** Returns nothing. Raises the errors of `send`: `SSLError`, `TimeoutError`,
** `OSError`, and the want-errors with a timeout of 0.
** OpenSSL: `SSL_write_ex`. Since: CPython 2.6.
**
** Type: named fun(data*: string|bytearray, flags?: integer)
**
**     conn:sendall(("x"):rep(100000))
*/
static int socket_sendall (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  size_t size;
  const unsigned char *data = checkdata(L, &size, ":sendall");
  lssl_checkconnected(L, c);
  return lssl_writeall(L, c, data, size);
}

/*@ SSLSocket:write(data)
** Does the same as `send`. Deprecated since CPython 3.6: use `send`.
** - `data` (string or bytearray): the bytes.
** Returns the number of bytes sent. Raises the errors of `send` (`SSLError`,
** `TimeoutError`, `OSError`), and `ValueError` if there is no TLS on the socket.
** OpenSSL: `SSL_write_ex`. Since: CPython 2.6.
**
** Type: fun(data: string|bytearray): integer
**
**     assert(conn:write("hello") == 5)
*/
static int socket_write (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, 2, &size, ":write");
  lua_settop(L, 2);
  if (c->ssl == NULL)
    return lssl_valueerror(L, "Write on closed or unwrapped SSL socket.");
  return lssl_write(L, c, data, size);
}

/* }====================================================== */


/*
** {======================================================
** What TLS sockets refuse
** =======================================================
*/

static int refuse (lua_State *L, const char *name) {
  lssl_selfsocket(L);
  return lssl_notimplemented(L, "%s not allowed on instances of "
                             "ssl.SSLSocket", name);
}

/*@ SSLSocket:dup()
** Raises `NotImplementedError`: one TLS connection cannot be two.
** Since: CPython 3.2.
**
** Type: fun()
**
**     local file <close> = conn:makefile("rw")      -- another handle for the same connection
*/
static int socket_dup (lua_State *L) {
  lssl_selfsocket(L);
  return lssl_notimplemented(L, "Can't dup() SSLSocket instances");
}

/*@ SSLSocket:sendmsg(...)
** Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
**
** Type: fun(...: any)
**
**     conn:sendall(table.concat({ "one ", "two" })) -- instead
*/
static int socket_sendmsg (lua_State *L) {
  return refuse(L, "sendmsg");
}

/*@ SSLSocket:recvmsg(...)
** Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
**
** Type: fun(...: any)
**
**     peer:sendall("hello")
**     assert(conn:recv(100) == "hello")             -- instead
*/
static int socket_recvmsg (lua_State *L) {
  return refuse(L, "recvmsg");
}

/*@ SSLSocket:recvmsg_into(...)
** Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
**
** Type: fun(...: any)
**
**     local buffer = ssl.bytearray(100)
**     peer:sendall("hello")
**     assert(conn:recv_into(buffer) == 5)           -- instead
*/
static int socket_recvmsginto (lua_State *L) {
  return refuse(L, "recvmsg_into");
}

/* what a socket without TLS could do, if it were connected */
static int refusevalue (lua_State *L, const char *name) {
  lssl_checkconnected(L, lssl_selfsocket(L));
  return lssl_valueerror(L, "%s not allowed on instances of ssl.SSLSocket",
                         name);
}

/*@ SSLSocket:sendto(...)
** Raises `ValueError`: the peer of a connection is fixed. Before there is a
** connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
**
** Type: fun(...: any)
**
**     conn:sendall("hello")                         -- instead
*/
static int socket_sendto (lua_State *L) {
  return refusevalue(L, "sendto");
}

/*@ SSLSocket:recvfrom(...)
** Raises `ValueError`: the peer of a connection is fixed. Before there is a
** connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
**
** Type: fun(...: any)
**
**     peer:sendall("hello")
**     assert(conn:recv(100) == "hello")             -- instead
*/
static int socket_recvfrom (lua_State *L) {
  return refusevalue(L, "recvfrom");
}

/*@ SSLSocket:recvfrom_into(...)
** Raises `ValueError`: the peer of a connection is fixed. Before there is a
** connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
**
** Type: fun(...: any)
**
**     local buffer = ssl.bytearray(100)
**     peer:sendall("hello")
**     assert(conn:recv_into(buffer) == 5)           -- instead
*/
static int socket_recvfrominto (lua_State *L) {
  return refusevalue(L, "recvfrom_into");
}

/* }====================================================== */


/*@ SSLSocket.suppress_ragged_eofs (boolean, read and write)
** Whether `recv` and `read` accept an end without close_notify as the end of the
** stream. If it is false, such an end is an `SSLEOFError`. Since: CPython 2.6.
**
**     conn.suppress_ragged_eofs = false             -- a connection that was cut is an error
*/
static int get_raggedeofs (lua_State *L) {
  lua_pushboolean(L, ((Conn *)lua_touserdata(L, 1))->raggedeof);
  return 1;
}

static int set_raggedeofs (lua_State *L) {
  ((Conn *)lua_touserdata(L, 1))->raggedeof =
    (unsigned char)lua_toboolean(L, 3);
  return 0;
}

/*@ SSLSocket.do_handshake_on_connect (boolean, read and write)
** Whether `connect` and `accept` make the handshake. Since: CPython 2.6.
**
**     local socket = require "socket"
**     local c <close> = ctx:wrap_socket(socket.tcp(), { server_hostname = "localhost" })
**     c.do_handshake_on_connect = false
**     c:connect(host, port)
**     c:settimeout(5)
**     c:do_handshake()
*/
static int get_handshakes (lua_State *L) {
  lua_pushboolean(L, ((Conn *)lua_touserdata(L, 1))->handshakes);
  return 1;
}

static int set_handshakes (lua_State *L) {
  ((Conn *)lua_touserdata(L, 1))->handshakes =
    (unsigned char)lua_toboolean(L, 3);
  return 0;
}

static const luaL_Reg methods[] = {
  {"recv", socket_recv},
  {"recv_into", socket_recvinto},
  {"read", socket_read},
  {"send", socket_send},
  {"sendall", socket_sendall},
  {"write", socket_write},
  {"dup", socket_dup},
  {"sendmsg", socket_sendmsg},
  {"recvmsg", socket_recvmsg},
  {"recvmsg_into", socket_recvmsginto},
  {"sendto", socket_sendto},
  {"recvfrom", socket_recvfrom},
  {"recvfrom_into", socket_recvfrominto},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"suppress_ragged_eofs", get_raggedeofs},
  {"do_handshake_on_connect", get_handshakes},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"suppress_ragged_eofs", set_raggedeofs},
  {"do_handshake_on_connect", set_handshakes},
  {NULL, NULL}
};

void lssl_opensocketio (lua_State *L) {
  lssl_addtosocket(L, methods, getters, setters);
}
