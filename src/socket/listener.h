/*
** listener.h - a listening socket of datagrams: clients prove their address by a
** cookie, then get a socket of their own.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_listener_h
#define lssl_socket_listener_h

#include "connection/connection.h"

/*
** Waits for a client of the listening socket at index 1, which is 'c', and returns its
** connection, connected, and before its handshake; or nil for a client that has one
** already. To be returned from a C function.
*/
int lssl_acceptdatagram (lua_State *L, Conn *c);

#endif
