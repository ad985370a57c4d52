/*
** steps.c - the steps of one TLS connection: single attempts with OpenSSL.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/err.h>

#include "connection/dtls.h"
#include "connection/packets.h"
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
  c->outcome.code = c->outcome.first = 0;
  return STEP_FAILED;
}

/* what the network says of a datagram, where OpenSSL was told to wait; 0: nothing */
static int networkerror (const Conn *c) {
  if (!c->datagram || c->fd < 0 || (c->outcome.kind != SSL_ERROR_WANT_READ &&
                                    c->outcome.kind != SSL_ERROR_WANT_WRITE))
    return 0;
  return lssl_packeterror(SSL_get_rbio(c->ssl));
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
  if (networkerror(c) != 0)
    return lssl_failstep(c, networkerror(c));
  switch (c->outcome.kind) {
    case SSL_ERROR_WANT_READ:
      c->drained = 1;
      return STEP_READ;
    case SSL_ERROR_WANT_WRITE:
      return STEP_WRITE;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
    case SSL_ERROR_WANT_X509_LOOKUP:
    case SSL_ERROR_WANT_RETRY_VERIFY:
      return STEP_ASKS;
    case SSL_ERROR_ZERO_RETURN:
      return STEP_EOF;
    default:
      return STEP_FAILED;
  }
}

static Step misused (Conn *c, int reason) {
  c->outcome.kind = SSL_ERROR_SSL;
  c->outcome.syserr = 0;
  c->outcome.code = c->outcome.first = ERR_PACK(ERR_LIB_SSL, 0, reason);
  return STEP_FAILED;
}

/*
** Were only tickets lost, with a client that has gone? As to OpenSSL, which
** sends them last of all, it is no failure: what the client said can be read. A
** request to show a certificate after the handshake is lost like them: who reads
** its answer is told the end.
*/
static int lostonlytickets (const Conn *c, Step s) {
  return s == STEP_DONE && c->server &&
         !c->datagram && SSL_version(c->ssl) >= TLS1_3_VERSION &&
         lssl_ispeergone(errno);
}

/*
** Sends what the corked transport has kept, after a step that ended with 's'. Of
** what is left, OpenSSL knows nothing: the next step comes here again, and so
** does a read or a write.
*/
static Step uncork (Conn *c, Step s) {
  int sent = lssl_uncork(SSL_get_wbio(c->ssl));
  if (s == STEP_FAILED || sent == 1)
    return s;
  if (sent < 0)
    return lssl_failstep(c, errno);
  c->outcome.kind = SSL_ERROR_WANT_WRITE;
  return STEP_WRITE;
}

/* what a handshake has written */
static Step sendflight (Conn *c, Step s) {
  Step sent = uncork(c, s);
  return sent == STEP_FAILED && lostonlytickets(c, s) ? s : sent;
}

/*
** A server sends its tickets in one system call: the rest is OpenSSL's order. It may
** succeed and have errors to tell, of a session that it had no memory to keep.
*/
static Step handshake (Conn *c) {
  int result;
  Step s;
  lssl_clearerrors();
  if (lssl_isstream(c))
    lssl_cork(SSL_get_wbio(c->ssl), FLIGHT);
  result = SSL_do_handshake(c->ssl);
  c->drained = 0;
  s = (result == 1) ? STEP_DONE : explain(c, result);
  lssl_clearerrors();
  return lssl_isstream(c) ? sendflight(c, s) : s;
}

Step lssl_stephandshake (Conn *c) {
  Step s;
  if (SSL_is_init_finished(c->ssl) ||  /* a record may be half read */
      c->datagram)  /* OpenSSL relies on the buffers that it has */
    return handshake(c);
  lssl_keepbuffers(&c->buffers, c->ssl);
  s = handshake(c);
  if (s == STEP_DONE)
    lssl_endbuffers(&c->buffers, c->ssl);
  return s;
}

static Step waitread (Conn *c, Step s) {
  if (s == STEP_READ && c->buffers.fresh)
    lssl_waitbuffers(&c->buffers, c->ssl);
  return s;
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
  if (result != 1)
    return waitread(c, explain(c, result));
  c->state->counters.bytes_read += *got;
  return STEP_DONE;
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
  if (size <= SMALL && *got == size && !c->datagram)
    lssl_keeptext(&c->text, c->ssl);
  c->state->counters.bytes_read += lssl_textsize(&c->text);
  if (c->buffers.fresh)
    lssl_readbuffers(&c->buffers, c->ssl);
  return STEP_DONE;
}

