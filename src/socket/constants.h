/*
** constants.h - the numbers of the system's sockets, which Python keeps in
** its module 'socket'.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_constants_h
#define lssl_socket_constants_h

#include "base/common.h"

/* Sets them in the table on the top. */
void lssl_opensockconstants (lua_State *L);

#endif
