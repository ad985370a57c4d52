/*
** embedder.c - a host for specs: a Lua module that makes Lua states of its own and
** drives the static library in them, so that specs in Lua can look at lssl.h.
** SPDX-License-Identifier: MIT
*/
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

#define STATE	"embedder.state"
#define CONTEXT	"embedder.context"

/* how many coroutines may wait at a time */
#define MOST	8

/*
** {======================================================
** States
** =======================================================
*/

typedef struct Wait {
  lua_State *co;		/* NULL: free */
  int fd, event;
  double timeout;
} Wait;

typedef struct Host {
  lua_State *L;			/* the state that the host runs; NULL: closed */
  Wait waits[MOST];
} Host;

static lua_State *checkstate (lua_State *L) {
  Host *host = (Host *)luaL_checkudata(L, 1, STATE);
  luaL_argcheck(L, host->L != NULL, 1, "closed");
  return host->L;
}

/* what the modules need, and no more: what a sandbox would have */
static void openfew (lua_State *S) {
  static const luaL_Reg few[] = {
    {LUA_GNAME, luaopen_base}, {LUA_STRLIBNAME, luaopen_string},
    {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine},
    {NULL, NULL}
  };
  const luaL_Reg *lib;
  for (lib = few; lib->name != NULL; lib++) {
    luaL_requiref(S, lib->name, lib->func, 1);
    lua_pop(S, 1);
  }
}

/* new(kind): "all" libraries, "few", or "late": all, but after lssl_open */
static int newstate (lua_State *L) {
  const char *kind = luaL_optstring(L, 1, "all");
  Host *host = (Host *)lua_newuserdatauv(L, sizeof *host, 0);
  memset(host, 0, sizeof *host);
  luaL_setmetatable(L, STATE);
  host->L = luaL_newstate();
  if (host->L == NULL)
    return luaL_error(L, "no memory");
  if (strcmp(kind, "all") == 0)
    luaL_openlibs(host->L);
  else if (strcmp(kind, "few") == 0)
    openfew(host->L);
  lua_pushcfunction(host->L, lssl_open);
  if (lua_pcall(host->L, 0, 0, 0) != LUA_OK)
    return luaL_error(L, "%s", lua_tostring(host->L, -1));
  if (strcmp(kind, "late") == 0)
    luaL_openlibs(host->L);
  return 1;
}

static int closestate (lua_State *L) {
  Host *host = (Host *)luaL_checkudata(L, 1, STATE);
  if (host->L != NULL)
    lua_close(host->L);
  memset(host, 0, sizeof *host);
  return 0;
}

/* what is on the top of S as a string, popped; its own errors are objects */
static void pushtop (lua_State *L, lua_State *S) {
  size_t size;
  const char *text = luaL_tolstring(S, -1, &size);
  lua_pushlstring(L, text, size);
  lua_pop(S, 2);
}

/*
** run(state, source, ...): runs the chunk with strings as arguments. Returns true
** and its result as a string; false and the error as one.
*/
static int run (lua_State *L) {
  lua_State *S = checkstate(L);
  size_t size;
  const char *source = luaL_checklstring(L, 2, &size);
  int n = lua_gettop(L), i, status;
  status = luaL_loadbuffer(S, source, size, "=script");
  if (status == LUA_OK) {
    for (i = 3; i <= n; i++) {
      const char *text = luaL_checklstring(L, i, &size);
      lua_pushlstring(S, text, size);
    }
    status = lua_pcall(S, n - 2, 1, 0);
  }
  lua_pushboolean(L, status == LUA_OK);
  pushtop(L, S);
  return 2;
}

