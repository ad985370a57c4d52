/*
** memorybio.c - ssl.MemoryBIO: a queue of bytes, or of datagrams, between a program
** that moves them and an SSLObject that reads or writes them.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/outcome.h"
#include "connection/fifo.h"
#include "connection/memorybio.h"

typedef struct MemoryBIO {
  Object object;
  BIO *bio;			/* ours; SSLObjects take their own references */
} MemoryBIO;

static const Class memorybioclass;

/*@ ssl.MemoryBIO([datagrams])
** Makes an empty queue of bytes. An `SSLObject` has two of them, one in each direction: see
** `SSLContext:wrap_bio`.
** - `datagrams` (boolean): whether the queue keeps the borders of what is written into it,
**   as DTLS needs it; false by default. Each `write` then adds one datagram, and each
**   `read` takes one. An addition.
** Returns a `MemoryBIO`. Since: CPython 3.5.
**
** Type: named fun(datagrams?: boolean): MemoryBIO
**
**     local bio = ssl.MemoryBIO()
**     bio:write("abc")
**     assert(bio.pending == 3 and bio:read(2) == "ab" and bio:read() == "c")
**
**     local queue = ssl.MemoryBIO({ datagrams = true })
**     queue:write("one")
**     queue:write("two")
**     assert(queue.pending == 6 and queue:read() == "one" and queue:read() == "two")
*/
static int memorybio_new (lua_State *L) {
  MemoryBIO *m;
  int datagrams;
  lssl_arguments(L, "MemoryBIO", "datagrams");
  datagrams = lua_toboolean(L, 1);
  m = (MemoryBIO *)lssl_newobject(L, &memorybioclass);
  m->bio = lssl_newfifo(datagrams);
  if (m->bio == NULL)
    return lssl_raisememory(L);
  return 1;
}

static Fifo *self (lua_State *L) {
  MemoryBIO *m = (MemoryBIO *)lssl_self(L, &memorybioclass);
  return lssl_tofifo(m->bio);
}

/*@ MemoryBIO:read([n])
** Takes bytes from the start of the queue; of a queue of datagrams, the first datagram.
** - `n` (integer): how many bytes to take at most. It takes all if `n` is negative or nil.
**   What is left of a datagram is lost.
** Returns a string; `""` if the queue is empty. Since: CPython 3.5.
**
** Type: fun(n?: integer): string
**
**     local bio = ssl.MemoryBIO()
**     bio:write("abc")
**     assert(bio:read(2) == "ab" and bio:read() == "c" and bio:read() == "")
*/
static int memorybio_read (lua_State *L) {
  Fifo *f = self(L);
  lua_Integer n = lssl_optinteger(L, 2, -1, ":read");
  size_t size, dropped;
  do {
    const unsigned char *next = lssl_fifonext(f, &size);
    lua_settop(L, 1);
    dropped = f->dropped;
    if (n >= 0 && (lua_Unsigned)n < size)
      size = (size_t)n;
    lua_pushlstring(L, size > 0 ? (const char *)next : "", size);
  } while (f->dropped != dropped);  /* a finalizer has read from it */
  lssl_fifodrop(f, size);
  return 1;
}

/*@ MemoryBIO:write(data)
** Adds bytes at the end of the queue; to a queue of datagrams, one datagram.
** - `data` (string or bytearray): the bytes. If they are empty, nothing is added.
** Returns the number of bytes written (integer): all of them. Raises `SSLError`
** after `write_eof`. Since: CPython 3.5.
**
** Type: fun(data: string|bytearray): integer
**
**     assert(ssl.MemoryBIO():write("abc") == 3)
*/
static int memorybio_write (lua_State *L) {
  Fifo *f = self(L);
  size_t size;
  const unsigned char *data = lssl_checkbytes(L, 2, &size, ":write");
  if (f->eof)
    return lssl_sslerror(L, -1, "cannot write() after write_eof()");
  if (!lssl_fifowrite(f, data, size))
    return lssl_raisememory(L);
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

/*@ MemoryBIO:write_eof()
** Marks the end of the stream. When the queue is empty, its reader then learns that no more
** bytes will come. From now on, `write` raises `SSLError`.
** Returns nothing. Since: CPython 3.5.
**
** Type: fun()
**
**     local bio = ssl.MemoryBIO()
**     bio:write_eof()
**     assert(bio.eof)
*/
static int memorybio_writeeof (lua_State *L) {
  self(L)->eof = 1;
  return 0;
}

/*@ MemoryBIO.pending (integer, read only)
** The number of bytes that wait in the queue, in all. Since: CPython 3.5.
**
**     local bio = ssl.MemoryBIO()
**     bio:write("abc")
**     assert(bio.pending == 3)
*/
static int memorybio_pending (lua_State *L) {
  MemoryBIO *m = (MemoryBIO *)lua_touserdata(L, 1);
  Fifo *f = lssl_tofifo(m->bio);
  lua_pushinteger(L, (lua_Integer)lssl_fifopending(f));
  return 1;
}

/*@ MemoryBIO.eof (boolean, read only)
** Whether the queue is empty and `write_eof` has been called.
** Since: CPython 3.5.
**
**     local bio = ssl.MemoryBIO()
**     bio:write("abc")
**     bio:write_eof()
**     bio:read()
**     assert(bio.eof)
*/
static int memorybio_eof (lua_State *L) {
  MemoryBIO *m = (MemoryBIO *)lua_touserdata(L, 1);
  Fifo *f = lssl_tofifo(m->bio);
  lua_pushboolean(L, f->eof && f->start == f->end);
  return 1;
}

static void release (void *object) {
  MemoryBIO *m = (MemoryBIO *)object;
  BIO *bio = m->bio;
  m->bio = NULL;
  BIO_free(bio);
}

static const luaL_Reg methods[] = {
  {"read", memorybio_read},
  {"write", memorybio_write},
  {"write_eof", memorybio_writeeof},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"pending", memorybio_pending},
  {"eof", memorybio_eof},
  {NULL, NULL}
};

static const Class memorybioclass = {
  .name = "MemoryBIO", .tname = "ssl.MemoryBIO", .size = sizeof(MemoryBIO),
  .release = release, .methods = methods, .getters = getters,
  .call = memorybio_new
};

void lssl_openmemorybio (lua_State *L) {
  lssl_openclass(L, &memorybioclass);
}

BIO *lssl_checkmemorybio (lua_State *L, int arg, const char *name) {
  MemoryBIO *m = (MemoryBIO *)lssl_checkobject(L, arg, &memorybioclass, name);
  return m->bio;
}
