/*
** dtls.c - what a context says of DTLS: when a flight is sent again, and which
** profiles of SRTP its connections agree on.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/srtp.h>

#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/dtls.h"

/*
** Seconds. OpenSSL takes a timer for over when it has less than 15 ms left: with a
** shorter one it would send again without having waited at all.
*/
#define SHORTEST	0.02
#define LONGEST		60.0

#define MICROSECONDS	1000000.0

/*
** {======================================================
** The timer
** =======================================================
*/

static unsigned int timer (unsigned int set, double otherwise) {
  return set > 0 ? set : (unsigned int)(otherwise * MICROSECONDS);
}

/* how long to wait for the answer to a flight; 'last': how long before, or 0 */
static unsigned int on_timer (SSL *ssl, unsigned int last) {
  const Caller *who = lssl_getcaller(ssl);
  const Context *c = who ? who->context : NULL;
  unsigned int most = timer(c ? c->resendmost : 0, LONGEST);
  unsigned int next = last == 0 ? timer(c ? c->resend : 0, 1) : 2 * last;
  return next < most ? next : most;
}

void lssl_preparedtls (SSL *ssl) {
  DTLS_set_timer_cb(ssl, on_timer);
}

static void checkdtls (lua_State *L, const Context *c, const char *what) {
  if (!c->datagram)
    lssl_valueerror(L, "%s is for contexts of PROTOCOL_DTLS_CLIENT and "
                    "PROTOCOL_DTLS_SERVER, and this one is of %s", what,
                    lssl_protocolname(c));
}

static int pushtimer (lua_State *L, const Context *c, unsigned int set,
                      double otherwise) {
  if (!c->datagram)
    lua_pushnil(L);
  else
    lua_pushnumber(L, (lua_Number)(timer(set, otherwise) / MICROSECONDS));
  return 1;
}

/* sets '*set', of the attribute 'name', to the number of seconds at 3 */
static int settimer (lua_State *L, const Context *c, unsigned int *set,
                     const char *name) {
  lua_Number seconds = lua_tonumber(L, 3);
  if (lua_type(L, 3) != LUA_TNUMBER)
    return lssl_valuetypeerror(L, name, "number expected");
  checkdtls(L, c, name);
  if (!(seconds >= SHORTEST && seconds <= LONGEST))
    return lssl_valueerror(L, "%s must be from %f to %f seconds", name, SHORTEST,
                           LONGEST);
  *set = (unsigned int)((double)seconds * MICROSECONDS);
  return 0;
}

/*@ SSLContext.retransmission_timeout (number or nil, read and write)
** How many seconds a DTLS connection waits for the answer to what it sent in the
** handshake, before it sends the same again. Each further wait is twice as long as the
** one before, up to `max_retransmission_timeout`. After 12 waits without an answer the
** handshake fails.
** The default is 1, as RFC 6347 recommends. A smaller number speeds up handshakes on
** networks that are fast and lose datagrams; set it to no less than the time that an
** answer takes. It holds for connections that are made afterwards, and for their next
** flight. On a context for TLS it is nil.
**
** Setting it raises `ValueError` for less than 0.02 or more than 60 seconds, and on a
** context for TLS. OpenSSL: `DTLS_set_timer_cb`; RFC 6347, 4.2.4.1.
** Since: an addition.
**
**     local dtls = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
**     assert(dtls.retransmission_timeout == 1)
**     dtls.retransmission_timeout = 0.25
*/
static int get_resend (lua_State *L) {
  const Context *c = lssl_attributecontext(L);
  return pushtimer(L, c, c->resend, 1);
}

static int set_resend (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  return settimer(L, c, &c->resend, "retransmission_timeout");
}

/*@ SSLContext.max_retransmission_timeout (number or nil, read and write)
** The longest wait, in seconds, to which `retransmission_timeout` grows; 60 by default.
** On a context for TLS it is nil. Setting it raises as for `retransmission_timeout`.
** OpenSSL: `DTLS_set_timer_cb`. Since: an addition.
**
**     local dtls = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
**     assert(dtls.max_retransmission_timeout == 60)
**     dtls.max_retransmission_timeout = 4
*/
static int get_resendmost (lua_State *L) {
  const Context *c = lssl_attributecontext(L);
  return pushtimer(L, c, c->resendmost, LONGEST);
}

static int set_resendmost (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  return settimer(L, c, &c->resendmost, "max_retransmission_timeout");
}

/* }====================================================== */


/*
** {======================================================
** SRTP
** =======================================================
*/

#if !defined(OPENSSL_NO_SRTP)

/* pushes the names in the array at 2 as OpenSSL takes them, between colons */
static void pushprofiles (lua_State *L, const char *name) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, 2);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (i = 1; i <= n; i++) {
    if (i > 1)
      luaL_addchar(&b, ':');
    if (lua_rawgeti(L, 2, i) != LUA_TSTRING)
      lssl_argerror(L, 2, name, "array of strings expected");
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  if (strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1))
    lssl_valueerror(L, "embedded null byte in the name of a profile");
}

#endif

/*@ SSLContext:set_srtp_profiles(profiles)
** Has the connections of a DTLS context agree on a profile of SRTP, as WebRTC does.
** After the handshake, `SSLSocket:selected_srtp_profile` tells the profile, and
** `SSLSocket:export_keying_material` gives the keys for the label
** `"EXTRACTOR-dtls_srtp"`.
** - `profiles` (array of strings): names of profiles, best first, such as
**   `"SRTP_AEAD_AES_128_GCM"` and `"SRTP_AES128_CM_SHA1_80"`.
** Returns nothing. Raises `ValueError` on a context for TLS, for an empty array, and for
** a name that OpenSSL does not know; `NotImplementedError` if OpenSSL was built without
** SRTP. OpenSSL: `SSL_CTX_set_tlsext_use_srtp`; RFC 5764. Since: an addition.
**
** Type: named fun(profiles*: string[])
**
**     local dtls = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
**     dtls:set_srtp_profiles{"SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"}
*/
static int context_setsrtp (lua_State *L) {
  static const char name[] = ":set_srtp_profiles";
  Context *c = lssl_changingcontext(L);
  lssl_arguments(L, name, "profiles*");
  checkdtls(L, c, "set_srtp_profiles");
  if (!lua_istable(L, 2))
    return lssl_typeerror(L, 2, name, "table");
#if defined(OPENSSL_NO_SRTP)
  return lssl_notimplemented(L, "SRTP is not supported by this OpenSSL: %s",
                             OpenSSL_version(OPENSSL_VERSION));
#else
  pushprofiles(L, name);
  if (lua_rawlen(L, -1) == 0)
    return lssl_valueerror(L, "no profile is given");
  lssl_clearerrors();
  if (SSL_CTX_set_tlsext_use_srtp(c->ctx, lua_tostring(L, -1)) != 0) {
    if (lssl_outofmemory())
      return lssl_raisememory(L);
    lssl_clearerrors();
    return lssl_valueerror(L, "OpenSSL does not know all of these profiles: %s",
                           lua_tostring(L, -1));
  }  /* 0 was success */
  return 0;
#endif
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"set_srtp_profiles", context_setsrtp},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"retransmission_timeout", get_resend},
  {"max_retransmission_timeout", get_resendmost},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"retransmission_timeout", set_resend},
  {"max_retransmission_timeout", set_resendmost},
  {NULL, NULL}
};

void lssl_opendtls (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
