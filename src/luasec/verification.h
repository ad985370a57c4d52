/*
** verification.h - LuaSec's check of certificates that goes on after errors.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_verification_h
#define lssl_luasec_verification_h

#include "base/common.h"

/* Sets its function in the table on the top. */
void lssl_openluasecverification (lua_State *L);

/*
** Pushes a copy of what was found wrong with the certificates of the LuaSec
** connection at 'index': {[depth + 1] = {text, ...}}; 0, nothing pushed, if its
** context does not go on.
*/
int lssl_pushfaults (lua_State *L, int index);

#endif
