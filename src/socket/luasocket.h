/*
** luasocket.h - the LuaSocket objects that connections are made of: their methods,
** and what is remembered of them. lua/ssl/socket/luasocket.lua has the rest.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_luasocket_h
#define lssl_socket_luasocket_h

#include "connection/connection.h"

/* methods of an object that may be wrapped */
typedef enum Method {
  LSSL_GETFD, LSSL_SETFD, LSSL_DIRTY, LSSL_GETTIMEOUT, LSSL_GETSTATS,
  LSSL_GETFAMILY,
  LSSL_OFCLASS,			/* those before are kept with the class */
  LSSL_CLOSE = LSSL_OFCLASS, LSSL_DETACH
} Method;

/* Pushes that method of what is at 'index'; 0, nothing, if it has none. */
int lssl_pushmethod (lua_State *L, int index, Method method);

/* Calls it without arguments, and pushes its one result; 0 if there is none. */
int lssl_callmethod (lua_State *L, int index, Method method);

/* Is at 'index' a connection of LuaSocket's, of the class that was named? */
int lssl_isconnection (lua_State *L, int index);

/* Pushes what tells the timeouts of the object; 0, nothing, if nothing does. */
int lssl_pushtimeouts (lua_State *L, int index);

/* Ceases to keep the LuaSocket object of the socket at 'self', if it can. */
void lssl_forgetwrapped (lua_State *L, int self);

/* Pushes what the socket at 'self' was made of, made anew if need be; or nil. */
void lssl_pushwrapped (lua_State *L, int self);

/* _luasocket(forget, recall, timeouts): functions of that file */
int lssl_luasocket (lua_State *L);

/* _luasocketclass(metatable, held): the connections' class, and their table there */
int lssl_luasocketclass (lua_State *L);

/* _unixbytes(unixstream): the memory of LuaSocket's object, as a string */
int lssl_unixbytes (lua_State *L);

/* _seconds(): of a clock that only runs forwards */
int lssl_seconds (lua_State *L);

#endif
