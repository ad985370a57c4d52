/*
** environment.h - what the prelude asks the system: variables, kinds of files,
** numbers of errors.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_environment_h
#define lssl_base_environment_h

#include "base/common.h"

/*
** Pushes a variable of the environment, or nil; returns it, or NULL. There are
** none where the host's limits forbid to ask.
*/
const char *lssl_askvariable (lua_State *L, const char *name);

/* (name) -> the variable's value, or nil where it is not to be trusted */
int lssl_getenv (lua_State *L);

/* (path) -> "file", "directory", "other", or nil if there is none */
int lssl_filetype (lua_State *L);

/* (text) -> the number and text of the system's error that reads so, or nil */
int lssl_errornumber (lua_State *L);

#endif
