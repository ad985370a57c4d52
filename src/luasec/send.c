/*
** send.c - what LuaSec's connection sends.
** SPDX-License-Identifier: MIT
*/
#include "connection/operations.h"
#include "luasec/link.h"
#include "luasec/send.h"
#include "luasec/told.h"

/*
** What OpenSSL is given at once: as many records as leave in one system call.
** What was given has to be given again until it is sent; a program that sends
** what is left of its string does that.
*/
#define PART	(4 * LSSL_RECORD)

/* all of 'data', of which 'done' bytes are sent */
static Step send_step (Conn *c, Operation *op) {
  while (op->done < op->size) {
    size_t left = op->size - op->done, part = left < PART ? left : PART;
    Step s = STEP_FAILED;
    if (!c->broken)
      s = lssl_stepwrite(c, op->data + op->done, part);
    if (s != STEP_DONE)
      return s;
    op->done += part;
  }
  return STEP_DONE;
}

/* pushes the index of the last byte sent of the string at 3 */
static void pushlast (lua_State *L, const Operation *op) {
  const char *string = lua_tostring(L, 3);
  const char *end = (const char *)op->data + op->done;
  lua_pushinteger(L, (lua_Integer)(end - string));
}

static int send_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  Link *l = (Link *)op->user;
  lssl_dropdata(L, c);
  l->sent += (lua_Integer)op->done;
  if (s != STEP_DONE) {
    const char *text = lssl_tell(L, c, s);
    lua_pushnil(L);
    lua_pushstring(L, text);
    pushlast(L, op);
  }
  else {
    pushlast(L, op);
    lua_pushnil(L);
    lua_pushnil(L);
  }
  lua_pushnumber(L, (lua_Number)(lssl_now() - op->start));
  return 4;
}

/* the index at 'arg', of 'size' bytes; a negative one counts from the end */
static lua_Integer checkindex (lua_State *L, int arg, lua_Integer size,
                               lua_Integer otherwise) {
  lua_Integer i = lssl_optwhole(L, arg, otherwise);
  return i >= 0 ? i : i < -size ? 0 : size + i + 1;
}

/*@ connection:send(data [, i [, j]])
** Sends a string, or the part of it from byte `i` to byte `j`.
** - `data` (string or number): the bytes.
** - `i`, `j` (numbers): the first and the last byte; 1 and -1 by default. A negative number
**   counts from the end, as in `string.sub`.
** Returns the index of the last byte sent, nil, nil, and how many seconds the call took. On
** failure it returns nil, a text, the index of the last byte that was sent, and the seconds.
** After `"wantread"` and `"wantwrite"`, send the bytes behind that index. If you send other
** bytes, `send` fails with `"bad write retry"`; if you send fewer, with `"bad length"`. Raises a
** string error for another type, and an error that a callback has raised. OpenSSL:
** `SSL_write_ex`.
**
** Type: fun(data: string|number, i?: integer, j?: integer): integer?, string?, integer?, number
**
**     assert(conn:send("hello") == 5)
**     assert(conn:send("hello", 2, 3) == 3)
*/
static int link_send (lua_State *L) {
  size_t size;
  const char *data;
  lua_Integer first, last;
  Operation op = {0};
  Link *l = lssl_selflink(L);
  data = luaL_checklstring(L, 2, &size);
  first = checkindex(L, 3, (lua_Integer)size, 1);
  last = checkindex(L, 4, (lua_Integer)size, -1);
  if (first < 1)
    first = 1;
  if (last > (lua_Integer)size)
    last = (lua_Integer)size;
  lua_settop(L, 2);
  lssl_operand(L);
  op.data = (const unsigned char *)data + (first - 1);
  op.start = lssl_now();
  op.user = l;
  if (first > last)
    return send_finish(L, l->conn, &op, STEP_DONE);
  if (!lssl_islinked(l))
    return send_finish(L, l->conn, &op, STEP_EOF);
  op.step = send_step;
  op.pause = lssl_keepdata;
  op.number = 3;
  op.finish = send_finish;
  op.name = "write";
  op.uses = LSSL_WRITING;
  op.told = 1;
  op.size = (size_t)(last - first + 1);
  return lssl_operate(L, l->conn, &op);
}

static const luaL_Reg methods[] = {
  {"send", link_send},
  {NULL, NULL}
};

void lssl_opensend (lua_State *L) {
  lssl_addtolink(L, methods);
}
