/*
** receive.c - what LuaSec's connection receives: lines, all, or a number of
** bytes.
** SPDX-License-Identifier: MIT
**
** A line is looked for where OpenSSL has put the record, and a number of bytes
** of one record is made a string from there or from the scratch buffer: one
** copy. Only what comes in several pieces is gathered in a buffer, which is
** there until the call ends.
*/
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/errors.h"
#include "luasec/link.h"
#include "luasec/receive.h"
#include "luasec/told.h"

/* the least room of a buffer, and what it begins with for a large one */
#define LEAST	LSSL_RECORD
#define FIRST	(4 * LSSL_RECORD)

/* Operation's 'number': what is to be received */
enum { LINE, ALL, COUNT };

/*
** {======================================================
** Gathering
** =======================================================
*/

static void drop (Gathered *g) {
  unsigned char *data = g->data;
  memset(g, 0, sizeof *g);
  OPENSSL_free(data);
}

/* makes room for 'more' bytes; 0 without memory */
static int reserve (Gathered *g, size_t more) {
  size_t room = g->room ? g->room : LEAST;
  unsigned char *data;
  if (more > SIZE_MAX / 4 || g->size > SIZE_MAX / 4)
    return 0;
  while (room < g->size + more)
    room *= 2;
  if (room == g->room)
    return 1;
  data = (unsigned char *)OPENSSL_realloc(g->data, room);
  if (data == NULL)
    return 0;
  g->data = data;
  g->room = room;
  return 1;
}

static int add (Gathered *g, const void *data, size_t size) {
  if (!reserve(g, size))
    return 0;
  memcpy(g->data + g->size, data, size);
  g->size += size;
  return 1;
}

/* a line without its carriage returns, all of which LuaSec leaves out */
static int addline (Gathered *g, const unsigned char *line, size_t size) {
  const unsigned char *end = line + size;
  while (line < end) {
    const unsigned char *cr =
      (const unsigned char *)memchr(line, '\r', (size_t)(end - line));
    size_t n = (size_t)((cr ? cr : end) - line);
    if (!add(g, line, n))
      return 0;
    line += n + (cr != NULL);
  }
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Steps
** =======================================================
*/

/* what waits is still given out of a connection that has failed since */
static int isdead (const Conn *c) {
  return c->broken && c->text.data == NULL;
}

static Step nomemory (Conn *c) {
  return lssl_failstep(c, ENOMEM);
}

/* to the next line feed, which counts as received but is not given */
static Step line_step (Conn *c, Operation *op) {
  Link *l = (Link *)op->user;
  for (;;) {
    const unsigned char *start, *end;
    size_t size, n;
    Step s = isdead(c) ? STEP_FAILED : lssl_stepfill(c);
    if (s != STEP_DONE)
      return s;
    start = c->text.data + c->text.start;
    size = lssl_textsize(&c->text);
    end = (const unsigned char *)memchr(start, '\n', size);
    n = end ? (size_t)(end - start) : size;
    if (!addline(&l->gathered, start, n))
      return nomemory(c);
    n += (end != NULL);
    lssl_droptext(&c->text, n);
    l->received += (lua_Integer)n;
    if (end != NULL)
      return STEP_DONE;
  }
}

/* makes room for what one more read may bring of 'left' bytes */
static int reserveread (Gathered *g, size_t left) {
  if (g->room == 0 && left >= FIRST)
    return reserve(g, FIRST);
  return reserve(g, left < LSSL_RECORD ? left : LSSL_RECORD);
}

/* a read that may bring all there is to be at once */
static Step readscratch (Conn *c, Operation *op, Gathered *g, size_t *got) {
  unsigned char *scratch = c->state->scratch;
  Step s = lssl_stepread(c, scratch, op->size, got);
  if (s == STEP_DONE && *got == op->size)
    op->buffer = scratch;
  else if (s == STEP_DONE && !add(g, scratch, *got))
    return nomemory(c);
  return s;
}

static Step readgathered (Conn *c, Operation *op, Gathered *g, size_t *got) {
  size_t left = op->size - g->size;
  Step s;
  if (!reserveread(g, left))
    return nomemory(c);
  if (left > g->room - g->size)
    left = g->room - g->size;
  s = lssl_stepread(c, g->data + g->size, left, got);
  if (s == STEP_DONE)
    g->size += *got;
  return s;
}

/* until there are op->size bytes, or for ever; finished in the scratch buffer,
   which is then 'buffer', or as gathered */
static Step bytes_step (Conn *c, Operation *op) {
  Link *l = (Link *)op->user;
  Gathered *g = &l->gathered;
  while (g->size < op->size && op->buffer == NULL) {
    size_t got = 0;
    Step s = STEP_FAILED;
    if (!isdead(c))
      s = (g->size == 0 && op->size <= LSSL_RECORD)
          ? readscratch(c, op, g, &got) : readgathered(c, op, g, &got);
    if (s != STEP_DONE)
      return s;
    l->received += (lua_Integer)got;
  }
  return STEP_DONE;
}

/* no bytes at all: LuaSocket's way to ask whether there are some */
static Step nothing_step (Conn *c, Operation *op) {
  (void)op;
  return isdead(c) ? STEP_FAILED : lssl_stepfill(c);
}

/* }====================================================== */


/*
** {======================================================
** Results
** =======================================================
*/

static int pushresults (lua_State *L, double start) {
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushnumber(L, start > 0 ? (lua_Number)(lssl_now() - start) : 0);
  return 4;
}

/* pushes what was received, which is no longer kept then */
static void pushreceived (lua_State *L, Link *l, const Operation *op) {
  if (op->buffer != NULL)
    lua_pushlstring(L, (const char *)op->buffer, op->size);
  else {
    lua_pushlstring(L, (const char *)l->gathered.data, l->gathered.size);
    drop(&l->gathered);
  }
}

/*
** An orderly end ends "*a" well, if there was anything: 'done' is the prefix. What
** was received is pushed first: pushing the text may run a finalizer that reads.
*/
static int receive_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  Link *l = (Link *)op->user;
  const char *text;
  if (s == STEP_DONE || (s == STEP_EOF && op->number == ALL &&
                         l->gathered.size > op->done)) {
    pushreceived(L, l, op);
    return pushresults(L, op->start);
  }
  text = lssl_tell(L, c, s);
  pushreceived(L, l, op);
  lua_pushnil(L);
  lua_pushstring(L, text);
  lua_rotate(L, -3, 2);
  lua_pushnumber(L, (lua_Number)(lssl_now() - op->start));
  return 4;
}

