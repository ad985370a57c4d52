/*
** counters.c - ssl.counters.
** SPDX-License-Identifier: MIT
*/
#include "base/counters.h"
#include "base/state.h"

static void setcount (lua_State *L, const char *name,
                      unsigned long long count) {
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, name);
}

/*@ ssl.counters()
** Tells what the module has done so far in this Lua state, and what it holds now:
** what a page of metrics shows.
** Returns a table of integers: `contexts` and `connections` (that exist now),
** `contexts_made` and `connections_made` (so far), `handshakes` (that succeeded),
** `resumptions` (those of them that resumed a session), `handshakes_failed`,
** `handshakes_rejected` (those of them that failed for the peer's certificate),
** `bytes_read` and `bytes_written` (of plaintext), `refusals` (what a host's
** limits refused). A connection that ends before its handshake does is one that
** failed: so `handshakes` and `handshakes_failed` are all of `connections_made`,
** but for those that are still at it. In a host that counts memory there are
** `memory` and `memory_peak` too: the bytes that OpenSSL holds for this state, and
** the most that it has held.
** Since: an addition.
**
**     conn:sendall("hello")
**     assert(ssl.counters().bytes_written >= 5)
*/
static int counters (lua_State *L) {
  const lssl_Counters *c = &lssl_state(L)->counters;
  const Memory *m = lssl_state(L)->memory;
  lua_createtable(L, 0, 13);
  setcount(L, "contexts", c->contexts);
  setcount(L, "connections", c->connections);
  setcount(L, "contexts_made", c->contexts_made);
  setcount(L, "connections_made", c->connections_made);
  setcount(L, "handshakes", c->handshakes);
  setcount(L, "resumptions", c->resumptions);
  setcount(L, "handshakes_failed", c->handshakes_failed);
  setcount(L, "handshakes_rejected", c->handshakes_rejected);
  setcount(L, "bytes_read", c->bytes_read);
  setcount(L, "bytes_written", c->bytes_written);
  setcount(L, "refusals", c->refusals);
  if (m != NULL) {
    setcount(L, "memory", m->held);
    setcount(L, "memory_peak", m->peak);
  }
  return 1;
}

void lssl_opencounters (lua_State *L) {
  lua_pushcfunction(L, counters);
  lua_setfield(L, -2, "counters");
}
