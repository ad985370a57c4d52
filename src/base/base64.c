/*
** base64.c - base64 for certificates in PEM.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/base64.h"
#include "base/bytearray.h"
#include "base/errors.h"

static const char alphabet[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* four characters of the 'n' bytes (1 to 3) at 'data' */
static void encodegroup (luaL_Buffer *b, const unsigned char *data, size_t n) {
  unsigned long bits = (unsigned long)data[0] << 16;
  if (n > 1)
    bits |= (unsigned long)data[1] << 8;
  if (n > 2)
    bits |= data[2];
  luaL_addchar(b, alphabet[bits >> 18]);
  luaL_addchar(b, alphabet[(bits >> 12) & 63]);
  luaL_addchar(b, n > 1 ? alphabet[(bits >> 6) & 63] : '=');
  luaL_addchar(b, n > 2 ? alphabet[bits & 63] : '=');
}

int lssl_base64encode (lua_State *L) {
  size_t size, i;
  const unsigned char *data = lssl_checkbytes(L, 1, &size, "base64encode");
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (i = 0; i < size; i += 3)
    encodegroup(&b, data + i, size - i < 3 ? size - i : 3);
  luaL_pushresult(&b);
  return 1;
}

/* 0 to 63, or -1 for what is not in the alphabet */
static int value (unsigned char c) {
  const char *found = (c == '\0') ? NULL : strchr(alphabet, c);
  return (found == NULL) ? -1 : (int)(found - alphabet);
}

/* 'quad' characters of the last group are there, 'pads' of it are '=' */
static void checkend (lua_State *L, size_t characters, unsigned int quad) {
  if (quad == 1)
    lssl_valueerror(L, "Invalid base64-encoded string: number of data "
                    "characters (%I) cannot be 1 more than a multiple of 4",
                    (LUAI_UACINT)characters);
  if (quad != 0)
    lssl_valueerror(L, "Incorrect padding");
}

int lssl_base64decode (lua_State *L) {
  size_t len, i, characters = 0;
  const char *text = lssl_checkstring(L, 1, &len, "base64decode");
  unsigned int quad = 0, pads = 0, rest = 0;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (i = 0; i < len; i++) {
    int v = value((unsigned char)text[i]);
    if (text[i] == '=' && quad >= 2 && quad + ++pads >= 4) {
      quad = 0;  /* whole; what follows does not count */
      break;
    }
    if (v < 0)
      continue;
    pads = 0;
    characters++;
    rest = (rest << 6 | (unsigned int)v) & 0xfff;  /* this and the one before */
    if (quad != 0)
      luaL_addchar(&b, (char)(unsigned char)(rest >> (6 - 2 * quad) & 0xff));
    quad = (quad + 1) % 4;
  }
  checkend(L, characters, quad);
  luaL_pushresult(&b);
  return 1;
}
