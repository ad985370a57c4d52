/*
** password.c - how OpenSSL gets the password of an encrypted key.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "x509/password.h"

typedef struct Answer {
  char *buffer;
  int size;
  int got;
} Answer;

void lssl_newpassword (lua_State *L, Password *p, int arg, const char *name) {
  if (!lua_isnil(L, arg) && lua_type(L, arg) != LUA_TSTRING &&
      !lssl_isbytearray(L, arg) && !lssl_iscallable(L, arg))
    lssl_argerror(L, arg, name, "password should be a string or callable");
  luaL_checkstack(L, 8, name);
  lua_pushnil(L);
  p->L = L;
  p->value = arg;
  p->error = lua_gettop(L);
  p->failed = p->missed = p->asked = 0;
}

/* run protected: (an Answer, what the caller gave) */
static int answer (lua_State *L) {
  Answer *a = (Answer *)lua_touserdata(L, 1);
  const unsigned char *bytes;
  size_t size;
  if (lua_type(L, 2) != LUA_TSTRING && !lssl_isbytearray(L, 2)) {
    lua_pushvalue(L, 2);
    lua_call(L, 0, 1);
    lua_replace(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING && !lssl_isbytearray(L, 2))
      lssl_badreturn(L, "password callback",
                     "password callback must return a string");
  }
  bytes = lssl_tobytes(L, 2, &size);
  if (size > (size_t)a->size)  /* never cut: the rest would go unchecked */
    lssl_valueerror(L, "password cannot be longer than %d bytes", a->size);
  if (size > 0)
    memcpy(a->buffer, bytes, size);
  a->got = (int)size;
  return 0;
}

/*
** A failure is answered by an empty password: OpenSSL takes -1 for a reason to
** ask again.
*/
int lssl_askpassword (char *buffer, int size, int writing, void *userdata) {
  Password *p = (Password *)userdata;
  lua_State *L = p->L;
  Answer a = {buffer, size, 0};
  (void)writing;
  if (lua_isnil(L, p->value))
    p->missed = 1;
  if (p->failed || p->missed)
    return 0;
  lua_pushcfunction(L, answer);  /* neither of these three allocates */
  lua_pushlightuserdata(L, &a);
  lua_pushvalue(L, p->value);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
    p->failed = 1;
    lua_replace(L, p->error);
    a.got = 0;
  }
  p->asked = !p->failed;
  errno = 0;  /* the function's is not that of reading the key */
  return a.got;
}

void lssl_checkpassword (Password *p) {
  if (p->failed) {
    lssl_clearerrors();
    lua_pushvalue(p->L, p->error);
    lua_error(p->L);
  }
}
