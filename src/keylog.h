/*
** keylog.h - SSLContext.keylog_filename.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_keylog_h
#define lssl_keylog_h

#include "common.h"

void lssl_openkeylog (lua_State *L);

#endif
