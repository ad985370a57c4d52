/*
** module.c - luaopen__ssl: registers the parts in their order, nothing more.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>

#include "algorithms.h"
#include "asn1.h"
#include "address.h"
#include "arguments.h"
#include "base64.h"
#include "bytearray.h"
#include "certificate.h"
#include "class.h"
#include "context.h"
#include "constants.h"
#include "descriptor.h"
#include "environment.h"
#include "errors.h"
#include "groups.h"
#include "handlers.h"
#include "hostname.h"
#include "identity.h"
#include "keylog.h"
#include "makefile.h"
#include "memorybio.h"
#include "nonblocking.h"
#include "object.h"
#include "ocsp.h"
#include "outcome.h"
#include "plainsocket.h"
#include "protocols.h"
#include "psk.h"
#include "random.h"
#include "servername.h"
#include "session.h"
#include "socket.h"
#include "socketio.h"
#include "sockconstants.h"
#include "sockoptions.h"
#include "state.h"
#include "wait.h"
#include "trust.h"
#include "verify.h"
#include "tickets.h"
#include "versions.h"
#include "testing.h"
#include "wincerts.h"

/*
** A library older than the headers may lack what the headers promised, or
** have another layout of what they describe.
*/
static void checkversion (lua_State *L) {
  if (OpenSSL_version_num() < OPENSSL_VERSION_NUMBER)
    luaL_error(L, "_ssl was built for %s, but runs on the older %s",
               OPENSSL_VERSION_TEXT, OpenSSL_version(OPENSSL_VERSION));
}

/*
** {======================================================
** For the prelude
** =======================================================
*/

/* (prefix): the common prefix of the prelude's sources */
static int prelude (lua_State *L) {
  lssl_setprelude(L, 1);
  return 0;
}

/* copies the string at 'arg' out of the stack */
static void copy (lua_State *L, int arg, char *to, size_t size) {
  size_t len;
  const char *s = luaL_checklstring(L, arg, &len);
  luaL_argcheck(L, len < size, arg, "too long");
  memcpy(to, s, len + 1);
}

/* (name, parameters, ...) -> one value per parameter: lssl_arguments */
static int arguments (lua_State *L) {
  char name[64], parameters[256];
  copy(L, 1, name, sizeof name);
  copy(L, 2, parameters, sizeof parameters);
  lua_remove(L, 1);
  lua_remove(L, 1);
  lssl_arguments(L, name, parameters);
  return lua_gettop(L);
}

/* (arg, name, text): raises lssl_argerror's error */
static int argerror (lua_State *L) {
  return lssl_argerror(L, (int)luaL_checkinteger(L, 1),
                       luaL_checkstring(L, 2), luaL_checkstring(L, 3));
}

/* }====================================================== */


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

/* (errno) -> the OSError for it */
static int oserror (lua_State *L) {
  lssl_pushoserror(L, (int)luaL_checkinteger(L, 1));
  return 1;
}

static const luaL_Reg functions[] = {
  {"isinstance", lssl_isinstance},
  {"decode_certificate", lssl_decode_certificate},
  {"txt2obj", lssl_txt2obj},
  {"nid2obj", lssl_nid2obj},
  {"_idna_encode", lssl_idnaencode},
  {"_methods", lssl_methods},
  {"_prelude", prelude},
  {"_arguments", arguments},
  {"_argerror", argerror},
  {"_oserror", oserror},
  {"_getenv", lssl_getenv},
  {"_filetype", lssl_filetype},
  {"_luasocket", lssl_luasocket},
  {"_errornumber", lssl_errornumber},
  {"_base64encode", lssl_base64encode},
  {"_base64decode", lssl_base64decode},
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
  lssl_openerrorclasses(L);
  lssl_openconstants(L);
  lssl_opensockconstants(L);
  lssl_openbytearray(L);
  lssl_openrandom(L);
  lssl_openwincerts(L);
  lssl_openmemorybio(L);
  lssl_opensession(L);
  lssl_opencontext(L);
  lssl_openhandlers(L);
  lssl_openservername(L);
  lssl_openkeylog(L);
  lssl_openwait(L);
  lssl_openobject(L);
  lssl_opensocket(L);
  lssl_opensocketio(L);
  lssl_opennonblocking(L);
  lssl_openaddress(L);
  lssl_opensockoptions(L);
  lssl_openplainsocket(L);
  lssl_openmakefile(L);
  lssl_opentrust(L);
  lssl_opentesting(L);
  lssl_openidentity(L);
  lssl_openalgorithms(L);
  lssl_opengroups(L);
  lssl_openversions(L);
  lssl_openprotocols(L);
  lssl_openpsk(L);
  lssl_openverify(L);
  lssl_openocsp(L);
  lssl_opentickets(L);
  return 1;
}
