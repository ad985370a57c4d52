/*
** tickets.c - SSLContext:set_ticket_keys: many servers, one set of keys, so that
** each resumes the sessions of the others.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "arguments.h"
#include "bytearray.h"
#include "class.h"
#include "context.h"
#include "errors.h"
#include "outcome.h"
#include "tickets.h"

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
      lssl_valueerror(L, "a ticket key must be %d bytes long", LSSL_TICKETKEY);
    memcpy(keys->keys[i], key, size);
    lua_pop(L, 1);
  }
}

/*@ SSLContext:set_ticket_keys(keys)
** Sets the keys that a server encrypts its session tickets with, so that other
** processes and machines which have them resume its sessions. To change them,
** put a new key first and keep the old ones behind it for as long as their
** tickets live: clients with an old ticket resume, and get a new one.
** - `keys` (array of strings or bytearrays): keys of 80 random bytes each, as
**   `ssl.RAND_bytes(80)` gives: 16 for the name, 32 for AES-256, 32 for
**   HMAC-SHA256. The first one encrypts, all decrypt. An empty array goes back
**   to keys that OpenSSL makes for this context alone.
** Returns nothing. Connections already made keep the keys that they have. Who
** gets hold of a key can read what its tickets hold; change them often. Raises
** `ValueError` for a key of another length, `SSLError` on a client's context.
** OpenSSL: `SSL_CTX_set_tlsext_ticket_key_evp_cb`; RFC 5077; RFC 8446, 4.6.1.
** Since: an addition.
**
**     local new, old = ssl.RAND_bytes(80), ssl.RAND_bytes(80)
**     server_ctx:set_ticket_keys{new, old}
*/
static int context_setticketkeys (lua_State *L) {
  static const char name[] = ":set_ticket_keys";
  Context *c = lssl_selfcontext(L);
  TicketKeys *keys;
  size_t count;
  void **box;
  lssl_arguments(L, name, "keys*");
  if (c->protocol == LSSL_PROTOCOL_TLS_CLIENT)
    return lssl_sslerror(L, 0, "Cannot set ticket keys of a "
                         "PROTOCOL_TLS_CLIENT context");
  if (!lua_istable(L, 2))
    return lssl_typeerror(L, 2, name, "table");
  count = lua_rawlen(L, 2);
  box = lssl_newbox(L, dropkeys);
  lssl_clearerrors();
  *box = keys = lssl_newticketkeys(count);
  if (keys == NULL)
    return lssl_raisequeue(L, NULL);
  readkeys(L, keys, name);
  if (!lssl_enableticketkeys(c->ctx, count > 0))
    return lssl_raisequeue(L, NULL);
  *box = c->tickets;  /* the old ones go with the box */
  c->tickets = keys;
  lssl_emptybox(L, 3);
  return 0;
}

static const luaL_Reg methods[] = {
  {"set_ticket_keys", context_setticketkeys},
  {NULL, NULL}
};

void lssl_opentickets (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
