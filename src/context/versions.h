/*
** versions.h - the oldest and the newest version that an SSLContext speaks.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_versions_h
#define lssl_context_versions_h

#include "context/context.h"

/* Adds its attributes to SSLContext. */
void lssl_openversions (lua_State *L);

/*
** The getters and setters of minimum_version and maximum_version: of the context
** 'c', or of its connection alone, if 'ssl' is not NULL. A connection that ends
** meanwhile, by a finalizer, sets '*ssl' to NULL.
*/
int lssl_getminimum (lua_State *L, Context *c, SSL *ssl);
int lssl_setminimum (lua_State *L, Context *c, SSL *const *ssl);
int lssl_getmaximum (lua_State *L, Context *c, SSL *ssl);
int lssl_setmaximum (lua_State *L, Context *c, SSL *const *ssl);

#endif
