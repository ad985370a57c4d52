/*
** connection.c - one TLS connection: how it starts, how it fails, and its end.
** SPDX-License-Identifier: MIT
*/
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/class.h"
#include "base/errors.h"
#include "base/limits.h"
#include "x509/certificate.h"
#include "x509/session.h"
#include "x509/verdict.h"
#include "context/compression.h"
#include "context/dane.h"
#include "context/ech.h"
#include "context/earlydata.h"
#include "context/handlers.h"
#include "context/protocols.h"
#include "context/resumption.h"
#include "context/stored.h"
#include "context/tickets.h"
#include "connection/advice.h"
#include "connection/connection.h"
#include "connection/dtls.h"
#include "connection/transport.h"

/*
** {======================================================
** Counts
** =======================================================
*/

void lssl_count (Conn *c) {
  c->counted = 1;
  c->state->counters.connections++;
  c->state->counters.connections_made++;
}

void lssl_uncount (Conn *c) {
  c->counted = 0;
  c->state->counters.connections--;
  c->state->counters.connections_made--;
}

void lssl_counthandshake (Conn *c, int failed) {
  lssl_Counters *counters = &c->state->counters;
  if (c->tallied || c->ssl == NULL || !c->counted)
    return;
  if (SSL_is_init_finished(c->ssl)) {
    c->tallied = 1;
    counters->handshakes++;
    counters->resumptions += SSL_session_reused(c->ssl) != 0;
    lssl_dropstored(&c->caller);
  }
  else if (failed) {
    c->tallied = 1;
    counters->handshakes_failed++;
    counters->handshakes_rejected +=
      SSL_get_verify_result(c->ssl) != X509_V_OK;
  }
}

static void countend (Conn *c) {
  if (c->counted) {
    lssl_counthandshake(c, 1);
    c->state->counters.connections--;
    c->counted = 0;
  }
}

/* }====================================================== */


/*
** {======================================================
** Start
** =======================================================
*/

static void checkrole (lua_State *L, const Context *context, int server) {
  if (server ? lssl_isclients(context) : lssl_isservers(context))
    lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot create a %s socket with a %s context", server ? "server" : "client",
      lssl_protocolname(context)));
}

/*
** The name that the certificate has to match, and that is sent to the server
** unless it is an IP address (RFC 6066, 3). 0 if OpenSSL refuses it.
*/
static int namepeer (SSL *ssl, const Context *context, const char *host,
                     size_t len) {
  X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
  ASN1_OCTET_STRING *ip = a2i_IPADDRESS(host);
  int ok = 1;
  lssl_clearerrors();  /* a name that is no address is no error */
  if (ip == NULL)
    ok = SSL_set_tlsext_host_name(ssl, host) != 0;
  if (ok && context->checkhostname) {
    if (ip == NULL)
      ok = X509_VERIFY_PARAM_set1_host(param, host, len);
    else
      ok = X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(ip),
                                     (size_t)ASN1_STRING_length(ip));
  }
  ASN1_OCTET_STRING_free(ip);
  return ok;
}

/* since 4.0 OpenSSL refuses some names, and does not say why */
static void refusename (lua_State *L, const char *host) {
#if OPENSSL_VERSION_NUMBER >= 0x40000000L
  if (!lssl_haserrors())
    lssl_valueerror(L, "server_hostname '%s' is refused by OpenSSL, which "
                    "checks for names of 2 bytes and more: labels of letters, "
                    "digits, '_' and '-', and no dot at the end", host);
#endif
  (void)host;
  lssl_raisequeue(L, NULL);
}

/* what the steps rely on; a host may have set others */
static void setstepmodes (SSL *ssl) {
  SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_clear_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
}

/* the modes that differ between a socket and an object, client and server */
static void setmodes (Conn *c, const Context *context) {
  if (context->foreign)
    setstepmodes(c->ssl);
  if (c->datagram)
    lssl_startdtls(c->ssl, c->mtu);
  else
    lssl_newbuffers(&c->buffers, c->ssl, c->issocket);
  if (c->server)
    SSL_set_accept_state(c->ssl);
  else {
    SSL_set_connect_state(c->ssl);
    /* a server's matter; with one, TLS 1.3 refuses the session of a PSK */
    SSL_set_session_id_context(c->ssl, (const unsigned char *)"", 0);
  }
  if (context->posthandshakeauth) {
    int mode = SSL_get_verify_mode(c->ssl);
    if (!c->server)
      SSL_set_post_handshake_auth(c->ssl, 1);
    else if (mode & SSL_VERIFY_PEER)
      SSL_set_verify(c->ssl, mode | SSL_VERIFY_POST_HANDSHAKE,
                     SSL_get_verify_callback(c->ssl));
  }
}

void lssl_setpeername (lua_State *L, Conn *c, int name) {
  const Context *context = c->caller.context;
  size_t len;
  const char *host = lua_tolstring(L, name, &len);
  if (host != NULL && !namepeer(c->ssl, context, host, len))
    refusename(L, host);
}

