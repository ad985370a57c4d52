/*
** makefile.h - SSLSocket.makefile: a connection as a file of Lua's.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_makefile_h
#define lssl_socket_makefile_h

#include "base/common.h"

void lssl_openmakefile (lua_State *L);

#endif
