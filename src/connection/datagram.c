/*
** datagram.c - what connections over datagrams have: their timer, the sizes of
** datagrams, and the profile of SRTP.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>

#include <openssl/srtp.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "connection/datagram.h"
#include "connection/deadline.h"
#include "connection/dtls.h"
#include "connection/operations.h"

/* raises unless there is a connection that speaks DTLS, as 'name' needs it */
static Conn *check (lua_State *L, Conn *c, const char *name) {
  if (lssl_checkssl(L, c) == NULL)
    lssl_oserror(L, ENOTCONN, NULL);
  if (!c->datagram)
    lssl_valueerror(L, "%s is for DTLS, and this connection speaks TLS", name);
  return c;
}

/*
** {======================================================
** The timer
** =======================================================
*/

static Step resend_step (Conn *c, Operation *op) {
  return lssl_stepresend(c, &op->number);
}

static int resend_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s == STEP_FAILED || s == STEP_EOF)
    return lssl_raisefailure(L, c);
  lua_pushboolean(L, op->number);
  return 1;
}

/*@ SSLSocket:handle_timeout()
** Sends what the peer has not answered again, if the time for that has come. DTLS
** repeats what it sends in the handshake until the peer answers, because datagrams get
** lost. Calls that wait do this by themselves. If your program never lets a call wait,
** call this method when the time that `timeout` tells has passed; or call
** `do_handshake`, which does the same.
** Returns whether it has sent something (boolean). Raises `SSLError` if the peer has
** not answered for 12 times, `ValueError` if the connection does not speak DTLS, and
** `OSError`. OpenSSL: `DTLSv1_handle_timeout`; RFC 6347, 4.2.4. Since: an addition.
**
** Type: fun(): boolean
**
**     assert(not datagram:handle_timeout())     -- the handshake is done
*/
static int conn_handletimeout (lua_State *L) {
  Conn *c = check(L, lssl_selfconn(L), "handle_timeout");
  Operation op = {0};
  lssl_checkbroken(L, c);
  lua_settop(L, 1);
  op.step = resend_step;
  op.finish = resend_finish;
  op.name = "handle_timeout";
  op.uses = LSSL_WRITING;
  op.told = 1;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** Sizes
** =======================================================
*/

/*@ SSLSocket.mtu (integer or nil, read and write)
** The largest datagram that the connection sends, in bytes, without the headers of IP
** and UDP. The default, 1232, passes through every network that carries IPv6. A
** smaller number is needed where something else is wrapped around the datagrams, and a
** larger one saves datagrams where you know the network. The messages of the handshake
** are cut into pieces that fit; they are never larger than 4096 bytes. What you send is
** not cut: see `max_datagram`. For a connection that does not speak DTLS, it is nil.
**
** Setting it raises `ValueError` for a number that is not from 256 to 65507, and for a
** connection that does not speak DTLS; `OSError` if there is no connection.
** OpenSSL: `SSL_set_mtu`. Since: an addition.
**
**     assert(datagram.mtu == 1232)
**     datagram.mtu = 1400
*/
static int get_mtu (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  if (c->datagram)
    lua_pushinteger(L, (lua_Integer)c->mtu);
  else
    lua_pushnil(L);
  return 1;
}

static int set_mtu (lua_State *L) {
  lua_Integer mtu = lssl_checkvalueinteger(L, "mtu");
  Conn *c = check(L, (Conn *)lua_touserdata(L, 1), "mtu");
  if (mtu < LSSL_LEASTMTU || mtu > LSSL_MOSTMTU)
    return lssl_valueerror(L, "mtu must be from %d to %d", LSSL_LEASTMTU,
                           LSSL_MOSTMTU);
  if (c->busy)
    return lssl_valueerror(L, "the connection is in use by the call whose "
                           "callback this is");
  c->mtu = (unsigned int)mtu;
  lssl_setmtu(c->ssl, c->mtu);
  return 0;
}

/*@ SSLSocket.max_datagram (integer or nil, read only)
** How many bytes `send` can send at once: what is left of a datagram of `mtu` bytes
** after the headers and the checksum of DTLS, 16384 at most. Before the handshake is
** done, and for a connection that does not speak DTLS, it is nil.
** OpenSSL: `DTLS_get_data_mtu`. Since: an addition.
**
**     local most = datagram.max_datagram
**     assert(most < datagram.mtu)
**     assert(datagram:send(("x"):rep(most)) == most)
**     assert(not pcall(datagram.send, datagram, ("x"):rep(most + 1)))
*/
static int get_maxdatagram (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  size_t room = 0;
  if (c->datagram && c->ssl != NULL && SSL_is_init_finished(c->ssl))
    room = lssl_roomfordata(c->ssl, c->mtu);
  if (room > 0)
    lua_pushinteger(L, (lua_Integer)room);
  else
    lua_pushnil(L);
  return 1;
}

/* }====================================================== */


/*@ SSLSocket:selected_srtp_profile()
** Tells which profile of SRTP the peers have agreed on: see
** `SSLContext:set_srtp_profiles`.
** Returns its name (string), or nil if there is none. Raises `ValueError` if the
** connection does not speak DTLS, and `OSError` if there is no connection.
** OpenSSL: `SSL_get_selected_srtp_profile`; RFC 5764. Since: an addition.
**
** Type: fun(): string?
**
**     assert(datagram:selected_srtp_profile() == nil)
*/
static int conn_selectedsrtp (lua_State *L) {
  Conn *c = check(L, lssl_selfconn(L), "selected_srtp_profile");
#if defined(OPENSSL_NO_SRTP)
  (void)c;
  lua_pushnil(L);
#else
  const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(c->ssl);
  lua_pushstring(L, profile ? profile->name : NULL);
#endif
  return 1;
}

const luaL_Reg lssl_datagrammethods[] = {
  {"handle_timeout", conn_handletimeout},
  {"selected_srtp_profile", conn_selectedsrtp},
  {NULL, NULL}
};

const luaL_Reg lssl_datagramgetters[] = {
  {"mtu", get_mtu},
  {"max_datagram", get_maxdatagram},
  {NULL, NULL}
};

const luaL_Reg lssl_datagramsetters[] = {
  {"mtu", set_mtu},
  {NULL, NULL}
};
