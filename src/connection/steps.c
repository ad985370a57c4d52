/*
** steps.c - the steps of one TLS connection: single attempts with OpenSSL.
** SPDX-License-Identifier: MIT
*/

#include <openssl/err.h>

#include "connection/steps.h"
#include "connection/transport.h"

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

Step lssl_failstep (Conn *c, int syserr) {
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
    return lssl_failstep(c, 0);
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
** Were only tickets lost, with a client that has gone? As to OpenSSL, which
** sends them last of all, it is no failure: what the client said can be read. A
** request to show a certificate after the handshake is lost like them: who reads
** its answer is told the end.
*/
static int lostonlytickets (const Conn *c, Step s) {
  return s == STEP_DONE && c->server &&
         SSL_version(c->ssl) >= TLS1_3_VERSION &&
         lssl_ispeergone(errno);
}

/*
** Sends what a handshake has written. Of what is left, OpenSSL knows nothing:
** the next step comes here again, and so does a read or a write.
*/
static Step sendflight (Conn *c, Step s) {
  int sent = lssl_uncork(SSL_get_wbio(c->ssl));
  if (s == STEP_FAILED || sent == 1 || (sent < 0 && lostonlytickets(c, s)))
    return s;
  if (sent < 0)
    return lssl_failstep(c, errno);
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
static Step readrecord (Conn *c, void *data, size_t size, size_t *got) {
  int result = 0;
  if (SSL_pending(c->ssl) > 0 && SSL_is_init_finished(c->ssl))
    result = SSL_read_ex(c->ssl, data, size, got);
  if (result != 1) {
    lssl_clearerrors();
    result = SSL_read_ex(c->ssl, data, size, got);
  }
  c->drained = 0;
  return result == 1 ? STEP_DONE : explain(c, result);
}

Step lssl_stepread (Conn *c, void *data, size_t size, size_t *got) {
  Step s;
  if (c->text.data != NULL) {
    *got = lssl_taketext(&c->text, data, size);
    return STEP_DONE;
  }
  s = readrecord(c, data, size, got);
  if (s != STEP_DONE)
    return s;
  if (size <= SMALL && *got == size)
    lssl_keeptext(&c->text, c->ssl);
  if (c->fresh)
    freebuffers(c);
  return STEP_DONE;
}

Step lssl_stepfill (Conn *c) {
  unsigned char *data;
  size_t got;
  Step s;
  if (c->text.data != NULL)
    return STEP_DONE;
  data = (unsigned char *)OPENSSL_malloc(LSSL_RECORD);
  if (data == NULL)
    return lssl_failstep(c, ENOMEM);
  s = readrecord(c, data, LSSL_RECORD, &got);
  if (s != STEP_DONE) {
    OPENSSL_free(data);
    return s;
  }
  lssl_settext(&c->text, data, got);
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
      return lssl_failstep(c, errno);
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
  if (step == STEP_FAILED) {
    lssl_uncork(SSL_get_wbio(c->ssl));  /* an alert: what failed says more */
    return STEP_FAILED;
  }
  flushed = flush(c, *written, written);
  if (step == STEP_DONE)
    return flushed;
  c->flushing = 0;  /* OpenSSL itself still holds the rest */
  return flushed == STEP_DONE ? step : flushed;
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

Step lssl_stepgoodbye (Conn *c) {
  int result;
  lssl_clearerrors();
  if (c->flushing > 0 && lssl_uncork(SSL_get_wbio(c->ssl)) != 1)
    return lssl_failstep(c, EAGAIN);  /* an alert amid a record is none */
  result = SSL_shutdown(c->ssl);
  return result >= 0 ? STEP_DONE : explain(c, result);
}
