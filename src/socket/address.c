/*
** address.c - the addresses of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "socket/address.h"
#include "socket/socket.h"

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
  int fd = lssl_opensocketself(L)->fd;
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
  if (getsockname(lssl_opensocketself(L)->fd, &a.any, &size) < 0)
    return lssl_oserror(L, errno, NULL);
  return pushaddress(L, &a, size);
}

static void freeaddresses (void *p) {
  BIO_ADDRINFO_free((BIO_ADDRINFO *)p);
}

const BIO_ADDRINFO *lssl_lookup (lua_State *L, int server,
                                 const char *name) {
  const Conn *c = lssl_opensocketself(L);
  int family = AF_UNSPEC;
  Address own;
  socklen_t size = sizeof own;
  const char *host = lua_isnil(L, 2) ? NULL : lssl_checkcstring(L, 2, name);
  lua_Integer number = lssl_checkrange(L, 3, 0, 65535, name);
  const char *port = lua_pushfstring(L, "%d", (int)number);
  BIO_ADDRINFO *found = NULL;
  void **box = lssl_newbox(L, freeaddresses);
  if (getsockname(c->fd, &own.any, &size) == 0)
    family = own.any.sa_family;
  if (host == NULL && family == AF_UNIX)  /* OpenSSL would read from NULL */
    lssl_oserror(L, EINVAL, NULL);
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

static const luaL_Reg methods[] = {
  {"getpeername", socket_getpeername},
  {"getsockname", socket_getsockname},
  {NULL, NULL}
};

void lssl_openaddress (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}
