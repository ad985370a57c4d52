/*
** plain.c - the C programs to compare with: the loop over SSL_read and
** SSL_write that most people would write, and ("tuned") the same with what
** OpenSSL offers for speed. Usage: plain|tuned TASK SIZE COUNT PORT
** Prints the result: processor seconds, seconds, and what was counted; the
** task "tasks" prints the names of the others.
** SPDX-License-Identifier: MIT
*/
#include <fcntl.h>

#include "net.h"

static int tuned;
static int size, port;
static long count;
static unsigned char data[256 * 1024];

static double cpu0, wall0;

static void start (void) {
  wall0 = wall();
  cpu0 = cpu();
}

static void report (double n) {
  double c = cpu() - cpu0;
  printf("%.9f %.9f %.0f\n", c, wall() - wall0, n);
}

static SSL_CTX *client (void) {
  SSL_CTX *ctx = clientcontext();
  if (tuned) {
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, 64 * 1024);
  }
  return ctx;
}

static SSL_CTX *server (void) {
  SSL_CTX *ctx = servercontext();
  if (tuned) {
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, 64 * 1024);
  }
  return ctx;
}

static SSL *connected (SSL_CTX *ctx) {
  return handshake(clientssl(ctx), dial(port));
}

/*
** {======================================================
** Bulk
** =======================================================
*/

static void receive (void) {
  SSL *ssl = connected(client());
  double total = 0;
  int n;
  start();
  while ((n = SSL_read(ssl, data, size)) > 0)
    total += n;
  report(total);
  finish(ssl);
}

static void sendtuned (SSL *ssl) {
  BIO *gather = BIO_new(BIO_f_buffer());
  check(gather && BIO_set_write_buffer_size(gather, 80 * 1024), "buffer");
  SSL_set0_wbio(ssl, BIO_push(gather, SSL_get_wbio(ssl)));
  BIO_up_ref(SSL_get_rbio(ssl));
  for (; count > 0; count--) {
    check(SSL_write(ssl, data, size) == size, "write");
    BIO_flush(SSL_get_wbio(ssl));
  }
}

static void sendall (void) {
  SSL *ssl = connected(client());
  double total = (double)size * (double)count;
  start();
  if (tuned && size > 16384)
    sendtuned(ssl);
  else
    for (; count > 0; count--)
      check(SSL_write(ssl, data, size) == size, "write");
  SSL_shutdown(ssl);
  BIO_flush(SSL_get_wbio(ssl));
  SSL_read(ssl, data, 1);  /* until the peer has it all */
  report(total);
}

/* }====================================================== */


/*
** {======================================================
** Small calls
** =======================================================
*/

static void pingpong (void) {
  SSL *ssl = connected(client());
  long i;
  start();
  for (i = 0; i < count; i++)
    check(SSL_write(ssl, data, size) == size &&
          SSL_read(ssl, data, size) == size, "ping");
  report((double)count);
  finish(ssl);
}

/* what is left of records of 16 KiB, in pieces of 'size' bytes */
static void small (void) {
  SSL *ssl = connected(client());
  int pieces = 16384 / size - 1, i;
  double spent = 0, n = 0;
  while (SSL_read(ssl, data, size) == size) {
    double before = cpu();
    for (i = 0; i < pieces; i++)
      SSL_read(ssl, data, size);
    spent += cpu() - before;
    n += pieces;
  }
  printf("%.9f 0 %.0f\n", spent, n);
  finish(ssl);
}

static void want (void) {
  SSL *ssl = connected(client());
  long i;
  check(SSL_write(ssl, data, size) == size && SSL_read(ssl, data, size) == size,
        "ping");
  fcntl(SSL_get_fd(ssl), F_SETFL, O_NONBLOCK);
  start();
  for (i = 0; i < count; i++) {
    int n;
    ERR_clear_error();
    n = SSL_read(ssl, data, size);
    check(SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ, "want");
  }
  report((double)count);
  finish(ssl);
}

/* }====================================================== */


/*
** {======================================================
** Handshakes
** =======================================================
*/

static void connects (void) {
  SSL_CTX *ctx = client();
  long i;
  for (i = -1; i < count; i++) {
    SSL *ssl;
    if (i == 0)
      start();
    ssl = connected(ctx);
    check(SSL_read(ssl, data, 1) == 1, "greeting");
    finish(ssl);
  }
  report((double)count);
}

static void resumes (void) {
  SSL_CTX *ctx = client();
  SSL_SESSION *session = NULL;
  long i;
  for (i = -1; i < count; i++) {
    SSL *ssl = clientssl(ctx);
    if (i == 0)
      start();
    if (session != NULL)
      SSL_set_session(ssl, session);
    handshake(ssl, dial(port));
    check(SSL_session_reused(ssl) == (i >= 0), "resumption");
    check(SSL_read(ssl, data, 1) == 1, "greeting");
    SSL_SESSION_free(session);
    session = SSL_get1_session(ssl);
    finish(ssl);
  }
  report((double)count);
}

