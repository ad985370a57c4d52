/*
** connection.c - one TLS connection: how it starts, its steps, and its end.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "class.h"
#include "connection.h"
#include "errors.h"
#include "handlers.h"
#include "resumption.h"
#include "session.h"
#include "transport.h"

/* what one read from a socket may bring; four records measured best */
#define READBUFFER	(64 * 1024)

/*
** What is gathered of a string before it is sent all the same: four full
** records with their headers, more gained nothing when measured; and of a
** handshake's flight: what is longer is one write already.
*/
#define GATHER	(4 * (SSL3_RT_MAX_PLAIN_LENGTH + 256))
#define FLIGHT	4096

/*
** a read of no more than this takes the whole record from OpenSSL: for larger
** ones the second copy costs what the calls save
*/
#define SMALL	512

/*
** {======================================================
** Start
** =======================================================
*/

static void checkrole (lua_State *L, const Context *context, int server) {
  if (server && context->protocol == LSSL_PROTOCOL_TLS_CLIENT)
    lssl_sslerror(L, 0, "Cannot create a server socket with a "
                  "PROTOCOL_TLS_CLIENT context");
  if (!server && context->protocol == LSSL_PROTOCOL_TLS_SERVER)
    lssl_sslerror(L, 0, "Cannot create a client socket with a "
                  "PROTOCOL_TLS_SERVER context");
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

/* the modes that differ between a socket and an object, client and server */
static void setmodes (Conn *c, const Context *context) {
  if (c->issocket) {
    SSL_set_read_ahead(c->ssl, 1);
    SSL_set_default_read_buffer_len(c->ssl, READBUFFER);
  }
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

static void setname (lua_State *L, Conn *c, int self,
                     const Context *context) {
  size_t len;
  const char *host;
  lua_getiuservalue(L, self, LSSL_UVHOSTNAME);
  host = lua_tolstring(L, -1, &len);
  if (host != NULL && !namepeer(c->ssl, context, host, len))
    refusename(L, host);
  lua_pop(L, 1);
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

void lssl_startconnection (lua_State *L, Conn *c, int self, BIO *in,
                           BIO *out) {
  Context *context;
  int top = lua_gettop(L);
  lssl_clearerrors();
  lua_getiuservalue(L, self, LSSL_UVCONTEXT);
  context = (Context *)lua_touserdata(L, -1);  /* raises nothing */
  c->ssl = (context && in && out) ? SSL_new(context->ctx) : NULL;
  if (c->ssl == NULL) {
    BIO_free(in);
    if (out != in)
      BIO_free(out);
    lssl_raisequeue(L, NULL);
    return;
  }
  SSL_set_bio(c->ssl, in, out);
  c->caller.context = context;
  if (!lssl_setcaller(c->ssl, &c->caller) ||
      !lssl_giveticketkeys(c->ssl, context->tickets))
    lssl_raisequeue(L, NULL);
  checkrole(L, context, c->server);
  setmodes(c, context);
  if (c->server && !lssl_bindsessions(c->ssl))
    lssl_raisequeue(L, NULL);
  lssl_preparehandlers(c->ssl, context);
  setname(L, c, self, context);
  setsession(L, c, self);
  lua_settop(L, top);
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
  c->ended = 1;
  c->ssl = NULL;
  lssl_droptext(&c->text, lssl_textsize(&c->text));
  if (ssl != NULL) {
    if (!c->broken && SSL_is_init_finished(ssl))
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    lssl_taketicketkeys(ssl);
    SSL_free(ssl);
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
  int fd = c->fd;
  if (c->busy) {  /* OpenSSL is still using it */
    c->closing = 1;
    return;
  }
  lssl_endtls(c);
  c->fd = -1;
  if (fd < 0 || c->borrowed)
    return;
  if (c->uses == 0)
    close(fd);
  else {
    shutdown(fd, SHUT_RDWR);
    c->leaving = fd;
  }
}

void lssl_leave (Conn *c, unsigned char uses) {
  c->uses &= (unsigned char)~uses;
  if (c->uses == 0 && c->leaving >= 0) {
    close(c->leaving);
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

int lssl_isfatal (const Conn *c) {
  const Outcome *o = &c->outcome;
  return (o->kind == SSL_ERROR_SSL || o->kind == SSL_ERROR_SYSCALL) &&
         !lssl_isharmless(o) && !c->ended;
}

int lssl_raisefailure (lua_State *L, Conn *c) {
  const Outcome *o = &c->outcome;
  Verdict v = {X509_V_OK, NULL};
  int fatal = lssl_isfatal(c);
  if (fatal)
    c->broken = 1;  /* even if there is no memory to say why */
  if (c->ssl != NULL) {
    v.code = SSL_get_verify_result(c->ssl);
    lua_getiuservalue(L, 1, LSSL_UVHOSTNAME);
    v.hostname = lua_tostring(L, -1);
  }
  lssl_pushoutcome(L, o, &v);
  lssl_setcause(L, &c->caller, 1);
  if (fatal) {
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, LSSL_UVFAILURE);
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


/*
** {======================================================
** Steps
** =======================================================
*/

static Step failed (Conn *c, int syserr) {
  c->outcome.kind = SSL_ERROR_SYSCALL;
  c->outcome.syserr = syserr;
  c->outcome.code = 0;
  return STEP_FAILED;
}

/*
** How a call that returned 'result' <= 0 ended. After a ragged end each call
** fails; OpenSSL 3 does not say why, 4.0 that TLS failed, which it did not.
*/
static Step explain (Conn *c, int result) {
  c->outcome = lssl_outcome(c->ssl, result);
  if (lssl_isragged(&c->outcome))
    c->ragged = 1;
  else if (c->ragged && c->outcome.kind == SSL_ERROR_SSL &&
           c->outcome.code == 0)
    return failed(c, 0);
  switch (c->outcome.kind) {
    case SSL_ERROR_WANT_READ:
      c->drained = 1;
      return STEP_READ;
    case SSL_ERROR_WANT_WRITE:
      return STEP_WRITE;
    case SSL_ERROR_ZERO_RETURN:
      return STEP_EOF;
    default:
      return STEP_FAILED;
  }
}

static Step misused (Conn *c, int reason) {
  c->outcome.kind = SSL_ERROR_SSL;
  c->outcome.syserr = 0;
  c->outcome.code = ERR_PACK(ERR_LIB_SSL, 0, reason);
  return STEP_FAILED;
}

/*
** A handshake, or what TLS 1.3 sends after it (tickets: read with the first
** data), leaves a buffer for writing behind, which SSL_MODE_RELEASE_BUFFERS
** frees only after a write. Plaintext that waits is in the one for reading.
*/
static void freebuffers (Conn *c) {
  if (!SSL_has_pending(c->ssl)) {
    SSL_free_buffers(c->ssl);
    c->fresh = 0;
  }
}

/*
** Sends what a handshake has written. Of what is left, OpenSSL knows nothing:
** the next step comes here again, and so does a read or a write.
*/
static Step sendflight (Conn *c, Step s) {
  int sent = lssl_uncork(SSL_get_wbio(c->ssl));
  if (s == STEP_FAILED || sent == 1)
    return s;
  if (sent < 0)
    return failed(c, errno);
  c->outcome.kind = SSL_ERROR_WANT_WRITE;
  return STEP_WRITE;
}

/* a server sends its tickets in one system call: the rest is OpenSSL's order */
Step lssl_stephandshake (Conn *c) {
  int result;
  Step s;
  lssl_clearerrors();
  if (c->issocket)
    lssl_cork(SSL_get_wbio(c->ssl), FLIGHT);
  result = SSL_do_handshake(c->ssl);
  c->drained = 0;
  s = (result == 1) ? STEP_DONE : explain(c, result);
  if (c->issocket)
    s = sendflight(c, s);
  if (s != STEP_DONE)
    return s;
  freebuffers(c);
  c->fresh = 1;
  return STEP_DONE;
}

/*
** Plaintext that waits is a copy away: OpenSSL's queue of errors, a third of
** the cost of such a read, is only looked at if that should fail.
*/
Step lssl_stepread (Conn *c, void *data, size_t size, size_t *got) {
  int result = 0;
  if (c->text.data != NULL) {
    *got = lssl_taketext(&c->text, data, size);
    return STEP_DONE;
  }
  if (SSL_pending(c->ssl) > 0 && SSL_is_init_finished(c->ssl))
    result = SSL_read_ex(c->ssl, data, size, got);
  if (result != 1) {
    lssl_clearerrors();
    result = SSL_read_ex(c->ssl, data, size, got);
  }
  c->drained = 0;
  if (result != 1)
    return explain(c, result);
  if (size <= SMALL && *got == size)
    lssl_keeptext(&c->text, c->ssl);
  if (c->fresh)
    freebuffers(c);
  return STEP_DONE;
}

/* sends what the corked transport has kept of a write of 'size' bytes */
static Step flush (Conn *c, size_t size, size_t *written) {
  switch (lssl_uncork(SSL_get_wbio(c->ssl))) {
    case 1:
      c->flushing = 0;
      *written = size;
      return STEP_DONE;
    case 0:
      c->flushing = size;
      c->outcome.kind = SSL_ERROR_WANT_WRITE;
      return STEP_WRITE;
    default:
      return failed(c, errno);
  }
}

/* a write of more than a record: all of its records in one system call */
static Step writemany (Conn *c, const void *data, size_t size,
                       size_t *written) {
  int result;
  Step step, flushed;
  lssl_cork(SSL_get_wbio(c->ssl), GATHER);
  result = SSL_write_ex(c->ssl, data, size, written);
  step = (result == 1) ? STEP_DONE : explain(c, result);
  flushed = flush(c, *written, written);
  if (step == STEP_DONE || flushed == STEP_FAILED)
    return flushed;
  c->flushing = 0;  /* OpenSSL itself still holds the rest */
  return step;
}

Step lssl_stepwrite (Conn *c, const void *data, size_t size,
                     size_t *written) {
  Step s;
  *written = 0;
  lssl_clearerrors();
  if (size < c->flushing || size < c->unwritten)  /* fatal for OpenSSL */
    return misused(c, SSL_R_BAD_LENGTH);
  if (c->flushing > 0)
    return flush(c, c->flushing, written);
  if (c->issocket && size > LSSL_RECORD)
    s = writemany(c, data, size, written);
  else {
    int result = SSL_write_ex(c->ssl, data, size, written);
    s = (result == 1) ? STEP_DONE : explain(c, result);
  }
  c->unwritten = (s == STEP_WRITE && c->flushing == 0 &&
                  SSL_is_init_finished(c->ssl)) ? size : 0;
  return s;
}

/*
** Bytes after the peer's close_notify are not TLS's: from the moment ours is
** sent, no more may be taken off the socket than the record at hand needs.
** A fatal alert in the place of close_notify, which OpenSSL takes for one, is
** a failure. So are data that were not read: what OpenSSL says of those that
** it holds is said of those that are kept here.
*/
Step lssl_stepshutdown (Conn *c, int *tries) {
  int result;
  lssl_clearerrors();
  SSL_set_read_ahead(c->ssl, 0);
  do {
    result = SSL_shutdown(c->ssl);
    if (result == 0 && c->text.data != NULL)
      return misused(c, SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY);
  } while (result == 0 && (*tries)++ == 0);
  if (result == 1 && lssl_haserrors())
    result = -1;
  return result >= 0 ? STEP_DONE : explain(c, result);
}

/* }====================================================== */
