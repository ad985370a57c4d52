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
** Counts what the module has done in this Lua state, and what it holds now. Show these
** numbers on a page of metrics.
** Returns a table of integers:
** - `contexts`, `connections`: how many exist now;
** - `contexts_made`, `connections_made`: how many were made so far;
** - `handshakes`: how many succeeded, and `resumptions`: how many of these resumed a
**   session;
** - `handshakes_failed`: how many failed, and `handshakes_rejected`: how many of these
**   failed because of the peer's certificate;
** - `bytes_read`, `bytes_written`: bytes of plaintext;
** - `refusals`: how often a host's limits refused something;
** - `store_hits`, `store_misses`: how often a `session_store` had the session that a client
**   wanted to resume, and how often it had not;
** - `store_failures`: how often a call of the store failed, and `store_rejections`: how often
**   the store gave something that was not the session. Handshakes are full then;
** - in a host that counts memory, `memory` and `memory_peak`: the bytes that OpenSSL holds
**   for this state, and the most that it has held.
** A connection that ends before its handshake is done counts as failed. So `handshakes`
** and `handshakes_failed` together are `connections_made`, less the connections that are
** still in their handshake. Since: an addition.
**
** Type: fun(): Counters
** Type: Counters = { contexts: integer, connections: integer, contexts_made: integer,
**   connections_made: integer, handshakes: integer, resumptions: integer,
**   handshakes_failed: integer, handshakes_rejected: integer, bytes_read: integer,
**   bytes_written: integer, refusals: integer, memory?: integer, memory_peak?: integer }
**
**     conn:sendall("hello")
**     assert(ssl.counters().bytes_written >= 5)
*/
static int counters (lua_State *L) {
  const lssl_Counters *c = &lssl_state(L)->counters;
  const Memory *m = lssl_state(L)->memory;
  lua_createtable(L, 0, 17);
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
  setcount(L, "store_hits", c->store_hits);
  setcount(L, "store_misses", c->store_misses);
  setcount(L, "store_failures", c->store_failures);
  setcount(L, "store_rejections", c->store_rejections);
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