/*
** Calls f(S, ...) protected in the state S: 'f' gets 'data' and the global 'name'
** (nil without one), and gives one value, which becomes the global 'result'.
** Returns true; or false and the error.
*/
static int call (lua_State *L, lua_State *S, lua_CFunction f, void *data,
                 const char *name, const char *result) {
  int ok;
  lua_pushcfunction(S, f);
  lua_pushlightuserdata(S, data);
  if (name != NULL)
    lua_getglobal(S, name);
  else
    lua_pushnil(S);
  ok = lua_pcall(S, 2, 1, 0) == LUA_OK;
  lua_pushboolean(L, ok);
  if (ok && result != NULL)
    lua_setglobal(S, result);
  else
    pushtop(L, S);
  return ok && result != NULL ? 1 : 2;
}

static int protectedrequire (lua_State *S) {
  lssl_require(S, lua_tostring(S, 1));
  return 1;
}

/* require(state, name [, global]): lssl_require; the result as that global */
static int requiremodule (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_pushcfunction(S, protectedrequire);
  lua_pushstring(S, luaL_checkstring(L, 2));
  if (lua_pcall(S, 1, 1, 0) == LUA_OK && !lua_isnoneornil(L, 3)) {
    lua_setglobal(S, luaL_checkstring(L, 3));
    return 0;
  }
  pushtop(L, S);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Contexts, whose ends are counted
** =======================================================
*/

static int contextsfreed = 0, sslsfreed = 0;
static int contextindex = -1, sslindex = -1;

static void countfree (void *parent, void *p, CRYPTO_EX_DATA *data, int index,
                       long argl, void *argp) {
  (void)parent; (void)data; (void)index; (void)argl; (void)argp;
  if (p != NULL)
    ++*(int *)p;
}

/* freed() -> the SSL_CTXs and the SSLs of this module that are no more */
static int freed (lua_State *L) {
  lua_pushinteger(L, contextsfreed);
  lua_pushinteger(L, sslsfreed);
  return 2;
}

static SSL_CTX *checkcontext (lua_State *L, int arg) {
  SSL_CTX **ctx = (SSL_CTX **)luaL_checkudata(L, arg, CONTEXT);
  luaL_argcheck(L, *ctx != NULL, arg, "freed");
  return *ctx;
}

/* context("client" | "server", file of a certificate and key, of an authority) */
static int newcontext (lua_State *L) {
  int server = strcmp(luaL_checkstring(L, 1), "server") == 0;
  const char *identity = luaL_optstring(L, 2, NULL);
  const char *authority = luaL_optstring(L, 3, NULL);
  SSL_CTX **ctx = (SSL_CTX **)lua_newuserdatauv(L, sizeof *ctx, 0);
  *ctx = NULL;
  luaL_setmetatable(L, CONTEXT);
  *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  SSL_CTX_set_ex_data(*ctx, contextindex, &contextsfreed);
  if (identity != NULL &&
      (SSL_CTX_use_certificate_chain_file(*ctx, identity) != 1 ||
       SSL_CTX_use_PrivateKey_file(*ctx, identity, SSL_FILETYPE_PEM) != 1))
    return luaL_error(L, "no identity in %s", identity);
  if (authority != NULL) {
    if (SSL_CTX_load_verify_locations(*ctx, authority, NULL) != 1)
      return luaL_error(L, "no authority in %s", authority);
    SSL_CTX_set_verify(*ctx, SSL_VERIFY_PEER, NULL);
  }
  return 1;
}

static int freecontext (lua_State *L) {
  SSL_CTX **ctx = (SSL_CTX **)luaL_checkudata(L, 1, CONTEXT);
  SSL_CTX_free(*ctx);
  *ctx = NULL;
  return 0;
}

static int dopushcontext (lua_State *S) {
  lssl_pushcontext(S, (SSL_CTX *)lua_touserdata(S, 1));
  return 1;
}

/* pushcontext(state, context, global) */
static int pushcontext (lua_State *L) {
  return call(L, checkstate(L), dopushcontext, checkcontext(L, 2), NULL,
              luaL_checkstring(L, 3));
}

/* iscontext(state, global, context): lssl_tocontext */
static int iscontext (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_getglobal(S, luaL_checkstring(L, 2));
  lua_pushboolean(L, lssl_tocontext(S, -1) == checkcontext(L, 3));
  lua_pop(S, 1);
  return 1;
}

static int doreplace (lua_State *S) {
  lssl_replacecontext(S, 2, (SSL_CTX *)lua_touserdata(S, 1));
  lua_settop(S, 2);
  return 1;
}

/* replacecontext(state, global, context) */
static int replacecontext (lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  return call(L, checkstate(L), doreplace, checkcontext(L, 3), name, name);
}

/* }====================================================== */


/*
** {======================================================
** Connections
** =======================================================
*/

/* socketpair() -> two descriptors; isopen(fd); closefd(fd) */
static int makepair (lua_State *L) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
    return luaL_error(L, "socketpair");
  lua_pushinteger(L, fds[0]);
  lua_pushinteger(L, fds[1]);
  return 2;
}

