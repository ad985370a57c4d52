/*
** arguments.c - Python's calling conventions in Lua, and readers of arguments.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/limits.h"

/*
** {======================================================
** By position and by name
** =======================================================
*/

/* the most parameters a function has */
#define MAXPARAMETERS	16

typedef struct Parameter {
  const char *name;
  size_t len;
  int table;  /* takes a table */
} Parameter;

/* how many: all that a call without names needs to know */
static int count (const char *text) {
  int n = (*text != '\0');
  while (*text != '\0')
    n += (*text++ == ' ');
  return n;
}

static int parse (const char *text, Parameter *list) {
  int n = 0;
  while (*text != '\0') {
    Parameter *p = &list[n++];
    p->name = text;
    p->len = strcspn(text, " *");
    text += p->len;
    p->table = (*text == '*');
    text += strspn(text, " *");
  }
  return n;
}

int lssl_isplain (lua_State *L, int arg) {
  if (!lua_istable(L, arg))
    return 0;
  if (!lua_getmetatable(L, arg))
    return 1;
  lua_pop(L, 1);
  return 0;
}

/* the parameter that the string at 'key' names, from 0; -1 if none */
static int lookup (lua_State *L, int key, const Parameter *list, int n) {
  size_t len;
  const char *name;
  if (lua_type(L, key) != LUA_TSTRING)
    return -1;
  name = lua_tolstring(L, key, &len);
  while (--n >= 0) {
    if (list[n].len == len && memcmp(list[n].name, name, len) == 0)
      break;
  }
  return n;
}

/*
** Moves what the table at 'options' names to its places from 'first' on;
** 'given' is where the caller had it.
*/
static void spread (lua_State *L, const char *name, int options, int given,
                    int first, const Parameter *list, int n) {
  lua_pushnil(L);
  while (lua_next(L, options)) {
    int i = lookup(L, -2, list, n);
    const char *problem = NULL;
    if (i < 0)
      problem = "unexpected keyword argument '%s'";
    else if (!lua_isnil(L, first + i))
      problem = "multiple values for argument '%s'";
    if (problem != NULL) {
      lua_pushfstring(L, problem, luaL_tolstring(L, -2, NULL));
      lssl_argerror(L, given, name, lua_tostring(L, -1));
    }
    lua_replace(L, first + i);
  }
}

/* those named by the plain table at 'last', the last argument, if it is that */
static int named (lua_State *L, const char *name, const char *parameters,
                  int first, int last) {
  Parameter list[MAXPARAMETERS];
  int n = parse(parameters, list), options = last;
  if (last != first + n && list[last - first].table)
    return 0;
  lua_settop(L, last);
  for (; options < first + n; options++) {
    lua_pushnil(L);
    lua_insert(L, options);
  }
  spread(L, name, options, last, first, list, n);
  return 1;
}

void lssl_arguments (lua_State *L, const char *name, const char *parameters) {
  int n = count(parameters);
  int first = (name[0] == ':') ? 2 : 1;
  int last = lua_gettop(L);  /* where the last argument is */
  while (last >= first && lua_isnil(L, last))
    last--;
  luaL_checkstack(L, n + 4, name);
  if (!(last >= first && last <= first + n && lssl_isplain(L, last) &&
        named(L, name, parameters, first, last)) && last >= first + n) {
    lua_pushfstring(L, "takes at most %d arguments, got %d", n,
                    last - first + 1);
    lssl_argerror(L, first + n, name, lua_tostring(L, -1));
  }
  lua_settop(L, first + n - 1);
}

/* }====================================================== */


/*
** {======================================================
** Readers
** =======================================================
*/

/* the integer at 'arg'; 'ok' tells whether it is one */
static lua_Integer tointeger (lua_State *L, int arg, int *ok) {
  *ok = 0;
  if (lua_type(L, arg) != LUA_TNUMBER)
    return 0;
  return lua_tointegerx(L, arg, ok);
}

