/*
** address.c - what SSLSocket does with the plain socket below it.
** SPDX-License-Identifier: MIT
**
** Connecting, binding and listening are LuaSocket's work where a LuaSocket
** object was wrapped (lua/ssl/socket.lua); for a bare descriptor they are
** OpenSSL's, whose look-up of names is here.
*/
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/bio.h>

#include "address.h"
#include "arguments.h"
#include "bytearray.h"
#include "class.h"
#include "errors.h"
#include "socket.h"

/*
** {======================================================
** Addresses
** =======================================================
*/

typedef union Address {
  struct sockaddr any;
  struct sockaddr_un unix_;
  struct sockaddr_storage storage;
} Address;

/*
** Pushes the path of a Unix-domain socket, "" if it has none; Linux's abstract
** names begin with a zero, and may have more of them.
*/
static int pushpath (lua_State *L, const Address *a, socklen_t size) {
  const char *path = a->unix_.sun_path;
  size_t length = 0, most = sizeof a->unix_.sun_path;
  if (size > offsetof(struct sockaddr_un, sun_path))
    length = size - offsetof(struct sockaddr_un, sun_path);
  if (length > most)
    length = most;
  if (length > 0 && path[0] != '\0')
    length = strnlen(path, length);
  lua_pushlstring(L, path, length);
  return 1;
}

