/*
** sessionstore.c - SSLContext.session_store.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "context/questions.h"
#include "context/sessionstore.h"
#include "context/stored.h"
#include "context/ticketring.h"

/*
** Sets entry 'part' of the array on the top to the field of the store at 3: a
** function.
*/
static void setpart (lua_State *L, const char *name, int part) {
  lua_getfield(L, 3, name);
  if (!lssl_iscallable(L, -1)) {
    lua_pushfstring(L, "'%s' is not a callable object", name);
    lssl_valuetypeerror(L, "session_store", lua_tostring(L, -1));
  }
  lua_rawseti(L, -2, part);
}

/* The same for the ring: none is false, since nil leaves a hole. */
static void setring (lua_State *L) {
  if (lua_getfield(L, 3, "ring") == LUA_TNIL) {
    lua_pushboolean(L, 0);
    lua_replace(L, -2);
  }
  else if (lssl_toring(L, lua_gettop(L)) == NULL)
    lssl_valuetypeerror(L, "session_store", "'ring' is not an ssl.TicketRing");
  lua_rawseti(L, -2, LSSL_STORERING);
}

/* pushes what the context keeps of the store at 3 */
static void pushstore (lua_State *L) {
  if (!lua_istable(L, 3))
    lssl_valuetypeerror(L, "session_store", "not a table");
  lua_createtable(L, LSSL_STOREGIVEN, 0);
  setpart(L, "get", LSSL_STOREGET);
  setpart(L, "put", LSSL_STOREPUT);
  setpart(L, "remove", LSSL_STOREREMOVE);
  setring(L);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, LSSL_STOREGIVEN);
}

/*@ SSLContext.session_store (table or nil, read and write)
** Where a server keeps sessions by their ID, so that other processes and machines can resume
** them. Only clients without session tickets need it: those of TLS 1.2 that know none, and all
** clients where `ssl.OP_NO_TICKET` is set. For tickets, share their keys: `ssl.ticket_ring`.
**
** `ssl.store` has stores in Redis, in memcached, and in the process's memory. Your own store is
** a table with these functions:
** - `get(id, wait)`: returns the bytes that `put` got for this ID (string or bytearray), or nil.
**   It is called in the ClientHello's callback, after the program's own `client_hello_callback`.
**   It may yield where that may. `wait` is the context's `waiter`, or nil.
** - `put(id, bytes, seconds)`: keeps the bytes of a new session for that time. It must not
**   yield, and should not block: it is called in the middle of a handshake.
** - `remove(id)`: forgets a session whose connection has failed. It must not yield.
** - `ring` (`ssl.TicketRing` or nil): encrypts and authenticates the bytes, so that the store can
**   neither read nor forge a session. Without a ring, `bytes` have the session's secrets, and a
**   store that forges them makes handshakes fail.
**
** A store never fails a handshake by raising an error, or by returning another session or
** rubbish: the handshake is full then, and `ssl.counters` counts it. A session is resumed only for
** the host name and the verification settings that it was made with. Connections that were made
** before keep their store.
**
** Setting it raises `ValueError` on a client's context, a string error for what is no store. While
** it is set, OpenSSL's own cache of the context is off. OpenSSL: `SSL_CTX_sess_set_get_cb`;
** RFC 5246, 7.3; RFC 8446, 4.6.1. Since: an addition.
** Type: SessionStore?
** Type: SessionStore = { get: (fun(id: string, wait: Waiter?): string|bytearray|nil),
**   put: (fun(id: string, bytes: string, seconds: integer)), remove: (fun(id: string)),
**   ring?: TicketRing }
**
**     local sessions = {}
**     server_ctx.session_store = {
**       get = function(id) return sessions[id] end,
**       put = function(id, bytes, seconds) sessions[id] = bytes end,
**       remove = function(id) sessions[id] = nil end,
**     }
*/
static int get_store (lua_State *L) {
  if (lua_getiuservalue(L, 1, LSSL_UVSTORE) != LUA_TNIL)
    lua_rawgeti(L, -1, LSSL_STOREGIVEN);
  return 1;
}

static int set_store (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  int use = !lua_isnil(L, 3);
  if (lssl_isclients(c))
    return lssl_valueerror(L, "session_store cannot be set on TLS_CLIENT "
                           "context");
  if (use)
    pushstore(L);
  else
    lua_pushnil(L);
  lua_setiuservalue(L, 1, LSSL_UVSTORE);
  lssl_usestore(c->ctx, use);
  lssl_askhello(L, c);
  return 0;
}

static const luaL_Reg getters[] = {
  {"session_store", get_store},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"session_store", set_store},
  {NULL, NULL}
};

void lssl_opensessionstore (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
