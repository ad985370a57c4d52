/*
** keylog.h - SSLContext.keylog_filename.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_keylog_h
#define lssl_context_keylog_h

#include "base/common.h"

void lssl_openkeylog (lua_State *L);

#endif
