/*
** socket.c - ssl.SSLSocket: wrap_socket, and the end of a connection.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/limits.h"
#include "connection/additions.h"
#include "connection/attributes.h"
#include "connection/binding.h"
#include "connection/datagram.h"
#include "connection/deadline.h"
#include "connection/derived.h"
#include "connection/earlydata.h"
#include "connection/negotiated.h"
#include "connection/observed.h"
#include "connection/operations.h"
#include "connection/overrides.h"
#include "connection/packets.h"
#include "connection/peer.h"
#include "connection/transport.h"
#include "socket/descriptor.h"
#include "socket/luasocket.h"
#include "socket/socket.h"

static const Class socketclass;

static const char wrapname[] = ":wrap_socket";

/*
** {======================================================
** Making one
** =======================================================
*/

Conn *lssl_newsocket (lua_State *L) {
  Conn *c = (Conn *)lssl_newobject(L, &socketclass);
  c->state = lssl_state(L);
  c->issocket = 1;
  c->fd = c->leaving = -1;
  c->timeout = -1;
  c->raggedeof = 1;
  c->handshakes = 1;
  return c;
}

/* makes the new socket one of the class that its context asks for */
static void setclass (lua_State *L, int self) {
  lua_getiuservalue(L, self, LSSL_UVCONTEXT);
  lua_getiuservalue(L, -1, LSSL_UVSOCKETCLASS);
  lssl_setclass(L, self, &socketclass);
  lua_pop(L, 1);
}

Conn *lssl_tosocket (lua_State *L, int arg) {
  return (Conn *)lssl_testobject(L, arg, &socketclass);
}

Conn *lssl_newplainsocket (lua_State *L, int context) {
  Conn *c = lssl_newsocket(L);
  c->datagram = lssl_testcontext(L, context)->datagram;
  lua_pushvalue(L, context);
  lua_setiuservalue(L, -2, LSSL_UVCONTEXT);
  setclass(L, lua_gettop(L));
  return c;
}

Conn *lssl_newaccepted (lua_State *L, int listener) {
  Conn *from = (Conn *)lua_touserdata(L, listener);
  Conn *c;
  lua_getiuservalue(L, listener, LSSL_UVCONTEXT);
  c = lssl_newplainsocket(L, lua_gettop(L));
  lua_remove(L, -2);
  c->server = 1;
  c->raggedeof = from->raggedeof;
  c->handshakes = from->handshakes;
  return c;
}

/* the end of a protected call about the socket at index 1 */
static int begun (lua_State *L, int status, lua_KContext unused) {
  (void)unused;
  if (status != LUA_OK && status != LUA_YIELD) {
    lssl_endsocket(L, 1);
    return lua_error(L);
  }
  lua_settop(L, 1);
  return 1;
}

/* what may fail between the wrapping and the handshake's end */
static int begin (lua_State *L, Conn *c, int handshake) {
  BIO *bio;
  lssl_forgetwrapped(L, 1);
  if (c->ssl == NULL) {  /* listener.c has begun already */
    bio = c->datagram ? lssl_newpackets(c->fd)
                      : lssl_newtransport(c->fd, &c->caller.patience);
    lssl_startconnection(L, c, 1, bio, bio);
  }
  if (!handshake)
    return 0;
  if (c->timeout == 0)
    return lssl_valueerror(L, "do_handshake_on_connect should not be "
                           "specified for non-blocking sockets");
  return lssl_handshake(L, c);
}

/* protected: the same for (socket, handshake) */
static int protectedbegin (lua_State *L) {
  return begin(L, (Conn *)lua_touserdata(L, 1), lua_toboolean(L, 2));
}

int lssl_begin (lua_State *L, int handshake) {
  lua_settop(L, 1);
  lua_pushcfunction(L, protectedbegin);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, handshake);
  return begun(L, lua_pcallk(L, 2, 0, 0, 0, begun), 0);
}

/* protected: makes the descriptor at 2 the socket's, and looks at it */
static int adopt (lua_State *L) {
  Conn *c = (Conn *)lua_touserdata(L, 1);
  if (!lssl_own(L, c, (Socket)lua_tointeger(L, 2)))
    return 0;
  lua_settop(L, 1);
  return begin(L, c, c->handshakes);
}

int lssl_adoptdescriptor (lua_State *L, Socket fd) {
  lua_settop(L, 1);
  lua_pushcfunction(L, adopt);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, fd);
  return begun(L, lua_pcallk(L, 2, 0, 0, 0, begun), 0);
}

/* the places of wrap_socket's arguments, and of the new socket */
enum { CTX = 1, SOCK, SERVERSIDE, HANDSHAKE, RAGGED, HOST, SESSION,
       TIMEOUT };

