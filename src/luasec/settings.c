/*
** settings.c - what LuaSec's contexts are given: they are SSLContexts that begin
** with OpenSSL's own settings.
** SPDX-License-Identifier: MIT
**
** A name of a file is told from PEM text by what PEM begins with. Errors are
** raised; lua/ssl/luasec/ makes LuaSec's results of them.
*/
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>

#include "base/arguments.h"
#include "base/callback.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/handlers.h"
#include "context/protocols.h"
#include "luasec/options.h"
#include "luasec/settings.h"
#include "x509/certificate.h"
#include "x509/password.h"

/* the context at 1, which is to be changed */
static Context *checkcontext (lua_State *L) {
  Context *c = lssl_testcontext(L, 1);
  luaL_argcheck(L, c != NULL, 1, "SSL context expected");
  lssl_checkchangeable(L, c);
  return c;
}

/*
** {======================================================
** A new context
** =======================================================
*/

typedef struct Protocol {
  const char *name;
  int version;			/* the only one; 0: any */
} Protocol;

static const Protocol protocols[] = {
  {"any", 0}, {"sslv23", 0}, {"tlsv1", TLS1_VERSION},
  {"tlsv1_1", TLS1_1_VERSION}, {"tlsv1_2", TLS1_2_VERSION},
  {"tlsv1_3", TLS1_3_VERSION}
};

static const Protocol *findprotocol (const char *name) {
  size_t i;
  for (i = 0; i < LSSL_COUNT(protocols); i++) {
    if (strcmp(protocols[i].name, name) == 0)
      return &protocols[i];
  }
  return NULL;
}

/* (protocol) -> a context; nil for a protocol that there is not */
static int newcontext (lua_State *L) {
  const Protocol *p = findprotocol(luaL_checkstring(L, 1));
  Context *c;
  if (p == NULL)
    return 0;
  if (p->version != 0)
    lssl_checkversionfloor(L, p->version);
  c = lssl_newcontext(L, LSSL_PROTOCOL_TLS);
  if (!SSL_CTX_set_min_proto_version(c->ctx, p->version ? p->version
                                             : lssl_versionfloor(L)) ||
      !SSL_CTX_set_max_proto_version(c->ctx, p->version))
    return lssl_raisequeue(L, NULL);
  SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_OFF);
  return 1;
}

