/*
** process.h - a child process that runs a Lua function, for servers in tests.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_process_h
#define lssl_testing_process_h

#include "base/common.h"

/* Adds the class Process and 'fork' to the table on the top. */
void lssl_openprocess (lua_State *L);

#endif
