/*
** ocsp.h - stapled OCSP responses: a server's word that its certificate is not
** revoked, signed by who issued it.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_ocsp_h
#define lssl_context_ocsp_h

#include "base/common.h"

void lssl_openocsp (lua_State *L);

#endif
