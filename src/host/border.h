/*
** border.h - what the files of this room need of contexts.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_host_border_h
#define lssl_host_border_h

#include "context/context.h"

/* The context at 'index', an argument of 'name'. Raises for anything else. */
Context *lssl_checkcontext (lua_State *L, int index, const char *name);

#endif
