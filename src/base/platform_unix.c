/*
** platform_unix.c - what platform.h promises, by POSIX.
** SPDX-License-Identifier: MIT
*/
#include "base/platform.h"

#if !defined(_WIN32)

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if !defined(MSG_NOSIGNAL)  /* there SO_NOSIGPIPE is set on the socket */
#define MSG_NOSIGNAL	0
#endif

#if !defined(MSG_DONTWAIT)  /* there the descriptor never blocks */
#define MSG_DONTWAIT	0
#endif

int lssl_openplatform (void) {
  return 1;
}

/*
** {======================================================
** Sockets
** =======================================================
*/

ssize_t lssl_send (Socket fd, const void *data, size_t size) {
  ssize_t n;
  do {
    n = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  return n;
}

ssize_t lssl_recv (Socket fd, void *data, size_t size) {
  ssize_t n;
  do {
    n = recv(fd, data, size, MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  return n;
}

ssize_t lssl_recvfrom (Socket fd, void *data, size_t size,
                       struct sockaddr *address, socklen_t *length) {
  ssize_t n;
  do {
    n = recvfrom(fd, data, size, MSG_DONTWAIT, address, length);
  } while (n < 0 && errno == EINTR);
  return n;
}

ssize_t lssl_sendto (Socket fd, const void *data, size_t size,
                     const struct sockaddr *address, socklen_t length) {
  ssize_t n;
  do {
    n = sendto(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT, address, length);
  } while (n < 0 && errno == EINTR);
  return n;
}

ssize_t lssl_recvpatiently (Socket fd, void *data, size_t size) {
  return recv(fd, data, size, 0);
}

int lssl_setblocking (Socket fd, int blocking) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0)
    return -1;
  flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  return fcntl(fd, F_SETFL, flags);
}

static void stopsignals (Socket fd) {
#if defined(SO_NOSIGPIPE)
  int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#else
  (void)fd;
#endif
}

int lssl_stopblocking (Socket fd, unsigned char *restore) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0)
    return -1;
  if (!(flags & O_NONBLOCK)) {
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
      return -1;
    *restore = 1;
  }
  stopsignals(fd);
  return 0;
}

#if defined(SOCK_NONBLOCK)

