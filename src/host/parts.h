/*
** parts.h - the Lua sources of the library, as tools/embed.lua writes them.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_host_parts_h
#define lssl_host_parts_h

#include "base/common.h"

typedef struct Part {
  const char *module;		/* "ssl.base.enums"; NULL: there are no more */
  const char *file;		/* "lssl:ssl/base/enums.lua": what errors show */
  const unsigned char *text;
  size_t size;
} Part;

extern const Part lssl_parts[];

#endif