/* its descriptor would carry the new handshake beside the old connection */
static void checkplain (lua_State *L) {
  const Conn *outer = (const Conn *)lssl_testobject(L, SOCK, &socketclass);
  if (outer != NULL && !outer->ended)
    lssl_valueerror(L, "sock is an SSLSocket already: for TLS inside its TLS, "
                    "use wrap_bio and pass the bytes of its MemoryBIOs on");
}

/* the option at 'arg', true by default */
static unsigned char option (lua_State *L, int arg) {
  return (unsigned char)(lua_isnil(L, arg) || lua_toboolean(L, arg));
}

/* fills the new socket at index 1 from the arguments, which are one higher */
static void fill (lua_State *L, Conn *c) {
  c->server = (unsigned char)lua_toboolean(L, 1 + SERVERSIDE);
  c->handshakes = option(L, 1 + HANDSHAKE);
  c->raggedeof = option(L, 1 + RAGGED);
  lua_pushvalue(L, 1 + CTX);
  lua_setiuservalue(L, 1, LSSL_UVCONTEXT);
  setclass(L, 1);
  lua_pushvalue(L, 1 + HOST);
  lua_setiuservalue(L, 1, LSSL_UVHOSTNAME);
  if (!lua_isnil(L, 1 + SESSION))
    lssl_keepsession(L, 1 + SESSION);
  lssl_keepwrapped(L, 1, 1 + SOCK);
}

/*@ SSLContext:wrap_socket(sock [, server_side [, ...]])
** Makes a TLS connection of a socket, and makes the handshake if the socket is
** connected. If it is not connected yet, call `connect` later (client), or `bind`,
** `listen` and `accept` (server).
**
** The connection takes over the socket's descriptor. You cannot use the socket
** itself until `unwrap` or `detach` gives it back. If `wrap_socket` raises an
** error, it closes the descriptor, unless the error is about its arguments.
** - `sock`: a LuaSocket TCP object, an object with a method `getfd`, or a
**   descriptor (integer). The object must not have bytes in its own buffer
**   (`dirty`). For TLS inside of TLS use `wrap_bio`: `sock` cannot be an
**   `SSLSocket`.
** - `server_side` (boolean): whether this is the server; false by default.
** - `do_handshake_on_connect` (boolean): whether to make the handshake at once;
**   true by default.
** - `suppress_ragged_eofs` (boolean): whether `recv` accepts an end without
**   close_notify as the end of the stream; true by default.
** - `server_hostname` (string): for a client, the name or IP address of the server.
**   You must give it if the context checks host names.
** - `session` (SSLSession): for a client, an earlier session to resume.
** - `timeout` (number): seconds for each call. By default it is the timeout of the
**   LuaSocket object; for other sockets there is none. An addition.
** Returns an `SSLSocket`. Raises `ValueError` for arguments that do not fit
** together, and `NotImplementedError` for a socket that is no stream. The handshake
** can raise `SSLCertVerificationError` and other `SSLError`s, `TimeoutError` and
** `OSError`. OpenSSL: `SSL_new`. Since: CPython 3.2.
**
** Type: named fun(sock: Socket, server_side?: boolean, do_handshake_on_connect?: boolean,
**   suppress_ragged_eofs?: boolean, server_hostname?: string, session?: SSLSession,
**   timeout?: number): SSLSocket
** Type: Socket = integer|table|userdata
**
**     local socket = require "socket"
**     local tcp = assert(socket.connect(host, port))
**     local conn <close> = ctx:wrap_socket(tcp, {server_hostname = "localhost"})
**     conn:sendall("hello")
**     assert(conn:recv(100) == "hello")
*/
static int context_wrapsocket (lua_State *L) {
  Context *context = lssl_selfcontext(L);
  lua_Number timeout;
  Conn *c;
  Socket fd;
  lssl_arguments(L, wrapname, "sock server_side do_handshake_on_connect "
                 "suppress_ragged_eofs server_hostname session timeout");
  lssl_checkdatagram(L, context, 0, "wrap_socket");
  checkplain(L);
  fd = lssl_descriptorof(L, SOCK, wrapname);
  lssl_checkwrapped(L, SOCK, fd);
  lssl_checkside(L, context, SERVERSIDE, HOST, SESSION, wrapname);
  timeout = lua_isnil(L, TIMEOUT) ? lssl_wrappedtimeout(L, SOCK)
                                  : lssl_checktimeout(L, TIMEOUT, wrapname);
  c = lssl_newsocket(L);
  c->timeout = timeout;
  lua_insert(L, 1);
  fill(L, c);
  if (fd < 0) {
    lua_settop(L, 1);
    return 1;
  }
  lssl_disown(L, c, 1 + SOCK);  /* the last that may fail before it is ours */
  return lssl_adoptdescriptor(L, fd);
}

/* }====================================================== */


/*
** {======================================================
** Ending one
** =======================================================
*/

