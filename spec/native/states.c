/*
** states.c - a program for specs: Lua states that come and go by the thousand, in
** threads of their own, each of which opens the library, runs a script, and is
** closed. Tells what is left: memory of Lua's, of OpenSSL's, of the process.
** SPDX-License-Identifier: MIT
**
** Usage: states THREADS ROUNDS MEMORY SCRIPT [ARGUMENT ...]
** MEMORY is the limit of what OpenSSL may hold for a state; 0: none.
*/
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

enum { MOST = 16 };

static int rounds, arguments;
static size_t limit;
static char **script;

typedef struct Thread {
  pthread_t id;
  int failed;
  size_t lua;			/* bytes that the state in progress holds */
  size_t left;			/* of all states that were closed */
  size_t peak;			/* of OpenSSL's, of any state */
} Thread;

/* counts to the byte */
static void *allocate (void *thread, void *block, size_t old, size_t size) {
  Thread *t = (Thread *)thread;
  void *fresh = NULL;
  if (size == 0)
    free(block);
  else if ((fresh = realloc(block, size)) == NULL)
    return NULL;
  t->lua = t->lua - (block ? old : 0) + size;
  return fresh;
}

static int body (lua_State *L) {
  lssl_Limits limits;
  int i;
  memset(&limits, 0, sizeof limits);
  limits.memory = limit;
  luaL_openlibs(L);
  lssl_open(L);
  lssl_setlimits(L, &limits);
  if (luaL_loadfile(L, script[0]) != LUA_OK)
    return lua_error(L);
  for (i = 1; i < arguments; i++)
    lua_pushstring(L, script[i]);
  lua_call(L, arguments - 1, 0);
  return 0;
}

static void onestate (Thread *t) {
  lssl_Counters counters;
  lua_State *L;
  t->lua = 0;
  L = lua_newstate(allocate, t
#if LUA_VERSION_NUM >= 505
                   , 0
#endif
                   );
  if (L == NULL) {
    t->failed = 1;
    return;
  }
  lssl_charge(L);
  lua_pushcfunction(L, body);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    fprintf(stderr, "states: %s\n", luaL_tolstring(L, -1, NULL));
    t->failed = 1;
  }
  lssl_charge(NULL);
  lssl_getcounters(L, &counters);
  if (counters.memory_peak > t->peak)
    t->peak = counters.memory_peak;
  lua_close(L);
  t->left += t->lua;
}

static void *run (void *thread) {
  Thread *t = (Thread *)thread;
  int i;
  for (i = 0; i < rounds && !t->failed; i++)
    onestate(t);
  return NULL;
}

/* the process's memory, in pages */
static long resident (void) {
  long all = 0, here = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f != NULL) {
    if (fscanf(f, "%ld %ld", &all, &here) != 2)
      here = 0;
    fclose(f);
  }
  return here;
}

/* runs all threads; 1 if one failed */
static int runall (Thread *threads, int count) {
  int i, failed = 0;
  for (i = 0; i < count; i++) {
    if (pthread_create(&threads[i].id, NULL, run, &threads[i]) != 0)
      return 1;
  }
  for (i = 0; i < count; i++) {
    pthread_join(threads[i].id, NULL);
    failed |= threads[i].failed;
  }
  return failed;
}

int main (int argc, char **argv) {
  Thread threads[MOST];
  long before;
  size_t left = 0, peak = 0;
  int count, i, failed, all;
  if (!lssl_countmemory())
    return 3;
  if (argc < 5 || (count = atoi(argv[1])) < 1 || count > MOST)
    return 2;
  all = atoi(argv[2]);
  limit = (size_t)atol(argv[3]);
  script = argv + 4;
  arguments = argc - 4;
  memset(threads, 0, sizeof threads);
  rounds = all / 10 + 1;  /* to warm up */
  failed = runall(threads, count);
  before = resident();
  rounds = all;
  failed |= runall(threads, count);
  for (i = 0; i < count; i++) {
    left += threads[i].left;
    if (threads[i].peak > peak)
      peak = threads[i].peak;
  }
  printf("failed %d left %lu peak %lu grown %ld\n", failed,
         (unsigned long)left, (unsigned long)peak,
         (resident() - before) * (sysconf(_SC_PAGESIZE) / 1024));
  return failed;
}
