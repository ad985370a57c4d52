/*
** datagrams.c - SSLContext:wrap_datagram: DTLS over a socket of datagrams.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "connection/attributes.h"
#include "connection/deadline.h"
#include "connection/dtls.h"
#include "socket/datagrams.h"
#include "socket/descriptor.h"
#include "socket/socket.h"

static const char wrapname[] = ":wrap_datagram";

/* the places of wrap_datagram's arguments */
enum { CTX = 1, SOCK, SERVERSIDE, HANDSHAKE, HOST, SESSION, TIMEOUT, MTU };

/* the descriptor of the socket that is to be wrapped; raises for another */
static Socket checksocket (lua_State *L) {
  Socket fd;
  if (lssl_tosocket(L, SOCK) != NULL)
    lssl_valueerror(L, "sock is an SSLSocket already");
  fd = lssl_descriptorof(L, SOCK, wrapname);
  if (fd < 0)
    lssl_valueerror(L, "sock has no descriptor: it is closed, or neither "
                    "connected nor bound yet");
  lssl_checkdgram(L, fd);
  if (!lua_toboolean(L, SERVERSIDE) && !lssl_isconnected(L, fd))
    lssl_valueerror(L, "sock has no peer yet: connect it first, with LuaSocket "
                    "by setpeername");
  return fd;
}

/* fills the new socket at index 1 from the arguments, which are one higher */
static void fill (lua_State *L, Conn *c) {
  c->server = (unsigned char)lua_toboolean(L, 1 + SERVERSIDE);
  c->handshakes = (unsigned char)(lua_isnil(L, 1 + HANDSHAKE) ||
                                  lua_toboolean(L, 1 + HANDSHAKE));
  lua_pushvalue(L, 1 + HOST);
  lua_setiuservalue(L, 1, LSSL_UVHOSTNAME);
  if (!lua_isnil(L, 1 + SESSION))
    lssl_keepsession(L, 1 + SESSION);
  lssl_keepwrapped(L, 1, 1 + SOCK);
}

/*@ SSLContext:wrap_datagram(sock [, server_side [, ...]])
** Makes a DTLS connection of a socket of datagrams that is connected to its peer, and
** makes the handshake. The context has to be one for DTLS: `ssl.PROTOCOL_DTLS_CLIENT`
** or `ssl.PROTOCOL_DTLS_SERVER`.
**
** A server's socket that is bound, but not connected, becomes a listening socket: its
** `accept` returns a connection for each client. `accept` answers a client that it does
** not know with a cookie, and remembers nothing; only a client that sends the cookie back
** gets a connection. So nobody who sends datagrams in the names of others makes the server
** keep anything, nor send them more than it got. Each connection has a socket of its own
** on the same port (`SO_REUSEPORT`). Give the listening socket one address of the machine,
** not all of them, if the machine has several: answers have to come from the address that
** was called.
**
** The connection takes over the socket's descriptor, as `wrap_socket` does. Each `send`
** makes one datagram, and each `recv` returns one. Datagrams may get lost, and may come
** twice or in another order: DTLS drops what comes twice, and repeats only what belongs
** to the handshake.
** - `sock`: a LuaSocket UDP object, an object with a method `getfd`, or a descriptor
**   (integer).
** - `server_side` (boolean): whether this is the server; false by default.
** - `do_handshake_on_connect` (boolean): whether to make the handshake at once; true by
**   default.
** - `server_hostname` (string): for a client, the name or IP address of the server.
**   You must give it if the context checks host names.
** - `session` (SSLSession): for a client, an earlier session to resume.
** - `timeout` (number): seconds for each call. By default it is the timeout of the
**   LuaSocket object; for other sockets there is none.
** - `mtu` (integer): the largest datagram to send: see `SSLSocket.mtu`.
** Returns an `SSLSocket`. Raises `ValueError` for arguments that do not fit together, for
** a socket that is no socket of datagrams, and for a client's socket without a peer.
** `accept` raises `NotImplementedError` where the system has no `SO_REUSEPORT`, as on
** Windows. The handshake can raise `SSLCertVerificationError` and other `SSLError`s, `TimeoutError`
** and `OSError`. OpenSSL: `SSL_new`; RFC 6347. Since: an addition.
**
** Type: named fun(sock: Socket, server_side?: boolean, do_handshake_on_connect?: boolean,
**   server_hostname?: string, session?: SSLSession, timeout?: number, mtu?: integer): SSLSocket
**
**     -- `dtls` is ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT), with trusted certificates
**     local udp = require("socket").udp4()
**     assert(udp:setpeername("127.0.0.1", dtls_port))
**     local conn <close> = dtls:wrap_datagram(udp, { server_hostname = "localhost" })
**     conn:send("hello")
**     assert(conn:recv() == "hello")
*/
static int context_wrapdatagram (lua_State *L) {
  Context *context = lssl_selfcontext(L);
  lua_Integer mtu = LSSL_DEFAULTMTU;
  lua_Number timeout;
  Conn *c;
  Socket fd;
  lssl_arguments(L, wrapname, "sock server_side do_handshake_on_connect "
                 "server_hostname session timeout mtu");
  lssl_checkdatagram(L, context, 1, "wrap_datagram");
  fd = checksocket(L);
  lssl_checkside(L, context, SERVERSIDE, HOST, SESSION, wrapname);
  if (!lua_isnil(L, MTU))
    mtu = lssl_checkrange(L, MTU, LSSL_LEASTMTU, LSSL_MOSTMTU, wrapname);
  timeout = lua_isnil(L, TIMEOUT) ? lssl_wrappedtimeout(L, SOCK)
                                  : lssl_checktimeout(L, TIMEOUT, wrapname);
  c = lssl_newplainsocket(L, CTX);
  c->timeout = timeout;
  c->mtu = (unsigned int)mtu;
  lua_insert(L, 1);
  fill(L, c);
  lssl_disown(L, c, 1 + SOCK);  /* the last that may fail before it is ours */
  return lssl_adoptdescriptor(L, fd);
}

static const luaL_Reg contextmethods[] = {
  {"wrap_datagram", context_wrapdatagram},
  {NULL, NULL}
};

void lssl_opendatagrams (lua_State *L) {
  lssl_addtocontext(L, contextmethods, NULL, NULL);
}
