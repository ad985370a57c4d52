/*
** bytearray.c - ssl.bytearray: bytes of a fixed number that can be changed,
** and slices that share them. Its storage never moves, so that a read that
** waits may hold on to it.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"

static const Class bytearrayclass;

/* pushes a bytearray over 'size' bytes at 'data', kept alive by 'owner' */
static void pushover (lua_State *L, int owner, unsigned char *data,
                      size_t size) {
  Bytearray *b = (Bytearray *)lssl_newobject(L, &bytearrayclass);
  b->data = data;
  b->size = size;
  lua_pushvalue(L, owner);
  lua_setiuservalue(L, -2, 1);
}

/*@ ssl.bytearray(size or string)
** Makes an array of bytes that you can change: Python's `bytearray`, but of a fixed length.
** `#b` is its length. `b[i]` is the byte (integer 0 to 255) at `i`, counted from 1; you may
** set it.
** - `size` (integer): the length; all bytes are 0. Or:
** - `string` (string or bytearray): the bytes to copy.
** Returns the `bytearray`. Raises `ValueError` for a negative size.
** Since: Python's `bytearray`.
**
** Type: fun(size: integer): bytearray
** Type: fun(string: string|bytearray): bytearray
** Type: bytearray = { [integer]: integer }
**
**     local buffer = ssl.bytearray(1024)
**     assert(#buffer == 1024 and buffer:tostring(1, 2) == "\0\0")
*/
static int bytearray_new (lua_State *L) {
  size_t size;
  const unsigned char *from = lssl_tobytes(L, 1, &size);
  unsigned char *data;
  if (from == NULL)
    size = lssl_checksize(L, 1, "bytearray");
  lua_settop(L, 1);
  data = (unsigned char *)lua_newuserdatauv(L, size, 0);
  if (from != NULL)
    memcpy(data, from, size);
  else
    memset(data, 0, size);
  pushover(L, 2, data, size);
  return 1;
}

/* the range [i, j] as string.sub has it: a start and a length */
static size_t range (lua_State *L, const Bytearray *b, size_t *length,
                     const char *name) {
  lua_Integer size = (lua_Integer)b->size;
  lua_Integer i = lssl_optinteger(L, 2, 1, name);
  lua_Integer j = lssl_optinteger(L, 3, -1, name);
  if (i < 0)
    i = i < -size ? 1 : size + i + 1;
  else if (i == 0)
    i = 1;
  if (j < 0)
    j = j < -size ? 0 : size + j + 1;
  else if (j > size)
    j = size;
  *length = i > j ? 0 : (size_t)(j - i + 1);
  return *length == 0 ? 0 : (size_t)(i - 1);
}

/*@ bytearray:tostring([i [, j]])
** Copies bytes into a string.
** - `i`, `j` (integers): the first and the last byte, counted as for `string.sub`; all bytes
**   by default.
** Returns a string. Since: an addition.
**
** Type: fun(i?: integer, j?: integer): string
**
**     assert(ssl.bytearray("abcdef"):tostring(2, -2) == "bcde")
*/
static int bytearray_string (lua_State *L) {
  Bytearray *b = (Bytearray *)lssl_self(L, &bytearrayclass);
  size_t length, start = range(L, b, &length, ":tostring");
  lua_pushlstring(L, (const char *)b->data + start, length);
  return 1;
}

/*@ bytearray:slice([i [, j]])
** Makes a bytearray that shares a part of this bytearray's memory, as Python's `memoryview`
** does. If you change one, the other changes too.
** - `i`, `j` (integers): the first and the last byte, counted as for `string.sub`; all bytes
**   by default.
** Returns a `bytearray`. Since: Python's `memoryview`.
**
** Type: fun(i?: integer, j?: integer): bytearray
**
**     local whole = ssl.bytearray(4)
**     whole:slice(2, 3)[1] = 65
**     assert(whole:tostring() == "\0A\0\0")
*/
static int bytearray_slice (lua_State *L) {
  Bytearray *b = (Bytearray *)lssl_self(L, &bytearrayclass);
  size_t length, start = range(L, b, &length, ":slice");
  lua_getiuservalue(L, 1, 1);
  pushover(L, lua_gettop(L), b->data + start, length);
  return 1;
}

