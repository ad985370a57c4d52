/*
** descriptor.h - whose the descriptor of an ssl.SSLSocket is.
** SPDX-License-Identifier: MIT
**
** The descriptor is the connection's from the moment wrap_socket has checked
** its arguments until it is closed or given back; what it was wrapped in is a
** user value meanwhile (LSSL_UVWRAPPED), with no descriptor of its own. "What
** is wrapped" is a LuaSocket object, another with a method getfd, or a number.
** A connected LuaSocket object is not kept: the user value is then a string,
** from which lua/ssl/socket/luasocket.lua finds it or makes one like it.
*/
#ifndef lssl_socket_descriptor_h
#define lssl_socket_descriptor_h

#include "connection/connection.h"

/*
** The descriptor of what is at 'index', an argument of 'name'; -1 if it has
** none yet. Raises for what is no socket.
*/
Socket lssl_descriptorof (lua_State *L, int index, const char *name);

/* Raises unless 'fd', of what is at 'index', may be wrapped. */
void lssl_checkwrapped (lua_State *L, int index, Socket fd);

/* Raises unless 'fd' is a stream socket; a socket of datagrams. */
void lssl_checkstream (lua_State *L, Socket fd);
void lssl_checkdgram (lua_State *L, Socket fd);

/* Has the socket a peer? Raises for what is neither connected nor not. */
int lssl_isconnected (lua_State *L, Socket fd);

/* LuaSocket's timeout (its shorter one), ours if there is none to ask. */
lua_Number lssl_wrappedtimeout (lua_State *L, int index);

/* Remembers what is wrapped by the socket at 'self'. */
void lssl_keepwrapped (lua_State *L, int self, int index);

/* Takes the descriptor away from what is at 'index', to be that of 'c'. */
void lssl_disown (lua_State *L, Conn *c, int index);

/* Makes 'c' the owner of 'fd', whatever it is; errno on failure. */
int lssl_takedescriptor (Conn *c, Socket fd);

/*
** Makes 'c' the owner of 'fd', which will never wait in a system call. Is it
** connected? Raises, the owner or not, for one that cannot be used.
*/
int lssl_own (lua_State *L, Conn *c, Socket fd);

/* Ends the connection of 'c'; gives back its descriptor as it was given to it. */
Socket lssl_untake (Conn *c);

/*
** Pushes what was wrapped, given its descriptor back, or the descriptor; the
** connection, at index 1, has ended.
*/
int lssl_giveback (lua_State *L, Conn *c);

/* Ends the connection at 'self', and closes the descriptor. */
void lssl_endsocket (lua_State *L, int self);

#endif