void lssl_addtosocket (lua_State *L, const luaL_Reg *methods,
                       const luaL_Reg *getters, const luaL_Reg *setters) {
  lssl_extendclass(L, &socketclass, methods, getters, setters);
}

Conn *lssl_selfsocket (lua_State *L) {
  return (Conn *)lssl_self(L, &socketclass);
}

Conn *lssl_opensocketself (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  if (c->ended)
    lssl_oserror(L, EBADF, NULL);
  return c;
}

void lssl_checkconnected (lua_State *L, const Conn *c) {
  if (c->ssl == NULL)
    lssl_oserror(L, c->ended ? EBADF : ENOTCONN, NULL);
}

void lssl_closelate (lua_State *L) {
  lssl_endsocket(L, lua_gettop(L));
  lua_pop(L, 1);
}

/*@ ssl.SSLSocket (class)
** A TLS connection over a socket, or a listening socket that accepts such
** connections. It owns the descriptor of the socket. `SSLContext:wrap_socket`
** makes one.
**
** Close it by `close`, or by a variable `local conn <close>`. If it is collected
** unclosed, it calls `warn`. After `close`, `detach` or `unwrap`, its methods
** raise errors. Since: CPython 2.6.
**
**     assert(ssl.isinstance(conn, ssl.SSLSocket))
*/
/*@ SSLSocket:close()
** Closes the connection and its descriptor at once, without telling the peer. To
** end TLS in good order, call `unwrap` first.
**
** If files of `makefile` are open, the descriptor is closed with the last of them.
** You may call `close` more than once. A to-be-closed variable calls it for you.
** Returns nothing. Since: CPython 2.6.
**
** Type: fun()
**
**     conn:close()
**     assert(conn:fileno() == -1)
*/
static int socket_close (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_settop(L, 1);
  if (c->files > 0)  /* the files of makefile still use it */
    c->closed = 1;
  else
    lssl_endsocket(L, 1);
  return 0;
}

/*@ SSLSocket:detach()
** Gives up the descriptor: TLS does not end, and the descriptor stays open.
** Returns the object that you wrapped, with its descriptor back, or the descriptor
** (integer) if you wrapped a descriptor. Raises `OSError` (EBADF) after `close`,
** `detach` or `unwrap`. Since: CPython 3.2.
**
** Type: fun(): any
**
**     local socket = require "socket"
**     local tcp = assert(socket.connect(host, port))
**     local conn = ctx:wrap_socket(tcp, {server_hostname = "localhost"})
**     assert(conn:detach() == tcp)
**     tcp:close()
*/
static int socket_detach (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  lssl_checkdescriptor(L, "detach");
  lssl_checkidle(L, c, LSSL_READING | LSSL_WRITING);
  lua_settop(L, 1);
  return lssl_giveback(L, c);
}

/*
** Has OpenSSL read bytes ahead that are not TLS's? Only where the peer did not
** wait for our close_notify. Since 3.2 it counts the alert itself, so that
** there is no telling.
*/
static int readtoomuch (const SSL *ssl) {
#if OPENSSL_VERSION_NUMBER < 0x30200000L
  return SSL_has_pending(ssl);
#else
  (void)ssl;
  return 0;
#endif
}

static int unwrapped (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  if (s != STEP_DONE)
    return lssl_raisefailure(L, c);
  if (!c->datagram && readtoomuch(c->ssl))
    return lssl_valueerror(L, "bytes of the peer came with its close_notify, "
                           "before ours could reach it");
  if (lssl_mayhavedescriptors(L))
    return lssl_giveback(L, c);
  lssl_endsocket(L, 1);
  return 0;
}

/*@ SSLSocket:unwrap()
** Ends TLS in good order and gives the socket back, for plain text that may follow.
** It sends close_notify, and waits for the peer's.
** Returns the object that you wrapped, with its descriptor back, or the descriptor
** (integer) if you wrapped a descriptor. The connection does not keep a connected
** LuaSocket object alive: if your program has let go of it, you get a new object
** with the same descriptor, timeouts and statistics. If the host's limits leave
** all sockets to the host, the descriptor is closed, and nothing is returned.
**
** With DTLS, `unwrap` does not wait for the peer's close_notify: either message may get
** lost.
**
** Raises `SSLError` before the handshake, or if the peer sends data instead of its
** close_notify, and `ValueError` if there is no TLS on the socket.
** OpenSSL: `SSL_shutdown`. Since: CPython 2.6.
**
** Type: fun(): any
**
**     local socket = require "socket"
**     local tcp = assert(socket.connect(host, port))
**     local conn = ctx:wrap_socket(tcp, {server_hostname = "localhost"})
**     assert(conn:unwrap() == tcp)
**     tcp:close()
*/
static int socket_unwrap (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  if (c->ssl == NULL)
    return lssl_valueerror(L, "No SSL wrapper around %s",
                           luaL_tolstring(L, 1, NULL));
  lua_settop(L, 1);
  return lssl_unwrap(L, c, unwrapped);
}