/* }====================================================== */


/*
** {======================================================
** What waits already
** =======================================================
*/

/* may a call take of what waits without asking OpenSSL? */
static int isready (const Conn *c) {
  return c->text.data != NULL && !c->busy && !(c->uses & LSSL_READING);
}

/*
** Pushes the first 'size' of the bytes that wait and forgets them, and 'more'
** after them. Pushing may run a finalizer that reads, after the copy: nothing is
** touched then.
*/
static int pushwaiting (lua_State *L, Link *l, size_t size, size_t more) {
  Plaintext *text = &l->conn->text;
  const unsigned char *start = text->data + text->start;
  l->received += (lua_Integer)(size + more);
  if (size + more == lssl_textsize(text)) {
    memcpy(l->conn->state->scratch, start, size);
    start = l->conn->state->scratch;
    lssl_droptext(text, size + more);
  }
  else
    text->start += size + more;
  lua_pushlstring(L, (const char *)start, size);
  return pushresults(L, 0);
}

/* results of a line that waits as a whole; 0 if there is none, or an odd one */
static int takeline (lua_State *L, Link *l) {
  const Conn *c = l->conn;
  const unsigned char *start, *end;
  size_t size, more = 1;
  if (!isready(c))
    return 0;
  start = c->text.data + c->text.start;
  end = (const unsigned char *)memchr(start, '\n', lssl_textsize(&c->text));
  if (end == NULL)
    return 0;
  size = (size_t)(end - start);
  if (size > 0 && start[size - 1] == '\r') {
    size--;
    more++;
  }
  if (size > LSSL_RECORD || memchr(start, '\r', size) != NULL)
    return 0;
  return pushwaiting(L, l, size, more);
}