static void usedane (lua_State *L, Conn *c, int self) {
  int top = lua_gettop(L);
  lua_getiuservalue(L, self, LSSL_UVCONTEXT);
  lua_getiuservalue(L, self, LSSL_UVHOSTNAME);
  lssl_usedane(L, top + 1, c->ssl, lua_tostring(L, top + 2));
  lua_settop(L, top);
}

static void setsession (lua_State *L, Conn *c, int self) {
  const void *owner;
  SSL_SESSION *session;
  lua_getiuservalue(L, self, LSSL_UVSESSION);
  session = lssl_tosession(L, -1, &owner);
  if (session != NULL && !lssl_offersession(c->ssl, session))
    lssl_raisequeue(L, NULL);
  lua_pushnil(L);
  lua_setiuservalue(L, self, LSSL_UVSESSION);
  lua_pop(L, 1);
}

/*
** A client that verifies nobody, or not the name, may be what its host forbids;
** so may versions and a security level that were set before it did.
*/
static void checksecurity (lua_State *L, const Conn *c, int self,
                           const Context *context) {
  int named;
  if (context->foreign || !lssl_forbidsinsecure(c->state))
    return;
  named = lua_getiuservalue(L, self, LSSL_UVHOSTNAME) == LUA_TSTRING;
  lua_pop(L, 1);
  if (!c->server && !(SSL_get_verify_mode(c->ssl) & SSL_VERIFY_PEER))
    lssl_checkinsecure(L, "a client has to verify certificates");
  if (!c->server && !(context->checkhostname && named))
    lssl_checkinsecure(L, "a client has to check the host name");
  lssl_checkversionfloor(L, (int)SSL_get_min_proto_version(c->ssl));
  lssl_checklevelfloor(L, SSL_get_security_level(c->ssl));
}

void lssl_startconnection (lua_State *L, Conn *c, int self, BIO *in,
                           BIO *out) {
  Context *context;
  int top = lua_gettop(L);
  lssl_clearerrors();
  lua_getiuservalue(L, self, LSSL_UVCONTEXT);
  context = (Context *)lua_touserdata(L, -1);  /* raises nothing */
  if (context != NULL && c->server)
    lssl_compresscerts(context);
  c->ssl = (context && in && out) ? SSL_new(context->ctx) : NULL;
  if (c->ssl == NULL) {
    BIO_free(in);
    if (out != in)
      BIO_free(out);
    lssl_raisequeue(L, NULL);
    return;
  }
  SSL_set_bio(c->ssl, in, out);
  c->datagram = context->datagram;
  if (c->mtu == 0)
    c->mtu = LSSL_DEFAULTMTU;
  if (lssl_limitsconnections(c->state))
    lssl_checkconnections(L);
  lssl_count(c);
  checksecurity(L, c, self, context);
  c->caller.context = context;
  lssl_telltickets(L, context, lua_gettop(L));
  if (c->server)
    lssl_keepstore(L, &c->caller, self, lua_gettop(L));
  if (!lssl_setcaller(c->ssl, &c->caller) ||
      !lssl_giveticketkeys(c->ssl, context->tickets))
    lssl_raisequeue(L, NULL);
  checkrole(L, context, c->server);
  setmodes(c, context);
  if (lssl_haserrors())  /* what has no result to say so: no memory */
    lssl_raisequeue(L, NULL);
  if (c->server && !lssl_bindsessions(c->ssl))
    lssl_raisequeue(L, NULL);
  lssl_preparehandlers(c->ssl, context);
  if (c->server) {
    lssl_holdcompressed(context, c->ssl);
    lssl_preparealpn(context);
    lssl_prepareearlydata(c->ssl, context);
    lssl_checkearlydata(L, context);
  }
  lua_getiuservalue(L, self, LSSL_UVHOSTNAME);
  lssl_setpeername(L, c, lua_gettop(L));
  if (!c->server)
    usedane(L, c, self);
  setsession(L, c, self);
  lua_settop(L, top);
}

/* }====================================================== */


/*
** {======================================================
** A host's SSL
** =======================================================
*/

