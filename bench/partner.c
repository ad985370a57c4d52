/*
** partner.c - the other end of each benchmark: always this program, so that
** only what is measured differs. Usage:
**
**   partner source|lines|bursts|sink|echo|greet|hold SIZE COUNT    a server
**   partner dial|stay SIZE COUNT PORT                 a client
**
** SPDX-License-Identifier: MIT
*/
#include <limits.h>

#include "net.h"

static unsigned char data[256 * 1024];

/* gathers the records of one SSL_write, and reads four records at once */
static SSL *tune (SSL *ssl) {
  BIO *gather = BIO_new(BIO_f_buffer());
  check(gather && BIO_set_write_buffer_size(gather, 80 * 1024), "buffer");
  SSL_set0_wbio(ssl, BIO_push(gather, SSL_get_wbio(ssl)));
  BIO_up_ref(SSL_get_rbio(ssl));  /* both had one reference */
  SSL_set_read_ahead(ssl, 1);
  SSL_set_default_read_buffer_len(ssl, 64 * 1024);
  return ssl;
}

static void source (SSL *ssl, int size, long count) {
  tune(ssl);
  for (; count > 0; count--) {
    if (SSL_write(ssl, data, size) <= 0)
      break;
    BIO_flush(SSL_get_wbio(ssl));
  }
  SSL_shutdown(ssl);
  BIO_flush(SSL_get_wbio(ssl));
  while (SSL_read(ssl, data, sizeof data) > 0) ;
}

/* lines of 80 bytes, several to a write, as long as somebody reads them */
static void lines (SSL *ssl, int size) {
  int i;
  for (i = 79; i < size; i += 80)
    data[i] = '\n';
  source(ssl, size, LONG_MAX);
}

/* a connection's worth of bytes to each client */
static void bursts (SSL_CTX *ctx, int listener, int size, long count) {
  for (; count > 0; count--) {
    SSL *ssl = handshake(serverssl(ctx), take(listener));
    source(ssl, 65536, size / 65536);
    finish(ssl);
  }
}

static void sink (SSL *ssl) {
  SSL_set_read_ahead(ssl, 1);
  SSL_set_default_read_buffer_len(ssl, 64 * 1024);
  while (SSL_read(ssl, data, sizeof data) > 0) ;
  SSL_shutdown(ssl);
}

/* reads exactly 'size' bytes and sends them back; 0 at the end */
static int reflect (SSL *ssl, int size) {
  int done = 0;
  while (done < size) {
    int n = SSL_read(ssl, data + done, size - done);
    if (n <= 0)
      return 0;
    done += n;
  }
  return SSL_write(ssl, data, size) == size;
}

static void greet (SSL *ssl) {
  check(SSL_write(ssl, "x", 1) == 1, "greet");
  while (SSL_read(ssl, data, sizeof data) > 0) ;
  finish(ssl);
}

static void hold (SSL_CTX *ctx, int listener, int size, long count) {
  SSL *ssl = NULL;
  for (; count > 0; count--) {
    ssl = handshake(serverssl(ctx), take(listener));
    reflect(ssl, size);
  }
  SSL_read(ssl, data, sizeof data);
}

static void dialall (int size, long count, int port) {
  SSL_CTX *ctx = clientcontext();
  for (; count > 0; count--) {
    SSL *ssl = handshake(clientssl(ctx), dial(port));
    check(SSL_read(ssl, data, size) == size, "greeting");
    finish(ssl);
  }
}

/* makes connections for 'size' bytes each way, until the last is closed */
static void stay (int size, long count, int port) {
  SSL_CTX *ctx = clientcontext();
  SSL *ssl = NULL;
  for (; count > 0; count--) {
    int got = 0;
    ssl = handshake(clientssl(ctx), dial(port));
    check(SSL_write(ssl, data, size) == size, "write");
    while (got < size) {
      int n = SSL_read(ssl, data, size - got);
      check(n > 0, "read");
      got += n;
    }
  }
  SSL_read(ssl, data, sizeof data);
}

int main (int argc, char **argv) {
  const char *task = argv[1];
  int listener, size;
  long count;
  SSL_CTX *ctx;
  check(argc >= 4, "arguments");
  signal(SIGPIPE, SIG_IGN);
  alarm(60);  /* the peer may have died */
  if (strcmp(task, "dial") == 0) {
    dialall(atoi(argv[2]), atol(argv[3]), atoi(argv[4]));
    return 0;
  }
  if (strcmp(task, "stay") == 0) {
    stay(atoi(argv[2]), atol(argv[3]), atoi(argv[4]));
    return 0;
  }
  ctx = servercontext();
  size = atoi(argv[2]);
  count = atol(argv[3]);
  listener = announce();
  if (strcmp(task, "hold") == 0)
    hold(ctx, listener, size, count);
  else if (strcmp(task, "bursts") == 0)
    bursts(ctx, listener, size, count);
  else if (strcmp(task, "greet") == 0) {
    for (; count > 0; count--)
      greet(handshake(serverssl(ctx), take(listener)));
  }
  else {
    SSL *ssl = handshake(serverssl(ctx), take(listener));
    if (strcmp(task, "source") == 0)
      source(ssl, size, count);
    else if (strcmp(task, "lines") == 0)
      lines(ssl, size);
    else if (strcmp(task, "sink") == 0)
      sink(ssl);
    else
      while (reflect(ssl, size)) ;
  }
  return 0;
}