static int takebytes (lua_State *L, Link *l, size_t size) {
  if (!isready(l->conn) || size > lssl_textsize(&l->conn->text) ||
      size > LSSL_RECORD)
    return 0;
  return pushwaiting(L, l, size, 0);
}

/* }====================================================== */


/* the pattern at 2; '*size' for a number of bytes */
static int checkpattern (lua_State *L, size_t *size) {
  const char *pattern;
  *size = SIZE_MAX;
  if (lua_isnumber(L, 2)) {
    lua_Number n = lua_tonumber(L, 2);
    luaL_argcheck(L, n >= 0, 2, "invalid receive pattern");
    if (n < (lua_Number)(SIZE_MAX / 4))
      *size = (size_t)n;
    return COUNT;
  }
  pattern = luaL_optstring(L, 2, "*l");
  if (strncmp(pattern, "*l", 2) == 0)
    return LINE;
  luaL_argcheck(L, strncmp(pattern, "*a", 2) == 0, 2,
                "invalid receive pattern");
  return ALL;
}

/* after what needs no waiting; the pattern and the prefix are at 2 and 3 */
static int receive (lua_State *L, int what, size_t size, const char *prefix,
                    size_t nprefix) {
  Link *l = lssl_operand(L);
  Operation op = {0};
  op.step = (what == LINE) ? line_step : (size > 0) ? bytes_step : nothing_step;
  op.finish = receive_finish;
  op.name = "read";
  op.uses = LSSL_READING;
  op.told = 1;
  op.number = what;
  op.size = size;
  op.done = nprefix;
  op.user = l;
  lssl_checkidle(L, l->conn, LSSL_READING);
  drop(&l->gathered);  /* of a call that did not come to its end */
  if (nprefix > 0 && !add(&l->gathered, prefix, nprefix))
    return luaL_error(L, "not enough memory");
  op.start = lssl_now();
  if (!lssl_islinked(l))
    return receive_finish(L, l->conn, &op, STEP_EOF);
  return lssl_operate(L, l->conn, &op);
}

/*@ connection:receive([pattern [, prefix]])
** Receives bytes. It waits until all the bytes that you ask for have come.
** - `pattern` (string or number): `"*l"`, the default, receives a line, and returns it without
**   its line feed and without carriage returns. `"*a"` receives everything until the peer ends
**   the connection. A number receives so many bytes.
** - `prefix` (string): bytes to put in front of the result. After a call that has failed, pass
**   its third result to go on. The prefix counts in the number of bytes.
** Returns the bytes, nil, nil, and how many seconds the call took. On failure it returns nil, a
** text, the bytes that have come so far (with the prefix), and the seconds. The text is
** `"wantread"` or `"wantwrite"` if the time is up (see `settimeout`), `"closed"` at the end, or
** the reason. If the peer ends the connection without close_notify, `"*a"` fails with `"closed"`
** too: what came is the third result. Raises a string error for another pattern, and an error
** that a callback has raised. OpenSSL: `SSL_read_ex`.
**
** Type: fun(pattern?: string|number, prefix?: string): string?, string?, string?, number
**
**     peer:send("one line\r\n12345")
**     assert(conn:receive() == "one line")
**     assert(conn:receive(5) == "12345")
*/
static int link_receive (lua_State *L) {
  Link *l = lssl_selflink(L);
  size_t size, nprefix = 0;
  const char *prefix = NULL;
  int what = checkpattern(L, &size), n = 0;
  if (!lua_isnoneornil(L, 3))
    prefix = luaL_checklstring(L, 3, &nprefix);
  if (nprefix == 0 && what == LINE)
    n = takeline(L, l);
  else if (nprefix == 0 && what == COUNT)
    n = takebytes(L, l, size);
  else if (what == COUNT && nprefix >= size) {
    lua_settop(L, 3);
    return pushresults(L, 0);
  }
  return n > 0 ? n : receive(L, what, size, prefix, nprefix);
}

static const luaL_Reg methods[] = {
  {"receive", link_receive},
  {NULL, NULL}
};

void lssl_openreceive (lua_State *L) {
  lssl_addtolink(L, methods);
}
