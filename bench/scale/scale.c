/*
** scale.c - what grows with numbers, in C alone and with Lua in threads: for
** bench/scale/run.lua. Usage:
**
**   scale plain THREADS COUNT     handshakes in memory, COUNT in each thread
**   scale lua THREADS COUNT       the same, by a Lua state in each thread
**   scale contexts N              N contexts with a certificate
**   scale names N COUNT           COUNT handshakes with one of N names
**   scale tick N COUNT            COUNT polls of N sockets that are idle
**
** Prints processor seconds, seconds, and bytes of memory.
** SPDX-License-Identifier: MIT
*/
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>

#include "../net.h"

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

enum { MOST = 16 };

static long count;
static SSL_CTX *client, *server;
static double cpu0, wall0;

static long resident (void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  check(f && fscanf(f, "%*d %ld", &pages) == 1, "statm");
  fclose(f);
  return pages * sysconf(_SC_PAGESIZE);
}

static long memory0;

static void start (void) {
  memory0 = resident();
  wall0 = wall();
  cpu0 = cpu();
}

static void report (void) {
  double c = cpu() - cpu0;
  printf("%.9f %.9f %ld\n", c, wall() - wall0, resident() - memory0);
}

/* a handshake in memory; 'name' is what the client asks for, or NULL */
static void pair (const char *name) {
  BIO *up = BIO_new(BIO_s_mem()), *down = BIO_new(BIO_s_mem());
  SSL *one = clientssl(client), *other = serverssl(server);
  check(up && down && BIO_up_ref(up) && BIO_up_ref(down), "memory BIOs");
  SSL_set_bio(one, down, up);
  SSL_set_bio(other, up, down);
  if (name != NULL)
    SSL_set_tlsext_host_name(one, name);
  SSL_do_handshake(one);
  SSL_do_handshake(other);
  check(SSL_do_handshake(one) == 1 && SSL_do_handshake(other) == 1,
        "handshake");
  SSL_free(one);
  SSL_free(other);
}

/*
** {======================================================
** Threads
** =======================================================
*/

static void *plainthread (void *unused) {
  long i;
  for (i = 0; i < count; i++)
    pair(NULL);
  return unused;
}

/* protected: runs bench/scale/thread.lua(client, server, count) */
static int body (lua_State *L) {
  luaL_openlibs(L);
  lssl_open(L);
  if (luaL_loadfile(L, "bench/scale/thread.lua") != LUA_OK)
    return lua_error(L);
  lssl_pushcontext(L, client);
  lssl_pushcontext(L, server);
  lua_pushinteger(L, count);
  lua_call(L, 3, 0);
  return 0;
}

static void *luathread (void *unused) {
  lua_State *L = luaL_newstate();
  check(L != NULL, "Lua");
  lua_pushcfunction(L, body);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
    exit(1);
  }
  lua_close(L);
  return unused;
}

static void runthreads (int n, void *(*f) (void *)) {
  pthread_t threads[MOST];
  int i;
  client = clientcontext();
  server = servercontext();
  start();
  for (i = 0; i < n; i++)
    check(pthread_create(&threads[i], NULL, f, NULL) == 0, "thread");
  for (i = 0; i < n; i++)
    pthread_join(threads[i], NULL);
  report();
}

/* }====================================================== */


/*
** {======================================================
** Contexts, names, idle sockets
** =======================================================
*/

static SSL_CTX **manycontexts (long n) {
  SSL_CTX **list = (SSL_CTX **)calloc((size_t)n, sizeof *list);
  long i;
  for (i = 0; i < n; i++)
    list[i] = servercontext();
  return list;
}

static int choose (SSL *ssl, int *alert, void *unused) {
  ENTRY wanted = {(char *)(size_t)SSL_get_servername(ssl, 0), NULL}, *found;
  (void)alert;
  (void)unused;
  found = wanted.key ? hsearch(wanted, FIND) : NULL;
  if (found != NULL)
    SSL_set_SSL_CTX(ssl, (SSL_CTX *)found->data);
  return SSL_TLSEXT_ERR_OK;
}

/* all names have one certificate, whose name the client expects */
static void names (long n) {
  char (*texts)[32] = (char (*)[32])calloc((size_t)n, sizeof *texts);
  SSL_CTX **list;
  long i;
  check(texts != NULL && hcreate((size_t)n * 2), "table");
  client = clientcontext();
  server = servercontext();
  list = manycontexts(n);
  for (i = 0; i < n; i++) {
    ENTRY e = {texts[i], list[i]};
    snprintf(texts[i], sizeof texts[i], "host%ld.test", i);
    check(hsearch(e, ENTER) != NULL, "table");
  }
  SSL_CTX_set_tlsext_servername_callback(server, choose);
  start();
  for (i = 0; i < count; i++)
    pair(texts[i * 7919 % n]);
  report();
}

static void tick (long n) {
  struct pollfd *list = (struct pollfd *)calloc((size_t)n, sizeof *list);
  long i;
  for (i = 0; i < n; i += 2) {
    int fds[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
    list[i].fd = fds[0];
    list[i].events = POLLIN;
    if (i + 1 < n) {
      list[i + 1].fd = fds[1];
      list[i + 1].events = POLLIN;
    }
  }
  start();
  for (i = 0; i < count; i++)
    check(poll(list, (nfds_t)n, 0) == 0, "poll");
  report();
}

/* }====================================================== */


int main (int argc, char **argv) {
  const char *task = argv[1];
  long n;
  check(argc >= 3, "arguments");
  n = atol(argv[2]);
  count = argc > 3 ? atol(argv[3]) : 1;
  if (strcmp(task, "contexts") == 0) {
    start();
    manycontexts(n);
    report();
  }
  else if (strcmp(task, "names") == 0)
    names(n);
  else if (strcmp(task, "tick") == 0)
    tick(n);
  else
    runthreads((int)n, strcmp(task, "lua") == 0 ? luathread : plainthread);
  return 0;
}
