/*
** ringsecret.h - the secrets of a ring of ticket keys, as a program gives them.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_ringsecret_h
#define lssl_context_ringsecret_h

#include "context/ring.h"

/* Bytes that a secret has to have: as many as the keys' hash. */
#define LSSL_LEASTSECRET	32

/*
** Adds what is at 'arg' to the ring: a string or bytearray, an array of them, or a
** function that returns either of these. The second adds the lines of a file.
** Both raise for what is no secret, or a weak one; 'name' as in arguments.h.
*/
void lssl_readsecrets (lua_State *L, int arg, Ring *ring, const char *name);
void lssl_loadsecrets (lua_State *L, const char *path, Ring *ring);

/* The bytes at 'arg', a secret that is strong enough. Raises. */
const unsigned char *lssl_checksecret (lua_State *L, int arg, size_t *size,
                                       const char *name);

#endif
