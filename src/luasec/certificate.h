/*
** certificate.h - LuaSec's certificate.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_certificate_h
#define lssl_luasec_certificate_h

#include <openssl/x509.h>

#include "base/common.h"

/* Makes the class, and sets its functions in the table on the top. */
void lssl_openluaseccertificate (lua_State *L);

/*
** Pushes a certificate that is to be filled: its one pointer is NULL, and may be
** set to a certificate, whose reference it takes over.
*/
X509 **lssl_newluaseccertificate (lua_State *L);

#endif
