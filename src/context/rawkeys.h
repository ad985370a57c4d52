/*
** rawkeys.h - what an SSLContext shows and takes in place of certificates.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_rawkeys_h
#define lssl_context_rawkeys_h

#include "base/common.h"

void lssl_openrawkeys (lua_State *L);

#endif
