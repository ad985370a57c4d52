/*
** base64.h - RFC 4648's base64, as Python's module base64 has it.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_base64_h
#define lssl_base_base64_h

#include "base/common.h"

/* (bytes) -> text on one line */
int lssl_base64encode (lua_State *L);

/*
** (text) -> bytes. Characters of no meaning are passed over, as Python's
** decodebytes does; a ValueError tells what is missing.
*/
int lssl_base64decode (lua_State *L);

#endif
