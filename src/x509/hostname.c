/*
** hostname.c - host names: their ASCII form by IDNA 2003 rules, as CPython's
** codec has it, and back.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#if defined(LSSL_HAVE_IDN2)
#include <idn2.h>
#endif

#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "x509/hostname.h"

/* what one label may have (RFC 1035, 2.3.4) */
#define MAXLABEL	63

static int isascii8 (const char *s) {
  for (; *s != '\0'; s++) {
    if ((unsigned char)*s >= 0x80)
      return 0;
  }
  return 1;
}

/* raises unless each label, but an empty one at the end, is 1 to 63 bytes */
static void checklabels (lua_State *L, const char *host) {
  const char *s = host;
  while (*s != '\0') {
    size_t len = strcspn(s, ".");
    if (len == 0)
      lssl_valueerror(L, "server_hostname '%s' has an empty label", host);
    if (len > MAXLABEL)
      lssl_valueerror(L, "server_hostname '%s' has a label of more than %d "
                      "bytes", host, MAXLABEL);
    s += len;
    s += (*s == '.');
  }
}

#if defined(LSSL_HAVE_IDN2)

static void freeidn (void *p) {
  idn2_free(p);
}

/* pushes the A-label form of 'host' */
static void encode (lua_State *L, const char *host) {
  void **box = lssl_newbox(L, freeidn);
  char *ascii = NULL;
  int code = idn2_to_ascii_8z(host, &ascii, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
  *box = ascii;
  if (code != IDN2_OK)
    lssl_valueerror(L, "server_hostname '%s' is no IDNA name: %s", host,
                    idn2_strerror(code));
  lua_pushstring(L, ascii);
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
}

void lssl_pushunicodehost (lua_State *L, const char *host, size_t len) {
  void **box;
  char *unicode = NULL;
  lua_pushlstring(L, host, len);
  if (strstr(lua_tostring(L, -1), "xn--") == NULL)
    return;
  box = lssl_newbox(L, freeidn);
  if (idn2_to_unicode_8z8z(lua_tostring(L, -2), &unicode, 0) == IDN2_OK) {
    *box = unicode;
    lua_pushstring(L, unicode);
    lua_replace(L, -3);
  }
  lssl_emptybox(L, -1);
  lua_pop(L, 1);
}

#else

static void encode (lua_State *L, const char *host) {
  lssl_notimplemented(L, "the name '%s' is not ASCII, and this build has no "
                      "libidn2", host);
}

void lssl_pushunicodehost (lua_State *L, const char *host, size_t len) {
  lua_pushlstring(L, host, len);
}

#endif

void lssl_asciihost (lua_State *L, int arg, const char *name) {
  const char *host = lssl_checkcstring(L, arg, name);
  if (host[0] == '\0' || host[0] == '.')
    lssl_valueerror(L, "server_hostname cannot be an empty string or start "
                    "with a leading dot.");
  if (!isascii8(host)) {
    encode(L, host);
    lua_replace(L, arg);
    host = lua_tostring(L, arg);
  }
  checklabels(L, host);
}

int lssl_idnaencode (lua_State *L) {
  lua_settop(L, 1);
  lssl_asciihost(L, 1, "_idna_encode");
  return 1;
}
