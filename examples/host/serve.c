/*
** serve.c - a server of one thread per processor, in which a script answers each
** connection in a coroutine of its own.
** SPDX-License-Identifier: MIT
**
** Usage: serve SCRIPT CERTIFICATE KEY [PORT [THREADS]]
**
**     build/host/serve examples/host/hello.lua chain.pem key.pem 8443
**
** The program owns the listening socket, the SSL_CTX, and an epoll loop in each
** thread. The script gives a function, which is called with each new connection,
** and may do nothing but talk to it. SIGHUP loads certificate and key again: new
** connections get the new ones, none is lost. SIGUSR1 prints counts. SIGTERM and
** SIGINT end the program when the connections at hand have ended, or after two
** seconds.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

#define MOSTTHREADS	64
#define GRACE		2  /* seconds for connections to end in */

static const char *certificate, *key;
static int listener;

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail (const char *what) {
  fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
  exit(1);
}

/*
** {======================================================
** Workers: a thread, a Lua state, an event loop
** =======================================================
*/

/* a connection, and the coroutine that talks to it */
typedef struct Task {
  struct Task *next, *prev;	/* in a ring with the worker's 'tasks' */
  lua_State *co;
  int coref, connref;		/* where the registry keeps both */
  int event;			/* LSSL_READ, LSSL_WRITE; 0: it is not waiting */
  double deadline;		/* when it has waited enough; 0: never */
} Task;

enum Order { NONE, RELOAD, COUNT, STOP };

typedef struct Worker {
  pthread_t thread;
  lua_State *L;			/* 1: the context, 2: the script's function */
  int epoll, wakeup;
  Task tasks;			/* the ring's head */
  pthread_mutex_t lock;		/* over the next three: the main thread's */
  enum Order order;
  SSL_CTX *context;		/* with RELOAD: a reference of the worker's */
  pthread_cond_t done;
  unsigned long accepted, refused;
  lssl_Counters counters;	/* as of the last order */
} Worker;

static Worker workers[MOSTTHREADS];
static int count;

/* the task of a coroutine: that of main thread's space is NULL */
static Task **taskof (lua_State *co) {
  return (Task **)lua_getextraspace(co);
}

/*
** What waits for a connection of the context: epoll tells of it already, once for
** each change. The loop resumes the coroutine.
*/
static int waits (lua_State *co, int fd, int event, double timeout,
                  void *worker) {
  Task *t = *taskof(co);
  (void)fd;
  (void)worker;
  if (t == NULL)
    return luaL_error(co, "only the connection's own coroutine can wait");
  t->event = event;
  t->deadline = timeout < 0 ? 0 : now() + timeout;
  return LSSL_YIELD;
}

static void endtask (Worker *w, Task *t) {
  lua_State *L = w->L;
#if LUA_VERSION_NUM >= 505
  lua_closethread(t->co, L);
#else
  lua_resetthread(t->co);  /* so that no call waits for what is closed next */
#endif
  lua_rawgeti(L, LUA_REGISTRYINDEX, t->connref);
  lssl_close(L, -1);
  lua_pop(L, 1);
  luaL_unref(L, LUA_REGISTRYINDEX, t->connref);
  luaL_unref(L, LUA_REGISTRYINDEX, t->coref);
  t->next->prev = t->prev;
  t->prev->next = t->next;
  free(t);
}

/* goes on with a coroutine, for which 'n' values are on its stack */
static void resume (Worker *w, Task *t, int n) {
  int results, status;
  t->event = 0;
  status = lua_resume(t->co, w->L, n, &results);
  if (status == LUA_YIELD && t->event != 0) {
    lua_pop(t->co, results);
    return;
  }
  if (status != LUA_OK && status != LUA_YIELD && getenv("VERBOSE"))
    fprintf(stderr, "serve: %s\n", luaL_tolstring(t->co, -1, NULL));
  endtask(w, t);
}

