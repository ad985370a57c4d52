/*
** makefile.c - SSLSocket.makefile: a connection as a file of Lua's.
** SPDX-License-Identifier: MIT
**
** The file is a FILE of the C library whose reads and writes are ours
** (fopencookie; funopen on the BSDs and macOS). These run without Lua: they wait
** by poll, and tell their errors by errno. The userdata of the file keeps the
** connection by its user value; 'files' of the connection counts it. Where a FILE
** cannot be made of functions, lua/ssl/socket/file.lua has the method instead.
*/
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "connection/operations.h"
#include "socket/makefile.h"
#include "socket/socket.h"

#if !defined(LSSL_FOPENCOOKIE) && !defined(LSSL_FUNOPEN)

void lssl_openmakefile (lua_State *L) {
  (void)L;
}

#else

/* what a file for both directions reads at once */
#define AHEAD	4096

/* the largest buffer that may be asked for */
#define MAXBUFFER	(1 << 30)

/*
** The other end of a FILE, freed when that is closed. One for both directions
** has no buffer in the C library, which could not turn from reading to writing
** with bytes in it, but one here.
*/
typedef struct Cookie {
  Conn *c;			/* kept by the file's user value */
  int nowait;			/* the collector closes it */
  int failed;			/* errno of a write: what came of it is unknown */
  unsigned char given;		/* bytes were read */
  unsigned char lost;		/* Lua may have dropped some of them */
  size_t pos, end;		/* what waits is ahead[pos..end-1] */
  unsigned char ahead[AHEAD];
} Cookie;

/* the file, as Lua's; the cookie goes with its FILE */
typedef struct File {
  luaL_Stream stream;		/* first: Lua knows only this */
  Cookie *cookie;
  char *buffer;			/* the FILE's, if its size was asked for */
} File;

/*
** {======================================================
** The C library's side
** =======================================================
*/

/* errno for the failure of the last step; remembers that it was the end */
static int errornumber (Conn *c) {
  const Outcome *o = &c->outcome;
  int system = (o->kind == SSL_ERROR_SYSCALL && o->code == 0 && o->syserr != 0);
  switch (system ? o->syserr : 0) {
    case EAGAIN: case ETIMEDOUT: case EBUSY:
      break;
    default:
      if (lssl_isfatal(c))
        c->broken = 1;
  }
  return system ? o->syserr : EPROTO;
}

/*
** A read of Lua's that fails drops what it has of the line, the number or the
** count of bytes. Nobody may take what comes next for the whole of it: the file
** gives no more. A connection that is broken gives no more by itself.
*/
static ssize_t failread (Cookie *cookie) {
  Conn *c = cookie->c;
  errno = errornumber(c);
  if (cookie->given && !c->broken && !c->ended)
    cookie->lost = 1;
  return -1;
}

/* reads into 'data'; 0 at the end, -1 and errno on failure */
static ssize_t receive (Cookie *cookie, void *data, size_t size) {
  Conn *c = cookie->c;
  Operation op = {0};
  op.step = lssl_readstep;
  op.uses = LSSL_READING;
  op.buffer = (unsigned char *)data;
  op.size = size;
  if (cookie->lost) {
    errno = EIO;
    return -1;
  }
  switch (c->broken ? STEP_FAILED : lssl_operatequietly(c, &op, 0)) {
    case STEP_DONE:
      cookie->given = 1;
      return (ssize_t)op.done;
    case STEP_EOF:
      return 0;
    default:
      if (c->raggedeof && lssl_isragged(&c->outcome))
        return 0;
      return failread(cookie);
  }
}

/* is all written? no, where another's write has to be done first */
static int writeall (Conn *c, Operation *op, const Cookie *cookie) {
  if (c->unwritten > 0) {
    lssl_failstep(c, EBUSY);
    return 0;
  }
  if (lssl_operatequietly(c, op, cookie->nowait) == STEP_DONE)
    return 1;
  c->begun = NULL;  /* the data go with the FILE */
  return 0;
}

/* writes all of 'data', or fails with errno and 0 */
static size_t transmit (Cookie *cookie, const void *data, size_t size) {
  Conn *c = cookie->c;
  Operation op = {0};
  op.step = lssl_writestep;
  op.uses = LSSL_WRITING;
  op.data = (const unsigned char *)data;
  op.size = size;
  if (cookie->failed == 0 && !c->broken && writeall(c, &op, cookie))
    return size;
  if (cookie->failed == 0)
    cookie->failed = errornumber(c);
  errno = cookie->failed;
  return 0;
}

