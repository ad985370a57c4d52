/*
** tickets.c - the session tickets of an SSLContext: how many, and whose keys
** they are encrypted with; and the counts of its sessions.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/ticketring.h"
#include "context/tickets.h"

/*
** Each is tried in turn. Far fewer than would overflow a size: a table says of
** its length what it likes.
*/
#define MAXKEYS	1024

static void dropkeys (void *p) {
  lssl_dropticketkeys((TicketKeys *)p);
}

/* copies the keys of the array at 2 */
static void readkeys (lua_State *L, TicketKeys *keys, const char *name) {
  size_t i;
  for (i = 0; i < keys->count; i++) {
    size_t size;
    const unsigned char *key;
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    key = lssl_tobytes(L, -1, &size);
    if (key == NULL)
      lssl_argerror(L, 2, name, "array of strings or bytearrays expected");
    if (size != LSSL_TICKETKEY)
      lssl_valueerror(L, "ticket key %d must be %d bytes long, not %I",
                      (int)i + 1, LSSL_TICKETKEY, (LUAI_UACINT)size);
    memcpy(keys->keys[i], key, size);
    lua_pop(L, 1);
  }
}

/*
** Puts a reference to the keys that the array or the ring at 2 has into 'box'; 0 if
** the array is empty.
*/
static int getkeys (lua_State *L, void **box, const char *name) {
  Ring *ring = lssl_toring(L, 2);
  TicketKeys *keys;
  size_t count;
  if (ring != NULL) {
    *box = &ring->tickets;
    ring->tickets.references++;
    return 1;
  }
  if (!lua_istable(L, 2))
    lssl_typeerror(L, 2, name, "table or ssl.TicketRing");
  count = lua_rawlen(L, 2);
  if (count > MAXKEYS)
    lssl_valueerror(L, "more than %d ticket keys", MAXKEYS);
  lssl_clearerrors();
  *box = keys = lssl_newticketkeys(count);
  if (keys == NULL)
    lssl_raisequeue(L, NULL);
  else
    readkeys(L, keys, name);
  return count > 0;
}

/*@ SSLContext:set_ticket_keys(keys)
** Sets the keys that a server encrypts its session tickets with. Processes and machines
** with the same keys can resume each other's sessions.
**
** To change the keys, put the new key first. Keep the old keys behind it for as long as
** their tickets live: a client with an old ticket still resumes, and gets a new ticket.
** Change the keys often, because whoever has a key can read what its tickets hold.
** - `keys` (`ssl.TicketRing`, or array of strings or bytearrays): a ring of keys, from
**   `ssl.ticket_ring`, changes them by itself. Or keys of 80 random bytes each, from
**   `ssl.RAND_bytes(80)`: 16 for the name, 32 for AES-256, 32 for HMAC-SHA256. The first
**   key encrypts, and all decrypt. An empty array goes back to keys that OpenSSL makes
**   for this context alone.
** Returns nothing. Connections that were made before keep their keys. Raises `ValueError`
** for a key of another length or more than 1024 keys, and `SSLError` on a client's
** context.
** OpenSSL: `SSL_CTX_set_tlsext_ticket_key_evp_cb`; RFC 5077; RFC 8446, 4.6.1.
** Since: an addition.
**
** Type: named fun(keys*: (string|bytearray)[]|TicketRing)
**
**     local new, old = ssl.RAND_bytes(80), ssl.RAND_bytes(80)
**     server_ctx:set_ticket_keys{new, old}
*/
static int context_setticketkeys (lua_State *L) {
  static const char name[] = ":set_ticket_keys";
  Context *c = lssl_changingcontext(L);
  void **box, *dropped;
  int some;
  lssl_arguments(L, name, "keys*");
  if (lssl_isclients(c))
    return lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot set ticket keys of a %s context", lssl_protocolname(c)));
  box = lssl_newbox(L, dropkeys);
  some = getkeys(L, box, name);
  lssl_clearerrors();
  if (!lssl_enableticketkeys(c->ctx, some))
    return lssl_raisequeue(L, NULL);
  dropped = c->tickets;
  c->tickets = (TicketKeys *)*box;
  *box = dropped;  /* the old ones go with the box */
  lua_pushvalue(L, 2);
  if (lua_istable(L, -1))
    lua_pushnil(L);
  lua_setiuservalue(L, 1, LSSL_UVTICKETRING);
  lssl_emptybox(L, 3);
  return 0;
}

