/*
** certificate.h - LuaSec's certificate.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_certificate_h
#define lssl_luasec_certificate_h

#include <openssl/x509.h>

#include "base/class.h"

typedef struct Certificate {
  Object object;
  X509 *cert;			/* ours */
  int utf8;			/* texts are given in UTF-8, not as they are */
} Certificate;

/* Makes the class, and sets its functions in the table on the top. */
void lssl_openluaseccertificate (lua_State *L);

/* Adds methods to the class. */
void lssl_addtocertificate (lua_State *L, const luaL_Reg *methods);

/* The self of a method. Raises. */
Certificate *lssl_selfcertificate (lua_State *L);

/*
** Pushes a certificate that is to be filled: its one pointer is NULL, and may be
** set to a certificate, whose reference it takes over.
*/
X509 **lssl_newluaseccertificate (lua_State *L);

#endif
