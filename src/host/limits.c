/*
** limits.c - how a host sets limits, and reads them and the counts.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "base/limits.h"
#include "base/state.h"
#include "host/memory.h"
#include "lssl.h"

void lssl_setlimits (lua_State *L, const lssl_Limits *limits) {
  lssl_openstate(L);
  if (limits->memory > 0)
    lssl_limitmemory(L, limits->memory);
  lssl_addlimits(L, limits);
  if (limits->flags & LSSL_NOENVIRONMENT)
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

void lssl_getlimits (lua_State *L, lssl_Limits *limits) {
  lssl_openstate(L);
  *limits = lssl_state(L)->limits;
}

void lssl_getcounters (lua_State *L, lssl_Counters *counters) {
  const Memory *m;
  lssl_openstate(L);
  *counters = lssl_state(L)->counters;
  m = lssl_state(L)->memory;
  counters->memory = m ? m->held : 0;
  counters->memory_peak = m ? m->peak : 0;
}
