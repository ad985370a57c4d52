/*
** nonblocking.c - how long an SSLSocket waits, and what event loops ask of it.
** SPDX-License-Identifier: MIT
*/
#include "connection/deadline.h"
#include "connection/dtls.h"
#include "connection/wait.h"
#include "socket/nonblocking.h"
#include "socket/socket.h"

/* many programs say before each call what they said before */
void lssl_settimeout (Conn *c, lua_Number timeout) {
  if (timeout != c->timeout)
    lssl_losepatience(&c->caller.patience, c->fd);
  c->timeout = timeout;
}

/*@ SSLSocket:settimeout(seconds)
** Sets how many seconds a call may take as a whole.
** - `seconds` (number or nil): nil for no limit, 0 for calls that never wait.
** Returns nothing. Raises `ValueError` for a negative number or NaN.
** Since: CPython 2.6.
**
** Type: fun(seconds: number?)
**
**     conn:settimeout(2.5)
**     assert(conn:gettimeout() == 2.5)
*/
static int socket_settimeout (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lssl_settimeout(c, lssl_checktimeout(L, 2, ":settimeout"));
  return 0;
}

/*@ SSLSocket:gettimeout()
** Tells how many seconds a call may take as a whole.
** Returns a number, or nil if there is no limit. Since: CPython 2.6.
**
** Type: fun(): number?
**
**     conn:settimeout(2.5)
**     assert(conn:gettimeout() == 2.5)
*/
static int socket_gettimeout (lua_State *L) {
  lssl_pushtimeout(L, lssl_selfsocket(L)->timeout);
  return 1;
}

/*@ SSLSocket:setblocking(flag)
** `setblocking(true)` is `settimeout(nil)`, `setblocking(false)` is
** `settimeout(0)`.
** - `flag` (boolean): whether to wait.
** Returns nothing. Since: CPython 2.6.
**
** Type: fun(flag: boolean)
**
**     conn:setblocking(false)
**     assert(conn:gettimeout() == 0)
*/
static int socket_setblocking (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lssl_settimeout(c, lua_toboolean(L, 2) ? -1 : 0);
  return 0;
}

/*@ SSLSocket:getblocking()
** Tells whether calls wait: whether the timeout is not 0.
** Returns a boolean. Since: CPython 3.7.
**
** Type: fun(): boolean
**
**     conn:setblocking(false)
**     assert(not conn:getblocking())
*/
static int socket_getblocking (lua_State *L) {
  lua_pushboolean(L, lssl_selfsocket(L)->timeout != 0);
  return 1;
}

/*@ SSLSocket:fileno()
** Returns the descriptor (integer). It is -1 if the socket is closed, or has no
** descriptor yet. The connection switches the descriptor between blocking and
** non-blocking as it needs; ask `getblocking` whether calls wait.
** Since: CPython 2.6.
**
** Type: fun(): integer
**
**     assert(conn:fileno() > 2)
*/
static int socket_fileno (lua_State *L) {
  lua_pushinteger(L, lssl_selfsocket(L)->fd);
  return 1;
}

/*@ SSLSocket:getfd()
** The same as `fileno`, under the name that `socket.select` asks for.
** Returns an integer. Since: an addition.
**
** Type: fun(): integer
**
**     assert(conn:getfd() == conn:fileno())
*/
int lssl_isdirty (const Conn *c) {
  return c->ssl != NULL && (c->text.data != NULL || SSL_pending(c->ssl) > 0 ||
                            (!c->drained && SSL_has_pending(c->ssl)));
}

/*@ SSLSocket:dirty()
** Tells whether bytes wait inside the connection. `select` and `poll` cannot see
** such bytes on the descriptor, so ask `dirty` before you wait. LuaSocket's
** `select` asks it by itself.
** Returns a boolean. OpenSSL: `SSL_has_pending`. Since: an addition.
**
** Type: fun(): boolean
**
**     peer:sendall("hello")
**     conn:recv(1)
**     assert(conn:dirty())                          -- four bytes wait inside
*/
static int socket_dirty (lua_State *L) {
  lua_pushboolean(L, lssl_isdirty(lssl_selfsocket(L)));
  return 1;
}

/*@ SSLSocket:pollfd()
** Returns the descriptor (integer) to wait for. cqueues calls this method.
** Since: an addition.
**
** Type: fun(): integer
**
**     assert(conn:pollfd() == conn:fileno())
*/
/*@ SSLSocket:events()
** Tells which event to wait for after a call that raised a want-error. cqueues
** calls this method.
** Returns `"r"` or `"w"`; before any such call `"r"`. Since: an addition.
**
** Type: fun(): "r"|"w"
**
**     conn:settimeout(0)
**     pcall(conn.recv, conn)                        -- nothing has come: wait until it can read
**     assert(conn:events() == "r")
*/
static int socket_events (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_pushstring(L, c->outcome.kind == SSL_ERROR_WANT_WRITE ? "w" : "r");
  return 1;
}

/*@ SSLSocket:timeout()
** Tells how many seconds an event loop may let this connection wait. cqueues calls
** this method.
** Returns the connection's timeout (number), or nil if it has none or never waits. In a
** handshake of DTLS, returns the number of seconds until `handle_timeout` has something
** to do, if that is sooner. OpenSSL: `DTLSv1_get_timeout`. Since: an addition.
**
** Type: fun(): number?
**
**     conn:settimeout(5)
**     assert(conn:timeout() == 5)
*/
static int socket_timeout (lua_State *L) {
  Conn *c = lssl_selfsocket(L);
  lua_Number most = c->timeout > 0 ? c->timeout : -1, left = -1;
  if (c->datagram && c->ssl != NULL)
    left = (lua_Number)lssl_timeleft(c->ssl);
  lssl_pushtimeout(L, left >= 0 && (most < 0 || left < most) ? left : most);
  return 1;
}

static const luaL_Reg methods[] = {
  {"settimeout", socket_settimeout},
  {"gettimeout", socket_gettimeout},
  {"setblocking", socket_setblocking},
  {"getblocking", socket_getblocking},
  {"fileno", socket_fileno},
  {"getfd", socket_fileno},
  {"pollfd", socket_fileno},
  {"dirty", socket_dirty},
  {"events", socket_events},
  {"timeout", socket_timeout},
  {NULL, NULL}
};

void lssl_opennonblocking (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}
