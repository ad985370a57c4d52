/*
** lssl.h - TLS for C programs that embed Lua.
** SPDX-License-Identifier: MIT
**
** A host gives its Lua states the module "ssl" with lssl_open, hands contexts
** and connections of its own across, lets coroutines wait in its own event loop,
** sets limits that no script can undo, and reads counts. docs/embedding.md
** begins with a whole program.
**
** All functions work on one Lua state, and may be called by the thread that runs
** this state. States in different threads are independent.
**
** "May raise" means that the function may raise a Lua error, as those of
** lauxlib.h do: call it from a C function that runs in a protected call. In
** brackets at the beginning of each comment, as in Lua's manual: how many values
** it pops, how many it pushes, and whether it raises: "-" never, "m" for lack of
** memory alone, "e" other errors too.
**
** 'index' is a stack index, acceptable as for lua_tointeger.
*/
#ifndef lssl_h
#define lssl_h

#include <stddef.h>

#if defined(__cplusplus) && !defined(LUA_API_IS_CPP)
extern "C" {
#endif

#include <lua.h>

#if defined(__cplusplus) && !defined(LUA_API_IS_CPP)
}
#endif

#include <openssl/ssl.h>

/*
** The version of this header and of the whole module; nothing else says it by
** itself. 0x00010200 would be 1.2.0.
*/
#define LSSL_VERSION_MAJOR	1
#define LSSL_VERSION_MINOR	0
#define LSSL_VERSION_PATCH	0
#define LSSL_VERSION_NUMBER \
  (LSSL_VERSION_MAJOR << 16 | LSSL_VERSION_MINOR << 8 | LSSL_VERSION_PATCH)
#define LSSL_VERSION \
  LSSL_TEXT(LSSL_VERSION_MAJOR) "." LSSL_TEXT(LSSL_VERSION_MINOR) "." \
  LSSL_TEXT(LSSL_VERSION_PATCH)
#define LSSL_TEXT(number)	LSSL_TEXT_(number)
#define LSSL_TEXT_(number)	#number

/* "static" where a program includes lssl.c itself. */
#if !defined(LSSL_API)
#if defined(__GNUC__)
#define LSSL_API	extern __attribute__((visibility("default")))
#else
#define LSSL_API	extern
#endif
#endif