static ssize_t readahead (Cookie *cookie, char *data, size_t size) {
  size_t n;
  if (cookie->pos == cookie->end) {
    ssize_t got = receive(cookie, cookie->ahead, AHEAD);
    if (got <= 0)
      return got;
    cookie->pos = 0;
    cookie->end = (size_t)got;
  }
  n = cookie->end - cookie->pos;
  if (n > size)
    n = size;
  memcpy(data, cookie->ahead + cookie->pos, n);
  cookie->pos += n;
  return (ssize_t)n;
}

/*
** The C library gives back a byte that it has read (ungetc) when it turns to
** writing; there is no other seeking.
*/
static int seek (Cookie *cookie, long offset, int whence) {
  if (whence != SEEK_CUR || offset >= 0 || offset < -(long)cookie->pos) {
    errno = ESPIPE;  /* LONG_MIN has no negative */
    return -1;
  }
  cookie->pos -= (size_t)-offset;
  return 0;
}

#if defined(LSSL_FOPENCOOKIE)

static ssize_t cookie_read (void *cookie, char *data, size_t size) {
  return receive((Cookie *)cookie, data, size);
}

static ssize_t cookie_readahead (void *cookie, char *data, size_t size) {
  return readahead((Cookie *)cookie, data, size);
}

static ssize_t cookie_write (void *cookie, const char *data, size_t size) {
  return (ssize_t)transmit((Cookie *)cookie, data, size);
}

static int cookie_seek (void *cookie, off64_t *offset, int whence) {
  int result = seek((Cookie *)cookie, (long)*offset, whence);
  *offset = 0;
  return result;
}

static int cookie_close (void *cookie) {
  free(cookie);
  return 0;
}

static FILE *openfile (Cookie *cookie, int reading, int writing) {
  cookie_io_functions_t f = {cookie_read, cookie_write, cookie_seek,
                             cookie_close};
  if (reading && writing)
    f.read = cookie_readahead;
  return fopencookie(cookie, !writing ? "r" : reading ? "r+" : "w", f);
}

#else

static int cookie_read (void *cookie, char *data, int size) {
  return (int)receive((Cookie *)cookie, data, (size_t)size);
}

static int cookie_readahead (void *cookie, char *data, int size) {
  return (int)readahead((Cookie *)cookie, data, (size_t)size);
}

static int cookie_write (void *cookie, const char *data, int size) {
  size_t n = transmit((Cookie *)cookie, data, (size_t)size);
  return n == (size_t)size ? size : -1;
}

static fpos_t cookie_seek (void *cookie, fpos_t offset, int whence) {
  return seek((Cookie *)cookie, (long)offset, whence);
}

static int cookie_close (void *cookie) {
  free(cookie);
  return 0;
}

static FILE *openfile (Cookie *cookie, int reading, int writing) {
  return funopen(cookie,
                 !reading ? NULL : writing ? cookie_readahead : cookie_read,
                 writing ? cookie_write : NULL, cookie_seek, cookie_close);
}

#endif

/* }====================================================== */


/*
** {======================================================
** Lua's side
** =======================================================
*/

/* is the function in progress a finalizer, which must not wait? */
static int infinalizer (lua_State *L) {
  lua_Debug ar;
  return lua_getstack(L, 0, &ar) && lua_getinfo(L, "n", &ar) &&
         ar.name != NULL && strcmp(ar.name, "__gc") == 0;
}

/* Lua's io library calls it, once: by close, __close and __gc */
static int file_close (lua_State *L) {
  File *file = (File *)lua_touserdata(L, 1);
  Conn *c = file->cookie->c;
  int result;
  file->cookie->nowait = infinalizer(L);
  errno = 0;
  result = luaL_fileresult(L, fclose(file->stream.f) == 0, NULL);
  free(file->buffer);
  file->buffer = NULL;
  c->files--;
  if (c->files == 0 && c->closed) {
    lua_getiuservalue(L, 1, 1);
    lssl_closelate(L);
  }
  return result;
}

/* r, w and b, in any order and number */
static void checkmode (lua_State *L, const char *mode, int *reading,
                       int *writing) {
  if (mode[strspn(mode, "rwb")] != '\0')
    lssl_valueerror(L, "invalid mode '%s' (only r, w, b allowed)", mode);
  *writing = strchr(mode, 'w') != NULL;
  *reading = strchr(mode, 'r') != NULL || !*writing;
}

