/*
** memfail.c - a Lua module for tools/memfail.lua: makes one allocation, or all
** from one on, fail while a function runs; Lua's, OpenSSL's, or both. It has to
** be loaded before anything that uses OpenSSL.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <openssl/crypto.h>
#include <openssl/store.h>

#if defined(__GNUC__)
extern void __sanitizer_print_stack_trace (void) __attribute__((weak));
#endif

#define OF_LUA  1
#define OF_OPENSSL  2

static int watched;  /* whose allocations count now; 0: nobody's */
static long count;  /* the allocations counted so far */
static long first;  /* the one that fails */
static long last;  /* none after it does */
static int hit;  /* did one fail? */
static long live;  /* blocks that OpenSSL holds */
static int trace;  /* show where each failure was */
static int filling = -1;  /* the byte that new memory is full of; -1: any */
static size_t largest;  /* block asked for since it was told last */

static lua_Alloc original;  /* of the Lua state */

/*
** {======================================================
** Allocators
** =======================================================
*/

/* counts an allocation of 'who'; does it fail? */
static int fails (int who) {
  if (!(watched & who))
    return 0;
  count++;
  if (count < first || count > last)
    return 0;
  hit = 1;
  errno = ENOMEM;
#if defined(__GNUC__)
  if (trace && __sanitizer_print_stack_trace)
    __sanitizer_print_stack_trace();
#endif
  return 1;
}

/* what fresh memory holds: nothing that may be relied on */
static void *fresh (void *block, size_t osize, size_t nsize) {
  if (block != NULL && filling >= 0 && nsize > osize)
    memset((char *)block + osize, filling, nsize - osize);
  return block;
}

static void measure (size_t size) {
  if (size > largest)
    largest = size;
}

/*
** Lua tries a failed allocation again after a collection, which must not make
** the count differ: both attempts are one. Making a block smaller never fails.
*/
static void *luaalloc (void *ud, void *block, size_t osize, size_t nsize) {
  static int retry;
  int grows = nsize > 0 && (block == NULL || nsize > osize);
  if (grows && retry) {
    retry = 0;
    return NULL;
  }
  if (grows && fails(OF_LUA)) {
    retry = 1;
    return NULL;
  }
  measure(nsize);
  return fresh(original(ud, block, osize, nsize), block ? osize : 0, nsize);
}

static void *sslmalloc (size_t size, const char *file, int line) {
  void *p;
  (void)file; (void)line;
  if (size == 0 || fails(OF_OPENSSL))
    return NULL;
  measure(size);
  p = malloc(size);
  live += (p != NULL);
  return fresh(p, 0, size);
}

static void sslfree (void *p, const char *file, int line) {
  (void)file; (void)line;
  live -= (p != NULL);
  free(p);
}

static void *sslrealloc (void *p, size_t size, const char *file, int line) {
  if (p == NULL)
    return sslmalloc(size, file, line);
  if (size == 0) {
    sslfree(p, file, line);
    return NULL;
  }
  measure(size);
  return fails(OF_OPENSSL) ? NULL : realloc(p, size);
}

/* }====================================================== */


/*
** {======================================================
** For Lua
** =======================================================
*/

/*
** run(who, n, all, f) -> did one fail?, what pcall(f) gives. The n-th
** allocation of 'who' (1 Lua, 2 OpenSSL, 3 both) fails; with 'all' each one
** after it too.
*/
static int run (lua_State *L) {
  int who = (int)luaL_checkinteger(L, 1);
  int status;
  first = (long)luaL_checkinteger(L, 2);
  last = lua_toboolean(L, 3) ? 0x7fffffff : first;
  lua_settop(L, 4);
  count = 0;
  hit = 0;
  lua_pushvalue(L, 4);
  watched = who;
  status = lua_pcall(L, 0, 0, 0);
  watched = 0;
  lua_pushboolean(L, hit);
  lua_pushboolean(L, status == LUA_OK);
  if (status == LUA_OK)
    return 2;
  lua_pushvalue(L, 5);
  return 3;
}

static int counted (lua_State *L) {
  lua_pushinteger(L, count);
  return 1;
}

static int liveblocks (lua_State *L) {
  lua_pushinteger(L, live);
  return 1;
}

/* fill(byte): new memory is full of it from now on */
static int fill (lua_State *L) {
  filling = (int)luaL_checkinteger(L, 1) & 0xff;
  return 0;
}

