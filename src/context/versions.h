/*
** versions.h - the oldest and the newest version that an SSLContext speaks.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_versions_h
#define lssl_context_versions_h

#include "base/common.h"

/* Adds its attributes to SSLContext. */
void lssl_openversions (lua_State *L);

#endif
