/*
** listener.c - a listening socket of datagrams: clients prove their address by a
** cookie, then get a socket of their own.
** SPDX-License-Identifier: MIT
**
** A ClientHello without a cookie is answered with one, and forgotten. Anybody can send
** one in anybody's name, as fast as the network carries it: it costs a hash, and nothing
** is kept. A ClientHello with the right cookie comes from its address. The SSL that has
** seen it goes on to be the connection's, over a new socket on the same port, which is
** connected to that address: from then on the system tells the clients apart, and each
** connection has a descriptor that any event loop can wait for.
**
** A copy of such a ClientHello may still be on its way to the listening socket. So the
** addresses of the connections that live are remembered.
*/
#include <string.h>

#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "context/cookies.h"
#include "connection/fifo.h"
#include "connection/packets.h"
#include "connection/suspended.h"
#include "connection/wait.h"
#include "socket/address.h"
#include "socket/listener.h"
#include "socket/socket.h"

/* datagrams that one attempt looks at, before the time is looked at again */
#define ATONCE	64

/* places on the stack */
enum { SELF = 1, LISTENER, ACCEPTED };

/* user values of a Listener */
#define PEERS	1		/* weak table: address -> connection */

/* where a DTLS record has its type, its epoch, and the type of a message */
#define RECORDTYPE	0
#define EPOCH	3
#define MESSAGETYPE	13
#define HEADERS	25

typedef struct Listener {
  CookieKeys keys;
  Address peer;			/* of the datagram at hand */
  Cookie cookie;		/* its */
} Listener;

/*
** {======================================================
** The exchange of cookies
** =======================================================
*/

/* the bytes that tell one address from another; 0 for a family of others */
static int identify (const Address *a, Cookie *cookie) {
  unsigned char *p = cookie->address;
  cookie->size = 0;
  if (a->as.any.sa_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->as.storage;
    memcpy(p, &in->sin_port, 2);
    memcpy(p + 2, &in->sin_addr, 4);
    cookie->size = 6;
  }
  else if (a->as.any.sa_family == AF_INET6) {
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&a->as.storage;
    memcpy(p, &in->sin6_port, 2);
    memcpy(p + 2, &in->sin6_addr, 16);
    memcpy(p + 18, &in->sin6_scope_id, 4);
    cookie->size = 22;
  }
  return cookie->size > 0;
}

/* what else comes is not worth OpenSSL's time */
static int ishello (const unsigned char *data, size_t size) {
  return size >= HEADERS && data[RECORDTYPE] == SSL3_RT_HANDSHAKE &&
         data[EPOCH] == 0 && data[EPOCH + 1] == 0 &&
         data[MESSAGETYPE] == SSL3_MT_CLIENT_HELLO;
}

/* has the SSL look at the datagram that is in its queue; is the cookie right? */
static int hear (Conn *accepted, const Cookie *cookie) {
  BIO_ADDR *unused = BIO_ADDR_new();
  int result = 0;
  accepted->caller.cookie = cookie;
  if (unused != NULL)
    result = DTLSv1_listen(accepted->ssl, unused);
  accepted->caller.cookie = NULL;
  BIO_ADDR_free(unused);
  lssl_clearerrors();
  return result > 0;
}

/* sends what the SSL has written; what the network does not take is lost */
static void answer (Conn *c, Conn *accepted, const Address *peer) {
  Fifo *out = lssl_tofifo(SSL_get_wbio(accepted->ssl));
  const unsigned char *data;
  size_t size;
  while ((data = lssl_fifonext(out, &size)) != NULL) {
    lssl_sendto(c->fd, data, size, &peer->as.any, peer->size);
    lssl_fifodrop(out, size);
  }
}

static void forget (BIO *bio) {
  Fifo *f = lssl_tofifo(bio);
  while (lssl_fifopending(f) > 0)
    lssl_fifodrop(f, 0);
}

/* is the datagram in the scratch buffer a ClientHello with the right cookie? */
static int isproven (Conn *c, Conn *accepted, Listener *l, size_t size) {
  const unsigned char *data = c->state->scratch;
  Fifo *in = lssl_tofifo(SSL_get_rbio(accepted->ssl));
  int proven;
  if (!ishello(data, size) || !identify(&l->peer, &l->cookie) ||
      !lssl_fifowrite(in, data, size))
    return 0;
  proven = hear(accepted, &l->cookie);
  answer(c, accepted, &l->peer);
  forget(SSL_get_rbio(accepted->ssl));
  return proven;
}

