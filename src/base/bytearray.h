/*
** bytearray.h - ssl.bytearray, and the reading of bytes-like arguments.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_bytearray_h
#define lssl_base_bytearray_h

#include "base/class.h"

/*
** A slice points into the storage of the userdata in its user value. A
** bytearray that owns its bytes points to a plain userdata kept there too.
*/
typedef struct Bytearray {
  Object object;
  unsigned char *data;
  size_t size;
} Bytearray;

void lssl_openbytearray (lua_State *L);

/* The bytearray (or slice) at 'arg', or NULL. Never raises. */
const Bytearray *lssl_testbytearray (lua_State *L, int arg);
int lssl_isbytearray (lua_State *L, int arg);

/*
** The bytes of a string or bytearray at 'arg', or NULL if it is neither. They
** stay where they are for as long as it is on a stack. Never raises.
*/
const unsigned char *lssl_tobytes (lua_State *L, int arg, size_t *size);

/*
** The same, raising where there is no string or bytearray (no bytearray);
** 'name' as in arguments.h.
*/
const unsigned char *lssl_checkbytes (lua_State *L, int arg, size_t *size,
                                      const char *name);
unsigned char *lssl_checkbuffer (lua_State *L, int arg, size_t *size,
                                 const char *name);

#endif
