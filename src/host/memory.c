/*
** memory.c - what OpenSSL allocates, by the Lua state that it is for.
** SPDX-License-Identifier: MIT
**
** OpenSSL has one set of memory functions for the process. Ours keep an account's
** address and the size before each block: that of the thread's state when the
** block was made, so that it is taken off the right account whoever frees it, in
** whatever thread. An account lives as long as its state and its blocks.
*/
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/state.h"
#include "host/memory.h"
#include "lssl.h"

#if defined(__GNUC__)

typedef struct Account {
  Memory memory;		/* first: what the state knows of it */
  long references;		/* the state, the threads it is current in, blocks */
} Account;

/* before each block; its size keeps the block's alignment */
typedef union Header {
  struct {
    Account *account;		/* NULL: nobody's */
    size_t size;
  } of;
  long double alignment[2];
} Header;

static int counting = 0;	/* set once, before there are threads */
static __thread Account *current = NULL;

/*
** {======================================================
** Accounts
** =======================================================
*/

static void drop (Account *a) {
  if (a != NULL &&
      __atomic_sub_fetch(&a->references, 1, __ATOMIC_ACQ_REL) == 0)
    free(a);
}

static Account *take (Account *a) {
  if (a != NULL)
    __atomic_add_fetch(&a->references, 1, __ATOMIC_RELAXED);
  return a;
}

static size_t heldby (const Account *a) {
  return __atomic_load_n(&a->memory.held, __ATOMIC_RELAXED);
}

/* may the account get that much more? notes it if not */
static int allows (Account *a, size_t size) {
  size_t held = heldby(a), limit = a->memory.limit;
  if (limit == 0 || (size <= limit && held <= limit - size))
    return 1;
  a->memory.refused = 1;
  return 0;
}

/* only the thread of the state charges to its account: the peak is its own */
static void charge (Account *a, size_t size) {
  size_t held = __atomic_add_fetch(&a->memory.held, size, __ATOMIC_RELAXED);
  if (held > a->memory.peak)
    a->memory.peak = held;
}

static void discharge (Account *a, size_t size) {
  __atomic_sub_fetch(&a->memory.held, size, __ATOMIC_RELAXED);
}

/* }====================================================== */


/*
** {======================================================
** OpenSSL's memory functions
** =======================================================
*/

static void *countmalloc (size_t size, const char *file, int line) {
  Account *a = current;
  Header *h;
  (void)file;
  (void)line;
  if (size == 0 || size > SIZE_MAX - sizeof *h || (a && !allows(a, size)))
    return NULL;
  h = (Header *)malloc(sizeof *h + size);
  if (h == NULL)
    return NULL;
  h->of.account = take(a);
  h->of.size = size;
  if (a != NULL)
    charge(a, size);
  return h + 1;
}

static void countfree (void *block, const char *file, int line) {
  Header *h = (Header *)block;
  (void)file;
  (void)line;
  if (h == NULL)
    return;
  h--;
  if (h->of.account != NULL) {
    discharge(h->of.account, h->of.size);
    drop(h->of.account);
  }
  free(h);
}

/* the block stays on the account that it is on */
static void *resize (Header *h, size_t size) {
  Account *a = h->of.account;
  size_t old = h->of.size;
  Header *bigger;
  if (size > SIZE_MAX - sizeof *h ||
      (a != NULL && a == current && size > old && !allows(a, size - old)))
    return NULL;
  bigger = (Header *)realloc(h, sizeof *h + size);
  if (bigger == NULL)
    return NULL;
  bigger->of.size = size;
  if (a != NULL && a == current && size > old)
    charge(a, size - old);
  else if (a != NULL)
    discharge(a, old - size);  /* less than nothing, by another thread, too */
  return bigger + 1;
}

static void *countrealloc (void *block, size_t size, const char *file,
                           int line) {
  if (block == NULL)
    return countmalloc(size, file, line);
  if (size > 0)
    return resize((Header *)block - 1, size);
  countfree(block, file, line);
  return NULL;
}

int lssl_countmemory (void) {
  if (!counting)
    counting = CRYPTO_set_mem_functions(countmalloc, countrealloc, countfree);
  return counting;
}

/* }====================================================== */


/*
** {======================================================
** States
** =======================================================
*/

#define ACCOUNT	"ssl.account"

/* __gc of what the registry keeps: the state's reference */
static int account_gc (lua_State *L) {
  State *s = lssl_state(L);
  Account **a = (Account **)luaL_testudata(L, 1, ACCOUNT);
  if (a != NULL && *a != NULL) {
    s->memory = NULL;
    drop(*a);
    *a = NULL;
  }
  return 0;
}

/* the state's account, made if there is none */
static Account *accountof (lua_State *L) {
  State *s;
  Account **a;
  lssl_openstate(L);
  s = lssl_state(L);
  if (s->memory != NULL)
    return (Account *)s->memory;
  luaL_checkstack(L, 4, NULL);
  a = (Account **)lua_newuserdatauv(L, sizeof *a, 0);
  *a = NULL;
  if (luaL_newmetatable(L, ACCOUNT)) {
    lua_pushcfunction(L, account_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, a);  /* its own address is the key */
  *a = (Account *)calloc(1, sizeof **a);
  if (*a == NULL)
    luaL_error(L, "not enough memory");
  take(*a);
  s->memory = &(*a)->memory;
  return *a;
}

void lssl_charge (lua_State *L) {
  Account *old = current;
  if (!counting)
    return;
  current = NULL;
  if (L != NULL)
    current = take(accountof(L));
  drop(old);
}

void lssl_limitmemory (lua_State *L, size_t limit) {
  Account *a;
  if (!counting)
    luaL_error(L, "OpenSSL's memory is not counted: call lssl_countmemory first");
  a = accountof(L);
  if (a->memory.limit == 0 || limit < a->memory.limit)
    a->memory.limit = limit;
}

/* }====================================================== */

#else

int lssl_countmemory (void) {
  return 0;
}

void lssl_charge (lua_State *L) {
  (void)L;
}

void lssl_limitmemory (lua_State *L, size_t limit) {
  (void)limit;
  luaL_error(L, "OpenSSL's memory is not counted");
}

#endif
