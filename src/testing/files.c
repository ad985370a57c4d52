/*
** files.c - the files and folders that tests write keys to: what Lua's
** own library has no way to make, or not without others being able to read it.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "testing/files.h"

/* tempfolder(): a new folder that only its owner can enter */
static int tempfolder (lua_State *L) {
  const char *where = getenv("TMPDIR");
  char *path;
  if (where == NULL || where[0] == '\0')
    where = "/tmp";
  lua_pushfstring(L, "%s/lua-ssl-XXXXXX", where);
  path = (char *)lua_newuserdatauv(L, lua_rawlen(L, -1) + 1, 0);
  memcpy(path, lua_tostring(L, -2), lua_rawlen(L, -2) + 1);
  if (mkdtemp(path) == NULL)
    return lssl_oserror(L, errno, where);
  lua_pushstring(L, path);
  return 1;
}

/* makefolder(path): one that is there already will do */
static int makefolder (lua_State *L) {
  const char *path = lssl_checkcstring(L, 1, "makefolder");
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return lssl_oserror(L, errno, path);
  return 0;
}

static int writeall (int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno != EINTR)
      return 0;
    if (n > 0) {
      data += n;
      size -= (size_t)n;
    }
  }
  return 1;
}

/* 0 or the system's error number */
static int writefile (const char *path, const char *data, size_t size,
                      mode_t mode) {
  int error = 0;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0)
    return errno;
  if ((mode == 0600 && fchmod(fd, mode) != 0) || !writeall(fd, data, size))
    error = errno;
  if (close(fd) != 0 && error == 0)
    error = errno;
  return error;
}

/* writefile(path, data, private): 'private' keeps others from reading it */
static int files_write (lua_State *L) {
  size_t size;
  const char *path = lssl_checkcstring(L, 1, "writefile");
  const char *data = lssl_checkstring(L, 2, &size, "writefile");
  int error = writefile(path, data, size, lua_toboolean(L, 3) ? 0600 : 0666);
  if (error != 0)
    return lssl_oserror(L, error, path);
  return 0;
}

static const luaL_Reg functions[] = {
  {"tempfolder", tempfolder},
  {"makefolder", makefolder},
  {"writefile", files_write},
  {NULL, NULL}
};

void lssl_openissuerfiles (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
