/*
** process.c - a child process that runs a Lua function, for servers in tests:
** the client under test may block, and may be another program.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/limits.h"
#include "testing/process.h"

#if !defined(LSSL_FORK)  /* servers run in coroutines there */

void lssl_openprocess (lua_State *L) {
  (void)L;
}

#else

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

typedef struct Process {
  Object object;
  pid_t pid;	/* 0: ended */
  int fd;	/* what the child reports is read here; -1 if closed */
  unsigned char open;	/* is 'fd' one? A zeroed object has none. */
} Process;

static const Class processclass;

/*
** {======================================================
** The child
** =======================================================
*/

/*
** report(text): tells the parent, and waits until it has room for all. report(text,
** true) does not wait, and returns how many bytes went out: a server must not stand
** still because nobody reads its reports. report() returns the descriptor, to wait
** for room. Upvalue 1 is the descriptor.
*/
static int report (lua_State *L) {
  size_t size, done = 0;
  const char *text = lssl_optstring(L, 1, &size, "report");
  int waits = !lua_toboolean(L, 2);
  struct pollfd room;
  room.fd = (int)lua_tointeger(L, lua_upvalueindex(1));
  room.events = POLLOUT;
  if (text == NULL) {
    lua_pushinteger(L, room.fd);
    return 1;
  }
  while (done < size) {
    ssize_t n = write(room.fd, text + done, size - done);
    if (n > 0)
      done += (size_t)n;
    else if (errno != EINTR && errno != EAGAIN)
      return lssl_oserror(L, errno, NULL);
    else if (errno == EAGAIN && !waits)
      break;
    else if (errno == EAGAIN)
      poll(&room, 1, -1);
  }
  lua_pushinteger(L, (lua_Integer)done);
  return 1;
}

/* a folder with a name for each open descriptor */
#if defined(__linux__)
#define DESCRIPTORS	"/proc/self/fd"
#else
#define DESCRIPTORS	"/dev/fd"
#endif

/* the highest descriptor that may be open */
static int lastdescriptor (void) {
  const struct dirent *entry;
  int last = 0;
  DIR *folder = opendir(DESCRIPTORS);
  if (folder == NULL)
    return (int)sysconf(_SC_OPEN_MAX) - 1;
  while ((entry = readdir(folder)) != NULL) {
    int fd = atoi(entry->d_name);
    if (fd > last)
      last = fd;
  }
  closedir(folder);
  return last;
}

/*
** What the parent has open must not stay open here too, where its peers would
** wait for the end in vain. The numbers stay taken, by /dev/null, since finalizers
** of the parent's objects will close them. The first one is closed before that is
** opened: there may be none left.
*/
static void shutinherited (int keep, int alsokeep) {
  int fd, null = -1, last = lastdescriptor();
  for (fd = STDERR_FILENO + 1; fd <= last; fd++) {
    if (fd == keep || fd == alsokeep || fcntl(fd, F_GETFD) < 0)
      continue;
    if (null >= 0)
      dup2(null, fd);
    else {
      close(fd);
      null = open("/dev/null", O_RDWR);
      if (null >= 0 && null < fd)
        dup2(null, fd);
    }
  }
}

/* runs the function at 'index' with the one above it as argument; no return */
static void runchild (lua_State *L, int index, int listener, int fd) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  signal(SIGPIPE, SIG_IGN);
  shutinherited(listener, fd);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  lua_settop(L, index + 1);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "ssl.testing: server: %s\n", text ? text : "(an object)");
    fflush(NULL);
    _exit(1);
  }
  fflush(NULL);
  _exit(0);
}

/* }====================================================== */


/*
** {======================================================
** The parent
** =======================================================
*/

/*
** fork(f, descriptor): runs f(report) in a child that has this descriptor and
** the standard ones, and ends with it or with this process.
*/
static int process_fork (lua_State *L) {
  Process *p;
  int fds[2], listener = (int)lssl_checkrange(L, 2, 0, 1 << 30, "fork");
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lssl_checkprocess(L);
  lua_settop(L, 1);
  p = (Process *)lssl_newobject(L, &processclass);
  lua_insert(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, report, 1);
  if (pipe(fds) != 0)
    return lssl_oserror(L, errno, NULL);
  p->fd = fds[0];
  p->open = 1;
  fcntl(fds[0], F_SETFD, FD_CLOEXEC);
  lua_pushinteger(L, fds[1]);
  lua_setupvalue(L, 3, 1);
  fflush(NULL);
  p->pid = fork();
  if (p->pid == 0)
    runchild(L, 2, listener, fds[1]);
  close(fds[1]);
  if (p->pid < 0) {
    p->pid = 0;
    return lssl_oserror(L, errno, NULL);
  }
  lua_settop(L, 1);
  return 1;
}

static Process *checkprocess (lua_State *L, const char *name) {
  return (Process *)lssl_checkobject(L, 1, &processclass, name);
}

/*
** process:read(milliseconds): what the child reported; "" if nothing came in
** that time, nil if nothing will come any more
*/
static int process_read (lua_State *L) {
  Process *p = checkprocess(L, ":read");
  char buffer[1024];
  int timeout = (int)lssl_checkrange(L, 2, 0, 1 << 30, ":read");
  struct pollfd wait;
  ssize_t n;
  if (!p->open)
    return 0;
  wait.fd = p->fd;
  wait.events = POLLIN;
  wait.revents = 0;
  if (poll(&wait, 1, timeout) <= 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  n = read(p->fd, buffer, sizeof buffer);
  if (n <= 0)
    return 0;
  lua_pushlstring(L, buffer, (size_t)n);
  return 1;
}

/* A child that is killed is gone at once, so that waiting takes no time. */
static void release (void *object) {
  Process *p = (Process *)object;
  pid_t pid = p->pid;
  p->pid = 0;
  if (pid > 0) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (p->open) {
    p->open = 0;
    close(p->fd);
  }
}

static int process_close (lua_State *L) {
  release(checkprocess(L, ":close"));
  return 0;
}

static int process_pid (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)checkprocess(L, "pid")->pid);
  return 1;
}

/* }====================================================== */

static const luaL_Reg methods[] = {
  {"read", process_read},
  {"close", process_close},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"pid", process_pid},
  {NULL, NULL}
};

static const Class processclass = {
  .name = "Process", .tname = "ssl.testing.Process", .size = sizeof(Process),
  .release = release, .methods = methods, .getters = getters,
  .close = process_close
};

static const luaL_Reg functions[] = {
  {"fork", process_fork},
  {NULL, NULL}
};

void lssl_openprocess (lua_State *L) {
  lssl_openclass(L, &processclass);
  luaL_setfuncs(L, functions, 0);
}

#endif