/* makes the task for 'fd'; 0 if it cannot be served */
static Task *newtask (Worker *w, int fd) {
  lssl_Options options = {0, 10, NULL};
  lua_State *L = w->L;
  Task *t = (Task *)calloc(1, sizeof *t);
  if (t == NULL)
    return NULL;
  if (lssl_pushsocket(L, 1, fd, &options) != LUA_OK) {
    lua_pop(L, 1);
    free(t);
    return NULL;
  }
  t->co = lua_newthread(L);
  *taskof(t->co) = t;
  lua_pushvalue(L, 2);  /* the function and the connection, for the coroutine */
  lua_pushvalue(L, -3);
  lua_xmove(L, t->co, 2);
  t->coref = luaL_ref(L, LUA_REGISTRYINDEX);
  t->connref = luaL_ref(L, LUA_REGISTRYINDEX);
  t->next = &w->tasks;
  t->prev = w->tasks.prev;
  t->prev->next = w->tasks.prev = t;
  return t;
}

static void serve (Worker *w, int fd) {
  struct epoll_event e;
  int one = 1;
  Task *t;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  t = newtask(w, fd);
  w->accepted++;
  if (t == NULL) {  /* over a limit: the descriptor is still ours */
    w->refused++;
    close(fd);
    return;
  }
  e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  e.data.ptr = t;
  if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
    endtask(w, t);
  else
    resume(w, t, 1);
}

/* another thread may have been faster */
static void acceptall (Worker *w) {
  int i, fd;
  for (i = 0; i < 16; i++) {
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
      return;
    serve(w, fd);
  }
}

/* a change of a task's descriptor; what nobody waits for is found by trying */
static void handle (Worker *w, Task *t, uint32_t events) {
  uint32_t both = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
  uint32_t wanted = t->event == LSSL_READ ? EPOLLIN : EPOLLOUT;
  if (t->event != 0 && (events & (wanted | both)))
    resume(w, t, 0);
}

/* tells those whose time is over */
static void expire (Worker *w, double time) {
  Task *t = w->tasks.next, *next;
  for (; t != &w->tasks; t = next) {
    next = t->next;
    if (t->event != 0 && t->deadline > 0 && t->deadline <= time) {
      lua_pushboolean(t->co, 0);
      resume(w, t, 1);
    }
  }
}

/* what the main thread wants; 1: to stop */
static int obey (Worker *w) {
  uint64_t n;
  enum Order order;
  if (read(w->wakeup, &n, sizeof n) < 0)
    return 0;
  pthread_mutex_lock(&w->lock);
  order = w->order;
  w->order = NONE;
  if (order == RELOAD) {
    lssl_replacecontext(w->L, 1, w->context);
    SSL_CTX_free(w->context);
    w->context = NULL;
  }
  lssl_getcounters(w->L, &w->counters);
  pthread_cond_signal(&w->done);
  pthread_mutex_unlock(&w->lock);
  return order == STOP;
}

/* no more connections are taken; those that are there may end by themselves */
static double stopaccepting (Worker *w) {
  epoll_ctl(w->epoll, EPOLL_CTL_DEL, listener, NULL);
  return now() + GRACE;
}

static void loop (Worker *w) {
  struct epoll_event events[64];
  double swept = now(), end = 0;
  while (end == 0 || (w->tasks.next != &w->tasks && now() < end)) {
    int i, n = epoll_wait(w->epoll, events, 64, end == 0 ? 1000 : 50);
    double time = now();
    for (i = 0; i < n; i++) {
      void *what = events[i].data.ptr;
      if (what == &listener)
        acceptall(w);
      else if (what != w)
        handle(w, (Task *)what, events[i].events);
      else if (obey(w) && end == 0)
        end = stopaccepting(w);
    }
    if (time - swept >= 1) {
      swept = time;
      expire(w, time);
    }
  }
  while (w->tasks.next != &w->tasks)
    endtask(w, w->tasks.next);
}

