/*
** run.c - runs a script in which TLS is there, though nothing is installed: the
** library is linked in, and the program connects for the script.
** SPDX-License-Identifier: MIT
**
** Usage: run SCRIPT [ARGUMENT ...]        run fetch.lua https://localhost:8443/
*/
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

/* a socket connected to the host; -1 if there is none */
static int dial (const char *host, const char *port) {
  struct addrinfo hints = {0}, *list = NULL, *a;
  int fd = -1;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &list) != 0)
    return -1;
  for (a = list; a != NULL && fd < 0; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(list);
  return fd;
}

/* connect(context, host, port) -> an ssl.SSLSocket */
static int script_connect (lua_State *L) {
  lssl_Options options = {LSSL_CLIENTSIDE, 10, NULL};
  const char *host = luaL_checkstring(L, 2), *port = luaL_checkstring(L, 3);
  int fd = dial(host, port);
  if (fd < 0)
    return luaL_error(L, "cannot connect to %s, port %s", host, port);
  options.server_hostname = host;
  if (lssl_pushsocket(L, 1, fd, &options) != LUA_OK) {
    close(fd);  /* what was not taken is still ours */
    return lua_error(L);
  }
  return 1;
}

int main (int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int i, status;
  if (argc < 2 || L == NULL)
    return fprintf(stderr, "usage: run SCRIPT [ARGUMENT ...]\n"), 2;
  luaL_openlibs(L);
  lssl_open(L);
  lua_register(L, "connect", script_connect);
  status = luaL_loadfile(L, argv[1]);
  for (i = 2; status == LUA_OK && i < argc; i++)
    lua_pushstring(L, argv[i]);
  if (status == LUA_OK)
    status = lua_pcall(L, argc - 2, 0, 0);
  if (status != LUA_OK)
    fprintf(stderr, "run: %s\n", luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return status != LUA_OK;
}