/* how many descriptors are open */
static int descriptors (lua_State *L) {
  lua_Integer n = 0;
  int fd;
  for (fd = 0; fd < 256; fd++)
    n += (fcntl(fd, F_GETFD) >= 0);
  lua_pushinteger(L, n);
  return 1;
}

/*
** OSSL_STORE_open_ex gives the one reference that it holds to a loader back
** twice if there is no memory for its result (seen in 3.0.22; the same slip in
** OSSL_STORE_attach was mended in openssl/openssl#32413). Each such failure takes
** a reference from OpenSSL's own tables; the second one frees the loader under
** them, and the next call that looks for it, or the exit, meets freed memory.
** References to spare keep it for as long as allocations fail.
*/
static int spareloader (lua_State *L) {
  OSSL_STORE_LOADER *loader = OSSL_STORE_LOADER_fetch(NULL, "file", NULL);
  int i;
  if (loader == NULL)
    return luaL_error(L, "OpenSSL has no loader of files");
  for (i = 0; i < 10000; i++)
    OSSL_STORE_LOADER_up_ref(loader);
  return 0;
}

/* the size of the largest block asked for since this was asked last */
static int largestblock (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)largest);
  largest = 0;
  return 1;
}

static int settrace (lua_State *L) {
  trace = lua_toboolean(L, 1);
  return 0;
}

/* suspend(f): calls it with nothing failing, inside of run */
static int suspend (lua_State *L) {
  int was = watched;
  watched = 0;
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  watched = was;
  return lua_gettop(L);
}

/* blank(size): a userdata as a careless module makes them, that nobody fills */
static int blank (lua_State *L) {
  lua_newuserdatauv(L, (size_t)luaL_checkinteger(L, 1), 0);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Other states
** =======================================================
*/

/* in a new state: (module) */
static int openmodule (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 0;
}

static void setpaths (lua_State *L, const char *path, const char *cpath) {
  lua_getglobal(L, "package");
  lua_pushstring(L, path);
  lua_setfield(L, -2, "path");
  lua_pushstring(L, cpath);
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}

/*
** state(n, all, module, path, cpath) -> did one fail?, could the module be
** loaded, and could it afterwards, with nothing failing?
*/
static int state (lua_State *L) {
  const char *module = luaL_checkstring(L, 3);
  const char *path = luaL_checkstring(L, 4), *cpath = luaL_checkstring(L, 5);
  int status, again;
#if LUA_VERSION_NUM >= 505
  lua_State *S = lua_newstate(luaalloc, NULL, 0);  /* 0: a seed */
#else
  lua_State *S = lua_newstate(luaalloc, NULL);
#endif
  first = (long)luaL_checkinteger(L, 1);
  last = lua_toboolean(L, 2) ? 0x7fffffff : first;
  luaL_openlibs(S);
  setpaths(S, path, cpath);
  count = 0;
  hit = 0;
  lua_pushcfunction(S, openmodule);
  lua_pushstring(S, module);
  watched = OF_LUA | OF_OPENSSL;
  status = lua_pcall(S, 1, 0, 0);
  watched = 0;
  lua_settop(S, 0);
  lua_pushcfunction(S, openmodule);
  lua_pushstring(S, module);
  again = lua_pcall(S, 1, 0, 0);
  lua_pushstring(L, again == LUA_OK ? NULL : lua_tostring(S, -1));
  lua_close(S);
  lua_pushboolean(L, hit);
  lua_pushboolean(L, status == LUA_OK);
  lua_rotate(L, -3, 2);
  return 3;
}

/* }====================================================== */

static const luaL_Reg functions[] = {
  {"run", run},
  {"state", state},
  {"suspend", suspend},
  {"count", counted},
  {"live", liveblocks},
  {"fill", fill},
  {"largest", largestblock},
  {"blank", blank},
  {"descriptors", descriptors},
  {"spareloader", spareloader},
  {"trace", settrace},
  {NULL, NULL}
};

__attribute__((visibility("default"))) extern int luaopen_memfail (lua_State *L);

int luaopen_memfail (lua_State *L) {
  void *ud;
  if (!CRYPTO_set_mem_functions(sslmalloc, sslrealloc, sslfree))
    return luaL_error(L, "OpenSSL has allocated already");
  /* no clearing up at the exit: spareloader's references are never given back */
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
  original = lua_getallocf(L, &ud);
  lua_setallocf(L, luaalloc, ud);
  luaL_newlib(L, functions);
  return 1;
}