static void *run (void *worker) {
  Worker *w = (Worker *)worker;
  loop(w);
  lua_settop(w->L, 0);
  lua_gc(w->L, LUA_GCCOLLECT, 0);
  lua_gc(w->L, LUA_GCCOLLECT, 0);
  lssl_getcounters(w->L, &w->counters);
  lua_close(w->L);
  return NULL;
}

/* }====================================================== */


/*
** {======================================================
** The script's state
** =======================================================
*/

static int script_now (lua_State *L) {
  lua_pushnumber(L, (lua_Number)now());
  return 1;
}

/* what the script may use of Lua: neither files nor programs */
static void openfew (lua_State *L) {
  static const luaL_Reg few[] = {
    {LUA_GNAME, luaopen_base}, {LUA_STRLIBNAME, luaopen_string},
    {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine},
    {NULL, NULL}
  };
  static const char *const files[] = {"dofile", "loadfile"};
  const luaL_Reg *lib;
  int i;
  for (lib = few; lib->name != NULL; lib++) {
    luaL_requiref(L, lib->name, lib->func, 1);
    lua_pop(L, 1);
  }
  for (i = 0; i < 2; i++) {
    lua_pushnil(L);
    lua_setglobal(L, files[i]);
  }
}

/* protected: (context, worker, script) -> the context, the script's function */
static int prepare (lua_State *L) {
  static const lssl_Limits limits = {LSSL_NOTHING, 0, 0, 4, 10000, 0};
  void *worker = lua_touserdata(L, 2);
  const char *script = lua_tostring(L, 3);
  openfew(L);
  lssl_open(L);
  lssl_require(L, "ssl");
  lua_setglobal(L, "ssl");
  lua_register(L, "now", script_now);
  lssl_pushcontext(L, (SSL_CTX *)lua_touserdata(L, 1));
  lssl_setwaiter(L, -1, waits, worker);
  lssl_setlimits(L, &limits);
  if (luaL_loadfilex(L, script, "t") != LUA_OK)
    return lua_error(L);
  lua_call(L, 0, 1);
  luaL_checktype(L, -1, LUA_TFUNCTION);
  return 2;
}

static void newstate (Worker *w, SSL_CTX *context, const char *script) {
  lua_State *L = w->L = luaL_newstate();
  if (L == NULL)
    fail("Lua");
  *taskof(L) = NULL;
  lua_pushcfunction(L, prepare);
  lua_pushlightuserdata(L, context);
  lua_pushlightuserdata(L, w);
  lua_pushstring(L, script);
  if (lua_pcall(L, 3, 2, 0) != LUA_OK) {
    fprintf(stderr, "serve: %s\n", luaL_tolstring(L, -1, NULL));
    exit(1);
  }
}

static void watch (Worker *w, int fd, uint32_t events, void *what) {
  struct epoll_event e;
  e.events = events;
  e.data.ptr = what;
  if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
    fail("epoll");
}

static void start (Worker *w, SSL_CTX *context, const char *script) {
  w->tasks.next = w->tasks.prev = &w->tasks;
  w->epoll = epoll_create1(EPOLL_CLOEXEC);
  w->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (w->epoll < 0 || w->wakeup < 0)
    fail("epoll");
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->done, NULL);
  newstate(w, context, script);
  watch(w, listener, EPOLLIN | EPOLLEXCLUSIVE, &listener);
  watch(w, w->wakeup, EPOLLIN, w);
  if (pthread_create(&w->thread, NULL, run, w) != 0)
    fail("thread");
}

/* }====================================================== */


/*
** {======================================================
** The main thread: signals
** =======================================================
*/

