/*
** told.h - what LuaSec's methods say of calls that did not end well.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_told_h
#define lssl_luasec_told_h

#include "connection/steps.h"

/*
** The text for the step 's', not STEP_DONE, that was the last one of a call of
** the SSLSocket at index 1: "wantread", "wantwrite", "closed", or the reason.
** The connection remembers a failure that was its end. Raises what a callback
** has raised meanwhile.
*/
const char *lssl_tell (lua_State *L, Conn *c, Step s);

#endif
