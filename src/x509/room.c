/*
** room.c - opens src/x509/: certificates and names, without a connection.
** SPDX-License-Identifier: MIT
*/
#include "x509/asn1.h"
#include "x509/certificate.h"
#include "x509/hostname.h"
#include "x509/ocsp.h"
#include "x509/room.h"
#include "x509/session.h"
#include "x509/wincerts.h"

static const luaL_Reg functions[] = {
  {"decode_certificate", lssl_decode_certificate},
  {"txt2obj", lssl_txt2obj},
  {"nid2obj", lssl_nid2obj},
  {"ocsp_request", lssl_ocsprequest},
  {"read_ocsp_response", lssl_readocspresponse},
  {"_idna_encode", lssl_idnaencode},
  {NULL, NULL}
};

void lssl_x509room (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lssl_opensession(L);
  lssl_openwincerts(L);
}
