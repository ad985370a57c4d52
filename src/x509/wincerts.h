/*
** wincerts.h - the certificate stores of Windows; nothing elsewhere. Not named
** windows.h, which would stand in the way of the system's own header.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_wincerts_h
#define lssl_x509_wincerts_h

#include "base/common.h"

/*
** Sets enum_certificates and enum_crls as fields of the table on the top, on
** Windows alone.
*/
void lssl_openwincerts (lua_State *L);

#endif