static int isopen (lua_State *L) {
  char byte;
  ssize_t n = recv((int)luaL_checkinteger(L, 1), &byte, 1,
                   MSG_PEEK | MSG_DONTWAIT);
  lua_pushboolean(L, n >= 0 || errno == EAGAIN);
  return 1;
}

static int closefd (lua_State *L) {
  lua_pushboolean(L, close((int)luaL_checkinteger(L, 1)) == 0);
  return 1;
}

typedef struct Socket {
  int fd;
  lssl_Options options;
} Socket;

static int dopushsocket (lua_State *S) {
  Socket *s = (Socket *)lua_touserdata(S, 1);
  return lssl_pushsocket(S, 2, s->fd, &s->options) == LUA_OK ? 1 : lua_error(S);
}

/* pushsocket(state, global of a context, fd, global, flags, timeout, host) */
static int pushsocket (lua_State *L) {
  Socket s;
  s.fd = (int)luaL_checkinteger(L, 3);
  s.options.flags = (unsigned int)luaL_optinteger(L, 5, 0);
  s.options.timeout = luaL_optnumber(L, 6, 0);
  s.options.server_hostname = luaL_optstring(L, 7, NULL);
  return call(L, checkstate(L), dopushsocket, &s, luaL_checkstring(L, 2),
              luaL_checkstring(L, 4));
}

static int dopushconnection (lua_State *S) {
  return lssl_pushconnection(S, (SSL *)lua_touserdata(S, 1)) == LUA_OK
         ? 1 : lua_error(S);
}

/*
** pushconnection(state, context, fd or nil, global, closes): an SSL over the
** descriptor, which the BIO closes or not; over memory without a descriptor
*/
static int pushconnection (lua_State *L) {
  SSL_CTX *ctx = checkcontext(L, 2);
  SSL *ssl = SSL_new(ctx);
  int results;
  SSL_set_ex_data(ssl, sslindex, &sslsfreed);
  if (lua_isinteger(L, 3)) {
    BIO *bio = BIO_new_socket((int)lua_tointeger(L, 3),
                              lua_toboolean(L, 5) ? BIO_CLOSE : BIO_NOCLOSE);
    SSL_set_bio(ssl, bio, bio);
  }
  else
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (SSL_CTX_get_ssl_method(ctx) == TLS_server_method())
    SSL_set_accept_state(ssl);
  else
    SSL_set_connect_state(ssl);
  results = call(L, checkstate(L), dopushconnection, ssl, NULL,
                 luaL_checkstring(L, 4));
  if (!lua_toboolean(L, -results))
    SSL_free(ssl);  /* still ours */
  return results;
}

/* makes the handshake of two ends that are joined in memory */
static void shakehands (SSL *one, SSL *other) {
  int i;
  for (i = 0; i < 10; i++) {
    SSL_do_handshake(one);
    SSL_do_handshake(other);
  }
  ERR_clear_error();
}

