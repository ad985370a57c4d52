/*
** policy.c - the versions and ciphers of a new context. What the administrator
** has set in the system's configuration (openssl.cnf: the section that
** "system_default" names) stays; the rest are CPython's defaults.
** SPDX-License-Identifier: MIT
**
** OpenSSL applies that section to each context that it makes, and tells nobody
** what it has set. A bound of the versions, groups and signature algorithms are
** there or not. Whether ciphers and security level are the administrator's or
** OpenSSL's own has to be found out, once per Lua state.
*/
#include "base/class.h"
#include "base/constants.h"
#include "base/free.h"
#include "base/outcome.h"
#include "base/state.h"
#include "context/policy.h"

/* the ciphers of a context for which nothing is configured */
#define OPENSSL_CIPHERS	"ALL:!COMPLEMENTOFDEFAULT:!eNULL"

/* the security level that goes with LSSL_DEFAULT_CIPHERS */
#define LEVEL	2

/* bits of State.policy */
#define KNOWN	1
#define CIPHERS	2	/* the system chooses ciphers, */
#define SECLEVEL	4	/* and the security level */

/* a key in the section would have OpenSSL ask on the terminal */
static int nopassword (char *buffer, int size, int writing, void *unused) {
  (void)buffer; (void)size; (void)writing; (void)unused;
  return 0;
}

/* Does the section set the level? Then another one is undone by it. */
static int setslevel (SSL_CTX *probe) {
  int level = SSL_CTX_get_security_level(probe);
  SSL_CTX_set_security_level(probe, level + 1);
  SSL_CTX_config(probe, "system_default");
  return SSL_CTX_get_security_level(probe) == level;
}

static int sameciphers (const SSL_CTX *a, const SSL_CTX *b) {
  const STACK_OF(SSL_CIPHER) *ours = SSL_CTX_get_ciphers(a);
  const STACK_OF(SSL_CIPHER) *theirs = SSL_CTX_get_ciphers(b);
  int i, n = sk_SSL_CIPHER_num(ours);
  if (sk_SSL_CIPHER_num(theirs) != n)
    return 0;
  for (i = 0; i < n; i++) {
    if (sk_SSL_CIPHER_value(ours, i) != sk_SSL_CIPHER_value(theirs, i))
      return 0;
  }
  return 1;
}

/*
** What the section chooses of the ciphers of 'ctx', which is as OpenSSL made it.
** A list that is OpenSSL's own, which some systems write down there, chooses
** nothing.
*/
static unsigned char ask (lua_State *L, const SSL_CTX *ctx) {
  unsigned char policy = KNOWN;
  void **box = lssl_newbox(L, lssl_freecontext);
  SSL_CTX *probe = SSL_CTX_new(SSL_CTX_get_ssl_method(ctx));
  *box = probe;
  if (probe == NULL)
    lssl_raisequeue(L, NULL);
  SSL_CTX_set_default_passwd_cb(probe, nopassword);
  if (setslevel(probe))
    policy |= SECLEVEL;
  if (SSL_CTX_set_cipher_list(probe, OPENSSL_CIPHERS) &&
      !sameciphers(probe, ctx))
    policy |= CIPHERS;
  lssl_clearerrors();
  lua_pop(L, 1);
  return policy;
}

static int setciphers (lua_State *L, SSL_CTX *ctx) {
  State *state = lssl_state(L);
  int level = SSL_CTX_get_security_level(ctx);
  if (state->policy == 0)
    state->policy = ask(L, ctx);
  if (!(state->policy & CIPHERS) &&
      !SSL_CTX_set_cipher_list(ctx, LSSL_DEFAULT_CIPHERS))
    return 0;
  SSL_CTX_set_security_level(ctx, state->policy & SECLEVEL ? level : LEVEL);
  return 1;
}

static int setversions (SSL_CTX *ctx, int version) {
  if (version != 0)
    return SSL_CTX_set_min_proto_version(ctx, version) &&
           SSL_CTX_set_max_proto_version(ctx, version);
  return SSL_CTX_get_min_proto_version(ctx) != 0 ||
         SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
}

int lssl_setpolicy (lua_State *L, SSL_CTX *ctx, int version) {
  return setversions(ctx, version) && setciphers(L, ctx);
}
