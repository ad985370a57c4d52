/*
** lssl.h - TLS for C programs that embed Lua.
** SPDX-License-Identifier: MIT
**
** A host gives its Lua states the module "ssl" with lssl_open.
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

/* The version of this header: 0x00010200 would be 1.2.0. */
#define LSSL_VERSION_MAJOR	0
#define LSSL_VERSION_MINOR	1
#define LSSL_VERSION_PATCH	0
#define LSSL_VERSION_NUMBER \
  (LSSL_VERSION_MAJOR << 16 | LSSL_VERSION_MINOR << 8 | LSSL_VERSION_PATCH)
#define LSSL_VERSION		"0.1.0"

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


#if defined(__cplusplus)
}
#endif

#endif
