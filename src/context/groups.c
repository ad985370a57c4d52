/*
** groups.c - how an SSLContext agrees on keys: groups, elliptic curves, and
** parameters of Diffie-Hellman.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "x509/certificate.h"
#include "context/context.h"
#include "context/groups.h"

/*@ SSLContext:set_ecdh_curve(curve_name)
** Chooses the one elliptic curve for the key agreement. To choose more than one, call
** `set_groups`.
** - `curve_name` (string): OpenSSL's short name, such as `"prime256v1"` or
**   `"X25519"`.
** Returns nothing. Raises `ValueError` for an unknown name, and `SSLError` for a
** curve that TLS does not have.
** OpenSSL: `SSL_CTX_set1_groups`. Since: CPython 3.3.
**
** Type: named fun(curve_name: string)
**
**     server_ctx:set_ecdh_curve("prime256v1")
*/
static int context_setcurve (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  const char *name;
  int nid;
  lssl_arguments(L, ":set_ecdh_curve", "curve_name");
  name = lssl_checkcstring(L, 2, ":set_ecdh_curve");
  nid = OBJ_sn2nid(name);
  if (nid == NID_undef)
    return lssl_valueerror(L, "unknown elliptic curve name '%s'", name);
  lssl_clearerrors();
  if (SSL_CTX_set1_groups(c->ctx, &nid, 1) != 1)
    return lssl_raisequeue(L, NULL);
  return 0;
}

/*@ SSLContext:set_groups(groups)
** Chooses the groups for the key agreement. If it raises an error, the context stays
** as it was.
** - `groups` (string): names with colons between them, best first, such as
**   `"X25519:P-256"`.
** Returns nothing. Raises `SSLError` for an unknown name.
** OpenSSL: `SSL_CTX_set1_groups_list`; RFC 8446, 4.2.7. Since: CPython 3.15.
**
** Type: named fun(groups: string)
**
**     ctx:set_groups("X25519:P-256")
*/
static int context_setgroups (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  const char *list;
  int ok;
  lssl_arguments(L, ":set_groups", "groups");
  list = lssl_checkcstring(L, 2, ":set_groups");
  lssl_clearerrors();
  ok = (SSL_CTX_set1_groups_list(c->ctx, list) == 1);
  lssl_clearerrors();
  return ok ? 0 : lssl_sslerror(L, 0, "unrecognized group");
}

#if OPENSSL_VERSION_NUMBER >= 0x30500000L
static void freenames (void *names) {
  sk_OPENSSL_CSTRING_free((STACK_OF(OPENSSL_CSTRING) *)names);
}
#endif

