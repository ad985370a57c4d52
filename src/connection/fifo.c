/*
** fifo.c - the BIO below a MemoryBIO.
** SPDX-License-Identifier: MIT
**
** OpenSSL's own memory BIO copies once more on the way out, moves what is left
** on each read, and wipes its buffer; here the reader sees the bytes in place.
*/
#include <string.h>

#include <openssl/crypto.h>

#include "connection/bios.h"
#include "connection/dtls.h"
#include "connection/fifo.h"

/* an emptied queue keeps a buffer up to this size for what comes next */
#define KEEP	(20 * 1024)

Fifo *lssl_tofifo (BIO *bio) {
  return (Fifo *)BIO_get_data(bio);
}

/* makes room for 'more' bytes at the end */
static int reserve (Fifo *f, size_t more) {
  size_t used = f->end - f->start, size = f->size;
  unsigned char *data;
  if (more <= f->size - f->end)
    return 1;
  if (more > SIZE_MAX / 4 - used)
    return 0;
  if (f->start >= f->size / 2 && used + more <= f->size) {
    memmove(f->data, f->data + f->start, used);
    f->start = 0;
    f->end = used;
    return 1;
  }
  size += size / 2;
  if (size < used + more)
    size = used + more < 256 ? 256 : used + more;
  data = (unsigned char *)OPENSSL_malloc(size);
  if (data == NULL)
    return 0;
  if (used > 0)
    memcpy(data, f->data + f->start, used);
  OPENSSL_free(f->data);
  f->data = data;
  f->size = size;
  f->start = 0;
  f->end = used;
  return 1;
}

int lssl_fifowrite (Fifo *f, const void *data, size_t size) {
  size_t border = f->datagrams ? sizeof size : 0;
  if (size == 0)
    return 1;
  if (size > SIZE_MAX - border || !reserve(f, border + size))
    return 0;
  if (f->datagrams) {
    memcpy(f->data + f->end, &size, sizeof size);
    f->borders++;
  }
  memcpy(f->data + f->end + border, data, size);
  f->end += border + size;
  return 1;
}

size_t lssl_fifopending (const Fifo *f) {
  return f->end - f->start - f->borders * sizeof f->start;
}

const unsigned char *lssl_fifonext (const Fifo *f, size_t *size) {
  const unsigned char *next;
  *size = f->end - f->start;
  if (*size == 0)
    return NULL;
  next = f->data + f->start;
  if (f->datagrams) {
    memcpy(size, next, sizeof *size);
    next += sizeof *size;
  }
  return next;
}

void lssl_fifodrop (Fifo *f, size_t n) {
  if (f->borders > 0) {
    lssl_fifonext(f, &n);
    n += sizeof n;
    f->borders--;
  }
  f->start += n;
  f->dropped += n;
  if (f->start == f->end) {
    f->start = f->end = 0;
    if (f->size > KEEP) {
      OPENSSL_free(f->data);
      f->data = NULL;
      f->size = 0;
    }
  }
}

/*
** {======================================================
** The BIO
** =======================================================
*/

static int fifo_write (BIO *bio, const char *data, size_t size,
                       size_t *written) {
  *written = 0;
  BIO_clear_retry_flags(bio);
  if (!lssl_fifowrite(lssl_tofifo(bio), data, size))
    return -1;  /* OpenSSL 3.5 takes 0 for a success */
  *written = size;
  return 1;
}

/* what does not fit of a datagram is lost, as it is with sockets */
static int fifo_read (BIO *bio, char *data, size_t size, size_t *got) {
  Fifo *f = lssl_tofifo(bio);
  size_t n;
  const unsigned char *next = lssl_fifonext(f, &n);
  *got = 0;
  BIO_clear_retry_flags(bio);
  if (n == 0) {
    if (!f->eof)
      BIO_set_retry_read(bio);
    return 0;
  }
  if (n > size)
    n = size;
  memcpy(data, next, n);
  lssl_fifodrop(f, n);
  *got = n;
  return 1;
}

static long fifo_ctrl (BIO *bio, int command, long number, void *p) {
  Fifo *f = lssl_tofifo(bio);
  (void)number;
  (void)p;
  switch (command) {
    case BIO_CTRL_PENDING:
      return (long)lssl_fifopending(f);
    case BIO_CTRL_EOF:
      return f->eof && f->start == f->end;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return f->datagrams ? LSSL_MTUOVERHEAD : 0;
    case BIO_CTRL_FLUSH:
      return 1;
    default:
      return 0;
  }
}

static int fifo_destroy (BIO *bio) {
  Fifo *f = lssl_tofifo(bio);
  if (f != NULL) {
    OPENSSL_free(f->data);
    OPENSSL_free(f);
  }
  return 1;
}

/* the process's one description of such BIOs; constant once made */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method = NULL;

static void makemethod (void) {
  method = lssl_describebio(0, "byte queue", fifo_write,
                            fifo_read, fifo_ctrl, fifo_destroy);
}

BIO *lssl_newfifo (int datagrams) {
  BIO *bio = CRYPTO_THREAD_run_once(&once, makemethod)
             ? lssl_makebio(method, sizeof(Fifo)) : NULL;
  if (bio != NULL)
    lssl_tofifo(bio)->datagrams = (unsigned char)(datagrams != 0);
  return bio;
}

/* }====================================================== */
