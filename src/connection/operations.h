/*
** operations.h - the operations that SSLSocket and SSLObject share.
** SPDX-License-Identifier: MIT
**
** Each runs one Operation on the connection at index 1 and returns the number
** of results; to be returned from a C function.
*/
#ifndef lssl_connection_operations_h
#define lssl_connection_operations_h

#include "connection/wait.h"

/* The handshake; no results. The second waits even if the timeout is 0. */
int lssl_handshake (lua_State *L, Conn *c);
int lssl_blockinghandshake (lua_State *L, Conn *c);

/*
** The size at 'arg' that a read is asked for; by default 1024, or what any datagram
** fits into. Raises; for a negative size 'negative'.
*/
size_t lssl_optreadsize (lua_State *L, const Conn *c, int arg,
                         const char *name, const char *negative);

/*
** Up to 'size' bytes as a string; nil at the end of the stream. Of datagrams one, and
** its size as a second result if it did not fit; so does the next.
*/
int lssl_readstring (lua_State *L, Conn *c, size_t size);

/* The same into 'buffer', which the stack keeps; their number, 0 at the end. */
int lssl_readinto (lua_State *L, Conn *c, unsigned char *buffer, size_t size);

/* What the first would give, without taking it. */
int lssl_peekstring (lua_State *L, Conn *c, size_t size);

/* Changes the key for writing; asks for the peer's change if 'request'. */
int lssl_keyupdate (lua_State *L, Conn *c, int request);

/* Sends close_notify; no results. */
int lssl_closenotify (lua_State *L, Conn *c);

/* Writes the bytes of the string or bytearray at 2, and gives their number. */
int lssl_write (lua_State *L, Conn *c, const unsigned char *data, size_t size);

/* The same, until all are written; no results. */
int lssl_writeall (lua_State *L, Conn *c, const unsigned char *data,
                   size_t size);

/*
** The steps of reading into 'op->buffer' and of writing all of 'op->data', for
** who has no Lua at hand.
*/
Step lssl_readstep (Conn *c, Operation *op);
Step lssl_writestep (Conn *c, Operation *op);

/*
** Keeps the string or bytearray at the index 'op->number', of which 'op->data' is
** a part, for as long as its write is not done: an operation's 'pause'. Whatever
** ends the wait, the next write has to begin with the same. lssl_dropdata lets go
** of it at the end of a call, if that was the end of the write.
*/
void lssl_keepdata (lua_State *L, Conn *c, Operation *op);
void lssl_dropdata (lua_State *L, Conn *c);

/* Raises that an earlier write has to end first: 'reason' is SSL_R_... */
int lssl_refusedata (lua_State *L, const Conn *c, int reason);

/* Has a write begun that nobody goes on with at this moment? */
int lssl_isunfinished (const Conn *c);

/* Python's read(len=1024, buffer=None) with the arguments at 2 and 3. */
int lssl_readmethod (lua_State *L, Conn *c);

/* Sends close_notify and waits for the peer's, then finishes as given. */
int lssl_unwrap (lua_State *L, Conn *c, Finish finish);

#endif