/* (context, mode) -> is that a mode? */
static int setmode (lua_State *L) {
  Context *c = checkcontext(L);
  const char *mode = luaL_checkstring(L, 2);
  int role = strcmp(mode, "client") == 0 ? LSSL_CLIENT
           : strcmp(mode, "server") == 0 ? LSSL_SERVER : 0;
  if (role != 0)
    c->role = (unsigned char)role;
  lua_pushboolean(L, role != 0);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Certificate and key
** =======================================================
*/

/* all of 'file', in memory that is wiped when it is freed; 0 on failure */
static int readfile (BIO *memory, BIO *file) {
  char data[4096];
  int n = 0, ok = 1;
  while (ok && (n = BIO_read(file, data, (int)sizeof data)) > 0)
    ok = BIO_write(memory, data, n) == n;
  OPENSSL_cleanse(data, sizeof data);
  return ok && n == 0;
}

/* pushes two boxes, with what is in the file */
static void pushfile (lua_State *L, const char *path, Source *source) {
  void **file = lssl_newbox(L, lssl_freebio);
  void **memory = lssl_newbox(L, lssl_freebio);
  char *data = NULL;
  lssl_checkfile(L, path);
  lssl_clearerrors();
  *file = BIO_new_file(path, "rb");
  *memory = BIO_new(BIO_s_secmem());
  if (*file == NULL || *memory == NULL ||
      !readfile((BIO *)*memory, (BIO *)*file))
    lssl_raisequeue(L, path);
  source->size = (size_t)BIO_get_mem_data((BIO *)*memory, &data);
  source->data = (const unsigned char *)data;
}

/*
** Makes 'source' of the file's name or the PEM at 2, with 'password' to ask for
** one; the stack keeps the bytes. Returns what to call it.
*/
static const char *checksource (lua_State *L, Source *source,
                                Password *password) {
  const char *text = luaL_checklstring(L, 2, &source->size);
  source->trusted = 1;
  source->password = lssl_askpassword;
  source->userdata = password;
  luaL_checkstack(L, 8, NULL);
  if (strstr(text, "-----BEGIN") != NULL) {
    source->data = (const unsigned char *)text;
    return "the text";
  }
  luaL_argcheck(L, strlen(text) == source->size, 2, "embedded null byte");
  pushfile(L, text, source);
  return text;
}

/* where certificates go: the first is the context's own */
typedef struct Taker {
  SSL_CTX *ctx;
  int any;
} Taker;

static int takecertificate (X509 *cert, void *taker) {
  Taker *t = (Taker *)taker;
  if (t->any)
    return SSL_CTX_add1_chain_cert(t->ctx, cert) == 1;
  t->any = 1;
  return SSL_CTX_use_certificate(t->ctx, cert) == 1 &&
         SSL_CTX_clear_chain_certs(t->ctx) == 1;
}

/* (context, file or PEM) */
static int loadcert (lua_State *L) {
  Context *c = checkcontext(L);
  Source source = {NULL, 0, 0, 0, NULL, NULL};
  Password password;
  Taker taker = {NULL, 0};
  Reading reading;
  const char *what;
  lua_settop(L, 3);
  lssl_newpassword(L, &password, 3, "loadcert");
  what = checksource(L, &source, &password);
  taker.ctx = c->ctx;
  reading = lssl_readcertificates(&source, takecertificate, &taker);
  if (reading != READ_OK)
    return lssl_raisereading(L, reading, 0, what);
  lssl_clearerrors();
  return 0;
}

static void raisekey (lua_State *L, Password *password) {
  lssl_checkpassword(password);
  if (password->missed) {
    lssl_clearerrors();
    lssl_sslerror(L, -1, "the private key is encrypted: give its password");
  }
  lssl_raisequeue(L, NULL);
}

/* (context, file or PEM, password or function or nil) */
static int loadkey (lua_State *L) {
  Context *c = checkcontext(L);
  Source source = {NULL, 0, 0, 0, NULL, NULL};
  Password password;
  void **box;
  lua_settop(L, 3);
  lssl_newpassword(L, &password, 3, "loadkey");
  checksource(L, &source, &password);
  box = lssl_newbox(L, lssl_freekey);
  lssl_clearerrors();
  *box = lssl_readkey(&source);
  if (*box == NULL || password.failed ||
      SSL_CTX_use_PrivateKey(c->ctx, (EVP_PKEY *)*box) != 1)
    raisekey(L, &password);
  lssl_clearerrors();  /* of the forms that the key was tried for */
  return 0;
}

/* (context) -> does the key belong to the certificate? */
static int checkkey (lua_State *L) {
  Context *c = checkcontext(L);
  lua_pushboolean(L, SSL_CTX_check_private_key(c->ctx) == 1);
  lssl_clearerrors();
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Names of settings
** =======================================================
*/

/* the words of 'verify' */
static const Constant verifywords[] = {
  {"none", SSL_VERIFY_NONE},
  {"peer", SSL_VERIFY_PEER},
  {"client_once", SSL_VERIFY_CLIENT_ONCE},
  {"fail_if_no_peer_cert", SSL_VERIFY_FAIL_IF_NO_PEER_CERT},
  {NULL, 0}
};

/* the flags that the words from 2 on stand for; the word that is unknown, or NULL */
static const char *joinwords (lua_State *L, const Constant *words,
                              uint64_t *flags) {
  int i, n = lua_gettop(L);
  for (i = 2; i <= n; i++) {
    const char *word = luaL_checkstring(L, i);
    const Constant *c = words;
    while (c->name != NULL && strcmp(c->name, word) != 0)
      c++;
    if (c->name == NULL)
      return word;
    *flags |= (uint64_t)c->value;
  }
  return NULL;
}

/* the results for the word that was unknown, or NULL */
static int pushunknown (lua_State *L, const char *kind, const char *word) {
  lua_pushboolean(L, word == NULL);
  if (word == NULL)
    return 1;
  lua_pushfstring(L, "invalid %s (%s)", kind, word);
  return 2;
}

/* (context, ...) -> true; or false and a text */
static int setverify (lua_State *L) {
  Context *c = checkcontext(L);
  uint64_t flags = 0;
  const char *unknown = joinwords(L, verifywords, &flags);
  if (!(flags & SSL_VERIFY_PEER) &&
      (SSL_CTX_get_verify_mode(c->ctx) & SSL_VERIFY_PEER))
    lssl_checkinsecure(L, "certificates may not be left unverified");
  if (unknown == NULL && lua_gettop(L) > 1)
    SSL_CTX_set_verify(c->ctx, (int)flags,
                       SSL_CTX_get_verify_callback(c->ctx));
  return pushunknown(L, "verify option", unknown);
}

/* (context, ...) -> true; or false and a text */
static int setoptions (lua_State *L) {
  Context *c = checkcontext(L);
  uint64_t flags = 0;
  const char *unknown = joinwords(L, lssl_luasecoptions, &flags);
  lssl_checkoptions(L, flags);
  if (unknown == NULL)
    SSL_CTX_set_options(c->ctx, flags);
  return pushunknown(L, "option", unknown);
}

/* () -> {name = true} */
static int options (lua_State *L) {
  const Constant *c;
  lua_newtable(L);
  for (c = lssl_luasecoptions; c->name != NULL; c++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, c->name);
  }
  return 1;
}

static void freecurves (void *list) {
  OPENSSL_free(list);
}

/* () -> {name = true}: OpenSSL's short names of the curves that it was built with */
static int curves (lua_State *L) {
  void **box = lssl_newbox(L, freecurves);
  size_t i, n = EC_get_builtin_curves(NULL, 0);
  EC_builtin_curve *list =
    (EC_builtin_curve *)OPENSSL_zalloc((n + 1) * sizeof *list);
  *box = list;
  if (list == NULL)
    return lssl_raisememory(L);
  EC_get_builtin_curves(list, n);
  lua_newtable(L);
  for (i = 0; i < n; i++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, OBJ_nid2sn(list[i].nid));
  }
  return 1;
}