/*@ SSLSocket:do_handshake([block])
** Makes the TLS handshake, which checks the peer's certificate. `wrap_socket`,
** `connect` and `accept` call it for you, unless `do_handshake_on_connect` is
** false. If the handshake is done already, nothing happens.
** - `block` (boolean): whether to wait although the timeout is 0.
** Returns nothing. Raises `SSLCertVerificationError` if it does not accept the
** peer's certificate, other `SSLError`s if the handshake fails otherwise,
** `TimeoutError`, and `OSError` (ENOTCONN if the socket is not connected). With a
** timeout of 0, it raises `SSLWantReadError` or `SSLWantWriteError` instead of
** waiting. OpenSSL: `SSL_do_handshake`. Since: CPython 2.6.
**
** Type: named fun(block?: boolean)
**
**     local socket = require "socket"
**     local tcp = assert(socket.connect(host, port))
**     local c <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost",
**                                              do_handshake_on_connect = false })
**     c:settimeout(5)
**     c:do_handshake()
**     assert(c:version() == "TLSv1.3")
*/
static int socket_dohandshake (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lssl_arguments(L, ":do_handshake", "block");
  lssl_checkconnected(L, c);
  if (lua_toboolean(L, 2) && c->timeout == 0)
    return lssl_blockinghandshake(L, c);
  return lssl_handshake(L, c);
}

/*@ SSLContext.sslsocket_class (class, read and write)
** The class of the sockets that `wrap_socket` and `accept` make. It is `ssl.SSLSocket` (the
** default), or a class derived from it by `SSLSocket:extend`. nil stands for
** `ssl.SSLSocket`. Connections that exist keep their class. Setting it raises a string error
** for anything else. Since: CPython 3.7.
**
** Type: table?
**
**     server_ctx.sslsocket_class = ssl.SSLSocket:extend({
**       greet = function(self) self:sendall("220 ready\r\n") end
**     })
*/
static int get_socketclass (lua_State *L) {
  return lssl_getclass(L, &socketclass, LSSL_UVSOCKETCLASS);
}

static int set_socketclass (lua_State *L) {
  return lssl_changeclass(L, &socketclass, LSSL_UVSOCKETCLASS,
                          "sslsocket_class");
}

static const char *complaint (const void *object) {
  const Conn *c = (const Conn *)object;
  return (c->fd >= 0 && !c->ended && !c->closed && !c->unwarned)
         ? "unclosed ssl.SSLSocket" : NULL;
}

static void release (void *object) {
  lssl_dropconnection((Conn *)object);
}

static const luaL_Reg methods[] = {
  {"close", socket_close},
  {"detach", socket_detach},
  {"unwrap", socket_unwrap},
  {"do_handshake", socket_dohandshake},
  {NULL, NULL}
};

static const luaL_Reg contextmethods[] = {
  {"wrap_socket", context_wrapsocket},
  {NULL, NULL}
};

static const luaL_Reg contextgetters[] = {
  {"sslsocket_class", get_socketclass},
  {NULL, NULL}
};

static const luaL_Reg contextsetters[] = {
  {"sslsocket_class", set_socketclass},
  {NULL, NULL}
};

static const Class socketclass = {
  .name = "SSLSocket", .tname = "ssl.SSLSocket", .size = sizeof(Conn),
  .uservalues = LSSL_CONNVALUES, .fields = LSSL_UVFIELDS,
  .release = release, .complaint = complaint, .methods = methods,
  .close = socket_close
};

void lssl_opensocket (lua_State *L) {
  lssl_openclass(L, &socketclass);
  lssl_openderived(L, &socketclass);
  lssl_addtosocket(L, lssl_connmethods, lssl_conngetters, lssl_connsetters);
  lssl_addtosocket(L, lssl_peermethods, NULL, NULL);
  lssl_addtosocket(L, lssl_negotiatedmethods, lssl_negotiatedgetters, NULL);
  lssl_addtosocket(L, lssl_bindingmethods, NULL, NULL);
  lssl_addtosocket(L, lssl_overridemethods, lssl_overridegetters,
                   lssl_overridesetters);
  lssl_addtosocket(L, lssl_additionmethods, NULL, NULL);
  lssl_addtosocket(L, lssl_earlymethods, lssl_earlygetters, NULL);
  lssl_addtosocket(L, lssl_observedmethods, NULL, NULL);
  lssl_addtosocket(L, lssl_datagrammethods, lssl_datagramgetters,
                   lssl_datagramsetters);
  lssl_addtocontext(L, contextmethods, contextgetters, contextsetters);
}
