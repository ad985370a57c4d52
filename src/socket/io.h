/*
** io.h - what an SSLSocket reads and writes.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_io_h
#define lssl_socket_io_h

#include "base/common.h"

void lssl_opensocketio (lua_State *L);

#endif