/*
** pushnarrow(state, context, global) -> ..., the peer: like pushconnection, an SSL
** of a server after its handshake, over a BIO that takes 20000 bytes and then has to
** wait. drop() frees the peer.
*/
static int pushnarrow (lua_State *L) {
  SSL_CTX *theirs = SSL_CTX_new(TLS_client_method());
  SSL *ssl = SSL_new(checkcontext(L, 2)), *peer = SSL_new(theirs);
  BIO *mine = NULL, *other = NULL;
  int results;
  SSL_CTX_free(theirs);
  BIO_new_bio_pair(&mine, 20000, &other, 20000);
  SSL_set_bio(ssl, mine, mine);
  SSL_set_bio(peer, other, other);
  SSL_set_accept_state(ssl);
  SSL_set_connect_state(peer);
  shakehands(peer, ssl);
  results = call(L, checkstate(L), dopushconnection, ssl, NULL,
                 luaL_checkstring(L, 3));
  if (!lua_toboolean(L, -results))
    SSL_free(ssl);  /* still ours */
  lua_pushlightuserdata(L, peer);
  return results + 1;
}

/* look(state, global) -> lssl_tofd, and whether lssl_toconnection gives one */
static int look (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_getglobal(S, luaL_checkstring(L, 2));
  lua_pushinteger(L, lssl_tofd(S, -1));
  lua_pushboolean(L, lssl_toconnection(S, -1) != NULL);
  lua_pop(S, 1);
  return 2;
}

/* end_(state, global): lssl_close */
static int end (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_getglobal(S, luaL_checkstring(L, 2));
  lssl_close(S, -1);
  lua_pop(S, 1);
  return 0;
}

/* keep(state, global) -> an SSL with a reference more, as a number; drop(it) */
static int keep (lua_State *L) {
  lua_State *S = checkstate(L);
  SSL *ssl;
  lua_getglobal(S, luaL_checkstring(L, 2));
  ssl = lssl_toconnection(S, -1);
  SSL_up_ref(ssl);
  lua_pop(S, 1);
  lua_pushlightuserdata(L, ssl);
  return 1;
}

/* tries to read from it, and frees it */
static int drop (lua_State *L) {
  SSL *ssl = (SSL *)lua_touserdata(L, 1);
  char byte;
  lua_pushinteger(L, SSL_read(ssl, &byte, 1));
  ERR_clear_error();
  SSL_free(ssl);
  return 1;
}

