/*
** module.c - luaopen__ssl: registers the parts in their order, nothing more.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>

#include "asn1.h"
#include "bytearray.h"
#include "certificate.h"
#include "class.h"
#include "context.h"
#include "errors.h"
#include "hostname.h"
#include "memorybio.h"
#include "outcome.h"
#include "random.h"
#include "session.h"
#include "state.h"

/*
** A library older than the headers may lack what the headers promised, or
** have another layout of what they describe.
*/
static void checkversion (lua_State *L) {
  if (OpenSSL_version_num() < OPENSSL_VERSION_NUMBER)
    luaL_error(L, "_ssl was built for %s, but runs on the older %s",
               OPENSSL_VERSION_TEXT, OpenSSL_version(OPENSSL_VERSION));
}

/* for ssl.lua: the common prefix of the prelude's sources */
static int prelude (lua_State *L) {
  lssl_setprelude(L, 1);
  return 0;
}

/*
** For specs: the objects not yet finalized; an entry put on OpenSSL's error
** queue; the number of entries taken off it.
*/
static int alive (lua_State *L) {
  lua_pushinteger(L, lssl_state(L)->alive);
  return 1;
}

static int pusherror (lua_State *L) {
  (void)L;
  lssl_pusherror();
  return 0;
}

static int counterrors (lua_State *L) {
  lua_pushinteger(L, lssl_counterrors());
  return 1;
}

static const luaL_Reg functions[] = {
  {"isinstance", lssl_isinstance},
  {"decode_certificate", lssl_decode_certificate},
  {"txt2obj", lssl_txt2obj},
  {"nid2obj", lssl_nid2obj},
  {"_idna_encode", lssl_idnaencode},
  {"_idna_decode", lssl_idnadecode},
  {"_prelude", prelude},
  {"_alive", alive},
  {"_pusherror", pusherror},
  {"_counterrors", counterrors},
  {NULL, NULL}
};

LSSL_EXPORT int luaopen__ssl (lua_State *L);

LSSL_EXPORT int luaopen__ssl (lua_State *L) {
  luaL_checkversion(L);
  checkversion(L);
  lssl_openstate(L);
  lssl_openboxes(L);
  luaL_newlib(L, functions);
  lssl_openerrors(L);
  lssl_openbytearray(L);
  lssl_openrandom(L);
  lssl_openmemorybio(L);
  lssl_opensession(L);
  lssl_opencontext(L);
  return 1;
}
