/*
** datagrams.h - SSLContext:wrap_datagram: DTLS over a socket of datagrams.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_datagrams_h
#define lssl_socket_datagrams_h

#include "base/common.h"

void lssl_opendatagrams (lua_State *L);

#endif