#if defined(__cplusplus)
extern "C" {
#endif

/*
** {======================================================
** The library and its modules
** =======================================================
*/

/*
** [-0, +0, -] The version of the library that the program is linked with, as
** LSSL_VERSION_NUMBER.
*/
LSSL_API int lssl_version (void);

/*
** [-0, +0, m] Puts the library's modules into package.preload: "ssl" and all
** that `require "ssl"` loads. Nothing is loaded yet, and no file is ever looked
** for. Call it before or after luaL_openlibs, or without: the modules need the
** basic library and those for strings, tables, mathematics, coroutines and UTF-8,
** by the time they are loaded. They do not need package, io, os or debug.
**
** Calling it again does no harm. It is a lua_CFunction, so that
** lua_pushcfunction and lua_pcall can call it. Returns 0.
*/
LSSL_API int lssl_open (lua_State *L);

/*
** [-0, +1, e] Pushes what `require(name)` gives for one of the library's modules,
** in a state with or without the package library. Raises what loading raises,
** and an error for a name that lssl_open has not registered.
**
**     lssl_open(L);
**     lssl_require(L, "ssl");
**     lua_setglobal(L, "ssl");
*/
LSSL_API void lssl_require (lua_State *L, const char *name);

/* }====================================================== */


/*
** {======================================================
** Contexts and connections across the border
** =======================================================
*/

/*
** [-0, +1, e] Pushes an ssl.SSLContext for 'ctx'. The same 'ctx' gives the same
** object, for as long as Lua knows the object. (A context that a script has made is
** another matter: for its SSL_CTX there would be a second object.)
**
** The object takes a reference of its own; the caller keeps its own and may free
** it at any time. What the host has configured stays as it is. Who verifies
** (SSL_VERIFY_PEER) as a client has `check_hostname` set. A script may change the
** settings unless LSSL_NOCHANGES is among the limits; a context that several
** threads share needs that limit.
**
** OpenSSL's callbacks of 'ctx' run as the host has set them; one that a script
** sets as well (`sni_callback`, say) is replaced. Connections that the host makes of
** 'ctx' without Lua then fail in their handshake, as there is no script to ask about
** them; LSSL_NOCHANGES prevents this.
*/
LSSL_API void lssl_pushcontext (lua_State *L, SSL_CTX *ctx);

/*
** [-0, +0, -] The SSL_CTX of the ssl.SSLContext at 'index'; NULL for any other
** value. The object keeps its reference: take one (SSL_CTX_up_ref) to use the
** SSL_CTX for longer than the object lives.
*/
LSSL_API SSL_CTX *lssl_tocontext (lua_State *L, int index);

/*
** [-0, +0, e] Makes the ssl.SSLContext at 'index' one for 'ctx' from now on. New
** connections get the new settings and certificates, those that exist keep the
** old; scripts need not know. Takes a reference to 'ctx', as lssl_pushcontext,
** and drops that to the old SSL_CTX.
**
** The waiter stays. What a script has set in the old SSL_CTX is gone with it: this
** is for contexts that the host owns and configures. Raises ssl.ValueError where
** 'ctx' is for another side (client, server) than the old one.
*/
LSSL_API void lssl_replacecontext (lua_State *L, int index, SSL_CTX *ctx);

/* Flags of lssl_Options. */
#define LSSL_CLIENTSIDE	1	/* the client's side; the server's without it */
#define LSSL_KEEPFD	2	/* the host closes the descriptor, not the socket */

/* How lssl_pushsocket makes a socket. All zero: a server's, without timeout. */
typedef struct lssl_Options {
  unsigned int flags;		/* LSSL_CLIENTSIDE, LSSL_KEEPFD */
  double timeout;		/* seconds for each call; 0: none */
  const char *server_hostname;	/* a client's: whom to expect; or NULL */
} lssl_Options;

/*
** [-0, +1, -] Pushes a new ssl.SSLSocket of the context at index 'context' over
** the descriptor 'fd': a connected stream socket, or one that listens, for
** `accept`. 'options' may be NULL. The handshake is not made: the first read or
** write of the script makes it, or `do_handshake`.
**
** Returns LUA_OK: 'fd' is the socket's now, non-blocking, and closed with it, unless
** LSSL_KEEPFD says otherwise. Or returns another status, as lua_pcall does, and
** pushes an error object in the place of the socket: 'fd' is still the caller's.
** Needs three free slots on the stack, which every C function has at first.
**
**     if (lssl_pushsocket(L, 1, fd, NULL) != LUA_OK) {
**       close(fd);
**       return lua_error(L);
**     }
**
** This way of making sockets is open whatever the limits say of descriptors.
*/
LSSL_API int lssl_pushsocket (lua_State *L, int context, int fd,
                              const lssl_Options *options);

/*
** [-0, +1, -] Pushes a connection for 'ssl', whose handshake the host has begun
** or made: an ssl.SSLSocket if 'ssl' reads and writes one socket through a socket
** BIO, else an ssl.SSLObject over the BIOs that it has. Its context is the one
** that lssl_pushcontext gives for SSL_get_SSL_CTX.
**
** Returns LUA_OK: the object owns the caller's reference to 'ssl', and the
** descriptor if the BIO would have closed it (BIO_CLOSE). Or returns another status
** and pushes an error object: nothing has changed hands.
*/
LSSL_API int lssl_pushconnection (lua_State *L, SSL *ssl);

/*
** [-0, +0, -] The SSL of the ssl.SSLSocket or ssl.SSLObject at 'index'; NULL for
** any other value, and for one that is not connected or has ended. The object
** keeps its reference. Look at the SSL, but leave reading, writing and shutting
** down to the object.
*/
LSSL_API SSL *lssl_toconnection (lua_State *L, int index);

/*
** [-0, +0, -] The descriptor of the ssl.SSLSocket at 'index'; -1 for any other
** value, and for a socket that has ended.
*/
LSSL_API int lssl_tofd (lua_State *L, int index);

/*
** [-0, +0, -] Ends the connection at 'index' at once, as its method `close` does:
** without a word to the peer. Other values, and a connection that has ended, are
** left alone.
*/
LSSL_API void lssl_close (lua_State *L, int index);

/*
** [-0, +0, -] Is the value at 'index' an error object of the class 'name'
** ("TimeoutError") or one derived from it?
*/
LSSL_API int lssl_iserror (lua_State *L, int index, const char *name);

/* }====================================================== */


/*
** {======================================================
** The host's event loop
** =======================================================
*/

/* What a waiter is asked to wait for. */
#define LSSL_READ	1
#define LSSL_WRITE	2

/* What it answers. */
#define LSSL_GAVEUP	0	/* the time is over: the call raises TimeoutError */
#define LSSL_READY	1	/* try again */
#define LSSL_YIELD	2	/* let the coroutine yield; the host resumes it */

/*
** A host's waiter. Called where a call of the running coroutine L cannot go on
** before 'fd' is ready for 'event' (LSSL_READ or LSSL_WRITE), for 'timeout'
** seconds at most (< 0: without limit).
**
** To let others run meanwhile it registers L for 'fd' in the host's loop and
** returns LSSL_YIELD: the coroutine yields without values, and goes on when the
** host resumes it: without values if 'fd' is ready, or with one value, `false`,
** if the time is over. A script that did not start as a coroutine cannot yield
** (lua_isyieldable): then the waiter waits itself, and returns LSSL_READY or
** LSSL_GAVEUP. It must leave the stack as it was, and may raise: the call in
** progress then raises that.
*/
typedef int (*lssl_Waiter) (lua_State *L, int fd, int event, double timeout,
                            void *data);

/*
** [-0, +0, e] Makes 'waiter' wait for the connections of the context at index
** 'context', as `SSLContext.waiter` does for Lua; NULL takes a waiter away. 'data'
** is what it is called with; the host keeps it alive as long as the context.
*/
LSSL_API void lssl_setwaiter (lua_State *L, int context, lssl_Waiter waiter,
                              void *data);

/* }====================================================== */


/*
** {======================================================
** Limits
** =======================================================
*/

/* Flags of lssl_Limits: what scripts may not do. */
#define LSSL_NOFILES		0x01	/* name files to read or write */
#define LSSL_NOENVIRONMENT	0x02	/* be led by environment variables */
#define LSSL_NOSOCKETS		0x04	/* use descriptors of their own */
#define LSSL_NOINSECURE		0x08	/* turn checks off, or go below a floor */
#define LSSL_NOPROCESSES	0x10	/* start processes */
#define LSSL_NOCHANGES		0x20	/* change contexts that the host pushed */
#define LSSL_NOTHING		0x3f	/* all of these */

/* The limits of a Lua state. All zero: none. */
typedef struct lssl_Limits {
  unsigned int flags;		/* LSSL_NO... */
  int minimum_version;		/* with LSSL_NOINSECURE; 0: TLS1_2_VERSION */
  int security_level;		/* with LSSL_NOINSECURE; 0: OpenSSL's default */
  size_t contexts;		/* at a time; 0: any number */
  size_t connections;		/* at a time; 0: any number */
  size_t memory;		/* bytes that OpenSSL holds; 0: any number */
} lssl_Limits;

/*
** [-0, +0, e] Adds limits to those that the state has; of two numbers the
** stricter holds. Nothing takes a limit back, neither a script nor the host. Call
** it before the first script runs. What is refused raises ssl.PermissionError,
** whose message names the limit; docs/embedding.md lists what each refuses.
**
** With LSSL_NOENVIRONMENT OpenSSL is initialised without openssl.cnf, if the
** process has not initialised it before. 'memory' needs lssl_countmemory: raises an
** error where that has not succeeded.
*/
LSSL_API void lssl_setlimits (lua_State *L, const lssl_Limits *limits);

/* [-0, +0, m] Fills '*limits' with the limits of the state. */
LSSL_API void lssl_getlimits (lua_State *L, lssl_Limits *limits);

/* }====================================================== */


/*
** {======================================================
** Counts
** =======================================================
*/

/* What a state has done so far, and holds now: `ssl.counters()`. */
typedef struct lssl_Counters {
  size_t contexts;		/* that exist now */
  size_t connections;		/* that exist now */
  unsigned long long contexts_made;
  unsigned long long connections_made;
  unsigned long long handshakes;	/* that succeeded, resumed ones too */
  unsigned long long resumptions;	/* of these, those that resumed a session */
  unsigned long long handshakes_failed;
  unsigned long long handshakes_rejected; /* of these, for the certificate */
  unsigned long long bytes_read;	/* of plaintext */
  unsigned long long bytes_written;
  unsigned long long refusals;		/* PermissionErrors raised for limits */
  unsigned long long store_hits;	/* sessions that a session_store had */
  unsigned long long store_misses;	/* and those that it had not */
  unsigned long long store_failures;	/* calls of it that failed */
  unsigned long long store_rejections;	/* answers that were not the session */
  size_t memory;		/* bytes that OpenSSL holds: see lssl_charge */
  size_t memory_peak;		/* the most that it has held */
} lssl_Counters;

/*
** [-0, +0, m] Fills '*counters' with the state's counts.
*/
LSSL_API void lssl_getcounters (lua_State *L, lssl_Counters *counters);

/*
** [-0, +0, -] Has OpenSSL's allocations counted: gives it memory functions that keep
** 32 bytes with each. Call it first of all, before OpenSSL has allocated anything.
** Returns 1; or 0 if OpenSSL has allocated already, or the compiler is neither gcc
** nor clang.
*/
LSSL_API int lssl_countmemory (void);

/*
** [-0, +0, m] Charges what OpenSSL allocates in this thread from now on to the
** state, until another call says otherwise; NULL: to nobody. Call it around
** lua_pcall and lua_resume. What is freed, is taken off the account of the state that
** it was charged to, by whomever and whenever. An allocation over the limit of the
** state's memory fails, and the call in progress raises ssl.PermissionError, or an
** error of OpenSSL's that memory ran out. Does nothing without lssl_countmemory.
**
**     lssl_charge(L);
**     status = lua_resume(co, L, n, &results);
**     lssl_charge(NULL);
*/
LSSL_API void lssl_charge (lua_State *L);

/* }====================================================== */

#if defined(__cplusplus)
}
#endif

#endif
