/*
** common.h - what every source of the module may rely on: the Lua API, the
** OpenSSL version, and the export macro. Includes nothing of ours.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_common_h
#define lssl_base_common_h

#include <stddef.h>
#include <stdint.h>

#include <lua.h>
#include <lauxlib.h>

#include <openssl/opensslv.h>

#if LUA_VERSION_NUM < 504
#error "Lua 5.4 or newer is needed"
#endif

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3.0 or newer is needed"
#endif

#if defined(_WIN32)
#define LSSL_EXPORT	__declspec(dllexport)
#elif defined(__GNUC__)
#define LSSL_EXPORT	__attribute__((visibility("default")))
#else
#define LSSL_EXPORT	extern
#endif

/* elements of a static array */
#define LSSL_COUNT(a)	(sizeof(a) / sizeof((a)[0]))

#endif
