/*
** socket.h - ssl.SSLSocket: its life, from wrap_socket to close.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_socket_h
#define lssl_socket_socket_h

#include "connection/connection.h"
#include "connection/wait.h"

void lssl_opensocket (lua_State *L);

/* Pushes a new socket without a descriptor; its context is still to be set. */
Conn *lssl_newsocket (lua_State *L);

/* Adds what another file has for SSLSocket. */
void lssl_addtosocket (lua_State *L, const luaL_Reg *methods,
                       const luaL_Reg *getters, const luaL_Reg *setters);

/* The socket of a method; the second raises EBADF if it has ended. */
Conn *lssl_selfsocket (lua_State *L);
Conn *lssl_opensocketself (lua_State *L);

/* Its TLS connection; raises ENOTCONN or EBADF if it has none. */
void lssl_checkconnected (lua_State *L, const Conn *c);

/*
** Ends the connection of the socket on the top, whose last file is closed after
** its close(), and pops it.
*/
void lssl_closelate (lua_State *L);

/* The socket at 'arg'; NULL for anything else. */
Conn *lssl_tosocket (lua_State *L, int arg);

/* Pushes a new socket of the context at 'context', with no descriptor yet. */
Conn *lssl_newplainsocket (lua_State *L, int context);

/*
** Makes the descriptor 'fd', which is nobody's any more, that of the new socket at
** index 1, and begins TLS if it is connected; on failure it is closed. Returns the
** socket; to be returned from a C function.
*/
int lssl_adoptdescriptor (lua_State *L, Socket fd);

/*
** Pushes a new socket for a connection that the listening one at 'listener'
** will accept: its settings, but no descriptor yet.
*/
Conn *lssl_newaccepted (lua_State *L, int listener);

/*
** Starts TLS on the connected socket at index 1, with the handshake if asked
** for; on failure the socket is closed. Returns the socket; to be returned from
** a C function.
*/
int lssl_begin (lua_State *L, int handshake);

#endif