void lssl_telltickets (lua_State *L, const Context *c, int context) {
  if (c->tickets != NULL && c->tickets->clocked) {
    lua_getiuservalue(L, context, LSSL_UVTICKETRING);
    lssl_tellring(L, lua_gettop(L));
    lua_pop(L, 1);
    lssl_clearerrors();  /* what the program's clock may have left */
  }
}

/*@ SSLContext.num_tickets (integer, read and write)
** How many session tickets a server sends after a full TLS 1.3 handshake; 2 by default.
** Setting it raises `ValueError` for a negative number, or on a client's context.
** OpenSSL: `SSL_CTX_set_num_tickets`. Since: CPython 3.8.
**
**     server_ctx.num_tickets = 1
*/
static int get_numtickets (lua_State *L) {
  size_t n = SSL_CTX_get_num_tickets(lssl_attributecontext(L)->ctx);
  lua_pushinteger(L, (lua_Integer)n);
  return 1;
}

static int set_numtickets (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lua_Integer n = lssl_checkvalueinteger(L, "num_tickets");
  if (n < 0)
    return lssl_valueerror(L, "value must be non-negative");
  if (!lssl_isservers(c))
    return lssl_valueerror(L, "SSLContext is not a server context.");
  if (!SSL_CTX_set_num_tickets(c->ctx, (size_t)n))
    return lssl_valueerror(L, "failed to set num tickets.");
  return 0;
}

/*@ SSLContext:session_stats()
** Counts what the connections of the context did with sessions.
** Returns a table of integers: `number` (sessions in the cache), `connect`,
** `connect_good`, `connect_renegotiate`, `accept`, `accept_good`,
** `accept_renegotiate`, `hits`, `misses`, `timeouts`, `cache_full`.
** OpenSSL: `SSL_CTX_sess_number` and its like. Since: CPython 3.2.
**
** Type: fun(): SessionStats
** Type: SessionStats = { number: integer, connect: integer, connect_good: integer,
**   connect_renegotiate: integer, accept: integer, accept_good: integer,
**   accept_renegotiate: integer, hits: integer, misses: integer, timeouts: integer,
**   cache_full: integer }
**
**     conn:sendall("hello")
**     assert(server_ctx:session_stats().accept_good == 1)
*/
static int context_sessionstats (lua_State *L) {
  static const struct {
    const char *name;
    int command;
  } stats[] = {
    {"number", SSL_CTRL_SESS_NUMBER},
    {"connect", SSL_CTRL_SESS_CONNECT},
    {"connect_good", SSL_CTRL_SESS_CONNECT_GOOD},
    {"connect_renegotiate", SSL_CTRL_SESS_CONNECT_RENEGOTIATE},
    {"accept", SSL_CTRL_SESS_ACCEPT},
    {"accept_good", SSL_CTRL_SESS_ACCEPT_GOOD},
    {"accept_renegotiate", SSL_CTRL_SESS_ACCEPT_RENEGOTIATE},
    {"hits", SSL_CTRL_SESS_HIT},
    {"misses", SSL_CTRL_SESS_MISSES},
    {"timeouts", SSL_CTRL_SESS_TIMEOUTS},
    {"cache_full", SSL_CTRL_SESS_CACHE_FULL}
  };
  Context *c = lssl_selfcontext(L);
  size_t i;
  lua_createtable(L, 0, LSSL_COUNT(stats));
  for (i = 0; i < LSSL_COUNT(stats); i++) {
    lua_pushinteger(L, SSL_CTX_ctrl(c->ctx, stats[i].command, 0, NULL));
    lua_setfield(L, -2, stats[i].name);
  }
  return 1;
}

static const luaL_Reg methods[] = {
  {"set_ticket_keys", context_setticketkeys},
  {"session_stats", context_sessionstats},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"num_tickets", get_numtickets},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"num_tickets", set_numtickets},
  {NULL, NULL}
};

void lssl_opentickets (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
