/*
** hostname.h - names of hosts as the wire has them.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_hostname_h
#define lssl_x509_hostname_h

#include "base/common.h"

/*
** Replaces the host name (or IP address) at 'arg' by its ASCII form: labels
** that are not ASCII become A-labels. Raises a ValueError for what can be no
** name, and NotImplementedError where libidn2 is needed and was not built in.
*/
void lssl_asciihost (lua_State *L, int arg, const char *name);

/* Pushes the Unicode (UTF-8) form of the 'len' bytes of an ASCII name. */
void lssl_pushunicodehost (lua_State *L, const char *host, size_t len);

/* _idna_encode(name), for the prelude */
int lssl_idnaencode (lua_State *L);

#endif
