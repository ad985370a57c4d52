/*
** object.h - ssl.SSLObject and SSLContext:wrap_bio.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_object_h
#define lssl_connection_object_h

#include "base/common.h"

void lssl_openobject (lua_State *L);

#endif
