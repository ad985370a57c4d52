/*
** ringsecret.c - the secrets of a ring of ticket keys, as a program gives them.
** SPDX-License-Identifier: MIT
**
** No message shows any of a secret's bytes. The bytes of a file never become a
** string of Lua's, which nobody could wipe.
*/
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "context/ringsecret.h"

/* the most that a file of secrets may have */
#define MAXFILE	8192

/*
** {======================================================
** Strength
** =======================================================
*/

/* a buffer that nobody has filled */
static int isuniform (const unsigned char *bytes, size_t size) {
  size_t i;
  for (i = 1; i < size; i++) {
    if (bytes[i] != bytes[0])
      return 0;
  }
  return 1;
}

static int isweak (const unsigned char *bytes, size_t size) {
  return size < LSSL_LEASTSECRET || isuniform(bytes, size);
}

/* raises; 'where' is what to call the secret */
static void refuse (lua_State *L, const char *where, size_t size) {
  if (size < LSSL_LEASTSECRET)
    lssl_valueerror(L, "%s is too short: it has %I bytes of the %d that it "
                    "needs at least", where, (LUAI_UACINT)size,
                    LSSL_LEASTSECRET);
  lssl_valueerror(L, "%s is one byte repeated", where);
}

static void checkroom (lua_State *L, const Ring *ring) {
  if (ring->count == LSSL_MAXSECRETS)
    lssl_valueerror(L, "more than %d secrets", LSSL_MAXSECRETS);
}

/* }====================================================== */


/*
** {======================================================
** From values of Lua's
** =======================================================
*/

const unsigned char *lssl_checksecret (lua_State *L, int arg, size_t *size,
                                       const char *name) {
  const unsigned char *bytes = lssl_tobytes(L, arg, size);
  if (bytes == NULL)
    lssl_typeerror(L, arg, name, "string or bytearray");
  else if (isweak(bytes, *size))
    refuse(L, "secret", *size);
  return bytes;
}

/* adds the value on the top: entry 'i' of an array, or the only one (0) */
static void addvalue (lua_State *L, Ring *ring, int i, int arg,
                      const char *name) {
  size_t size;
  const unsigned char *bytes = lssl_tobytes(L, -1, &size);
  if (bytes == NULL) {
    lssl_argerror(L, arg, name, i == 0 ? "secret should be a string, a "
      "bytearray, an array of them, or a function that returns one" :
      "secret should be an array of strings or bytearrays");
    return;
  }
  if (isweak(bytes, size))
    refuse(L, i == 0 ? "secret" : lua_pushfstring(L, "secret %d", i), size);
  checkroom(L, ring);
  lssl_clearerrors();
  if (!lssl_addsecret(ring, bytes, size))
    lssl_raisequeue(L, NULL);
}

static void addarray (lua_State *L, Ring *ring, int arg, const char *name) {
  int array = lua_gettop(L), i;
  size_t count = lua_rawlen(L, array);
  if (count == 0)
    lssl_valueerror(L, "secret is an empty array");
  for (i = 1; (size_t)i <= count; i++) {
    lua_rawgeti(L, array, i);
    addvalue(L, ring, i, arg, name);
    lua_settop(L, array);
  }
}

void lssl_readsecrets (lua_State *L, int arg, Ring *ring, const char *name) {
  int top = lua_gettop(L);
  luaL_checkstack(L, 6, name);
  lua_pushvalue(L, arg);
  if (!lua_istable(L, arg) && lssl_iscallable(L, arg))
    lua_call(L, 0, 1);
  if (lua_istable(L, -1))
    addarray(L, ring, arg, name);
  else
    addvalue(L, ring, 0, arg, name);
  lua_settop(L, top);
}

/* }====================================================== */


/*
** {======================================================
** From a file
** =======================================================
*/

typedef struct Lines {
  unsigned char data[MAXFILE + 1];
  int size;			/* of the file, as far as it was read */
  int line;			/* where it went wrong */
  size_t weak;			/* the size of a weak secret, plus 1; 0: none is */
  int full;			/* there are too many */
  int failed;			/* OpenSSL says why */
} Lines;

static void readall (Lines *l, BIO *file) {
  int n;
  do {
    n = BIO_read(file, l->data + l->size, (int)sizeof l->data - l->size);
    l->size += n > 0 ? n : 0;
  } while (n > 0 && l->size < (int)sizeof l->data);
  l->failed = n < 0;
}

static int isspacechar (unsigned char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/* adds one line, without the blanks around it; 0 if that cannot be done */
static int addline (Lines *l, Ring *ring, const unsigned char *s,
                    const unsigned char *end) {
  l->line++;
  while (s < end && isspacechar(*s))
    s++;
  while (s < end && isspacechar(end[-1]))
    end--;
  if (s == end)
    return 1;
  if (isweak(s, (size_t)(end - s)))
    l->weak = (size_t)(end - s) + 1;
  else if (ring->count == LSSL_MAXSECRETS)
    l->full = 1;
  else if (lssl_addsecret(ring, s, (size_t)(end - s)))
    return 1;
  else
    l->failed = 1;
  return 0;
}

static void addlines (Lines *l, Ring *ring) {
  const unsigned char *s = l->data, *end = l->data + l->size;
  while (s < end) {
    const unsigned char *eol = (const unsigned char *)
                                 memchr(s, '\n', (size_t)(end - s));
    if (!addline(l, ring, s, eol ? eol : end))
      return;
    s = eol ? eol + 1 : end;
  }
}

/* raises what went wrong, after the bytes are wiped */
static void complain (lua_State *L, const char *path, const Lines *l,
                      const Ring *ring) {
  if (l->failed)
    lssl_raisequeue(L, path);
  if (l->size > MAXFILE)
    lssl_valueerror(L, "'%s' has more than %d bytes: it should have a secret "
                    "in each line", path, MAXFILE);
  if (l->weak != 0)
    refuse(L, lua_pushfstring(L, "the secret in line %d of '%s'", l->line,
                              path), l->weak - 1);
  if (l->full)
    lssl_valueerror(L, "'%s' has more than %d secrets", path, LSSL_MAXSECRETS);
  if (ring->count == 0)
    lssl_valueerror(L, "'%s' has no secret", path);
}

void lssl_loadsecrets (lua_State *L, const char *path, Ring *ring) {
  void **box = lssl_newbox(L, lssl_freebio);
  Lines l = {{0}, 0, 0, 0, 0, 0};
  BIO *file;
  lssl_clearerrors();
  *box = file = BIO_new_file(path, "rb");
  if (file == NULL)
    lssl_raisequeue(L, path);
  readall(&l, file);
  lssl_emptybox(L, -1);  /* the file may be removed at once, on Windows too */
  if (!l.failed && l.size <= MAXFILE)
    addlines(&l, ring);
  OPENSSL_cleanse(l.data, sizeof l.data);
  complain(L, path, &l, ring);
  lua_pop(L, 1);
}

/* }====================================================== */
