/*
** plain.c - the same "hello" as examples/host/hello.lua, in C alone: what a server of
** one thread costs with nothing but epoll and OpenSSL. For bench/host/run.lua.
** SPDX-License-Identifier: MIT
**
** Usage: plain CERTIFICATE KEY [PORT]
*/
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static const char answer[] =
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n\r\n"
  "Hello over TLS.\n";

typedef struct Conn {
  SSL *ssl;
  int fd;
  int closing;			/* its last answer is sent */
  size_t size;			/* of a request that has begun */
  char buffer[4096];
} Conn;

static int loop;

static void end (Conn *c) {
  SSL_free(c->ssl);
  close(c->fd);
  free(c);
}

/* answers what is complete in the buffer; 0: the connection has to end */
static int respond (Conn *c) {
  char *last;
  c->buffer[c->size] = '\0';
  while ((last = strstr(c->buffer, "\r\n\r\n")) != NULL) {
    size_t head = (size_t)(last - c->buffer) + 4;
    int closes = memmem(c->buffer, head, "onnection: close", 16) != NULL ||
                 memmem(c->buffer, head, "HTTP/1.0\r\n", 10) != NULL;
    if (SSL_write(c->ssl, answer, (int)sizeof answer - 1) <= 0)
      return 0;
    if (closes) {
      SSL_shutdown(c->ssl);
      c->closing = 1;
    }
    memmove(c->buffer, c->buffer + head, c->size - head + 1);
    c->size -= head;
  }
  return c->size < sizeof c->buffer - 1;
}

/* goes on as far as the socket allows */
static void go (Conn *c) {
  for (;;) {
    int n;
    ERR_clear_error();
    n = SSL_read(c->ssl, c->buffer + c->size,
                 (int)(sizeof c->buffer - 1 - c->size));
    if (n <= 0) {
      int error = SSL_get_error(c->ssl, n);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        end(c);
      return;
    }
    c->size += (size_t)n;
    if (!c->closing && !respond(c)) {
      end(c);
      return;
    }
  }
}

static void acceptall (int listener, SSL_CTX *ctx) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL,
                       SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct epoll_event e;
    Conn *c = (Conn *)calloc(1, sizeof *c);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, fd);
    SSL_set_accept_state(c->ssl);
    e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    e.data.ptr = c;
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
    go(c);
  }
}

static int bindport (int port) {
  struct sockaddr_in a;
  socklen_t size = sizeof a;
  int one = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  memset(&a, 0, sizeof a);
  a.sin_family = AF_INET;
  a.sin_port = htons((uint16_t)port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 1024) != 0 ||
      getsockname(fd, (struct sockaddr *)&a, &size) != 0)
    return -1;
  printf("port %d\n", ntohs(a.sin_port));
  fflush(stdout);
  return fd;
}

int main (int argc, char **argv) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  struct epoll_event e, events[64];
  int listener, i, n;
  if (argc < 3 || SSL_CTX_use_certificate_chain_file(ctx, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(ctx, argv[2], SSL_FILETYPE_PEM) != 1)
    return 2;
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  signal(SIGPIPE, SIG_IGN);
  listener = bindport(argc > 3 ? atoi(argv[3]) : 0);
  loop = epoll_create1(EPOLL_CLOEXEC);
  e.events = EPOLLIN;
  e.data.ptr = NULL;
  if (listener < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e) != 0)
    return 1;
  for (;;) {
    n = epoll_wait(loop, events, 64, -1);
    for (i = 0; i < n; i++) {
      if (events[i].data.ptr == NULL)
        acceptall(listener, ctx);
      else
        go((Conn *)events[i].data.ptr);
    }
  }
}
