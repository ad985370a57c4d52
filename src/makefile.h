/*
** makefile.h - SSLSocket.makefile: a connection as a file of Lua's.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_makefile_h
#define lssl_makefile_h

#include "common.h"

void lssl_openmakefile (lua_State *L);

#endif
