/*
** random.c - OpenSSL's random numbers. Nothing is kept here, so that a process
** and its fork have nothing in common.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>

#include <openssl/rand.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "base/random.h"

/* pushes as many random bytes as argument 1 says */
static void pushrandom (lua_State *L, const char *name) {
  lua_Integer n = lssl_checkinteger(L, 1, name);
  luaL_Buffer b;
  char *bytes;
  if (n < 0)
    lssl_valueerror(L, "num must be positive");
  lssl_toint(L, (size_t)n);
  bytes = luaL_buffinitsize(L, &b, (size_t)n);
  lssl_clearerrors();
  if (n > 0 && RAND_bytes((unsigned char *)bytes, (int)n) != 1)
    lssl_raisequeue(L, NULL);
  luaL_pushresultsize(&b, (size_t)n);
}

/*@ ssl.RAND_bytes(num)
** Makes random bytes that are strong enough for cryptography.
** - `num` (integer): how many; 0 or more.
** Returns a string of `num` bytes. Raises `ValueError` if `num` is negative or
** greater than 2147483647, and `SSLError` if the generator could not be seeded.
** OpenSSL: `RAND_bytes`. Since: CPython 3.3.
**
** Type: fun(num: integer): string
**
**     local token = ssl.RAND_bytes(16)
**     assert(#token == 16)
*/
static int rand_bytes (lua_State *L) {
  pushrandom(L, "RAND_bytes");
  return 1;
}

/*@ ssl.RAND_pseudo_bytes(num)
** Makes random bytes that need not be strong. OpenSSL has one generator for both, so these
** bytes are as good as those of `ssl.RAND_bytes`. Use `ssl.RAND_bytes`.
** - `num` (integer): how many; 0 or more.
** Returns `bytes` (string) and `is_cryptographic` (boolean): true. Raises
** `ValueError` if `num` is negative or greater than 2147483647, and `SSLError` if
** the generator could not be seeded.
** OpenSSL: `RAND_bytes`. Since: CPython 3.3, until 3.12.
**
** Type: fun(num: integer): string, boolean
**
**     local bytes, strong = ssl.RAND_pseudo_bytes(8)
**     assert(#bytes == 8 and strong == true)
*/
static int rand_pseudo_bytes (lua_State *L) {
  pushrandom(L, "RAND_pseudo_bytes");
  lua_pushboolean(L, 1);
  return 2;
}

/*@ ssl.RAND_status()
** Tells whether the generator has been seeded with enough randomness.
** Returns a boolean. OpenSSL: `RAND_status`. Since: CPython 2.6.
**
** Type: fun(): boolean
**
**     assert(ssl.RAND_status() == true)
*/
static int rand_status (lua_State *L) {
  lua_pushboolean(L, RAND_status() == 1);
  return 1;
}

/*@ ssl.RAND_add(bytes, entropy)
** Mixes bytes into the state of the random generator. This never makes the generator
** worse.
** - `bytes` (string or bytearray): the bytes.
** - `entropy` (number): at least how many bytes of randomness are in `bytes`. 0.0 is
**   always safe.
** Returns nothing. OpenSSL: `RAND_add`; RFC 4086. Since: CPython 2.6.
**
** Type: fun(bytes: string|bytearray, entropy: number)
**
**     ssl.RAND_add(os.date(), 0.0)
*/
static int rand_add (lua_State *L) {
  size_t size;
  const unsigned char *data;
  double entropy;
  data = lssl_checkbytes(L, 1, &size, "RAND_add");
  entropy = (double)lssl_checknumber(L, 2, "RAND_add");
  while (size > 0) {
    int part = size > INT_MAX ? INT_MAX : (int)size;
    RAND_add(data, part, entropy);
    data += part;
    size -= (size_t)part;
  }
  lssl_clearerrors();
  return 0;
}

#if !defined(OPENSSL_NO_EGD)
/*@ ssl.RAND_egd(path)
** Reads 256 bytes of randomness from an entropy-gathering daemon. The function exists only
** if OpenSSL is built with it; by default OpenSSL is not.
** - `path` (string): the daemon's socket.
** Returns the number of bytes read (integer). Raises `SSLError` if the daemon did not
** answer, or gave too few bytes.
** OpenSSL: `RAND_egd`. Since: CPython 2.6.
**
** Type: fun(path: string): integer
**
**     if ssl.RAND_egd then pcall(ssl.RAND_egd, "/var/run/egd-pool") end
*/
static int rand_egd (lua_State *L) {
  const char *path = lssl_checkcstring(L, 1, "RAND_egd");
  int n;
  lssl_clearerrors();
  n = RAND_egd(path);
  if (n < 0) {
    lssl_clearerrors();
    return lssl_sslerror(L, -1, "EGD connection failed or EGD did not return "
                                "enough data to seed the PRNG");
  }
  lua_pushinteger(L, n);
  return 1;
}
#endif

static const luaL_Reg functions[] = {
  {"RAND_bytes", rand_bytes},
  {"RAND_pseudo_bytes", rand_pseudo_bytes},
  {"RAND_status", rand_status},
  {"RAND_add", rand_add},
#if !defined(OPENSSL_NO_EGD)
  {"RAND_egd", rand_egd},
#endif
  {NULL, NULL}
};

void lssl_openrandom (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