static Socket acceptone (Socket fd) {
  return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

#else

static Socket acceptone (Socket fd) {
  Socket accepted = accept(fd, NULL, NULL);
  if (accepted >= 0) {
    lssl_setblocking(accepted, 0);
    fcntl(accepted, F_SETFD, FD_CLOEXEC);
  }
  return accepted;
}

#endif

Socket lssl_accept (Socket fd) {
  Socket accepted;
  do {
    accepted = acceptone(fd);
  } while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (accepted >= 0)
    stopsignals(accepted);
  return accepted;
}

#if defined(SO_REUSEPORT)

/* the most that can have come for a new socket from others before it was connected */
#define MOSTSTRAY	1000

static Socket newdatagrams (int family) {
#if defined(SOCK_NONBLOCK)
  return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  Socket fd = socket(family, SOCK_DGRAM, 0);
  if (fd >= 0) {
    lssl_setblocking(fd, 0);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return fd;
#endif
}

/* has both share the port, which only processes of the same user may */
static int shareport (Socket fd, Socket sibling) {
  int one = 1, only = 0;
  socklen_t size = sizeof only;
  if (getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) == 0)
    setsockopt(sibling, IPPROTO_IPV6, IPV6_V6ONLY, &only, size);
  return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0 &&
         setsockopt(sibling, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0;
}

/* until it was connected, the socket got its share of everybody's datagrams */
static void dropstray (Socket fd) {
  char byte;
  int i;
  for (i = 0; i < MOSTSTRAY && recv(fd, &byte, 1, MSG_DONTWAIT) >= 0; i++);
}

Socket lssl_sibling (Socket fd, const struct sockaddr *peer, socklen_t length) {
  struct sockaddr_storage own;
  socklen_t size = sizeof own;
  Socket sibling = -1;
  if (getsockname(fd, (struct sockaddr *)&own, &size) == 0)
    sibling = newdatagrams(own.ss_family);
  if (sibling < 0)
    return -1;
  stopsignals(sibling);
  if (!shareport(fd, sibling) ||
      bind(sibling, (struct sockaddr *)&own, size) < 0 ||
      connect(sibling, peer, length) < 0) {
    int code = errno;
    close(sibling);
    errno = code;
    return -1;
  }
  dropstray(sibling);
  return sibling;
}

#else

Socket lssl_sibling (Socket fd, const struct sockaddr *peer, socklen_t length) {
  (void)fd; (void)peer; (void)length;
  errno = ENOSYS;
  return -1;
}

#endif

int lssl_connect (Socket fd, const struct sockaddr *address, socklen_t size) {
  return connect(fd, address, size);
}

int lssl_bind (Socket fd, const struct sockaddr *address, socklen_t size) {
  int one = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
    return -1;
  return bind(fd, address, size);
}

int lssl_listen (Socket fd, int backlog) {
  return listen(fd, backlog);
}

int lssl_getpeername (Socket fd, struct sockaddr *address, socklen_t *size) {
  return getpeername(fd, address, size);
}

int lssl_getsockname (Socket fd, struct sockaddr *address, socklen_t *size) {
  return getsockname(fd, address, size);
}

int lssl_getsockopt (Socket fd, int level, int option, void *value,
                     socklen_t *size) {
  return getsockopt(fd, level, option, value, size);
}

int lssl_setsockopt (Socket fd, int level, int option, const void *value,
                     socklen_t size) {
  return setsockopt(fd, level, option, value, size);
}

int lssl_shutdown (Socket fd, int how) {
  return shutdown(fd, how);
}

void lssl_closesocket (Socket fd) {
  close(fd);
}

int lssl_poll (Socket fd, int writing, int milliseconds) {
  struct pollfd p;
  p.fd = fd;
  p.events = writing ? POLLOUT : POLLIN;
  p.revents = 0;
  return poll(&p, 1, milliseconds);
}

int lssl_pollmany (struct pollfd *all, size_t n, int milliseconds) {
  return poll(all, (nfds_t)n, milliseconds);
}

int lssl_ispeergone (int code) {
  return code == EPIPE || code == ECONNRESET;
}

/* }====================================================== */


/*
** {======================================================
** Files
** =======================================================
*/

#if defined(__APPLE__)
#define NANOSECONDS(s, which)	((s)->st_##which##timespec.tv_nsec)
#else
#define NANOSECONDS(s, which)	((s)->st_##which##tim.tv_nsec)
#endif

int lssl_filestate (const char *path, FileState *state) {
  struct stat s;
  if (stat(path, &s) != 0)
    return -1;
  state->kind = S_ISREG(s.st_mode) ? FILE_REGULAR
              : S_ISDIR(s.st_mode) ? FILE_DIRECTORY : FILE_OTHER;
  state->device = (uint64_t)s.st_dev;
  state->number = (uint64_t)s.st_ino;
  state->size = (uint64_t)s.st_size;
  state->modified = (int64_t)s.st_mtime;
  state->changed = (int64_t)s.st_ctime;
  state->modifiedfraction = (long)NANOSECONDS(&s, m);
  state->changedfraction = (long)NANOSECONDS(&s, c);
  return 0;
}

int lssl_openprivate (const char *path, int *empty) {
  struct stat s;
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  *empty = fd >= 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size == 0;
  return fd;
}

/* write(2), but a pipe that nobody reads any more is EPIPE and no signal */
static ssize_t writequietly (int fd, const char *data, size_t size) {
  sigset_t broken, before, pending;
  ssize_t n;
  int code, caught;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  sigpending(&pending);
  n = write(fd, data, size);
  code = errno;
  if (n < 0 && code == EPIPE && !sigismember(&pending, SIGPIPE)) {
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE))  /* not where it is ignored */
      sigwait(&broken, &caught);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = code;
  return n;
}

ssize_t lssl_readsome (int fd, char *buffer, size_t size) {
  return read(fd, buffer, size);
}

int lssl_isterminal (int fd) {
  return isatty(fd);
}

int lssl_writefile (int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t n = writequietly(fd, data, size);
    if (n < 0 && errno != EINTR)
      return errno;
    if (n > 0) {
      data += n;
      size -= (size_t)n;
    }
  }
  return 0;
}

int lssl_closefile (int fd) {
  return close(fd);
}

int lssl_createfile (const char *path, int private_) {
  mode_t mode = private_ ? 0600 : 0666;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd >= 0 && private_ && fchmod(fd, mode) != 0) {  /* it was there already */
    int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  return fd;
}

int lssl_makefolder (const char *path) {
  return mkdir(path, 0777);
}

int lssl_removefile (const char *path) {
  return remove(path);
}

int lssl_temporaryfolder (lua_State *L) {
  const char *where = getenv("TMPDIR");
  char *path;
  if (where == NULL || where[0] == '\0')
    where = "/tmp";
  lua_pushfstring(L, "%s/lua-ssl-XXXXXX", where);
  path = (char *)lua_newuserdatauv(L, lua_rawlen(L, -1) + 1, 0);
  memcpy(path, lua_tostring(L, -2), lua_rawlen(L, -2) + 1);
  if (mkdtemp(path) == NULL) {
    lua_pushstring(L, where);
    return -1;
  }
  lua_pushstring(L, path);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Time, the environment, errors
** =======================================================
*/

double lssl_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const char *variable (const char *name) {
#if defined(__linux__)
  return secure_getenv(name);
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || \
      defined(__NetBSD__) || defined(__DragonFly__)
  return issetugid() ? NULL : getenv(name);
#else
  return getenv(name);
#endif
}

const char *lssl_pushvariable (lua_State *L, const char *name) {
  return lua_pushstring(L, variable(name));
}

const char *lssl_pusherrortext (lua_State *L, int code) {
  return lua_pushstring(L, strerror(code));
}

const char *lssl_errorlabel (int code) {
  (void)code;
  return "Errno";
}

/* more than any system has */
#define MAXERRNO	1024

static int samewords (const char *a, const char *b) {
  while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
    a++;
    b++;
  }
  return *a == *b;
}

int lssl_errorof (const char *text) {
  int code;
  for (code = 1; code < MAXERRNO; code++) {
    if (samewords(text, strerror(code)))
      return code;
  }
  return 0;
}

int lssl_queuederror (int code) {
  return code;
}

/* }====================================================== */

#endif