/* pushes host and port; one string for what has no such things */
static int pushaddress (lua_State *L, const Address *a, socklen_t size) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (a->any.sa_family == AF_UNIX)
    return pushpath(L, a, size);
  if (a->any.sa_family != AF_INET && a->any.sa_family != AF_INET6) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (getnameinfo(&a->any, size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return lssl_oserror(L, EINVAL, NULL);
  lua_pushstring(L, host);
  lua_pushinteger(L, (lua_Integer)strtol(port, NULL, 10));
  return 2;
}

/* the descriptor of the method's socket; raises if it has none */
static int descriptor (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  return c->fd;
}

/*@ SSLSocket:getpeername()
** The address of the other side.
** Returns the host (string, numeric) and the port (integer), or the path of a
** Unix-domain socket. Raises `OSError` (ENOTCONN) if there is none. Since: CPython 2.6.
**
**     local address, number = conn:getpeername()
**     assert(address == "127.0.0.1" and number > 0)
*/
static int socket_getpeername (lua_State *L) {
  Address a;
  socklen_t size = sizeof a;
  int fd = descriptor(L);
  if (getpeername(fd, &a.any, &size) < 0)
    return lssl_oserror(L, fd < 0 ? ENOTCONN : errno, NULL);
  return pushaddress(L, &a, size);
}

/*@ SSLSocket:getsockname()
** The address of this side.
** Returns the host (string, numeric) and the port (integer), or the path of a
** Unix-domain socket (string). Raises `OSError`. Since: CPython 2.6.
**
**     assert(conn:getsockname() == "127.0.0.1")
*/
static int socket_getsockname (lua_State *L) {
  Address a;
  socklen_t size = sizeof a;
  if (getsockname(descriptor(L), &a.any, &size) < 0)
    return lssl_oserror(L, errno, NULL);
  return pushaddress(L, &a, size);
}

/* }====================================================== */


/*
** {======================================================
** Options
** =======================================================
*/

#define MAXOPTION	1024

/*@ SSLSocket:getsockopt(level, option [, size])
** Reads an option of the socket: `getsockopt(2)`.
** - `level`, `option` (integers): such as `ssl.SOL_SOCKET`, `ssl.SO_KEEPALIVE`;
**   or one string, LuaSocket's name of an option (such as `"keepalive"`).
** - `size` (integer): for an option that is no integer, the most bytes it has.
** Returns an integer; with `size` a string; for LuaSocket's names what
** LuaSocket's `getoption` gives. Raises `OSError`. Since: CPython 2.6.
**
**     assert(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_ERROR) == 0)
*/
static int socket_getsockopt (lua_State *L) {
  static const char name[] = ":getsockopt";
  int fd = descriptor(L), value = 0;
  int level = (int)lssl_checkrange(L, 2, INT32_MIN, INT32_MAX, name);
  int option = (int)lssl_checkrange(L, 3, INT32_MIN, INT32_MAX, name);
  lua_Integer want = lssl_optinteger(L, 4, 0, name);
  char buffer[MAXOPTION];
  socklen_t size = sizeof value;
  if (want == 0) {
    if (getsockopt(fd, level, option, &value, &size) < 0)
      return lssl_oserror(L, errno, NULL);
    lua_pushinteger(L, value);
    return 1;
  }
  if (want < 0 || want > MAXOPTION)
    return lssl_oserror(L, EINVAL, NULL);
  size = (socklen_t)want;
  if (getsockopt(fd, level, option, buffer, &size) < 0)
    return lssl_oserror(L, errno, NULL);
  lua_pushlstring(L, buffer, size);
  return 1;
}

/*@ SSLSocket:setsockopt(level, option, value)
** Sets an option of the socket: `setsockopt(2)`.
** - `level`, `option` (integers): such as `ssl.IPPROTO_TCP`, `ssl.TCP_NODELAY`;
**   or one string, LuaSocket's name of an option (such as `"tcp-nodelay"`).
** - `value` (integer, boolean, or string of bytes): its value.
** Returns nothing. Raises `OSError`. Since: CPython 2.6.
**
**     conn:setsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY, 1)
*/
static int socket_setsockopt (lua_State *L) {
  static const char name[] = ":setsockopt";
  int fd = descriptor(L);
  int level = (int)lssl_checkrange(L, 2, INT32_MIN, INT32_MAX, name);
  int option = (int)lssl_checkrange(L, 3, INT32_MIN, INT32_MAX, name);
  int number;
  size_t size = sizeof number;
  const void *value = &number;
  if (lua_isboolean(L, 4))
    number = lua_toboolean(L, 4);
  else if (lua_type(L, 4) == LUA_TNUMBER)
    number = (int)lssl_checkrange(L, 4, INT32_MIN, INT32_MAX, name);
  else
    value = lssl_checkbytes(L, 4, &size, name);
  if (setsockopt(fd, level, option, value, (socklen_t)size) < 0)
    return lssl_oserror(L, errno, NULL);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Accepting
** =======================================================
*/

/* the new connection is at 2; its descriptor goes straight into it */
static Step accept_step (Conn *c, Operation *op) {
  Conn *accepted = (Conn *)op->buffer;
  int fd;
  do {
#if defined(SOCK_NONBLOCK)
    fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    fd = accept(c->fd, NULL, NULL);
#endif
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd >= 0) {
    accepted->fd = fd;
    accepted->restore = 1;
    return STEP_DONE;
  }
  c->outcome.kind = SSL_ERROR_SYSCALL;
  c->outcome.syserr = errno;
  c->outcome.code = 0;
  return errno == EAGAIN ? STEP_READ : STEP_FAILED;
}

static int accept_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  if (s != STEP_DONE)
    return lssl_oserror(L, c->outcome.syserr, NULL);
  lua_pushvalue(L, 2);
  return 1;
}

/*
** accept(listener): a new socket, connected, without TLS yet. Used by
** SSLSocket.accept of lua/ssl/socket.lua.
*/
static int socket_accept (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Operation op = {0};
  if (c->ssl != NULL || c->fd < 0)
    return lssl_oserror(L, EINVAL, NULL);
  lua_settop(L, 1);
  op.buffer = (unsigned char *)lssl_newaccepted(L, 1);
  op.step = accept_step;
  op.finish = accept_finish;
  op.name = "accept";
  op.uses = LSSL_READING;
  op.plain = 1;
  return lssl_operate(L, c, &op);
}

/*
** begin(socket, handshake): TLS on a connected socket that has none yet
*/
static int socket_begin (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  int handshake = lua_toboolean(L, 2);
  if (c->ssl != NULL || c->fd < 0)
    return lssl_oserror(L, c->fd < 0 ? ENOTCONN : EISCONN, NULL);
  return lssl_begin(L, handshake);
}

/* }====================================================== */


/*
** {======================================================
** Connecting
** =======================================================
*/

static void freeaddresses (void *p) {
  BIO_ADDRINFO_free((BIO_ADDRINFO *)p);
}

/*
** Pushes a box with the addresses of the host and port at 2 and 3; a nil host
** is any address of this machine. Raises an OSError if there is none.
*/
static const BIO_ADDRINFO *lookup (lua_State *L, int server,
                                   const char *name) {
  int fd = descriptor(L), family = AF_UNSPEC;
  Address own;
  socklen_t size = sizeof own;
  const char *host = lua_isnil(L, 2) ? NULL : lssl_checkcstring(L, 2, name);
  lua_Integer number = lssl_checkrange(L, 3, 0, 65535, name);
  const char *port = lua_pushfstring(L, "%d", (int)number);
  BIO_ADDRINFO *found = NULL;
  void **box = lssl_newbox(L, freeaddresses);
  if (getsockname(fd, &own.any, &size) == 0)
    family = own.any.sa_family;
  lssl_clearerrors();
  if (!BIO_lookup_ex(host, port, server ? BIO_LOOKUP_SERVER
                                        : BIO_LOOKUP_CLIENT,
                     family, SOCK_STREAM, 0, &found)) {
    lssl_clearerrors();
    lua_pushfstring(L, "cannot find the address of '%s'", host ? host : "");
    lssl_newerror(L, LSSL_OSERROR);
    lua_error(L);
  }
  *box = found;
  return found;
}

/* what the last system call of OpenSSL's BIO functions failed with */
static int socketerror (void) {
  int code = errno;
  lssl_clearerrors();
  return code != 0 ? code : EIO;
}

/*
** startconnect(socket, host, port): begins to connect a bare descriptor; gives
** the errno, 0 when it is connected already. The address that is tried is the
** first: a descriptor has one family.
*/
static int socket_startconnect (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  const BIO_ADDRINFO *a;
  int ok;
  lua_settop(L, 3);
  a = lookup(L, 0, ":connect");
  lssl_clearerrors();
  errno = 0;
  ok = BIO_connect(c->fd, BIO_ADDRINFO_address(a),
                   BIO_SOCK_NONBLOCK);  /* without it, made blocking */
  lua_pushinteger(L, ok ? 0 : socketerror());
  return 1;
}

/* bind(socket, host, port) for a bare descriptor */
static int socket_bind (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  const BIO_ADDRINFO *a;
  lua_settop(L, 3);
  a = lookup(L, 1, ":bind");
  lssl_clearerrors();
  if (!BIO_bind(c->fd, BIO_ADDRINFO_address(a), BIO_SOCK_REUSEADDR))
    return lssl_oserror(L, socketerror(), NULL);
  return 0;
}

/* listen(socket, backlog) for a bare descriptor */
static int socket_listen (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  int backlog = (int)lssl_checkrange(L, 2, 0, INT32_MAX, ":listen");
  if (listen(c->fd, backlog) < 0)
    return lssl_oserror(L, errno, NULL);
  return 0;
}

/* one wait for the descriptor: ready at the second attempt */
static Step wait_step (Conn *c, Operation *op) {
  (void)c;
  if (op->done++ > 0)
    return STEP_DONE;
  return op->number ? STEP_WRITE : STEP_READ;
}

static int wait_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  return s == STEP_DONE ? 0 : lssl_oserror(L, c->outcome.syserr, NULL);
}