/* iserror(state, global, class): lssl_iserror */
static int iserror (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_getglobal(S, luaL_checkstring(L, 2));
  lua_pushboolean(L, lssl_iserror(S, -1, luaL_checkstring(L, 3)));
  lua_pop(S, 1);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** The event loop
** =======================================================
*/

/* lets the coroutine yield; outside of one waits itself, and says so if asked */
static int waiter (lua_State *co, int fd, int event, double timeout,
                   void *data) {
  Host *host = (Host *)data;
  int i;
  if (!lua_isyieldable(co)) {
    struct pollfd p = {0, 0, 0};
    p.fd = fd;
    p.events = event == LSSL_READ ? POLLIN : POLLOUT;
    return poll(&p, 1, timeout < 0 ? -1 : (int)(timeout * 1000)) > 0
           ? LSSL_READY : LSSL_GAVEUP;
  }
  for (i = 0; i < MOST && host->waits[i].co != NULL; i++)
    ;
  if (i == MOST)
    return luaL_error(co, "too many wait");
  host->waits[i].co = co;
  host->waits[i].fd = fd;
  host->waits[i].event = event;
  host->waits[i].timeout = timeout;
  return LSSL_YIELD;
}

static int dosetwaiter (lua_State *S) {
  lssl_setwaiter(S, 2, lua_touserdata(S, 1) ? waiter : NULL,
                 lua_touserdata(S, 1));
  lua_settop(S, 2);
  return 1;
}

/* setwaiter(state, global of a context, on) */
static int setwaiter (lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  lua_State *S = checkstate(L);
  return call(L, S, dosetwaiter, lua_toboolean(L, 3) ? lua_touserdata(L, 1)
                                                     : NULL, name, name);
}

/* resumes 'co' with what is on its stack; true, or false and the error */
static int resume (lua_State *L, lua_State *S, lua_State *co, int n) {
  int results, status = lua_resume(co, S, n, &results);
  lua_pushboolean(L, status == LUA_OK || status == LUA_YIELD);
  if (status == LUA_YIELD) {
    lua_pushliteral(L, "yielded");
    lua_pop(co, results);
  }
  else if (status == LUA_OK && results == 0)
    lua_pushliteral(L, "");
  else
    pushtop(L, co);
  return 2;
}

/* spawn(state, source): a coroutine that runs it; kept by the registry */
static int spawn (lua_State *L) {
  lua_State *S = checkstate(L), *co = lua_newthread(S);
  luaL_ref(S, LUA_REGISTRYINDEX);
  if (luaL_loadstring(co, luaL_checkstring(L, 2)) != LUA_OK) {
    pushtop(L, co);
    return lua_error(L);
  }
  return resume(L, S, co, 0);
}

/*
** step(state, timesup): resumes the coroutine that has waited longest, if its
** descriptor is ready; if the time is up, with false. Returns as spawn; nothing
** if there is none.
*/
static int step (lua_State *L) {
  Host *host = (Host *)luaL_checkudata(L, 1, STATE);
  lua_State *S = checkstate(L);
  int i, timesup = lua_toboolean(L, 2);
  for (i = 0; i < MOST; i++) {
    Wait w = host->waits[i];
    struct pollfd p = {0, 0, 0};
    p.fd = w.fd;
    p.events = w.event == LSSL_READ ? POLLIN : POLLOUT;
    if (w.co == NULL || (!timesup && poll(&p, 1, 0) <= 0))
      continue;
    host->waits[i].co = NULL;
    if (timesup)
      lua_pushboolean(w.co, 0);
    return resume(L, S, w.co, timesup);
  }
  return 0;
}

/* waiting(state) -> fd, event, timeout of the first coroutine that waits */
static int waiting (lua_State *L) {
  const Host *host = (const Host *)luaL_checkudata(L, 1, STATE);
  if (host->waits[0].co == NULL)
    return 0;
  lua_pushinteger(L, host->waits[0].fd);
  lua_pushstring(L, host->waits[0].event == LSSL_READ ? "read" : "write");
  lua_pushnumber(L, host->waits[0].timeout);
  return 3;
}

/* }====================================================== */


/*
** {======================================================
** Limits and counts
** =======================================================
*/

static lua_Integer optfield (lua_State *L, const char *name) {
  lua_Integer n;
  lua_getfield(L, 2, name);
  n = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  return n;
}

static int dosetlimits (lua_State *S) {
  lssl_setlimits(S, (const lssl_Limits *)lua_touserdata(S, 1));
  return 0;
}

/* setlimits(state, {flags =, minimum_version =, ...}) */
static int setlimits (lua_State *L) {
  lssl_Limits limits;
  memset(&limits, 0, sizeof limits);
  limits.flags = (unsigned int)optfield(L, "flags");
  limits.minimum_version = (int)optfield(L, "minimum_version");
  limits.security_level = (int)optfield(L, "security_level");
  limits.contexts = (size_t)optfield(L, "contexts");
  limits.connections = (size_t)optfield(L, "connections");
  return call(L, checkstate(L), dosetlimits, &limits, NULL, NULL);
}

static void setinteger (lua_State *L, const char *name, lua_Integer n) {
  lua_pushinteger(L, n);
  lua_setfield(L, -2, name);
}

/* getlimits(state) -> the same; what cannot fail for want of memory here */
static int getlimits (lua_State *L) {
  lssl_Limits limits;
  lssl_getlimits(checkstate(L), &limits);
  lua_newtable(L);
  setinteger(L, "flags", limits.flags);
  setinteger(L, "minimum_version", limits.minimum_version);
  setinteger(L, "security_level", limits.security_level);
  setinteger(L, "contexts", (lua_Integer)limits.contexts);
  setinteger(L, "connections", (lua_Integer)limits.connections);
  return 1;
}

/* counters(state) -> lssl_getcounters as a table */
static int counters (lua_State *L) {
  lssl_Counters c;
  lssl_getcounters(checkstate(L), &c);
  lua_newtable(L);
  setinteger(L, "contexts", (lua_Integer)c.contexts);
  setinteger(L, "connections", (lua_Integer)c.connections);
  setinteger(L, "contexts_made", (lua_Integer)c.contexts_made);
  setinteger(L, "connections_made", (lua_Integer)c.connections_made);
  setinteger(L, "handshakes", (lua_Integer)c.handshakes);
  setinteger(L, "resumptions", (lua_Integer)c.resumptions);
  setinteger(L, "handshakes_failed", (lua_Integer)c.handshakes_failed);
  setinteger(L, "handshakes_rejected", (lua_Integer)c.handshakes_rejected);
  setinteger(L, "bytes_read", (lua_Integer)c.bytes_read);
  setinteger(L, "bytes_written", (lua_Integer)c.bytes_written);
  setinteger(L, "refusals", (lua_Integer)c.refusals);
  return 1;
}

/* }====================================================== */


static int version (lua_State *L) {
  lua_pushinteger(L, lssl_version());
  lua_pushinteger(L, LSSL_VERSION_NUMBER);
  lua_pushliteral(L, LSSL_VERSION);
  return 3;
}

static const luaL_Reg methods[] = {
  {"run", run},
  {"require", requiremodule},
  {"close", closestate},
  {"pushcontext", pushcontext},
  {"iscontext", iscontext},
  {"replacecontext", replacecontext},
  {"pushsocket", pushsocket},
  {"pushconnection", pushconnection},
  {"pushnarrow", pushnarrow},
  {"look", look},
  {"end_", end},
  {"keep", keep},
  {"iserror", iserror},
  {"setwaiter", setwaiter},
  {"spawn", spawn},
  {"step", step},
  {"waiting", waiting},
  {"setlimits", setlimits},
  {"getlimits", getlimits},
  {"counters", counters},
  {NULL, NULL}
};

static const luaL_Reg contextmethods[] = {
  {"free", freecontext},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"new", newstate},
  {"context", newcontext},
  {"freed", freed},
  {"drop", drop},
  {"socketpair", makepair},
  {"isopen", isopen},
  {"closefd", closefd},
  {"version", version},
  {NULL, NULL}
};

