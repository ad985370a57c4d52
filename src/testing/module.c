/*
** module.c - luaopen__ssl_testing: what the module ssl.testing has in C. A
** shared object of its own, so that servers do not load it; it has its own copy
** of src/base/, which works on the state of _ssl.
** SPDX-License-Identifier: MIT
*/
#include "base/class.h"
#include "base/platform.h"
#include "base/state.h"
#include "testing/files.h"
#include "testing/issuer.h"
#include "testing/key.h"
#include "testing/pkcs12.h"
#include "testing/primitives.h"
#include "testing/process.h"
#include "testing/revocation.h"
#include "testing/seed.h"

LSSL_EXPORT int luaopen__ssl_testing (lua_State *L);

LSSL_EXPORT int luaopen__ssl_testing (lua_State *L) {
  luaL_checkversion(L);
  lssl_openplatform();  /* done by _ssl already; keeps this object loaded too */
  lua_getglobal(L, "require");
  lua_pushliteral(L, "_ssl");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "_state");
  lua_call(L, 0, 1);
  lssl_adoptstate(L, lua_gettop(L));
  lssl_openboxes(L);
  lua_newtable(L);
  lssl_openissuerfiles(L);
  lssl_openseed(L);
  lssl_openissuerkey(L);
  lssl_openissuer(L);
  lssl_openissuerpkcs12(L);
  lssl_openrevocation(L);
  lssl_openprimitives(L);
  lssl_openprocess(L);
  return 1;
}