static void accepts (void) {
  SSL_CTX *ctx = servercontext();
  int listener = announce();
  long i;
  for (i = -1; i < count; i++) {
    SSL *ssl;
    if (i == 0)
      start();
    ssl = handshake(serverssl(ctx), take(listener));
    check(SSL_write(ssl, "x", 1) == 1, "greeting");
    finish(ssl);
  }
  report((double)count);
}

/* a client and a server joined in memory, in that order */
static void join (SSL_CTX *cctx, SSL_CTX *sctx, SSL *pair[2]) {
  BIO *up = BIO_new(BIO_s_mem()), *down = BIO_new(BIO_s_mem());
  pair[0] = clientssl(cctx);
  pair[1] = serverssl(sctx);
  check(up && down && BIO_up_ref(up) && BIO_up_ref(down), "memory BIOs");
  SSL_set_bio(pair[0], down, up);
  SSL_set_bio(pair[1], up, down);
  SSL_do_handshake(pair[0]);
  SSL_do_handshake(pair[1]);
  check(SSL_do_handshake(pair[0]) == 1 && SSL_do_handshake(pair[1]) == 1,
        "handshake in memory");
}

static void pairs (void) {
  SSL_CTX *cctx = clientcontext(), *sctx = servercontext();
  SSL *pair[2];
  long i;
  for (i = -1; i < count; i++) {
    if (i == 0)
      start();
    join(cctx, sctx, pair);
    SSL_free(pair[0]);
    SSL_free(pair[1]);
  }
  report((double)count);
}

static void wantmemory (void) {
  SSL *pair[2];
  long i;
  join(clientcontext(), servercontext(), pair);
  start();
  for (i = 0; i < count; i++) {
    int n;
    ERR_clear_error();
    n = SSL_read(pair[0], data, size);
    check(SSL_get_error(pair[0], n) == SSL_ERROR_WANT_READ, "want");
  }
  report((double)count);
}

static void memory (void) {
  SSL *pair[2];
  double total = (double)size * (double)count;
  join(clientcontext(), servercontext(), pair);
  start();
  for (; count > 0; count--) {
    int left = size;
    check(SSL_write(pair[0], data, size) == size, "write");
    while (left > 0)
      left -= SSL_read(pair[1], data, left);
  }
  report(total);
}

/* }====================================================== */


static long resident (void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  check(f && fscanf(f, "%*d %ld", &pages) == 1, "statm");
  fclose(f);
  return pages * sysconf(_SC_PAGESIZE);
}

static void receiveexactly (SSL *ssl) {
  int got = 0;
  while (got < size)
    got += SSL_read(ssl, data, size - got);
}

/* bytes of memory per connection after 'size' bytes each way */
static void idle (void) {
  SSL_CTX *ctx = client();
  long i, before = 0;
  for (i = -20; i < count; i++) {
    SSL *ssl;
    if (i == 0)
      before = resident();
    ssl = connected(ctx);
    check(SSL_write(ssl, data, size) == size, "write");
    receiveexactly(ssl);
  }
  printf("0 0 %ld\n", (resident() - before) / count);
}

static void idleserver (void) {
  SSL_CTX *ctx = server();
  int listener = announce();
  long i, before = 0;
  for (i = -20; i < count; i++) {
    SSL *ssl;
    if (i == 0)
      before = resident();
    ssl = handshake(serverssl(ctx), take(listener));
    receiveexactly(ssl);
    check(SSL_write(ssl, data, size) == size, "write");
  }
  printf("0 0 %ld\n", (resident() - before) / count);
}

int main (int argc, char **argv) {
  static const struct { const char *name; void (*run) (void); } tasks[] = {
    {"receive", receive}, {"into", receive}, {"send", sendall},
    {"pingpong", pingpong}, {"small", small}, {"smallinto", small},
    {"want", want}, {"connects", connects}, {"resumes", resumes},
    {"accepts", accepts}, {"pairs", pairs}, {"memory", memory},
    {"memoryinto", memory}, {"wantmemory", wantmemory}, {"idle", idle}, {"idleserver", idleserver}
  };
  size_t i;
  int list = argc > 2 && strcmp(argv[2], "tasks") == 0;
  check(argc == 6, "arguments");
  signal(SIGPIPE, SIG_IGN);
  tuned = strcmp(argv[1], "tuned") == 0;
  size = atoi(argv[3]);
  count = atol(argv[4]);
  port = atoi(argv[5]);
  for (i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
    if (list)
      printf("%s ", tasks[i].name);
    else if (strcmp(tasks[i].name, argv[2]) == 0)
      tasks[i].run();
  }
  return 0;
}
