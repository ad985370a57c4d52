/*
** address.c - the addresses of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "socket/address.h"
#include "socket/socket.h"

/*
** Pushes the path of a Unix-domain socket, "" if it has none; Linux's abstract
** names begin with a zero, and may have more of them.
*/
static int pushpath (lua_State *L, const Address *a) {
  const char *path = a->as.path.sun_path;
  size_t size = (size_t)a->size, length = 0, most = sizeof a->as.path.sun_path;
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
static int pushaddress (lua_State *L, const Address *a) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  int family = a->as.any.sa_family;
  if (family == AF_UNIX)
    return pushpath(L, a);
  if (family != AF_INET && family != AF_INET6) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (getnameinfo(&a->as.any, a->size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return lssl_oserror(L, EINVAL, NULL);
  lua_pushstring(L, host);
  lua_pushinteger(L, (lua_Integer)strtol(port, NULL, 10));
  return 2;
}

/*@ SSLSocket:getpeername()
** Tells the address of the peer.
** Returns the host (string, as a number) and the port (integer), or the path of a
** Unix-domain socket (string). Raises `OSError` (ENOTCONN) if there is no peer.
** Since: CPython 2.6.
**
** Type: fun(): string, integer?
**
**     local address, number = conn:getpeername()
**     assert(address == "127.0.0.1" and number > 0)
*/
static int socket_getpeername (lua_State *L) {
  Address a;
  Socket fd = lssl_opensocketself(L)->fd;
  a.size = sizeof a.as;
  if (lssl_getpeername(fd, &a.as.any, &a.size) < 0)
    return lssl_oserror(L, fd < 0 ? ENOTCONN : errno, NULL);
  return pushaddress(L, &a);
}

/*@ SSLSocket:getsockname()
** Tells the address of this side.
** Returns the host (string, as a number) and the port (integer), or the path of a
** Unix-domain socket (string). Raises `OSError`. Since: CPython 2.6.
**
** Type: fun(): string, integer?
**
**     assert(conn:getsockname() == "127.0.0.1")
*/
static int socket_getsockname (lua_State *L) {
  Address a;
  Socket fd = lssl_opensocketself(L)->fd;
  a.size = sizeof a.as;
  if (lssl_getsockname(fd, &a.as.any, &a.size) < 0)
    return lssl_oserror(L, errno, NULL);
  return pushaddress(L, &a);
}

/* 0 if there is none */
static int resolve (int server, const char *host, const char *port, int family,
                    Address *found) {
  struct addrinfo hints, *list;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = server ? AI_PASSIVE : 0;
  if (getaddrinfo(host, port, &hints, &list) != 0)
    return 0;
  found->size = (socklen_t)list->ai_addrlen;
  memcpy(&found->as, list->ai_addr, list->ai_addrlen);
  freeaddrinfo(list);
  return 1;
}

/* the address of a Unix-domain socket, whose "host" is a path */
static int setpath (Address *found, const char *path) {
  size_t size = path ? strlen(path) + 1 : 0;
  memset(&found->as.path, 0, sizeof found->as.path);
  if (size == 0 || size > sizeof found->as.path.sun_path)
    return 0;
  found->as.any.sa_family = AF_UNIX;
  memcpy(found->as.path.sun_path, path, size);
  found->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
  return 1;
}

void lssl_lookup (lua_State *L, int server, const char *name,
                  Address *found) {
  const Conn *c = lssl_opensocketself(L);
  const char *host = lua_isnil(L, 2) ? NULL : lssl_checkcstring(L, 2, name);
  lua_Integer number = lssl_checkrange(L, 3, 0, 65535, name);
  const char *port = lua_pushfstring(L, "%d", (int)number);
  int family = AF_UNSPEC, ok;
  found->size = sizeof found->as;
  if (lssl_getsockname(c->fd, &found->as.any, &found->size) == 0)
    family = found->as.any.sa_family;
  if (host == NULL && family == AF_UNIX)
    lssl_oserror(L, EINVAL, NULL);
  ok = (family == AF_UNIX) ? setpath(found, host)
                           : resolve(server, host, port, family, found);
  if (!ok) {
    lua_pushfstring(L, "cannot find the address of '%s'", host ? host : "");
    lssl_newerror(L, LSSL_OSERROR);
    lua_error(L);
  }
}

static const luaL_Reg methods[] = {
  {"getpeername", socket_getpeername},
  {"getsockname", socket_getsockname},
  {NULL, NULL}
};

void lssl_openaddress (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}