/* nothing is kept of what OpenSSL shows: it shows it again */
Step lssl_steppeek (Conn *c, void *data, size_t size, size_t *got) {
  int result;
  if (c->text.data != NULL) {
    *got = lssl_showtext(&c->text, data, size);
    return STEP_DONE;
  }
  lssl_clearerrors();
  result = SSL_peek_ex(c->ssl, data, size, got);
  c->drained = 0;
  return result == 1 ? STEP_DONE : explain(c, result);
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
  if (c->buffers.fresh)
    lssl_readbuffers(&c->buffers, c->ssl);
  return STEP_DONE;
}

/*
** Writes what is left of 'data', a record at a time: 'written' is then known even
** if the next one has to wait.
*/
static Step writerecords (Conn *c, const unsigned char *data, size_t size) {
  while (c->written < size) {
    size_t n, left = size - c->written;
    int result = SSL_write_ex(c->ssl, data + c->written,
                              left < LSSL_RECORD ? left : LSSL_RECORD, &n);
    if (result != 1)
      return explain(c, result);
    c->written += n;
    c->state->counters.bytes_written += n;
  }
  return STEP_DONE;
}

/*
** The same, all of the records in one system call if there are many. What an
** attempt before this one has left in the transport comes first, by itself.
*/
static Step writeall (Conn *c, const unsigned char *data, size_t size) {
  Step s = STEP_DONE;
  if (!lssl_isstream(c) || size <= LSSL_RECORD)
    return writerecords(c, data, size);
  if (c->written > 0)
    s = uncork(c, STEP_DONE);
  if (s != STEP_DONE)
    return s;
  c->settled = c->written;
  lssl_cork(SSL_get_wbio(c->ssl), GATHER);
  s = writerecords(c, data, size);
  return uncork(c, s);  /* if it failed, an alert: the failure says more */
}

/* the handshake comes first, since until its end nobody knows what has room */
static Step writedatagram (Conn *c, const void *data, size_t size) {
  Step s = SSL_is_init_finished(c->ssl) ? STEP_DONE : lssl_stephandshake(c);
  if (s != STEP_DONE)
    return s;
  if (size > lssl_roomfordata(c->ssl, c->mtu))
    return misused(c, SSL_R_DTLS_MESSAGE_TOO_BIG);
  s = writerecords(c, (const unsigned char *)data, size);
  c->written = 0;
  return s;
}

Step lssl_stepresend (Conn *c, int *sent) {
  long result;
  lssl_clearerrors();
  result = DTLSv1_handle_timeout(c->ssl);
  if (result < 0)
    return explain(c, (int)result);
  *sent = *sent || result > 0;
  return STEP_DONE;
}

int lssl_isretry (const Conn *c, const void *data, size_t size) {
  if (c->unwritten == 0)
    return 1;
  return size >= c->unwritten && c->begun != NULL &&
         (c->begun == data || memcmp(c->begun, data, c->unwritten) == 0);
}

Step lssl_stepwrite (Conn *c, const void *data, size_t size) {
  Step s;
  lssl_clearerrors();
  if (c->datagram)
    return writedatagram(c, data, size);
  if (size < c->unwritten)  /* fatal for OpenSSL */
    return misused(c, SSL_R_BAD_LENGTH);
  if (!lssl_isretry(c, data, size))  /* it would send a mixture of the two */
    return misused(c, SSL_R_BAD_WRITE_RETRY);
  s = writeall(c, (const unsigned char *)data, size);
  if ((s == STEP_WRITE && SSL_is_init_finished(c->ssl)) ||
      (s == STEP_READ && c->written > 0))
    c->unwritten = size;
  else
    c->unwritten = c->written = c->settled = 0;
  c->begun = (const unsigned char *)data;
  return s;
}

/*
** {======================================================
** Early data
** =======================================================
*/

Step lssl_stepreadearly (Conn *c, void *data, size_t size, size_t *got) {
  int result;
  *got = 0;
  lssl_clearerrors();
  if (c->early == LSSL_NOTEARLY)
    c->early = LSSL_EARLYACCEPTING;
  result = SSL_read_early_data(c->ssl, data, size, got);
  c->drained = 0;
  if (result == SSL_READ_EARLY_DATA_ERROR)
    return explain(c, 0);
  lssl_clearerrors();
  c->early = (result == SSL_READ_EARLY_DATA_FINISH) ? LSSL_EARLYREAD
                                                    : LSSL_EARLYREADING;
  c->state->counters.bytes_read += *got;
  return STEP_DONE;
}

/* as many records as are gathered for sure, behind a ClientHello */
#define EARLYRECORDS	3