lua_Integer lssl_checkinteger (lua_State *L, int arg, const char *name) {
  int ok;
  lua_Integer i = tointeger(L, arg, &ok);
  if (!ok) {
    if (lua_type(L, arg) == LUA_TNUMBER)
      lssl_argerror(L, arg, name, "number has no integer representation");
    lssl_typeerror(L, arg, name, "integer");
  }
  return i;
}

lua_Integer lssl_optinteger (lua_State *L, int arg, lua_Integer def,
                             const char *name) {
  return lua_isnoneornil(L, arg) ? def : lssl_checkinteger(L, arg, name);
}

lua_Integer lssl_checkrange (lua_State *L, int arg, lua_Integer least,
                             lua_Integer most, const char *name) {
  lua_Integer i = lssl_checkinteger(L, arg, name);
  if (i < least || i > most)
    lssl_valueerror(L, "%s: %I is not between %I and %I",
                    name + (name[0] == ':'), (LUAI_UACINT)i,
                    (LUAI_UACINT)least, (LUAI_UACINT)most);
  return i;
}

size_t lssl_checksize (lua_State *L, int arg, const char *name) {
  lua_Integer i = lssl_checkinteger(L, arg, name);
  if (i < 0)
    lssl_valueerror(L, "%s: negative size %I", name + (name[0] == ':'),
                    (LUAI_UACINT)i);
#if LUA_MAXINTEGER > SIZE_MAX
  if (i > (lua_Integer)SIZE_MAX)
    i = (lua_Integer)SIZE_MAX;
#endif
  return (size_t)i;
}

lua_Number lssl_checknumber (lua_State *L, int arg, const char *name) {
  if (lua_type(L, arg) != LUA_TNUMBER)
    lssl_typeerror(L, arg, name, "number");
  return lua_tonumber(L, arg);
}

const char *lssl_checkstring (lua_State *L, int arg, size_t *len,
                              const char *name) {
  if (lua_type(L, arg) != LUA_TSTRING)
    lssl_typeerror(L, arg, name, "string");
  return lua_tolstring(L, arg, len);
}

const char *lssl_optstring (lua_State *L, int arg, size_t *len,
                            const char *name) {
  if (len != NULL)
    *len = 0;
  return lua_isnoneornil(L, arg) ? NULL : lssl_checkstring(L, arg, len, name);
}

const char *lssl_checkcstring (lua_State *L, int arg, const char *name) {
  size_t len;
  const char *s = lssl_checkstring(L, arg, &len, name);
  if (strlen(s) != len)
    lssl_valueerror(L, "embedded null byte");
  return s;
}

const char *lssl_checkpath (lua_State *L, int arg, const char *name) {
  const char *path = lssl_checkcstring(L, arg, name);
  lssl_checkfile(L, path);
  return path;
}

const char *lssl_optpath (lua_State *L, int arg, const char *what,
                          const char *name) {
  if (lua_isnoneornil(L, arg))
    return NULL;
  if (lua_type(L, arg) != LUA_TSTRING) {
    lua_pushfstring(L, "%s should be a valid filesystem path", what);
    lssl_argerror(L, arg, name, lua_tostring(L, -1));
  }
  return lssl_checkpath(L, arg, name);
}

int lssl_iscallable (lua_State *L, int arg) {
  if (lua_isfunction(L, arg))
    return 1;
  if (luaL_getmetafield(L, arg, "__call") == LUA_TNIL)
    return 0;
  lua_pop(L, 1);
  return 1;
}

int lssl_toint (lua_State *L, size_t size) {
  if (size > INT_MAX)
    lssl_valueerror(L, "longer than %d bytes", INT_MAX);
  return (int)size;
}

int lssl_valuetypeerror (lua_State *L, const char *attribute,
                         const char *text) {
  return lssl_stringerror(L, "bad value for '%s' (%s)", attribute, text);
}

lua_Integer lssl_checkvalueinteger (lua_State *L, const char *attribute) {
  int ok;
  lua_Integer i = tointeger(L, 3, &ok);
  if (!ok) {
    lua_pushfstring(L, "integer expected, got %s", luaL_typename(L, 3));
    lssl_valuetypeerror(L, attribute, lua_tostring(L, -1));
  }
  return i;
}

/* }====================================================== */
