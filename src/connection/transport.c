/*
** transport.c - the BIO below an SSLSocket.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "connection/bios.h"
#include "connection/transport.h"

typedef struct Transport {
  Socket fd;			/* the connection's */
  Patience *patience;		/* the connection's, or ... */
  Patience none;		/* ... once that has ended */
  unsigned char asked;		/* nothing was read since the last write */
  size_t corked;		/* how much to gather; 0: nothing */
  unsigned char eof;		/* the peer has closed its side */
  unsigned char hasbytes;	/* some came since lssl_forgetbytes */
  size_t start, end;		/* what waits is data[start..end-1] */
  size_t first;			/* of the data, the first record's size */
  size_t size;			/* of the buffer */
  unsigned char *data;		/* NULL while nothing waits */
} Transport;

static Transport *totransport (BIO *bio) {
  return (Transport *)BIO_get_data(bio);
}

/* as lssl_uncork, but leaves the cork in */
static int flush (Transport *t) {
  while (t->start < t->end) {
    ssize_t n = lssl_send(t->fd, t->data + t->start, t->end - t->start);
    if (n < 0)
      return lssl_wouldblock(errno) ? 0 : -1;
    t->start += (size_t)n;
  }
  t->start = t->end = 0;
  return 1;
}

/* the buffer to gather in; NULL if there is no memory, which is no failure */
static unsigned char *buffer (Transport *t) {
  if (t->data == NULL) {
    ERR_set_mark();
    t->data = (unsigned char *)OPENSSL_malloc(t->corked);
    t->size = t->corked;
    ERR_pop_to_mark();
  }
  return t->data;
}

/* makes room for 'size' bytes; like flush's results */
static int gather (Transport *t, const char *data, size_t size) {
  if (size > t->size - t->end) {
    int sent = flush(t);
    if (sent <= 0)
      return sent;
  }
  if (t->end == 0)
    t->first = size;
  memcpy(t->data + t->end, data, size);
  t->end += size;
  return 1;
}

static int transport_write (BIO *bio, const char *data, size_t size,
                            size_t *written) {
  Transport *t = totransport(bio);
  int ok;
  *written = 0;
  BIO_clear_retry_flags(bio);
  if (t->corked > 0 && buffer(t) != NULL && size <= t->size) {
    ok = gather(t, data, size);
    if (ok > 0)
      *written = size;
  }
  else {
    ssize_t n = -1;
    ok = flush(t);
    if (ok > 0 && (n = lssl_send(t->fd, data, size)) < 0)
      ok = lssl_wouldblock(errno) ? 0 : -1;
    if (n >= 0)
      *written = (size_t)n;
  }
  if (ok == 0)
    BIO_set_retry_write(bio);
  t->asked = 1;
  return ok > 0 ? 1 : -1;  /* OpenSSL 3.5 takes 0 for a success */
}

/* receives as lssl_recv does, but waits; what ends that without a byte is for the loop to see */
static ssize_t awaitsome (Transport *t, void *data, size_t size) {
  Patience *p = t->patience;
  ssize_t n;
  if (p->how == LSSL_BLOCKSONCE) {
    p->since = lssl_now();
    p->how = LSSL_POLLS;
  }
  n = lssl_recvpatiently(t->fd, data, size);
  if (n < 0) {
    p->how = LSSL_POLLS;
    if (errno == EINTR) {
      p->interrupted = 1;
      errno = EAGAIN;
    }
  }
  return n;
}

/* an answer does not come before what asks for it is sent */
static int transport_read (BIO *bio, char *data, size_t size, size_t *got) {
  Transport *t = totransport(bio);
  ssize_t n;
  int soon = t->asked && t->patience->how == LSSL_POLLS;
  *got = 0;
  BIO_clear_retry_flags(bio);
  t->asked = 0;
  if (t->start < t->end && t->corked == 0)
    flush(t);  /* the end of a handshake whose caller did not come back */
  if (soon) {
    BIO_set_retry_read(bio);
    return 0;
  }
  if (t->patience->how >= LSSL_BLOCKSONCE && t->start == t->end)
    n = awaitsome(t, data, size);
  else
    n = lssl_recv(t->fd, data, size);
  if (n > 0) {
    *got = (size_t)n;
    t->hasbytes = 1;
  }
  else if (n == 0)
    t->eof = 1;
  else if (lssl_wouldblock(errno))
    BIO_set_retry_read(bio);
  return n > 0;
}

/* a hundred times in a handshake: whether it is a kernel's TLS, which is no */
static long transport_ctrl (BIO *bio, int command, long number, void *p) {
  const Transport *t;
  (void)number;
  if (command == BIO_CTRL_FLUSH)
    return 1;
  if (command != BIO_C_GET_FD && command != BIO_CTRL_EOF &&
      command != BIO_CTRL_WPENDING)
    return 0;
  t = totransport(bio);
  if (command == BIO_CTRL_EOF)
    return t->eof;
  if (command == BIO_CTRL_WPENDING)
    return (long)(t->end - t->start);
  if (p != NULL)
    *(int *)p = (int)t->fd;
  return (long)t->fd;
}

static int transport_destroy (BIO *bio) {
  Transport *t = totransport(bio);
  if (t != NULL) {
    OPENSSL_free(t->data);
    OPENSSL_free(t);
  }
  return 1;
}

/* the process's one description of such BIOs; constant once made */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method = NULL;

static void makemethod (void) {
  method = lssl_describebio(BIO_TYPE_DESCRIPTOR, "socket", transport_write,
                            transport_read, transport_ctrl, transport_destroy);
}

BIO *lssl_newtransport (Socket fd, Patience *patience) {
  BIO *bio = CRYPTO_THREAD_run_once(&once, makemethod)
             ? lssl_makebio(method, sizeof(Transport)) : NULL;
  if (bio != NULL) {
    totransport(bio)->fd = fd;
    totransport(bio)->patience = patience;
  }
  return bio;
}

void lssl_connecttransport (BIO *bio, Socket fd) {
  totransport(bio)->fd = fd;
}

/* the size of the record at 'data', whose header ends with that of the rest */
static size_t recordsize (const unsigned char *data) {
  return SSL3_RT_HEADER_LENGTH + ((size_t)data[3] << 8 | data[4]);
}

size_t lssl_keptrecords (BIO *bio) {
  const Transport *t = totransport(bio);
  size_t end = t->first, records = (end > t->start);
  if (t->start == t->end)
    return 0;
  while (end < t->end) {
    end += recordsize(t->data + end);
    records += (end > t->start);
  }
  return records;
}

void lssl_forgetbytes (BIO *bio) {
  totransport(bio)->hasbytes = 0;
}

int lssl_hasbytes (BIO *bio) {
  return totransport(bio)->hasbytes;
}

void lssl_leavetransport (BIO *bio) {
  Transport *t = totransport(bio);
  memset(&t->none, 0, sizeof t->none);
  t->patience = &t->none;
}

void lssl_cork (BIO *bio, size_t size) {
  totransport(bio)->corked = size;
}

int lssl_uncork (BIO *bio) {
  Transport *t = totransport(bio);
  int sent = flush(t);
  t->corked = 0;
  if (sent < 0)
    t->start = t->end = 0;  /* errno stays */
  else if (sent > 0 && t->data != NULL) {
    OPENSSL_free(t->data);
    t->data = NULL;
  }
  return sent;
}