/*@ SSLContext:get_groups([include_aliases])
** Lists the groups that OpenSSL has for the context's versions of TLS.
** - `include_aliases` (boolean): whether to list other names of the groups too; false
**   by default.
** Returns an array of strings. Raises `NotImplementedError` if OpenSSL is older than
** 3.5. OpenSSL: `SSL_CTX_get0_implemented_groups`. Since: CPython 3.15.
**
** Type: named fun(include_aliases?: boolean): string[]
**
**     if ssl.OPENSSL_VERSION_NUMBER >= 0x30500000 then
**       print(table.concat(ctx:get_groups(), ":"))
**     end
*/
static int context_getgroups (lua_State *L) {
  Context *c = lssl_selfcontext(L);
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
  STACK_OF(OPENSSL_CSTRING) *names;
  void **box;
  int i;
  lssl_arguments(L, ":get_groups", "include_aliases");
  box = lssl_newbox(L, freenames);
  lssl_clearerrors();
  *box = names = sk_OPENSSL_CSTRING_new_null();
  if (names == NULL ||
      !SSL_CTX_get0_implemented_groups(c->ctx, lua_toboolean(L, 2), names))
    return lssl_raisequeue(L, NULL);
  lua_newtable(L);
  for (i = 0; i < sk_OPENSSL_CSTRING_num(names); i++) {
    lua_pushstring(L, sk_OPENSSL_CSTRING_value(names, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
#else
  (void)c;
  return lssl_notimplemented(L, "Getting implemented groups requires "
                                "OpenSSL 3.5 or later.");
#endif
}

/*
** {======================================================
** Diffie-Hellman
** =======================================================
*/

/* one block of PEM as bytes; 0 and a reason in the error queue */
static int readblock (BIO *bio, char **name, unsigned char **data,
                      long *size) {
  int ok = bio != NULL &&
           PEM_bytes_read_bio(data, size, name, PEM_STRING_DHPARAMS, bio,
                              lssl_nopassword, NULL);
  BIO_free(bio);
  return ok;
}

static EVP_PKEY *decode (const char *type, const unsigned char *data,
                         size_t size) {
  EVP_PKEY *key = NULL;
  OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "DER", NULL,
    type, OSSL_KEYMGMT_SELECT_ALL_PARAMETERS, NULL, NULL);
  if (decoder != NULL && !OSSL_DECODER_from_data(decoder, &data, &size)) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  OSSL_DECODER_CTX_free(decoder);
  return key;
}

/* the parameters in 'bio', which it frees; they become the caller's. Never raises */
static EVP_PKEY *readparameters (BIO *bio) {
  char *name = NULL;
  unsigned char *data = NULL;
  long size = 0;
  EVP_PKEY *key = NULL;
  if (readblock(bio, &name, &data, &size)) {
    int x942 = (strcmp(name, PEM_STRING_DHXPARAMS) == 0);
    key = decode(x942 ? "DHX" : "DH", data, (size_t)size);
  }
  OPENSSL_free(name);
  OPENSSL_free(data);
  return key;
}

/* raises for a file that has no parameters, or unfit ones */
static int failparameters (lua_State *L, const Context *c, const char *file) {
  Trouble t;
  const char *advice;
  errno = 0;  /* the file could be read */
  lssl_taketrouble(&t);
  if (ERR_GET_LIB(t.code) == ERR_LIB_SSL)
    advice = lua_pushfstring(L, "the parameters in '%s' are too small for "
                             "security level %d", file,
                             SSL_CTX_get_security_level(c->ctx));
  else if (ERR_GET_LIB(t.code) == ERR_LIB_PEM && t.ailment == AILMENT_ABSENT)
    advice = lua_pushfstring(L, "no parameters of Diffie-Hellman in PEM in "
                             "'%s'", file);
  else
    advice = lua_pushfstring(L, "the parameters in '%s' are damaged", file);
  return lssl_raisetrouble(L, &t, file, advice);
}

/*@ SSLContext:load_dh_params(dhfile)
** Loads the parameters of Diffie-Hellman. A server needs them for the ciphers `DHE-…`
** of TLS 1.2; without them, it has none of these ciphers.
** - `dhfile` (string): a file in PEM, as `openssl dhparam` makes it.
** - `dhdata` (string or bytearray; by name only): the contents, instead of a file's
**   name.
** Returns nothing. Raises `OSError` if the file cannot be read, `SSLError` if its
** contents are not right or too weak for the security level, and `ValueError` if you
** give both a file and data.
** OpenSSL: `SSL_CTX_set0_tmp_dh_pkey`. Since: CPython 3.3; `dhdata` is an addition.
**
** Type: named fun(dhfile: string; dhdata?: string|bytearray)
**
**     server_ctx:load_dh_params{dhdata = dhparams}       -- what openssl dhparam printed
*/
static int context_loaddhparams (lua_State *L) {
  Context *c = lssl_changingcontext(L);
  static const char name[] = ":load_dh_params";
  const char *file = NULL;
  const unsigned char *data = NULL;
  size_t size = 0;
  void **box;
  lssl_arguments(L, name, "dhfile dhdata");
  if (lua_isnil(L, 3))
    file = lssl_checkpath(L, 2, name);
  else {
    data = lssl_checkbytes(L, 3, &size, name);
    if (!lua_isnil(L, 2))
      return lssl_valueerror(L, "dhfile and dhdata cannot both be given");
  }
  box = lssl_newbox(L, lssl_freekey);
  lssl_clearerrors();
  *box = readparameters(file ? BIO_new_file(file, "rb")
                             : BIO_new_mem_buf(data, lssl_toint(L, size)));
  if (*box == NULL && file != NULL && errno != 0) {
    int number = errno;
    lssl_clearerrors();
    return lssl_oserror(L, number, file);
  }
  if (*box == NULL || SSL_CTX_set0_tmp_dh_pkey(c->ctx, (EVP_PKEY *)*box) != 1)
    return failparameters(L, c, file);
  *box = NULL;  /* the SSL_CTX has taken it */
  lssl_clearerrors();
  return 0;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"set_ecdh_curve", context_setcurve},
  {"set_groups", context_setgroups},
  {"get_groups", context_getgroups},
  {"load_dh_params", context_loaddhparams},
  {NULL, NULL}
};

void lssl_opengroups (lua_State *L) {
  lssl_addtocontext(L, methods, NULL, NULL);
}
