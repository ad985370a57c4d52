/*
** address.h - the addresses of the plain socket below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_address_h
#define lssl_socket_address_h

#include "base/platform.h"

typedef struct Address {
  socklen_t size;
  union {
    struct sockaddr any;
    struct sockaddr_un path;
    struct sockaddr_storage storage;
  } as;
} Address;

void lssl_openaddress (lua_State *L);

/*
** Finds the first address of the host and port at 2 and 3, for the family of
** the socket at 1; a nil host is any address of this machine. Raises an OSError
** if there is none. 'name' is the method's, for errors.
*/
void lssl_lookup (lua_State *L, int server, const char *name, Address *found);

#endif