/*
** wait(socket, seconds): until a connection that is being made is, or has
** failed; for the timeout unless 'seconds' is a number
*/
static int socket_wait (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  Operation op = {0};
  op.step = wait_step;
  op.finish = wait_finish;
  op.name = "connect";
  op.uses = LSSL_READING | LSSL_WRITING;
  op.plain = 1;
  op.number = 1;
  if (lua_isnumber(L, 2))
    op.limit = lua_tonumber(L, 2) + 1;
  lua_settop(L, 1);
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** For lua/ssl/socket.lua
** =======================================================
*/

/* wrapped(socket): what was wrapped, or luasocket.lua's memory of it, or nil */
static int socket_wrapped (lua_State *L) {
  lssl_opensocketself(L);
  lua_getiuservalue(L, 1, LSSL_UVWRAPPED);
  return 1;
}

/* rewrap(socket, object): as if 'object', which has no descriptor, were it */
static int socket_rewrap (lua_State *L) {
  lssl_opensocketself(L);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, LSSL_UVWRAPPED);
  return 0;
}

/*
** lend(socket, object): gives the descriptor to the LuaSocket object for a
** call of its own; borrow(socket, object): takes it back, or the one that it
** has made. Between the two nothing may be done with the socket.
*/
static int socket_lend (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  if (c->fd >= 0) {
    lua_getfield(L, 2, "setfd");
    lua_pushvalue(L, 2);
    lua_pushinteger(L, c->fd);
    c->fd = -1;
    lua_call(L, 2, 0);
  }
  return 0;
}