static Step accept_step (Conn *c, Operation *op) {
  Conn *accepted = (Conn *)op->buffer;
  Listener *l = (Listener *)op->user;
  int i;
  for (i = 0; i < ATONCE; i++) {
    ssize_t n;
    l->peer.size = sizeof l->peer.as;
    n = lssl_recvfrom(c->fd, c->state->scratch, sizeof c->state->scratch,
                      &l->peer.as.any, &l->peer.size);
    if (n < 0 && lssl_wouldblock(errno))
      return STEP_READ;
    if (n < 0 && !lssl_ispeergone(errno) && errno != ECONNREFUSED)
      return lssl_failstep(c, errno);
    if (n > 0 && isproven(c, accepted, l, (size_t)n))
      return STEP_DONE;
  }
  return STEP_READ;
}

/* }====================================================== */


/*
** {======================================================
** The connection
** =======================================================
*/

/* is there a connection with this address, pushed as a string? */
static int isknown (lua_State *L, const Cookie *cookie) {
  const Conn *c;
  lua_getiuservalue(L, LISTENER, PEERS);
  lua_pushlstring(L, (const char *)cookie->address, cookie->size);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  c = lssl_tosocket(L, -1);
  lua_pop(L, 1);
  return c != NULL && !c->ended;
}

/* gives the connection a socket of its own, connected to its peer */
static void connectto (lua_State *L, Conn *c, Conn *accepted,
                       const Address *peer) {
  BIO *bio;
  Socket fd = lssl_sibling(c->fd, &peer->as.any, peer->size);
  if (fd < 0 && errno == ENOSYS)
    lssl_notimplemented(L, "this system does not tell clients apart that send to "
                        "the same port (SO_REUSEPORT)");
  if (fd < 0)
    lssl_oserror(L, errno, NULL);
  accepted->fd = fd;
  accepted->restore = 1;
  bio = lssl_newpackets(fd);
  if (bio == NULL)
    lssl_raisememory(L);
  SSL_set_bio(accepted->ssl, bio, bio);
}

static int accept_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  Conn *accepted = (Conn *)op->buffer;
  Listener *l = (Listener *)op->user;
  if (s != STEP_DONE)
    return lssl_oserror(L, c->outcome.syserr, NULL);
  if (isknown(L, &l->cookie)) {
    lua_pushnil(L);
    return 1;
  }
  lssl_checkconnections(L);
  connectto(L, c, accepted, &l->peer);
  lssl_count(accepted);
  accepted->unwarned = 0;
  lua_pushvalue(L, ACCEPTED);
  lua_rawset(L, -3);
  lua_pushvalue(L, ACCEPTED);
  return 1;
}

/* pushes the Listener of the socket at 1, made at the first call */
static Listener *pushlistener (lua_State *L) {
  Listener *l;
  if (lua_getiuservalue(L, SELF, LSSL_UVLISTENER) == LUA_TUSERDATA)
    return (Listener *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  l = (Listener *)lua_newuserdatauv(L, sizeof *l, 1);
  if (!lssl_startcookies(&l->keys))
    lssl_raisequeue(L, NULL);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setiuservalue(L, -2, PEERS);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, SELF, LSSL_UVLISTENER);
  return l;
}

/* pushes a connection that has no socket yet, and that nobody counts */
static Conn *pushaccepted (lua_State *L, const Conn *c) {
  Conn *accepted = lssl_newaccepted(L, SELF);
  accepted->mtu = c->mtu;
  accepted->unwarned = 1;
  lssl_startconnection(L, accepted, ACCEPTED, lssl_newfifo(1), lssl_newfifo(1));
  lssl_uncount(accepted);
  lssl_usecookies(SSL_get_SSL_CTX(accepted->ssl));
  return accepted;
}

/* is it known, without the cost of a new connection, that nobody has called? */
static int isidle (const Conn *c) {
  return c->timeout == 0 && lssl_poll(c->fd, 0, 0) == 0;
}

int lssl_acceptdatagram (lua_State *L, Conn *c) {
  Operation op = {0};
  Listener *l;
  lssl_checkidle(L, c, LSSL_READING);
  if (isidle(c))
    return lssl_raisewant(L, STEP_READ);
  lua_settop(L, SELF);
  l = pushlistener(L);
  if (!lssl_renewcookies(&l->keys))
    return lssl_raisequeue(L, NULL);
  l->cookie.keys = &l->keys;
  op.buffer = (unsigned char *)pushaccepted(L, c);
  op.user = l;
  op.step = accept_step;
  op.finish = accept_finish;
  op.name = "accept";
  op.uses = LSSL_READING;
  op.plain = 1;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */
