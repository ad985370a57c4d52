/*
** errors.c - how an error is raised: an object of one of the classes, or a
** string.
** SPDX-License-Identifier: MIT
*/
#include <stdarg.h>
#include <string.h>

#include "base/errors.h"
#include "base/state.h"

int lssl_valueerror (lua_State *L, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lssl_newerror(L, LSSL_VALUEERROR);
  return lua_error(L);
}

int lssl_notimplemented (lua_State *L, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lssl_newerror(L, LSSL_NOTIMPLEMENTED);
  return lua_error(L);
}

int lssl_timeout (lua_State *L, const char *operation) {
  lua_pushfstring(L, "The %s operation timed out", operation);
  lssl_newerror(L, LSSL_TIMEOUT);
  return lua_error(L);
}

/* pushes the system's text for 'code' and, above it, the message made of it */
static void pushmessage (lua_State *L, int code) {
  const char *text = lssl_pusherrortext(L, code);
  lua_pushfstring(L, "[%s %d] %s", lssl_errorlabel(code), code, text);
}

/* the subclass of OSError that an errno has in Python */
static ErrorKind kindof (int code) {
  switch (code) {
    case ETIMEDOUT:
      return LSSL_TIMEOUT;
    case EACCES: case EPERM:
      return LSSL_PERMISSION;
    default:
      return LSSL_OSERROR;
  }
}

/* replaces the text and the message above it by an OSError with both */
static void newoserror (lua_State *L, int code, const char *filename) {
  lssl_newerror(L, kindof(code));
  lssl_seterrno(L, code, lua_tostring(L, -2));
  lua_pushstring(L, filename);  /* NULL pushes nil */
  lua_setfield(L, -2, "filename");
  lua_remove(L, -2);
}

void lssl_pushoserror (lua_State *L, int code) {
  pushmessage(L, code);
  newoserror(L, code, NULL);
}

int lssl_oserror (lua_State *L, int code, const char *filename) {
  pushmessage(L, code);
  if (filename != NULL) {
    lua_pushfstring(L, "%s: '%s'", lua_tostring(L, -1), filename);
    lua_remove(L, -2);
  }
  newoserror(L, code, filename);
  return lua_error(L);
}

int lssl_fileerror (lua_State *L, int code, const char *filename) {
  pushmessage(L, code);
  newoserror(L, code, filename);
  return lua_error(L);
}

int lssl_stringerror (lua_State *L, const char *fmt, ...) {
  va_list ap;
  lssl_pushwhere(L);
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 2);
  return lua_error(L);
}

int lssl_argerror (lua_State *L, int arg, const char *name,
                   const char *text) {
  if (name[0] == ':') {
    if (arg == 1)
      return lssl_stringerror(L, "calling '%s' on bad self (%s)", name + 1,
                              text);
    name++;
    arg--;
  }
  return lssl_stringerror(L, "bad argument #%d to '%s' (%s)", arg, name, text);
}

int lssl_typeerror (lua_State *L, int arg, const char *name,
                    const char *expected) {
  const char *got;
  if (luaL_getmetafield(L, arg, "__name") == LUA_TSTRING)
    got = lua_tostring(L, -1);
  else if (lua_isnone(L, arg))
    got = "no value";
  else
    got = luaL_typename(L, arg);
  lua_pushfstring(L, "%s expected, got %s", expected, got);
  return lssl_argerror(L, arg, name, lua_tostring(L, -1));
}
