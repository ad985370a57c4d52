/*
** room.c - opens src/luasec/: LuaSec's view of contexts and connections.
** SPDX-License-Identifier: MIT
*/
#include "luasec/certificate.h"
#include "luasec/handshake.h"
#include "luasec/link.h"
#include "luasec/names.h"
#include "luasec/peer.h"
#include "luasec/receive.h"
#include "luasec/room.h"
#include "luasec/send.h"
#include "luasec/settings.h"
#include "luasec/verification.h"

void lssl_luasecroom (lua_State *L) {
  lua_newtable(L);
  lssl_openluasecsettings(L);
  lssl_openlink(L);
  lssl_openreceive(L);
  lssl_opensend(L);
  lssl_openluasechandshake(L);
  lssl_openluaseccertificate(L);
  lssl_openluasecnames(L);
  lssl_openluasecverification(L);
  lssl_openluasecpeer(L);
  lua_setfield(L, -2, "_luasec");
}
