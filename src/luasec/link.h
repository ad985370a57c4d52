/*
** link.h - LuaSec's connection: another view of an SSLSocket.
** SPDX-License-Identifier: MIT
**
** An object of it has LuaSec's methods and results, and no TLS of its own: its
** one user value is an SSLSocket, which does all, owns the descriptor and ends
** with it.
*/
#ifndef lssl_luasec_link_h
#define lssl_luasec_link_h

#include "base/class.h"
#include "socket/socket.h"

/* bytes gathered for one call of 'receive'; all zero: none */
typedef struct Gathered {
  unsigned char *data;		/* ours */
  size_t size, room;
} Gathered;

typedef struct Link {
  Object object;
  Conn *conn;			/* of the SSLSocket in the user value */
  Gathered gathered;
  lua_Number block, total;	/* timeouts in seconds; < 0: none */
  double birth;			/* on lssl_now's clock */
  lua_Integer received, sent;	/* bytes of plaintext */
  unsigned char connected;	/* the handshake has been made */
} Link;

/* Makes the class, and sets its functions in the table on the top. */
void lssl_openlink (lua_State *L);

/* Adds methods to the class, which are fields of its plain __index. */
void lssl_addtolink (lua_State *L, const luaL_Reg *methods);

/* The connection at index 1; raises for anything else. */
Link *lssl_selflink (lua_State *L);

/*
** The same for a method that runs an Operation: the SSLSocket is at index 1
** after it, the connection at 2, its first argument at 3.
*/
Link *lssl_operand (lua_State *L);

/* Is it open, and the handshake done? */
int lssl_islinked (Link *l);

/* The number at 'arg' without its fraction, or 'otherwise'; raises beyond 2^53. */
lua_Integer lssl_optwhole (lua_State *L, int arg, lua_Integer otherwise);

/* Pushes nil and "closed", and returns their number. */
int lssl_pushclosed (lua_State *L);

#endif
