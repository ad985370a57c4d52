/*
** limits.h - what the host of a Lua state allows its scripts. Each kind of thing
** is decided in one function here, called where the thing is about to be done.
** SPDX-License-Identifier: MIT
**
** What is refused raises ssl.PermissionError, which names the limit.
*/
#ifndef lssl_base_limits_h
#define lssl_base_limits_h

#include "base/state.h"

/* Adds to the limits of the state; nothing takes them back. */
void lssl_addlimits (lua_State *L, const lssl_Limits *limits);

/* Raises if scripts may not name files; 'path' is the one that this one named. */
void lssl_checkfile (lua_State *L, const char *path);

/* May variables of the environment decide anything? Never raises. */
int lssl_mayaskenvironment (lua_State *L);

/*
** Raises if scripts may use only the descriptors that the host hands over; 'what'
** is the function that wants one. The second only tells.
*/
void lssl_checkdescriptor (lua_State *L, const char *what);

int lssl_mayhavedescriptors (lua_State *L);

/* Raises if scripts may not start processes. */
void lssl_checkprocess (lua_State *L);

/* Raises if scripts may not do without a check; 'what' says which. */
void lssl_checkinsecure (lua_State *L, const char *what);

/* Is there anything that the one above and the two below would refuse? */
int lssl_forbidsinsecure (const State *s);

/*
** The oldest version (TLS1_2_VERSION) that the host allows, 0 for any. The other two
** raise if a version (0: the oldest that there is) or a security level is below it.
*/
int lssl_versionfloor (lua_State *L);
void lssl_checkversionfloor (lua_State *L, int version);
void lssl_checklevelfloor (lua_State *L, int level);

/* Raises if scripts may not change a context that the host has pushed. */
void lssl_checkchange (lua_State *L);

/*
** Pushes the error for the limit of memory and returns 1 if OpenSSL was refused an
** allocation since this was last asked; else 0.
*/
int lssl_pushmemoryrefusal (lua_State *L);

/* Raise if one more would be too many. */
void lssl_checkcontexts (lua_State *L);
void lssl_checkconnections (lua_State *L);

/* Is there a limit for the second? */
int lssl_limitsconnections (const State *s);

#endif