/* glibc asks for a buffer where it is told its size */
static void setbuffering (lua_State *L, File *file, lua_Integer buffering,
                          int both) {
  size_t size = (buffering == 1) ? BUFSIZ : (size_t)buffering;
  if (both || buffering == 0)
    setvbuf(file->stream.f, NULL, _IONBF, 0);
  else if (buffering > 0) {
    if (size <= MAXBUFFER)
      file->buffer = (char *)malloc(size);
    if (file->buffer == NULL ||
        setvbuf(file->stream.f, file->buffer, buffering == 1 ? _IOLBF : _IOFBF,
                size) != 0)
      lssl_oserror(L, ENOMEM, NULL);
  }
}

/*
** Pushes a file that is closed still, of the connection at index 1: one that
** Lua's io library knows, so that its finalizer may run at any time.
*/
static File *newfile (lua_State *L) {
  File *file = (File *)lua_newuserdatauv(L, sizeof *file, 1);
  file->stream.f = NULL;
  file->stream.closef = NULL;
  file->cookie = NULL;
  file->buffer = NULL;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TNIL)
    lssl_notimplemented(L, "makefile needs Lua's io library");
  lua_setmetatable(L, -2);
  return file;
}

/*@ SSLSocket:makefile([mode [, buffering]])
** Makes a Lua file of the connection. The file has all methods of Lua's files:
** `lines`, `read` with every format, `write`, `setvbuf`. The connection stays open
** until you have closed the connection and all its files.
** - `mode` (string): `"r"` (the default), `"w"` or `"rw"`. A `"b"` changes
**   nothing.
** - `buffering` (integer): 0 for no buffer, 1 for a buffer of one line, more for
**   the size of the buffer in bytes. By default, or if it is negative, the C
**   library chooses. A file for both directions writes without a buffer.
** Returns a file. Raises `ValueError` for another mode, and `OSError` (EBADF) after
** `close`, `detach` or `unwrap`.
**
** The file's methods report an error as those of other Lua files do: they return
** nil, a text, and the system's error number. The number is ETIMEDOUT when the
** connection's timeout is over, and EPROTO when TLS itself failed. After a failed
** read, the file gives no more data (EIO), unless it had given none before. The
** reason is that Lua drops the part that it has read of a line, a number, or a
** count of bytes. After a failed write, the file writes no more.
**
** The file waits as the connection does, but in the system alone: it never calls
** the context's `waiter`. It makes the handshake if need be, but it cannot call a
** callback. If a callback has to answer in the handshake, call `do_handshake`
** first. Since: CPython 2.6.
**
** Type: named fun(mode?: string, buffering?: integer): file*
**
**     local out <close> = peer:makefile("w")
**     out:write("one\n", "two\n"):flush()
**     local file <close> = conn:makefile("r")
**     assert(file:read("l", "l") == "one")
*/
static int socket_makefile (lua_State *L) {
  static const char name[] = ":makefile";
  Conn *c = lssl_selfsocket(L);
  int reading, writing;
  lua_Integer buffering;
  const char *mode;
  Cookie *cookie;
  File *file;
  lssl_arguments(L, name, "mode buffering");
  mode = lssl_optstring(L, 2, NULL, name);
  checkmode(L, mode ? mode : "r", &reading, &writing);
  buffering = lssl_optinteger(L, 3, -1, name);
  if (c->ended || c->closed)
    return lssl_oserror(L, EBADF, NULL);
  if (c->datagram)
    return lssl_notimplemented(L, "DTLS sends datagrams, and a file is a stream of "
                               "bytes");
  if (c->files == USHRT_MAX)
    return lssl_oserror(L, EMFILE, NULL);
  file = newfile(L);
  cookie = (Cookie *)calloc(1, sizeof *cookie);
  if (cookie != NULL)
    file->stream.f = openfile(cookie, reading, writing);
  if (file->stream.f == NULL) {
    free(cookie);
    return lssl_oserror(L, ENOMEM, NULL);
  }
  cookie->c = c;
  file->cookie = cookie;
  file->stream.closef = file_close;  /* open from now on */
  c->files++;
  setbuffering(L, file, buffering, reading && writing);
  return 1;
}

static const luaL_Reg methods[] = {
  {"makefile", socket_makefile},
  {NULL, NULL}
};

void lssl_openmakefile (lua_State *L) {
  lssl_addtosocket(L, methods, NULL, NULL);
}

/* }====================================================== */

#endif