static SSL_CTX *newcontext (void) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  if (ctx != NULL &&
      SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
      SSL_CTX_use_certificate_chain_file(ctx, certificate) == 1 &&
      SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(ctx) == 1) {
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    return ctx;
  }
  fprintf(stderr, "serve: no certificate in %s with a key in %s\n",
          certificate, key);
  ERR_print_errors_fp(stderr);
  SSL_CTX_free(ctx);
  return NULL;
}

/* gives a worker an order, and waits until it is done */
static void command (Worker *w, enum Order order, SSL_CTX *context) {
  uint64_t one = 1;
  pthread_mutex_lock(&w->lock);
  w->order = order;
  if (context != NULL)
    SSL_CTX_up_ref(context);
  w->context = context;
  if (write(w->wakeup, &one, sizeof one) < 0)
    fail("eventfd");
  while (w->order != NONE)
    pthread_cond_wait(&w->done, &w->lock);
  pthread_mutex_unlock(&w->lock);
}

static void commandall (enum Order order, SSL_CTX *context) {
  int i;
  for (i = 0; i < count; i++)
    command(&workers[i], order, context);
}

static void reload (void) {
  SSL_CTX *ctx = newcontext();
  if (ctx != NULL) {  /* what is wrong leaves the old one in use */
    commandall(RELOAD, ctx);
    SSL_CTX_free(ctx);
    printf("reloaded\n");
  }
}

/* one line, of the sums over all threads */
static void report (void) {
  unsigned long long sum[8] = {0};
  int i;
  for (i = 0; i < count; i++) {
    const lssl_Counters *c = &workers[i].counters;
    sum[0] += workers[i].accepted;
    sum[1] += workers[i].refused;
    sum[2] += c->connections;
    sum[3] += c->handshakes;
    sum[4] += c->resumptions;
    sum[5] += c->handshakes_failed;
    sum[6] += c->bytes_read;
    sum[7] += c->bytes_written;
  }
  printf("accepted %llu refused %llu open %llu handshakes %llu resumed %llu "
         "failed %llu read %llu written %llu\n", sum[0], sum[1], sum[2],
         sum[3], sum[4], sum[5], sum[6], sum[7]);
}

static void obeysignals (const sigset_t *signals) {
  int signal, i;
  while (sigwait(signals, &signal) == 0) {
    if (signal == SIGHUP)
      reload();
    else if (signal == SIGUSR1) {
      commandall(COUNT, NULL);
      report();
    }
    else
      break;
    fflush(stdout);
  }
  commandall(STOP, NULL);
  for (i = 0; i < count; i++)
    pthread_join(workers[i].thread, NULL);
  report();
}

static void bindport (int port) {
  struct sockaddr_in6 address;
  socklen_t size = sizeof address;
  int one = 1, zero = 0;
  memset(&address, 0, sizeof address);
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_any;
  address.sin6_port = htons((uint16_t)port);
  listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0)
    fail("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 1024) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    fail("listen");
  printf("port %d\n", ntohs(address.sin6_port));
  fflush(stdout);
}

int main (int argc, char **argv) {
  SSL_CTX *context;
  sigset_t signals;
  int i;
  if (argc < 4)
    return fprintf(stderr, "usage: serve SCRIPT CERTIFICATE KEY [PORT "
                           "[THREADS]]\n"), 2;
  certificate = argv[2];
  key = argv[3];
  count = argc > 5 ? atoi(argv[5]) : (int)sysconf(_SC_NPROCESSORS_ONLN);
  if (count < 1 || count > MOSTTHREADS)
    count = 1;
  sigemptyset(&signals);  /* for this thread alone: the others inherit the mask */
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  signal(SIGPIPE, SIG_IGN);
  if ((context = newcontext()) == NULL)
    return 1;
  bindport(argc > 4 ? atoi(argv[4]) : 0);
  for (i = 0; i < count; i++)
    start(&workers[i], context, argv[1]);
  SSL_CTX_free(context);  /* the states have their references */
  obeysignals(&signals);
  close(listener);
  return 0;
}

/* }====================================================== */
