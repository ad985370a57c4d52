/*
** session.h - ssl.SSLSession.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_session_h
#define lssl_x509_session_h

#include <openssl/ssl.h>

#include "base/common.h"

void lssl_opensession (lua_State *L);

/*
** Pushes an SSLSession of the connection, or nil if it has none. 'context' is
** the index of the SSLContext it belongs to, which it keeps. '*ssl' is the
** connection's own pointer, since a finalizer may end that meanwhile.
*/
void lssl_pushsession (lua_State *L, SSL *const *ssl, int context);

/*
** The session at 'arg', or NULL if it is none; '*context' is the SSLContext it
** belongs to, NULL for one that came from bytes. The SSLSession keeps its
** reference.
*/
SSL_SESSION *lssl_tosession (lua_State *L, int arg, const void **context);

#endif
