/*
** binding.h - what ties other protocols to a connection: channel bindings and
** exported keys.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_binding_h
#define lssl_connection_binding_h

#include "base/common.h"

/* for lssl_extendclass */
extern const luaL_Reg lssl_bindingmethods[];

#endif
