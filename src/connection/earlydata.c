/*
** earlydata.c - what SSLSocket and SSLObject have for TLS 1.3's early data
** (RFC 8446, 2.3): what a client sends before the handshake, and a server reads.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "connection/earlydata.h"
#include "connection/operations.h"

/* where the data to write are on the stack */
#define DATA	2

/* the connection of the method at 1, which has an SSL; raises */
static Conn *withssl (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  if (lssl_checkssl(L, c) == NULL)
    lssl_oserror(L, ENOTCONN, NULL);
  lssl_checkbroken(L, c);
  return c;
}

static int isuntouched (const Conn *c) {
  return SSL_get_state(c->ssl) == TLS_ST_BEFORE;
}

/*
** {======================================================
** Reading
** =======================================================
*/

static Step readearly_step (Conn *c, Operation *op) {
  size_t size = op->size;
  if (size > sizeof c->state->scratch)
    size = sizeof c->state->scratch;
  return lssl_stepreadearly(c, c->state->scratch, size, &op->done);
}

/* no bytes: that was all of them */
static int readearly_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s != STEP_DONE)
    return lssl_raisefailure(L, c);
  if (op->done > 0)
    lua_pushlstring(L, (const char *)c->state->scratch, op->done);
  else
    lua_pushnil(L);
  return 1;
}

/* what stands against reading now, or NULL */
static const char *unreadable (const Conn *c) {
  if (c->datagram)
    return "DTLS has no early data";
  if (!c->server)
    return "only a server reads early data";
  if (c->early == LSSL_NOTEARLY && !isuntouched(c))
    return "the handshake has begun: early data have to be read before it";
  return NULL;
}

/*@ SSLSocket:read_early_data([len])
** Reads early data, as a server, in place of the first part of the handshake. Call it
** until it returns nil. Then call `do_handshake`, or go on with `recv`. Anyone could
** have sent early data before: read `SSLContext.max_early_data` first.
**
** Wrap a socket with `do_handshake_on_connect = false`, so that you can call this. If
** the server does not call it, or refuses the early data, it skips them, and
** `early_data_status` tells the client so. Until it has returned nil, each other method
** that needs the peer raises `ValueError`, but for `write_early_data`.
** - `len` (integer): how many bytes to return at most; 16384 by default, and at most.
** Returns a string, or nil if there are no more, or none at all. Raises `ValueError` on
** a client, and once the handshake has begun; `SSLError` if the handshake fails, or the
** client sends more than `max_early_data` bytes; and the errors of `recv`:
** `TimeoutError`, `SSLWantReadError`, `OSError`.
** OpenSSL: `SSL_read_early_data`; RFC 8446, 2.3. Since: an addition.
**
** Type: named fun(len?: integer): string?
**
**     server_ctx.max_early_data = 16384
**     local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
**     local object = server_ctx:wrap_bio(incoming, outgoing, true)
**     local function early(conn)
**       local parts = {}
**       for part in function() return conn:read_early_data() end do
**         parts[#parts + 1] = part
**       end
**       conn:do_handshake()
**       return table.concat(parts)
**     end
**     local ok, err = pcall(early, object)    -- no client has come so far
**     assert(not ok and ssl.isinstance(err, ssl.SSLWantReadError))
*/
static int conn_readearly (lua_State *L) {
  Operation op = {0};
  lua_Integer size;
  const char *problem;
  Conn *c;
  lssl_arguments(L, ":read_early_data", "len");
  size = lssl_optinteger(L, 2, LSSL_RECORD, ":read_early_data");
  c = withssl(L);
  if (size < 1)
    return lssl_valueerror(L, "len should be positive");
  problem = unreadable(c);
  if (problem != NULL && !c->busy)
    return lssl_valueerror(L, "%s", problem);
  if (c->early == LSSL_EARLYREAD) {
    lua_pushnil(L);
    return 1;
  }
  op.step = readearly_step;
  op.finish = readearly_finish;
  op.name = "read";
  op.uses = LSSL_READING | LSSL_WRITING;
  op.early = 1;
  op.size = (size_t)size;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** Writing
** =======================================================
*/

static Step writeearly_step (Conn *c, Operation *op) {
  return lssl_stepwriteearly(c, op->data, op->size);
}

static int writeearly_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  lssl_dropdata(L, c);
  if (s != STEP_DONE)
    return lssl_raisefailure(L, c);
  lua_pushinteger(L, (lua_Integer)op->size);
  return 1;
}

/* how much more the server takes, by the session that the client resumes */
static size_t room (const Conn *c) {
  SSL_SESSION *session = SSL_get0_session(c->ssl);
  size_t most = session ? SSL_SESSION_get_max_early_data(session) : 0;
  return most > c->earlysize ? most - c->earlysize : 0;
}

/* what stands against a server's writing now, or NULL */
static const char *unwritable (const Conn *c) {
  if (c->datagram)
    return "DTLS has no early data";
  if (SSL_is_init_finished(c->ssl))
    return "the handshake is done: use write or send";
  if (c->early != LSSL_EARLYREADING && c->early != LSSL_EARLYREAD)
    return "a server writes early only after read_early_data has returned, and "
           "before do_handshake";
  return NULL;
}

/* the same for a client */
static const char *unsendable (const Conn *c) {
  if (c->datagram)
    return "DTLS has no early data";
  if (c->early == LSSL_NOTEARLY && !isuntouched(c))
    return "the handshake has begun: early data have to be sent before it";
  if (c->early == LSSL_NOTEARLY && room(c) == 0)
    return "the session, which the connection needs for early data, is missing, "
           "or its server takes none (max_early_data)";
  return NULL;
}

static void checkwritable (lua_State *L, const Conn *c, size_t size) {
  const char *problem = c->server ? unwritable(c) : unsendable(c);
  if (problem != NULL)
    lssl_valueerror(L, "%s", problem);
  if (c->unwritten == 0 && !c->server && size > room(c))
    lssl_valueerror(L, "%I bytes are more than the %I that the server takes as "
                    "early data", (LUAI_UACINT)size, (LUAI_UACINT)room(c));
}

/* OpenSSL counts what a retry gives as written, whatever it is: so only the same */
static void checkagain (lua_State *L, const Conn *c, const unsigned char *data,
                        size_t size) {
  if (lssl_isunfinished(c) &&
      (size != c->unwritten || !lssl_isretry(c, data, size)))
    lssl_refusedata(L, c, SSL_R_BAD_WRITE_RETRY);
}

/*@ SSLSocket:write_early_data(data)
** Sends early data: as a client, before the handshake, to a server whose session the
** connection resumes. The server gets them with the first flight, one round trip
** earlier. They can be replayed: see `SSLContext.max_early_data`. Send nothing that
** does harm if the server acts on it twice.
**
** The connection needs a `session` whose `max_early_data` is not 0, with the same
** `server_hostname` and ALPN protocol as before. Wrap a socket with
** `do_handshake_on_connect = false`. You may call this several times. Then call
** `do_handshake`, and look at `early_data_status`: if it is not `"accepted"`, the
** server has dropped the data, and you have to send them again by `sendall`.
**
** A server may answer early, after `read_early_data` has returned and before
** `do_handshake`. It does not know by then whom it answers: the client has shown
** neither a certificate nor that it is alive.
** - `data` (string or bytearray): the bytes.
** Returns their number (integer). Raises `ValueError`, and sends nothing, for more bytes
** than the session's `max_early_data` allows in all, without such a session, and once
** the handshake has begun; `SSLError` for another name or protocol than the session's,
** which ends the connection; and the errors of `send`: `TimeoutError`,
** `SSLWantWriteError` (call it again with the same data), `OSError`.
** OpenSSL: `SSL_write_early_data`; RFC 8446, 2.3. Since: an addition.
**
** Type: named fun(data: string|bytearray): integer
**
**     local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
**     local object = ctx:wrap_bio(incoming, outgoing, { server_hostname = "localhost",
**                                                       session = conn.session })
**     local request = "GET / HTTP/1.0\r\nEarly-Data: 1\r\n\r\n"
**     if object.session and object.session.max_early_data >= #request then
**       object:write_early_data(request)
**     end
*/
static int conn_writeearly (lua_State *L) {
  Operation op = {0};
  const unsigned char *data;
  size_t size;
  Conn *c;
  lssl_arguments(L, ":write_early_data", "data");
  data = lssl_checkbytes(L, DATA, &size, ":write_early_data");
  c = withssl(L);
  if (!c->busy && !(c->uses & LSSL_WRITING)) {
    checkwritable(L, c, size);
    checkagain(L, c, data, size);
  }
  if (size == 0) {
    lua_pushinteger(L, 0);
    return 1;
  }
  op.step = writeearly_step;
  op.finish = writeearly_finish;
  op.pause = lssl_keepdata;
  op.number = DATA;
  op.name = "write";
  op.uses = LSSL_READING | LSSL_WRITING;
  op.early = 1;
  op.data = data;
  op.size = size;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*@ SSLSocket.early_data_status (string or nil, read only)
** What became of the client's early data: `"accepted"`; `"rejected"` if the server has
** dropped them, and they have to be sent again; or `"not_sent"`. It is nil as long as
** that is not known: a client knows after the handshake.
** OpenSSL: `SSL_get_early_data_status`. Since: an addition.
**
** Type: "accepted"|"rejected"|"not_sent"|nil
**
**     assert(conn.early_data_status == "not_sent")
*/
static int get_earlystatus (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  int done = (c->ssl != NULL && SSL_is_init_finished(c->ssl));
  int status = c->ssl ? SSL_get_early_data_status(c->ssl)
                      : SSL_EARLY_DATA_NOT_SENT;
  const char *name = NULL;
  if (status == SSL_EARLY_DATA_NOT_SENT && done)
    name = "not_sent";
  else if (status == SSL_EARLY_DATA_ACCEPTED && (done || c->server))
    name = "accepted";
  else if (status == SSL_EARLY_DATA_REJECTED && (done || c->server))
    name = "rejected";
  lua_pushstring(L, name);  /* NULL: nil */
  return 1;
}

const luaL_Reg lssl_earlymethods[] = {
  {"read_early_data", conn_readearly},
  {"write_early_data", conn_writeearly},
  {NULL, NULL}
};

const luaL_Reg lssl_earlygetters[] = {
  {"early_data_status", get_earlystatus},
  {NULL, NULL}
};
