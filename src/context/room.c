/*
** room.c - opens src/context/: SSLContext, and what can be set on it.
** SPDX-License-Identifier: MIT
*/
#include "context/algorithms.h"
#include "context/chains.h"
#include "context/check.h"
#include "context/compression.h"
#include "context/context.h"
#include "context/crls.h"
#include "context/dane.h"
#include "context/dtls.h"
#include "context/ech.h"
#include "context/earlydata.h"
#include "context/groups.h"
#include "context/handlers.h"
#include "context/identity.h"
#include "context/keylog.h"
#include "context/ocsp.h"
#include "context/pkcs12.h"
#include "context/protocols.h"
#include "context/psk.h"
#include "context/questions.h"
#include "context/rawkeys.h"
#include "context/room.h"
#include "context/servername.h"
#include "context/sessionstore.h"
#include "context/ticketring.h"
#include "context/tickets.h"
#include "context/trust.h"
#include "context/verify.h"
#include "context/versions.h"

void lssl_contextroom (lua_State *L) {
  lssl_opencontext(L);
  lssl_opentrust(L);
  lssl_opencrls(L);
  lssl_openidentity(L);
  lssl_opencompression(L);
  lssl_openpkcs12(L);
  lssl_openchains(L);
  lssl_openalgorithms(L);
  lssl_opengroups(L);
  lssl_openversions(L);
  lssl_openhandlers(L);
  lssl_openservername(L);
  lssl_openquestions(L);
  lssl_openkeylog(L);
  lssl_openprotocols(L);
  lssl_openpsk(L);
  lssl_openverify(L);
  lssl_opendane(L);
  lssl_opencheck(L);
  lssl_openocsp(L);
  lssl_openrawkeys(L);
  lssl_openech(L);
  lssl_openticketring(L);
  lssl_opensessionstore(L);
  lssl_opentickets(L);
  lssl_openearlydata(L);
  lssl_opendtls(L);
}