static int socket_borrow (lua_State *L) {
  Conn *c = lssl_opensocketself(L);
  int fd;
  lua_getfield(L, 2, "getfd");
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  fd = (int)lua_tointeger(L, -1);
  if (fd >= 0) {
    lua_getfield(L, 2, "setfd");
    lua_pushvalue(L, 2);
    lua_pushinteger(L, -1);
    lua_call(L, 2, 0);
    c->fd = fd;
  }
  return 0;
}

/* state(socket): "new", "connected" (to a peer, with TLS or not), "ended" */
static int socket_state (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_pushstring(L, c->ended ? "ended" : c->ssl ? "connected" : "new");
  return 1;
}

/*@ SSLSocket:shutdown(how)
** Ends the traffic of the socket below TLS in one direction or both, without a
** word of TLS to the peer; the connection can then only be closed.
** - `how` (integer or string): `ssl.SHUT_RD`, `ssl.SHUT_WR`, `ssl.SHUT_RDWR`, or
**   LuaSocket's `"receive"`, `"send"`, `"both"`.
** Returns nothing. Raises `OSError`, `ValueError`. Since: CPython 2.6.
**
**     conn:shutdown(ssl.SHUT_RDWR)
*/
static int socket_shutdown (lua_State *L) {
  static const char *const names[] = {"receive", "send", "both", NULL};
  static const int hows[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  Conn *c = lssl_opensocketself(L);
  int how = -1, i;
  if (lua_type(L, 2) == LUA_TSTRING) {
    for (i = 0; names[i] != NULL; i++) {
      if (strcmp(names[i], lua_tostring(L, 2)) == 0)
        how = hows[i];
    }
    if (how < 0)
      return lssl_valueerror(L, "shutdown: no direction '%s'",
                             lua_tostring(L, 2));
  }
  else
    how = (int)lssl_checkrange(L, 2, SHUT_RD, SHUT_RDWR, ":shutdown");
  if (c->busy)
    return lssl_valueerror(L, "the connection is in use by the call whose "
                           "callback this is");
  if (shutdown(c->fd, how) < 0)
    return lssl_oserror(L, c->fd < 0 ? ENOTCONN : errno, NULL);
  lssl_endtls(c);
  return 0;
}

static const luaL_Reg methods[] = {
  {"getpeername", socket_getpeername},
  {"getsockname", socket_getsockname},
  {"getsockopt", socket_getsockopt},
  {"setsockopt", socket_setsockopt},
  {"shutdown", socket_shutdown},
  {"_accept", socket_accept},
  {"_begin", socket_begin},
  {"_startconnect", socket_startconnect},
  {"_bind", socket_bind},
  {"_listen", socket_listen},
  {"_wait", socket_wait},
  {"_wrapped", socket_wrapped},
  {"_rewrap", socket_rewrap},
  {"_lend", socket_lend},
  {"_borrow", socket_borrow},
  {"_state", socket_state},
  {NULL, NULL}
};

void lssl_openaddress (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}

/* }====================================================== */
