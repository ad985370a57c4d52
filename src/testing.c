/*
** testing.c - _ssl._testing: what the module ssl.testing has in C.
** SPDX-License-Identifier: MIT
*/
#include "issuer.h"
#include "issuer_files.h"
#include "issuer_key.h"
#include "issuer_pkcs12.h"
#include "process.h"
#include "revocation.h"
#include "testing.h"

void lssl_opentesting (lua_State *L) {
  lua_newtable(L);
  lssl_openissuerfiles(L);
  lssl_openissuerkey(L);
  lssl_openissuer(L);
  lssl_openissuerpkcs12(L);
  lssl_openrevocation(L);
  lssl_openprocess(L);
  lua_setfield(L, -2, "_testing");
}