/* (context, depth): the longest chain between the peer's and a trusted one */
static int setdepth (lua_State *L) {
  Context *c = checkcontext(L);
  lua_Integer depth = luaL_checkinteger(L, 2);
  luaL_argcheck(L, depth >= 0 && depth <= INT_MAX, 2, "out of range");
  SSL_CTX_set_verify_depth(c->ctx, (int)depth);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** The protocol above TLS, chosen by a function
** =======================================================
*/

typedef struct Choice {
  const unsigned char *offered;
  unsigned int size;
  const unsigned char *found;	/* in 'offered', or NULL */
} Choice;

/* body: the function gets the client's list, and gives the server's or nil */
static int callalpn (lua_State *L) {
  Choice *c = (Choice *)lua_touserdata(L, 1);
  size_t size;
  const char *wanted;
  if (!lssl_pushhandler(L, LSSL_UVALPN))
    return 0;
  lua_pushlstring(L, (const char *)c->offered, c->size);
  lssl_callhandler(L, 1, 1, "alpn",
                   "OpenSSL waits for its answer");
  wanted = lua_tolstring(L, -1, &size);
  if (wanted != NULL && size <= UINT_MAX)
    c->found = lssl_chooseprotocol((const unsigned char *)wanted,
                                   (unsigned int)size, c->offered, c->size);
  return 0;
}

static int on_alpn (SSL *ssl, const unsigned char **out,
                    unsigned char *outsize, const unsigned char *in,
                    unsigned int insize, void *unused) {
  Choice c = {NULL, 0, NULL};
  (void)unused;
  c.offered = in;
  c.size = insize;
  if (!lssl_protected(lssl_getcaller(ssl), callalpn, &c))
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  if (c.found == NULL)
    return SSL_TLSEXT_ERR_NOACK;
  *out = c.found + 1;
  *outsize = *c.found;
  return SSL_TLSEXT_ERR_OK;
}

/* (context, function): both lists are in their form on the wire */
static int setalpncallback (lua_State *L) {
  Context *c = checkcontext(L);
  luaL_argcheck(L, lssl_iscallable(L, 2), 2, "function expected");
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, LSSL_UVALPN);
  SSL_CTX_set_alpn_select_cb(c->ctx, on_alpn, NULL);
  return 0;
}

/* }====================================================== */


static const luaL_Reg functions[] = {
  {"newcontext", newcontext},
  {"setmode", setmode},
  {"loadcert", loadcert},
  {"loadkey", loadkey},
  {"checkkey", checkkey},
  {"setverify", setverify},
  {"setoptions", setoptions},
  {"setdepth", setdepth},
  {"setalpncallback", setalpncallback},
  {"options", options},
  {"curves", curves},
  {NULL, NULL}
};

void lssl_openluasecsettings (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
