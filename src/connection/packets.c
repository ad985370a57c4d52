/*
** packets.c - the BIO below an SSLSocket of datagrams.
** SPDX-License-Identifier: MIT
**
** OpenSSL's own BIO for this asks the system for the size of datagrams and sets
** time limits on the socket: here both are the connection's business.
*/
#include <openssl/crypto.h>

#include "connection/bios.h"
#include "connection/dtls.h"
#include "connection/packets.h"

typedef struct Packets {
  Socket fd;			/* the connection's */
  int error;			/* errno of the last call; 0: none */
} Packets;

static Packets *topackets (BIO *bio) {
  return (Packets *)BIO_get_data(bio);
}

int lssl_packeterror (BIO *bio) {
  return topackets(bio)->error;
}

static int packets_write (BIO *bio, const char *data, size_t size,
                          size_t *written) {
  Packets *p = topackets(bio);
  ssize_t n = lssl_send(p->fd, data, size);
  BIO_clear_retry_flags(bio);
  *written = 0;
  p->error = 0;
  if (n < 0) {
    p->error = lssl_wouldblock(errno) ? 0 : errno;
    BIO_set_retry_write(bio);
    return -1;  /* OpenSSL 3.5 takes 0 for a success */
  }
  *written = (size_t)n;
  return 1;
}

/* an empty datagram is no end, and says nothing */
static int packets_read (BIO *bio, char *data, size_t size, size_t *got) {
  Packets *p = topackets(bio);
  ssize_t n;
  BIO_clear_retry_flags(bio);
  *got = 0;
  p->error = 0;
  do {
    n = lssl_recv(p->fd, data, size);
  } while (n == 0 && size > 0);
  if (n > 0)
    *got = (size_t)n;
  else {
    p->error = lssl_wouldblock(errno) ? 0 : errno;
    BIO_set_retry_read(bio);
  }
  return n > 0;
}

static long packets_ctrl (BIO *bio, int command, long number, void *p) {
  (void)number;
  switch (command) {
    case BIO_C_GET_FD:
      if (p != NULL)
        *(int *)p = (int)topackets(bio)->fd;
      return (long)topackets(bio)->fd;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return LSSL_MTUOVERHEAD;
    case BIO_CTRL_FLUSH:
      return 1;
    default:
      return 0;
  }
}

static int packets_destroy (BIO *bio) {
  OPENSSL_free(BIO_get_data(bio));
  return 1;
}

/* the process's one description of such BIOs; constant once made */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method = NULL;

static void makemethod (void) {
  method = lssl_describebio(BIO_TYPE_DESCRIPTOR, "datagram socket",
                            packets_write, packets_read, packets_ctrl,
                            packets_destroy);
}

BIO *lssl_newpackets (Socket fd) {
  BIO *bio = CRYPTO_THREAD_run_once(&once, makemethod)
             ? lssl_makebio(method, sizeof(Packets)) : NULL;
  if (bio != NULL)
    topackets(bio)->fd = fd;
  return bio;
}
