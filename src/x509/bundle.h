/*
** bundle.h - a file of trusted certificates, parsed once for all the contexts
** of a Lua state.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_bundle_h
#define lssl_x509_bundle_h

#include <openssl/x509_vfy.h>

#include "base/common.h"

/*
** Adds the certificates and CRLs of OpenSSL's default file to 'store': 0, with
** a reason in the error queue, if memory ran out; a file that is not there or
** not right adds nothing. The store shares the certificates with others, but
** nothing that is added to it later. May raise.
*/
int lssl_adddefaults (lua_State *L, X509_STORE *store);

/*
** What is in the store now, as the caller's own list; NULL if memory ran out.
** Connections, maybe of another thread, add to the store meanwhile.
*/
STACK_OF(X509_OBJECT) *lssl_storeobjects (X509_STORE *store);

#endif
