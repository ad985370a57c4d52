/*
** net.h - what the benchmark's C programs share: sockets on the loopback
** interface, contexts, the clock. Ends the program when anything fails.
** SPDX-License-Identifier: MIT
*/
#ifndef bench_net_h
#define bench_net_h

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static inline void check (int ok, const char *what) {
  if (!ok) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
  }
}

static inline double now (clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* processor time of this program, and the time of day; in seconds */
static inline double cpu (void) { return now(CLOCK_PROCESS_CPUTIME_ID); }
static inline double wall (void) { return now(CLOCK_MONOTONIC); }

static inline void nodelay (int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline struct sockaddr_in loopback (int port) {
  struct sockaddr_in a = {0};
  a.sin_family = AF_INET;
  a.sin_port = htons((unsigned short)port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

/* a listening socket, whose port goes to standard output */
static inline int announce (void) {
  struct sockaddr_in a = loopback(0);
  socklen_t size = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  check(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        listen(fd, 1024) == 0, "listen");
  check(getsockname(fd, (struct sockaddr *)&a, &size) == 0, "getsockname");
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  return fd;
}

static inline int take (int listener) {
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  nodelay(fd);
  return fd;
}

static inline int dial (int port) {
  struct sockaddr_in a = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  check(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0,
        "connect");
  nodelay(fd);
  return fd;
}

/* "DIR/name" in a static buffer; DIR is where the runner put certificates */
static inline const char *path (const char *name) {
  static char buffer[4096];
  const char *dir = getenv("BENCH_DIR");
  snprintf(buffer, sizeof buffer, "%s/%s", dir ? dir : ".", name);
  return buffer;
}

/* BENCH_CIPHER is the one suite of TLS 1.3 that both sides speak */
static inline void choosecipher (SSL_CTX *ctx) {
  const char *suite = getenv("BENCH_CIPHER");
  if (suite != NULL)
    check(SSL_CTX_set_ciphersuites(ctx, suite), suite);
}

static inline SSL_CTX *clientcontext (void) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  check(ctx && SSL_CTX_load_verify_file(ctx, path("ca.pem")), "ca.pem");
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
  choosecipher(ctx);
  return ctx;
}

/* BENCH_CERT: "ecdsa" or "rsa" */
static inline SSL_CTX *servercontext (void) {
  const char *name = getenv("BENCH_CERT");
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  char file[64];
  snprintf(file, sizeof file, "%s.pem", name);
  check(ctx && SSL_CTX_use_certificate_chain_file(ctx, path(file)) &&
        SSL_CTX_use_PrivateKey_file(ctx, path(file), SSL_FILETYPE_PEM), file);
  choosecipher(ctx);
  SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"bench", 5);
  return ctx;
}

/* a client's SSL that checks the host's name */
static inline SSL *clientssl (SSL_CTX *ctx) {
  SSL *ssl = SSL_new(ctx);
  check(ssl && SSL_set_tlsext_host_name(ssl, "localhost") &&
        SSL_set1_host(ssl, "localhost"), "SSL_new");
  SSL_set_connect_state(ssl);
  return ssl;
}

static inline SSL *serverssl (SSL_CTX *ctx) {
  SSL *ssl = SSL_new(ctx);
  check(ssl != NULL, "SSL_new");
  SSL_set_accept_state(ssl);
  return ssl;
}

static inline SSL *handshake (SSL *ssl, int fd) {
  check(SSL_set_fd(ssl, fd) && SSL_do_handshake(ssl) == 1, "handshake");
  return ssl;
}

/* ends it so that its session can be resumed */
static inline void finish (SSL *ssl) {
  int fd = SSL_get_fd(ssl);
  SSL_shutdown(ssl);
  SSL_free(ssl);
  close(fd);
}

#endif