/* writes what is left of 'data', a record at a time */
static Step writeearly (Conn *c, const unsigned char *data, size_t size) {
  while (c->written < size) {
    size_t n, left = size - c->written;
    int result = SSL_write_early_data(c->ssl, data + c->written,
                                      left < LSSL_RECORD ? left : LSSL_RECORD,
                                      &n);
    if (result != 1)
      return explain(c, result);
    c->written += n;
    c->state->counters.bytes_written += n;
  }
  return STEP_DONE;
}

/* a few records of 'data' in one system call */
static Step gatherearly (Conn *c, const unsigned char *data, size_t size) {
  size_t most = c->written + EARLYRECORDS * LSSL_RECORD;
  Step s;
  if (c->issocket)
    lssl_cork(SSL_get_wbio(c->ssl), GATHER);
  s = writeearly(c, data, size < most ? size : most);
  return c->issocket ? uncork(c, s) : s;
}

/*
** A socket that takes no more is not for OpenSSL to see: it counts what it tries
** again once more, and leaves a server's data in a buffer until the handshake ends.
*/
Step lssl_stepwriteearly (Conn *c, const void *data, size_t size) {
  Step s = STEP_DONE;
  lssl_clearerrors();
  if (!c->server)
    c->early = LSSL_EARLYWRITING;
  if (c->issocket && c->unwritten > 0)
    s = uncork(c, s);
  while (s == STEP_DONE && c->written < size)
    s = gatherearly(c, (const unsigned char *)data, size);
  if (s == STEP_DONE || s == STEP_FAILED) {
    if (!c->server && s == STEP_DONE) {
      c->early = LSSL_EARLYWRITTEN;
      c->earlysize += size;
    }
    c->unwritten = c->written = c->settled = 0;
  }
  else
    c->unwritten = size;
  c->begun = (const unsigned char *)data;
  return s;
}

int lssl_isearly (Conn *c) {
  if (c->early == LSSL_EARLYREAD || c->early == LSSL_EARLYWRITTEN)
    c->early = LSSL_NOTEARLY;
  return c->early != LSSL_NOTEARLY;
}

/* }====================================================== */


/* only our own BIO keeps records: one of the host's has sent what it has taken */
size_t lssl_sentsofar (const Conn *c) {
  size_t records = (c->written - c->settled + LSSL_RECORD - 1) / LSSL_RECORD;
  size_t kept = lssl_isstream(c) ? lssl_keptrecords(SSL_get_wbio(c->ssl)) : 0;
  return c->settled + (records > kept ? (records - kept) * LSSL_RECORD : 0);
}

/*
** What is left of a change that waits goes out first: a second one would be for
** nothing. A write that waits has to end before either of these two.
*/
Step lssl_stepkeyupdate (Conn *c, int *update) {
  Step s;
  if (c->unwritten > 0)
    return misused(c, SSL_R_BAD_WRITE_RETRY);
  lssl_clearerrors();
  if (*update >= 0 && !c->updating && SSL_key_update(c->ssl, *update) != 1)
    return explain(c, 0);
  *update = -1;
  s = handshake(c);
  c->updating = (s == STEP_WRITE);
  return s;
}

Step lssl_stepclosenotify (Conn *c) {
  int result;
  if (c->unwritten > 0)  /* to the peer a half would be the whole */
    return misused(c, SSL_R_BAD_WRITE_RETRY);
  if (SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN)
    return STEP_DONE;
  lssl_clearerrors();
  SSL_set_read_ahead(c->ssl, 0);  /* as below */
  result = SSL_shutdown(c->ssl);
  if (result < 0)
    return explain(c, result);
  c->halfclosed = 1;
  return STEP_DONE;
}

/*
** Bytes after the peer's close_notify are not TLS's: from the moment ours is
** sent, no more may be taken off the socket than the record at hand needs.
** A fatal alert in the place of close_notify, which OpenSSL takes for one, is
** a failure. So are data that were not read: what OpenSSL says of those that
** it holds is said of those that are kept here. Nobody waits for the answer to a
** datagram: it may be lost, and is not sent again.
*/
Step lssl_stepshutdown (Conn *c, int *tries) {
  int result;
  lssl_clearerrors();
  if (c->datagram) {
    result = SSL_shutdown(c->ssl);
    return result >= 0 ? STEP_DONE : explain(c, result);
  }
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
  if (c->unwritten > 0 && (c->written < c->unwritten ||
                           lssl_uncork(SSL_get_wbio(c->ssl)) != 1))
    return lssl_failstep(c, EAGAIN);  /* to the peer a half would be the whole */
  if (SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN)
    return STEP_DONE;  /* a second call would wait for the answer */
  result = SSL_shutdown(c->ssl);
  return result >= 0 ? STEP_DONE : explain(c, result);
}
