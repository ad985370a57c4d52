/*
** limits.c - what the host of a Lua state allows its scripts.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/errors.h"
#include "base/limits.h"

/*
** {======================================================
** Setting them
** =======================================================
*/

/* the stricter of two numbers of which 0 stands for none */
static size_t fewer (size_t a, size_t b) {
  if (a == 0 || b == 0)
    return a + b;
  return a < b ? a : b;
}

void lssl_addlimits (lua_State *L, const lssl_Limits *limits) {
  lssl_Limits *have = &lssl_state(L)->limits;
  have->flags |= limits->flags;
  if (limits->minimum_version > have->minimum_version)
    have->minimum_version = limits->minimum_version;
  if (limits->security_level > have->security_level)
    have->security_level = limits->security_level;
  have->contexts = fewer(have->contexts, limits->contexts);
  have->connections = fewer(have->connections, limits->connections);
  have->memory = fewer(have->memory, limits->memory);
}

/* }====================================================== */


/*
** {======================================================
** Refusing
** =======================================================
*/

/* replaces the text on the top by the error for the limit 'name' */
static void newrefusal (lua_State *L, const char *name, const char *path) {
  lssl_state(L)->counters.refusals++;
  lua_pushfstring(L, "[Errno %d] %s (the host's limit '%s': %s)", EPERM,
                  strerror(EPERM), name, lua_tostring(L, -1));
  lssl_newerror(L, LSSL_PERMISSION);
  lssl_seterrno(L, EPERM, strerror(EPERM));
  lua_pushstring(L, name);
  lua_setfield(L, -2, "limit");
  lua_pushstring(L, path);
  lua_setfield(L, -2, "filename");
  lua_remove(L, -2);
}

static void refuse (lua_State *L, const char *name, const char *path) {
  newrefusal(L, name, path);
  lua_error(L);
}

static int forbids (lua_State *L, unsigned int flag) {
  return (lssl_state(L)->limits.flags & flag) != 0;
}

void lssl_checkfile (lua_State *L, const char *path) {
  if (forbids(L, LSSL_NOFILES)) {
    lua_pushfstring(L, "no file may be named: '%s'", path);
    refuse(L, "files", path);
  }
}

int lssl_mayaskenvironment (lua_State *L) {
  return !forbids(L, LSSL_NOENVIRONMENT);
}

int lssl_mayhavedescriptors (lua_State *L) {
  return !forbids(L, LSSL_NOSOCKETS);
}

void lssl_checkdescriptor (lua_State *L, const char *what) {
  if (forbids(L, LSSL_NOSOCKETS)) {
    lua_pushfstring(L, "%s: sockets come from the host alone", what);
    refuse(L, "sockets", NULL);
  }
}

void lssl_checkprocess (lua_State *L) {
  if (forbids(L, LSSL_NOPROCESSES)) {
    lua_pushliteral(L, "no process may be started");
    refuse(L, "processes", NULL);
  }
}

void lssl_checkinsecure (lua_State *L, const char *what) {
  if (forbids(L, LSSL_NOINSECURE)) {
    lua_pushstring(L, what);
    refuse(L, "insecure", NULL);
  }
}

int lssl_forbidsinsecure (const State *s) {
  return (s->limits.flags & LSSL_NOINSECURE) != 0;
}

int lssl_versionfloor (lua_State *L) {
  int floor = lssl_state(L)->limits.minimum_version;
  if (!forbids(L, LSSL_NOINSECURE))
    return 0;
  return floor > 0 ? floor : TLS1_2_VERSION;
}

void lssl_checkversionfloor (lua_State *L, int version) {
  int floor = lssl_versionfloor(L);
  if (version == DTLS1_2_VERSION)  /* as old as its TLS, though the number is not */
    version = TLS1_2_VERSION;
  if (version < floor) {
    lua_pushfstring(L, "the oldest version allowed is TLS 1.%d",
                    floor - TLS1_VERSION);
    refuse(L, "insecure", NULL);
  }
}

/* the level of a new context, unless the host has named one */
static int levelfloor (lua_State *L) {
  int floor = lssl_state(L)->limits.security_level;
  SSL_CTX *ctx;
  if (floor > 0)
    return floor;
  ctx = SSL_CTX_new(TLS_method());
  floor = ctx ? SSL_CTX_get_security_level(ctx) : 1;
  SSL_CTX_free(ctx);
  return floor;
}

void lssl_checklevelfloor (lua_State *L, int level) {
  if (forbids(L, LSSL_NOINSECURE)) {
    int floor = levelfloor(L);
    if (level < floor) {
      lua_pushfstring(L, "the lowest security level allowed is %d", floor);
      refuse(L, "insecure", NULL);
    }
  }
}

void lssl_checkchange (lua_State *L) {
  if (forbids(L, LSSL_NOCHANGES)) {
    lua_pushliteral(L, "the context is the host's");
    refuse(L, "changes", NULL);
  }
}

int lssl_pushmemoryrefusal (lua_State *L) {
  Memory *m = lssl_state(L)->memory;
  if (m == NULL || m->refused == 0)
    return 0;
  m->refused = 0;
  lua_pushfstring(L, "OpenSSL may hold %I bytes", (LUAI_UACINT)m->limit);
  newrefusal(L, "memory", NULL);
  return 1;
}

static void checkcount (lua_State *L, size_t have, size_t most,
                        const char *name) {
  if (most > 0 && have >= most) {
    lua_pushfstring(L, "no more than %I at a time", (LUAI_UACINT)most);
    refuse(L, name, NULL);
  }
}

void lssl_checkcontexts (lua_State *L) {
  State *s = lssl_state(L);
  checkcount(L, s->counters.contexts, s->limits.contexts, "contexts");
}

int lssl_limitsconnections (const State *s) {
  return s->limits.connections > 0;
}

void lssl_checkconnections (lua_State *L) {
  State *s = lssl_state(L);
  checkcount(L, s->counters.connections, s->limits.connections,
             "connections");
}

/* }====================================================== */
