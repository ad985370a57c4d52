/*
** standard.h - the program's standard input and output, for the command lua-ssl.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_standard_h
#define lssl_socket_standard_h

#include "base/common.h"

/*
** _readinput(count): reads from standard input once, past the buffer of io.stdin.
** So a program can wait for input (_poll of 0) together with its connections.
** Gives at least one byte; "" if nothing is there after all; nil at the end.
** Raises OSError.
*/
int lssl_readinput (lua_State *L);

/*
** _isterminal(number): whether standard input (0), output (1) or error (2) is
** somebody's terminal.
*/
int lssl_isterminalnumber (lua_State *L);

#endif
