/*
** sessionstore.h - SSLContext.session_store.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_sessionstore_h
#define lssl_context_sessionstore_h

#include "base/common.h"

void lssl_opensessionstore (lua_State *L);

#endif
