/*
** policy.h - the versions and ciphers of a new context.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_policy_h
#define lssl_context_policy_h

#include <openssl/ssl.h>

#include "base/common.h"

/*
** Sets versions and ciphers of a context that OpenSSL has just made: those that
** the system's configuration chooses, and CPython's defaults for the rest.
** 'version' is the only one to be spoken, or 0. Returns 0 if OpenSSL refuses. May
** raise: an object has to own 'ctx'.
*/
int lssl_setpolicy (lua_State *L, SSL_CTX *ctx, int version);

#endif
