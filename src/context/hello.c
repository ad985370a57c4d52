/*
** hello.c - a ClientHello as a Lua value.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>

#include "base/class.h"
#include "base/free.h"
#include "base/outcome.h"
#include "context/hello.h"

#define CLIENTHELLO	"ssl.ClientHello"

static void setpart (lua_State *L, SSL *ssl, const char *name,
                     size_t (*part) (SSL *, const unsigned char **)) {
  const unsigned char *data = NULL;
  size_t size = part(ssl, &data);
  lua_pushlstring(L, size ? (const char *)data : "", size);
  lua_setfield(L, -2, name);
}

/* sets [i] = {type =, data =} of the table on the top */
static void setextension (lua_State *L, SSL *ssl, lua_Integer i, int type) {
  const unsigned char *data = NULL;
  size_t size = 0;
  if (!SSL_client_hello_get0_ext(ssl, (unsigned int)type, &data, &size))
    size = 0;
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, type);
  lua_setfield(L, -2, "type");
  lua_pushlstring(L, size ? (const char *)data : "", size);
  lua_setfield(L, -2, "data");
  lua_rawseti(L, -2, i);
}

/* pushes the extensions in the client's order */
static void pushextensions (lua_State *L, SSL *ssl) {
  void **box = lssl_newbox(L, lssl_freebytes);
  int *types = NULL;
  size_t n = 0, i;
  lssl_clearerrors();
  if (SSL_client_hello_get1_extensions_present(ssl, &types, &n) != 1)
    lssl_raisequeue(L, NULL);
  *box = types;
  lua_createtable(L, (int)n, 0);
  for (i = 0; i < n; i++)
    setextension(L, ssl, (lua_Integer)i + 1, types[i]);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

void lssl_pushhello (lua_State *L, SSL *ssl) {
  luaL_checkstack(L, 6, "ClientHello");
  lua_createtable(L, 0, 12);
  lua_pushinteger(L, SSL_client_hello_get0_legacy_version(ssl));
  lua_setfield(L, -2, "legacy_version");
  setpart(L, ssl, "random", SSL_client_hello_get0_random);
  setpart(L, ssl, "session_id", SSL_client_hello_get0_session_id);
  setpart(L, ssl, "cipher_bytes", SSL_client_hello_get0_ciphers);
  setpart(L, ssl, "compression_methods",
          SSL_client_hello_get0_compression_methods);
  pushextensions(L, ssl);
  lua_setfield(L, -2, "extensions");
  luaL_setmetatable(L, CLIENTHELLO);
}

void lssl_openhello (lua_State *L) {
  luaL_newmetatable(L, CLIENTHELLO);
  lua_setfield(L, -2, "_clienthello");
}
