/*
** threads.c - a program for `make tsan`: Lua states in threads of their own, each
** of which loads the module, runs a script, and is closed, over and over. Two
** states share nothing but what OpenSSL shares.
** SPDX-License-Identifier: MIT
**
** Usage: threads THREADS ROUNDS SCRIPT
*/
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

static const char *script;
static int rounds;

static void *run (void *failed) {
  int i;
  for (i = 0; i < rounds; i++) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (luaL_dofile(L, script)) {
      fprintf(stderr, "threads: %s\n", luaL_tolstring(L, -1, NULL));
      *(int *)failed = 1;
    }
    lua_close(L);  /* with all that the script has left alive */
  }
  return NULL;
}

int main (int argc, char **argv) {
  enum { MOST = 16 };
  pthread_t threads[MOST];
  int failed[MOST] = {0}, count, i, sum = 0;
  if (argc != 4 || (count = atoi(argv[1])) < 1 || count > MOST)
    return 2;
  rounds = atoi(argv[2]);
  script = argv[3];
  for (i = 0; i < count; i++) {
    if (pthread_create(&threads[i], NULL, run, &failed[i]) != 0)
      return 2;
  }
  for (i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    sum += failed[i];
  }
  printf("threads: %d of %d with %d rounds failed\n", sum, count, rounds);
  return sum > 0;
}