int lssl_adoptssl (Conn *c, Context *context, SSL *ssl) {
  if (!lssl_setcaller(ssl, &c->caller))
    return 0;
  c->caller.context = context;
  c->server = (unsigned char)SSL_is_server(ssl);
  c->datagram = (unsigned char)SSL_is_dtls(ssl);
  c->mtu = LSSL_DEFAULTMTU;
  setstepmodes(ssl);
  c->ssl = ssl;
  if (!c->datagram)
    lssl_adoptbuffers(&c->buffers);
  lssl_count(c);
  lssl_counthandshake(c, 0);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** End
** =======================================================
*/

/*
** A session whose connection simply vanishes counts as broken and is not
** resumed; ours are not, unless something did break.
*/
void lssl_endtls (Conn *c) {
  SSL *ssl = c->ssl;
  countend(c);
  c->ended = 1;
  c->ssl = NULL;
  lssl_droptext(&c->text, lssl_textsize(&c->text));
  OPENSSL_free(c->caller.alpn);
  c->caller.alpn = NULL;
  c->caller.alpnsize = 0;
  lssl_dropstored(&c->caller);
  if (ssl != NULL) {
    if (!c->broken && SSL_is_init_finished(ssl))
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    lssl_taketicketkeys(ssl);
    if (lssl_getcaller(ssl) != NULL)
      lssl_setcaller(ssl, NULL);  /* a host may have a reference to 'ssl' */
    if (lssl_isstream(c))
      lssl_leavetransport(SSL_get_rbio(ssl));
    lssl_freessl(ssl);
  }
}

Conn *lssl_selfconn (lua_State *L) {
  return (Conn *)lssl_sharedself(L, "ssl.SSLSocket or ssl.SSLObject");
}

SSL *lssl_checkssl (lua_State *L, const Conn *c) {
  if (c->ended)
    lssl_oserror(L, EBADF, NULL);
  return c->ssl;
}

void lssl_endconnection (Conn *c) {
  Socket fd = c->fd;
  if (c->busy) {  /* OpenSSL is still using it */
    c->closing = 1;
    return;
  }
  lssl_endtls(c);
  c->fd = -1;
  if (fd < 0 || c->borrowed)
    return;
  if (c->uses == 0)
    lssl_closesocket(fd);
  else {
    lssl_shutdown(fd, SHUT_RDWR);
    c->leaving = fd;
  }
}

void lssl_leave (Conn *c, unsigned char uses) {
  c->uses &= (unsigned char)~uses;
  if (c->uses == 0 && c->leaving >= 0) {
    lssl_closesocket(c->leaving);
    c->leaving = -1;
  }
}

void lssl_dropconnection (Conn *c) {
  lssl_leave(c, c->uses);
  lssl_endconnection(c);
}

/* }====================================================== */


/*
** {======================================================
** Failure
** =======================================================
*/

int lssl_isstream (const Conn *c) {
  return c->issocket && !c->datagram;
}

/* what the network says of one datagram need not hold for the next */
int lssl_isfatal (const Conn *c) {
  const Outcome *o = &c->outcome;
  if (c->datagram && o->kind == SSL_ERROR_SYSCALL)
    return 0;
  return (o->kind == SSL_ERROR_SSL || o->kind == SSL_ERROR_SYSCALL) &&
         !lssl_isharmless(o) && !c->ended;
}

/*
** Tells which certificate was not accepted and why; returns it, or NULL. It is
** in a box: what allocates may run a finalizer that closes the connection.
*/
static X509 *explain (lua_State *L, const Conn *c, Verdict *v) {
  void **box = lssl_newbox(L, lssl_freecertificate);
  STACK_OF(X509) *chain = c->ssl ? SSL_get0_verified_chain(c->ssl) : NULL;
  X509 *cert = chain ? sk_X509_value(chain, c->caller.depth) : NULL;
  if (cert != NULL && X509_up_ref(cert))
    *box = cert;
  lssl_fillverdict(L, v, cert, c->caller.depth, c->caller.rule);
  return cert;
}

/* what a client whose ClientHello the server could not decrypt may do next */
static void setretry (lua_State *L, const Conn *c) {
  int error = lua_gettop(L);
  if (c->server || !LSSL_ECH)
    return;
  lssl_pushechretry(L, &c->ssl);
  lua_setfield(L, error, "ech_retry");
  lua_settop(L, error);
}

int lssl_raisefailure (lua_State *L, Conn *c) {
  const Outcome *o = &c->outcome;
  const char *advice = lssl_advice(c->ssl, o);
  Verdict v = LSSL_NOVERDICT;
  X509 *refused = NULL;
  int fatal = lssl_isfatal(c);
  if (fatal)
    c->broken = 1;  /* even if there is no memory to say why */
  if (c->ssl != NULL) {
    v.code = SSL_get_verify_result(c->ssl);
    lssl_pushechname(L, &c->ssl);
    if (lua_isnil(L, -1))
      lua_getiuservalue(L, 1, LSSL_UVHOSTNAME);
    v.hostname = lua_tostring(L, -1);
  }
  if (lssl_isrefusal(o, &v))
    refused = explain(L, c, &v);
  lssl_pushoutcome(L, o, &v);
  lssl_setrefused(L, refused);
  if (advice != NULL)
    lssl_advise(L, advice);
  lssl_setcause(L, &c->caller, 1);
  setretry(L, c);
  if (fatal) {
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, LSSL_UVFAILURE);
    if (o->kind == SSL_ERROR_SSL && !lssl_isragged(o))  /* RFC 5246, 7.2.2 */
      lssl_removestored(L, &c->caller, c->ssl);
  }
  return lua_error(L);
}

void lssl_checkbroken (lua_State *L, Conn *c) {
  if (c->broken) {
    if (lua_getiuservalue(L, 1, LSSL_UVFAILURE) == LUA_TNIL)
      lssl_raisefailure(L, c);  /* it broke in a file of makefile */
    lua_error(L);
  }
}

/* }====================================================== */
