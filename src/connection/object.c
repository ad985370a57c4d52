/*
** object.c - ssl.SSLObject: TLS between two MemoryBIOs, without a socket. It
** never waits: what it lacks, it says by SSLWantReadError.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "connection/additions.h"
#include "connection/attributes.h"
#include "connection/binding.h"
#include "connection/connection.h"
#include "connection/datagram.h"
#include "connection/deadline.h"
#include "connection/derived.h"
#include "connection/dtls.h"
#include "connection/earlydata.h"
#include "connection/fifo.h"
#include "connection/memorybio.h"
#include "connection/negotiated.h"
#include "connection/object.h"
#include "connection/observed.h"
#include "connection/operations.h"
#include "connection/overrides.h"
#include "connection/peer.h"

static const Class objectclass;

static void release (void *object) {
  lssl_dropconnection((Conn *)object);
}

Conn *lssl_toobject (lua_State *L, int arg) {
  return (Conn *)lssl_testobject(L, arg, &objectclass);
}

Conn *lssl_newplainobject (lua_State *L, int context) {
  Conn *c = (Conn *)lssl_newobject(L, &objectclass);
  c->state = lssl_state(L);
  c->fd = c->leaving = -1;
  lua_pushvalue(L, context);
  lua_setiuservalue(L, -2, LSSL_UVCONTEXT);
  lua_getiuservalue(L, context, LSSL_UVOBJECTCLASS);
  lssl_setclass(L, lua_gettop(L) - 1, &objectclass);
  return c;
}

/* raises unless both queues are for the context's protocol */
static void checkqueues (lua_State *L, const Context *context, BIO *in,
                         BIO *out) {
  if (lssl_tofifo(in)->datagrams != context->datagram ||
      lssl_tofifo(out)->datagrams != context->datagram)
    lssl_valueerror(L, "a context of %s needs queues of %s: "
                    "ssl.MemoryBIO({ datagrams = %s })",
                    lssl_protocolname(context),
                    context->datagram ? "datagrams" : "bytes",
                    context->datagram ? "true" : "false");
}

/*@ SSLContext:wrap_bio(incoming, outgoing [, server_side [, server_hostname [, session]]])
** Makes a connection without a socket. It reads the peer's bytes from one queue and
** writes its own bytes into another. Your program moves the bytes between the
** queues and the peer.
** - `incoming`, `outgoing` (MemoryBIO): the queues. A context for DTLS needs queues that
**   keep the borders of datagrams: `ssl.MemoryBIO({ datagrams = true })`.
** - `server_side` (boolean): whether this is the server; false by default.
** - `server_hostname` (string): for a client, the name or IP address of the server.
**   You must give it if the context checks host names.
** - `session` (SSLSession): for a client, an earlier session to resume.
** Returns an `SSLObject`, which has not made its handshake yet. Raises `ValueError`
** if the host name is missing or cannot be one, for a host name or a session on the
** server's side, and for queues of the wrong kind; `SSLError` if the context is for the
** other side.
** OpenSSL: `SSL_new`. Since: CPython 3.5.
**
** Type: named fun(incoming: MemoryBIO, outgoing: MemoryBIO, server_side?: boolean,
**   server_hostname?: string, session?: SSLSession): SSLObject
**
**     local to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
**     local client = ctx:wrap_bio(to_client, to_server, {server_hostname = "localhost"})
**     local server = server_ctx:wrap_bio(to_server, to_client, {server_side = true})
**     local function step(object)                   -- false: it needs more bytes
**       local ok, err = pcall(object.do_handshake, object)
**       assert(ok or ssl.isinstance(err, ssl.SSLWantReadError), err)
**       return ok
**     end
**     repeat
**       local one, other = step(client), step(server)
**     until one and other
**     client:write("hello")
**     assert(server:read() == "hello")
*/
static int context_wrapbio (lua_State *L) {
  static const char name[] = ":wrap_bio";
  Context *context = lssl_selfcontext(L);
  BIO *in, *out;
  Conn *c;
  lssl_arguments(L, name,
                 "incoming outgoing server_side server_hostname session");
  in = lssl_checkmemorybio(L, 2, name);
  out = lssl_checkmemorybio(L, 3, name);
  checkqueues(L, context, in, out);
  lssl_checkside(L, context, 4, 5, 6, name);
  c = lssl_newplainobject(L, 1);
  c->server = (unsigned char)lua_toboolean(L, 4);
  lua_insert(L, 1);  /* where what is kept for a connection is looked for */
  lua_pushvalue(L, 6);
  lua_setiuservalue(L, 1, LSSL_UVHOSTNAME);
  if (!lua_isnil(L, 7))
    lssl_keepsession(L, 7);
  BIO_up_ref(in);
  if (out != in)
    BIO_up_ref(out);
  lssl_startconnection(L, c, 1, in, out);
  lua_settop(L, 1);
  return 1;
}

static Conn *self (lua_State *L) {
  return (Conn *)lssl_self(L, &objectclass);
}

/*@ ssl.SSLObject (class)
** A TLS connection without a socket. It reads the peer's bytes from one `MemoryBIO`, and
** writes its own bytes into another. Your program moves the bytes. No method waits: a
** method that lacks bytes raises `SSLWantReadError`. `SSLContext:wrap_bio` makes an
** `SSLObject`. Since: CPython 3.5.
**
**     assert(ssl.isinstance(client, ssl.SSLObject))
*/
/*@ SSLObject:do_handshake()
** Goes on with the handshake as far as the bytes in the queues allow.
** Returns nothing when the handshake is done. Raises `SSLWantReadError` if it needs more
** bytes from the peer, and `SSLCertVerificationError` or another `SSLError` if the
** handshake fails. OpenSSL: `SSL_do_handshake`. Since: CPython 3.5.
**
** Type: fun()
**
**     client:do_handshake()       -- done already: nothing happens
*/
static int object_dohandshake (lua_State *L) {
  return lssl_handshake(L, self(L));
}

/*@ SSLObject:read([len [, buffer]])
** Reads decrypted bytes.
** - `len` (integer): how many bytes to read at most; 1024 by default.
** - `buffer` (bytearray): where to put the bytes.
** Returns a string, or nil at the end of the stream. With `buffer`, it returns the number
** of bytes, which is 0 at the end. Raises `SSLWantReadError` if no bytes are there, and
** `SSLEOFError` if the peer's bytes end without close_notify.
** OpenSSL: `SSL_read_ex`. Since: CPython 3.5.
**
** Type: named fun(len?: integer): string?
** Type: named fun(len: integer?, buffer: bytearray): integer
**
**     server:write("hello")
**     assert(client:read() == "hello")
*/
static int object_read (lua_State *L) {
  Conn *c = self(L);
  lssl_arguments(L, ":read", "len buffer");
  return lssl_readmethod(L, c);
}

/*@ SSLObject:write(data)
** Encrypts bytes, and writes them into the outgoing queue.
** - `data` (string or bytearray): the bytes.
** Returns the number of bytes (integer). Raises `SSLWantReadError` before the handshake is
** done. OpenSSL: `SSL_write_ex`. Since: CPython 3.5.
**
** Type: fun(data: string|bytearray): integer
**
**     assert(client:write("hello") == 5)
**     assert(server:read() == "hello")
*/
static int object_write (lua_State *L) {
  Conn *c = self(L);
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, 2, &size, ":write");
  return lssl_write(L, c, data, size);
}

static int unwrapped (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  return s == STEP_DONE ? 0 : lssl_raisefailure(L, c);
}

/*@ SSLObject:unwrap()
** Ends TLS in good order. It sends close_notify, and needs the peer's.
** Returns nothing when the peer's close_notify has come. Raises `SSLWantReadError` until
** then. OpenSSL: `SSL_shutdown`. Since: CPython 3.5.
**
** Type: fun()
**
**     pcall(client.unwrap, client)                  -- sends close_notify, and awaits the server's
**     server:unwrap()
**     client:unwrap()                               -- both sides know that this was all
*/
static int object_unwrap (lua_State *L) {
  return lssl_unwrap(L, self(L), unwrapped);
}