static int bytearray_length (lua_State *L) {
  Bytearray *b = (Bytearray *)lssl_self(L, &bytearrayclass);
  lua_pushinteger(L, (lua_Integer)b->size);
  return 1;
}

static int bytearray_tostring (lua_State *L) {
  Bytearray *b = (Bytearray *)lssl_self(L, &bytearrayclass);
  lua_pushfstring(L, "ssl.bytearray: %p (%I bytes)", lua_topointer(L, 1),
                  (LUAI_UACINT)b->size);
  return 1;
}

/* the byte at index 2, or NULL if there is none */
static unsigned char *element (lua_State *L) {
  Bytearray *b = (Bytearray *)lssl_testobject(L, 1, &bytearrayclass);
  int ok;
  lua_Integer i = lua_tointegerx(L, 2, &ok);
  if (b == NULL || !ok || i < 1 || (size_t)i > b->size)
    return NULL;
  return b->data + (i - 1);
}

/* upvalues: what __index and __newindex are for every class */
static int bytearray_index (lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    unsigned char *e = element(L);
    if (e == NULL)
      return 0;
    lua_pushinteger(L, *e);
    return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

static int bytearray_newindex (lua_State *L) {
  unsigned char *e = element(L);
  if (lua_type(L, 2) != LUA_TNUMBER) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
  }
  if (e == NULL)
    return lssl_valueerror(L, "bytearray index out of range");
  *e = (unsigned char)lssl_checkrange(L, 3, 0, 255, "bytearray");
  return 0;
}

const Bytearray *lssl_testbytearray (lua_State *L, int arg) {
  return (const Bytearray *)lssl_testobject(L, arg, &bytearrayclass);
}

int lssl_isbytearray (lua_State *L, int arg) {
  return lssl_testbytearray(L, arg) != NULL;
}

const unsigned char *lssl_tobytes (lua_State *L, int arg, size_t *size) {
  const Bytearray *b;
  if (lua_type(L, arg) == LUA_TSTRING)
    return (const unsigned char *)lua_tolstring(L, arg, size);
  b = lssl_testbytearray(L, arg);
  *size = b ? b->size : 0;
  return b ? b->data : NULL;
}

const unsigned char *lssl_checkbytes (lua_State *L, int arg, size_t *size,
                                      const char *name) {
  const unsigned char *data = lssl_tobytes(L, arg, size);
  if (data == NULL && !lssl_isbytearray(L, arg)) {
    lua_pushfstring(L, "a bytes-like object is required, not '%s'",
                    luaL_typename(L, arg));
    lssl_argerror(L, arg, name, lua_tostring(L, -1));
  }
  return data;
}

unsigned char *lssl_checkbuffer (lua_State *L, int arg, size_t *size,
                                 const char *name) {
  const Bytearray *b = lssl_testbytearray(L, arg);
  if (b == NULL)
    lssl_typeerror(L, arg, name, "ssl.bytearray");
  *size = b->size;
  return b->data;
}

/* nothing to free: the storage is Lua's */
static void release (void *object) {
  (void)object;
}

static const luaL_Reg methods[] = {
  {"tostring", bytearray_string},
  {"slice", bytearray_slice},
  {NULL, NULL}
};

static const Class bytearrayclass = {
  .name = "bytearray", .tname = "ssl.bytearray", .size = sizeof(Bytearray),
  .uservalues = 1, .release = release, .methods = methods,
  .call = bytearray_new, .tostring = bytearray_tostring,
  .length = bytearray_length
};

void lssl_openbytearray (lua_State *L) {
  lssl_openclass(L, &bytearrayclass);
  luaL_getmetatable(L, bytearrayclass.tname);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, bytearray_index, 1);
  lua_setfield(L, -2, "__index");
  lua_getfield(L, -1, "__newindex");
  lua_pushcclosure(L, bytearray_newindex, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pop(L, 1);
}