/* a class of userdata with these methods, of which 'end' ends one */
static void newclass (lua_State *L, const char *name, const luaL_Reg *list,
                      lua_CFunction ends) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, ends);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, ends);
  lua_setfield(L, -2, "__close");
  lua_newtable(L);
  luaL_setfuncs(L, list, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

static void setflag (lua_State *L, const char *name, unsigned int flag) {
  lua_pushinteger(L, flag);
  lua_setfield(L, -2, name);
}

int luaopen_embedder (lua_State *L);

int luaopen_embedder (lua_State *L) {
  if (contextindex < 0) {
    contextindex = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, countfree);
    sslindex = SSL_get_ex_new_index(0, NULL, NULL, NULL, countfree);
  }
  newclass(L, STATE, methods, closestate);
  newclass(L, CONTEXT, contextmethods, freecontext);
  luaL_newlib(L, functions);
  setflag(L, "CLIENT", LSSL_CLIENTSIDE);
  setflag(L, "KEEPFD", LSSL_KEEPFD);
  setflag(L, "NOFILES", LSSL_NOFILES);
  setflag(L, "NOENVIRONMENT", LSSL_NOENVIRONMENT);
  setflag(L, "NOSOCKETS", LSSL_NOSOCKETS);
  setflag(L, "NOINSECURE", LSSL_NOINSECURE);
  setflag(L, "NOPROCESSES", LSSL_NOPROCESSES);
  setflag(L, "NOCHANGES", LSSL_NOCHANGES);
  setflag(L, "NOTHING", LSSL_NOTHING);
  return 1;
}