/*@ SSLObject:timeout()
** Tells when DTLS sends again what the peer has not answered.
** Returns the number of seconds until `handle_timeout` has something to do, 0 if it has
** now; or nil if nothing waits for an answer, as after the handshake, and with TLS.
** OpenSSL: `DTLSv1_get_timeout`. Since: an addition.
**
** Type: fun(): number?
**
**     assert(client:timeout() == nil)
*/
static int object_timeout (lua_State *L) {
  Conn *c = self(L);
  lua_Number left = -1;
  if (c->datagram && lssl_checkssl(L, c) != NULL)
    left = (lua_Number)lssl_timeleft(c->ssl);
  lssl_pushtimeout(L, left);
  return 1;
}

static const luaL_Reg methods[] = {
  {"do_handshake", object_dohandshake},
  {"read", object_read},
  {"write", object_write},
  {"unwrap", object_unwrap},
  {"timeout", object_timeout},
  {NULL, NULL}
};

static const luaL_Reg contextmethods[] = {
  {"wrap_bio", context_wrapbio},
  {NULL, NULL}
};

/*@ SSLContext.sslobject_class (class, read and write)
** The class of the objects that `wrap_bio` makes. It is `ssl.SSLObject` (the default), or a
** class derived from it by `SSLObject:extend`. nil stands for `ssl.SSLObject`. Setting it
** raises a string error for anything else. Since: CPython 3.7.
**
** Type: table?
**
**     ctx.sslobject_class = ssl.SSLObject:extend({ label = "mine" })
**     local object = ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
**     assert(object.label == "mine")
*/
static int get_objectclass (lua_State *L) {
  return lssl_getclass(L, &objectclass, LSSL_UVOBJECTCLASS);
}

static int set_objectclass (lua_State *L) {
  return lssl_changeclass(L, &objectclass, LSSL_UVOBJECTCLASS,
                          "sslobject_class");
}

static const luaL_Reg contextgetters[] = {
  {"sslobject_class", get_objectclass},
  {NULL, NULL}
};

static const luaL_Reg contextsetters[] = {
  {"sslobject_class", set_objectclass},
  {NULL, NULL}
};

/*
** _renegotiate(object): the client's next do_handshake asks the server for another
** handshake, as versions before TLS 1.3 allow. Returns whether OpenSSL will ask.
** For ssl.scan alone: a program has no use for it.
*/
static int renegotiate (lua_State *L) {
  Conn *c = (Conn *)lssl_checkobject(L, 1, &objectclass, "_renegotiate");
  SSL *ssl = lssl_checkssl(L, c);
  lua_pushboolean(L, SSL_is_init_finished(ssl) && !SSL_is_server(ssl) &&
                     SSL_renegotiate(ssl) == 1);
  lssl_clearerrors();
  return 1;
}

static const Class objectclass = {
  .name = "SSLObject", .tname = "ssl.SSLObject", .size = sizeof(Conn),
  .uservalues = LSSL_CONNVALUES, .fields = LSSL_UVFIELDS,
  .weight = 10, .release = release, .methods = methods
};

void lssl_openobject (lua_State *L) {
  lssl_openclass(L, &objectclass);
  lssl_openderived(L, &objectclass);
  lssl_extendclass(L, &objectclass, lssl_connmethods, lssl_conngetters,
                   lssl_connsetters);
  lssl_extendclass(L, &objectclass, lssl_peermethods, NULL, NULL);
  lssl_extendclass(L, &objectclass, lssl_negotiatedmethods,
                   lssl_negotiatedgetters, NULL);
  lssl_extendclass(L, &objectclass, lssl_bindingmethods, NULL, NULL);
  lssl_extendclass(L, &objectclass, lssl_overridemethods, lssl_overridegetters,
                   lssl_overridesetters);
  lssl_extendclass(L, &objectclass, lssl_additionmethods, NULL, NULL);
  lssl_extendclass(L, &objectclass, lssl_earlymethods, lssl_earlygetters,
                   NULL);
  lssl_extendclass(L, &objectclass, lssl_observedmethods, NULL, NULL);
  lssl_extendclass(L, &objectclass, lssl_datagrammethods, lssl_datagramgetters,
                   lssl_datagramsetters);
  lssl_addtocontext(L, contextmethods, contextgetters, contextsetters);
  lua_pushcfunction(L, renegotiate);
  lua_setfield(L, -2, "_renegotiate");
}
