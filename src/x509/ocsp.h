/*
** ocsp.h - OCSP (RFC 6960): what an authority says of a certificate now.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_ocsp_h
#define lssl_x509_ocsp_h

#include <openssl/ocsp.h>

#include "base/common.h"

/* What 'basic' says of 'cert', which 'issuer' signed: a part of 'basic'; or NULL. */
OCSP_SINGLERESP *lssl_ocspsingle (OCSP_BASICRESP *basic, X509 *cert,
                                  X509 *issuer);

/* ssl.ocsp_request, ssl.read_ocsp_response */
int lssl_ocsprequest (lua_State *L);
int lssl_readocspresponse (lua_State *L);

#endif
