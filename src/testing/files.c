/*
** files.c - the files and folders that tests write keys to: what Lua's
** own library has no way to make, or not without others being able to read it.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/platform.h"
#include "testing/files.h"

/* tempfolder(): a new folder that only its owner can enter */
static int tempfolder (lua_State *L) {
  lssl_checkfile(L, "a temporary folder");
  if (lssl_temporaryfolder(L) != 0)
    return lssl_oserror(L, errno, lua_tostring(L, -1));
  return 1;
}

/* makefolder(path): one that is there already will do */
static int makefolder (lua_State *L) {
  const char *path = lssl_checkpath(L, 1, "makefolder");
  if (lssl_makefolder(path) != 0 && errno != EEXIST)
    return lssl_oserror(L, errno, path);
  return 0;
}

/* removefile(path): a file or an empty folder; whether it could be */
static int removefile (lua_State *L) {
  const char *path = lssl_checkcstring(L, 1, "removefile");
  lua_pushboolean(L, lssl_removefile(path) == 0);
  return 1;
}

/* 0 or the system's error number */
static int writefile (const char *path, const char *data, size_t size,
                      int private_) {
  int error, fd = lssl_createfile(path, private_);
  if (fd < 0)
    return errno;
  error = lssl_writefile(fd, data, size);
  if (lssl_closefile(fd) != 0 && error == 0)
    error = errno;
  return error;
}

/* writefile(path, data, private): 'private' keeps others from reading it */
static int files_write (lua_State *L) {
  size_t size;
  const char *path = lssl_checkpath(L, 1, "writefile");
  const char *data = lssl_checkstring(L, 2, &size, "writefile");
  int error = writefile(path, data, size, lua_toboolean(L, 3));
  if (error != 0)
    return lssl_oserror(L, error, path);
  return 0;
}

static const luaL_Reg functions[] = {
  {"tempfolder", tempfolder},
  {"makefolder", makefolder},
  {"removefile", removefile},
  {"writefile", files_write},
  {NULL, NULL}
};

void lssl_openissuerfiles (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
