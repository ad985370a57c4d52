/*
** operations.c - the handshake, reading, writing and the orderly end, as operations.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "connection/dtls.h"
#include "connection/operations.h"
#include "connection/wait.h"

/* where a write has its data on the stack */
#define DATA	2

/*
** {======================================================
** Handshake
** =======================================================
*/

static Step handshake_step (Conn *c, Operation *op) {
  (void)op;
  return lssl_stephandshake(c);
}

static int handshake_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  return s == STEP_DONE ? 0 : lssl_raisefailure(L, c);
}

static int handshake (lua_State *L, Conn *c, unsigned char block) {
  Operation op = {0};
  op.block = block;
  lssl_checkbroken(L, c);
  op.step = handshake_step;
  op.finish = handshake_finish;
  op.name = "handshake";
  op.uses = LSSL_READING | LSSL_WRITING;
  return lssl_operate(L, c, &op);
}

int lssl_handshake (lua_State *L, Conn *c) {
  return handshake(L, c, 0);
}

int lssl_blockinghandshake (lua_State *L, Conn *c) {
  return handshake(L, c, 1);
}

/* }====================================================== */


/*
** {======================================================
** Reading
** =======================================================
*/

Step lssl_readstep (Conn *c, Operation *op) {
  unsigned char *buffer = op->buffer;
  size_t size = op->size;
  if (buffer == NULL) {
    buffer = c->state->scratch;
    if (size > sizeof c->state->scratch)
      size = sizeof c->state->scratch;
  }
  return lssl_stepread(c, buffer, size, &op->done);
}

/* is this the end of the stream? raises if it is a failure */
static int isend (lua_State *L, Conn *c, Step s) {
  if (s == STEP_EOF) {
    if (SSL_get_shutdown(c->ssl) == SSL_RECEIVED_SHUTDOWN || c->halfclosed)
      return 1;
  }
  else if (c->raggedeof && lssl_isragged(&c->outcome))
    return 1;
  lssl_raisefailure(L, c);
  return 0;
}

static int string_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s == STEP_DONE)
    lua_pushlstring(L, (const char *)c->state->scratch, op->done);
  else if (isend(L, c, s))
    lua_pushnil(L);
  return 1;
}

/* a whole datagram, of which the rest would otherwise pass for the next one */
static Step datagram_step (Conn *c, Operation *op) {
  return lssl_stepread(c, c->state->scratch, sizeof c->state->scratch,
                       &op->done);
}

/* adds the size of a datagram that did not fit; returns the number of results */
static int addsize (lua_State *L, const Operation *op) {
  if (op->done <= op->size)
    return 1;
  lua_pushinteger(L, (lua_Integer)op->done);
  return 2;
}

static int datagram_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s != STEP_DONE)
    return string_finish(L, c, op, s);
  lua_pushlstring(L, (const char *)c->state->scratch,
                  op->done < op->size ? op->done : op->size);
  return addsize(L, op);
}

static int into_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  if (s == STEP_DONE)
    lua_pushinteger(L, (lua_Integer)op->done);
  else if (isend(L, c, s))
    lua_pushinteger(L, 0);
  return 1;
}

static int datagraminto_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  size_t size = op->done < op->size ? op->done : op->size;
  if (s != STEP_DONE)
    return into_finish(L, c, op, s);
  memcpy(op->buffer, c->state->scratch, size);
  lua_pushinteger(L, (lua_Integer)size);
  return addsize(L, op);
}

size_t lssl_optreadsize (lua_State *L, const Conn *c, int arg,
                         const char *name, const char *negative) {
  lua_Integer size = lssl_optinteger(L, arg, c->datagram ? LSSL_RECORD : 1024,
                                     name);
  if (size < 0)
    lssl_valueerror(L, "%s", negative);
  return (size_t)size;
}

static void startread (lua_State *L, Conn *c, Operation *op) {
  if (c->broken && !(c->raggedeof && lssl_isragged(&c->outcome)))
    lssl_checkbroken(L, c);
  op->step = lssl_readstep;
  op->name = "read";
  op->uses = LSSL_READING;
}

/*
** The number of bytes, up to 'size', that may be taken without asking OpenSSL.
** All that an operation checks is checked here.
*/
static size_t readytext (const Conn *c, size_t size) {
  size_t n;
  if (c->text.data == NULL || c->broken || c->busy || (c->uses & LSSL_READING))
    return 0;
  n = lssl_textsize(&c->text);
  return n < size ? n : size;
}

static int readstring (lua_State *L, Conn *c, size_t size) {
  Operation op = {0};
  startread(L, c, &op);
  if (size == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (c->datagram)
    op.step = datagram_step;
  op.finish = c->datagram ? datagram_finish : string_finish;
  op.size = size;
  return lssl_operate(L, c, &op);
}

/* what waits is taken first: pushing may run a finalizer that reads */
int lssl_readstring (lua_State *L, Conn *c, size_t size) {
  size_t ready = readytext(c, size < LSSL_RECORD ? size : LSSL_RECORD);
  if (ready == 0)
    return readstring(L, c, size);
  ready = lssl_taketext(&c->text, c->state->scratch, ready);
  lua_pushlstring(L, (const char *)c->state->scratch, ready);
  return 1;
}

static Step peek_step (Conn *c, Operation *op) {
  size_t size = op->size;
  if (size > sizeof c->state->scratch)
    size = sizeof c->state->scratch;
  return lssl_steppeek(c, c->state->scratch, size, &op->done);
}

int lssl_peekstring (lua_State *L, Conn *c, size_t size) {
  Operation op = {0};
  startread(L, c, &op);
  if (size == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  op.step = peek_step;
  op.finish = string_finish;
  op.size = size;
  return lssl_operate(L, c, &op);
}

static int readinto (lua_State *L, Conn *c, unsigned char *buffer,
                     size_t size) {
  Operation op = {0};
  startread(L, c, &op);
  if (size == 0) {
    lua_pushinteger(L, 0);
    return 1;
  }
  if (c->datagram)
    op.step = datagram_step;
  op.finish = c->datagram ? datagraminto_finish : into_finish;
  op.buffer = buffer;
  op.size = size;
  return lssl_operate(L, c, &op);
}

int lssl_readinto (lua_State *L, Conn *c, unsigned char *buffer, size_t size) {
  size_t ready = readytext(c, size);
  if (ready == 0)
    return readinto(L, c, buffer, size);
  lua_pushinteger(L, (lua_Integer)lssl_taketext(&c->text, buffer, ready));
  return 1;
}

int lssl_readmethod (lua_State *L, Conn *c) {
  lua_Integer n;
  unsigned char *buffer;
  size_t size;
  if (lua_isnoneornil(L, 3))
    return lssl_readstring(L, c, lssl_optreadsize(L, c, 2, ":read",
                                   "size should not be negative"));
  n = lssl_optinteger(L, 2, c->datagram ? LSSL_RECORD : 1024, ":read");
  buffer = lssl_checkbuffer(L, 3, &size, ":read");
  if (n > 0 && (lua_Unsigned)n < size)
    size = (size_t)n;
  return lssl_readinto(L, c, buffer, size);
}

/* }====================================================== */


/*
** {======================================================
** Writing
** =======================================================
*/

/* a bytearray may change meanwhile, hence the copy */
void lssl_keepdata (lua_State *L, Conn *c, Operation *op) {
  if (!c->issocket && c->unwritten == 0)  /* a MemoryBIO takes everything */
    return;
  if (lua_type(L, op->number) == LUA_TSTRING)
    lua_pushvalue(L, op->number);
  else {
    c->begun = NULL;  /* if there is no memory for it */
    op->data = (const unsigned char *)
               lua_pushlstring(L, (const char *)op->data, op->size);
    c->begun = op->data;
  }
  lua_setiuservalue(L, 1, LSSL_UVWRITING);
  c->kept = 1;
}

void lssl_dropdata (lua_State *L, Conn *c) {
  if (c->kept && c->unwritten == 0) {
    c->kept = 0;
    lua_pushnil(L);
    lua_setiuservalue(L, 1, LSSL_UVWRITING);
  }
}

int lssl_refusedata (lua_State *L, const Conn *c, int reason) {
  size_t sent = lssl_sentsofar(c);
  lua_pushfstring(L, "%I of the %I bytes of an earlier write were sent; write "
                  "the same bytes again to send the rest, before anything else",
                  (LUAI_UACINT)sent, (LUAI_UACINT)c->unwritten);
  return lssl_raiseunsent(L, reason, sent);
}

int lssl_isunfinished (const Conn *c) {
  return c->unwritten > 0 && !c->busy && !(c->uses & LSSL_WRITING);
}

static void checkretry (lua_State *L, const Conn *c, const void *data,
                        size_t size) {
  if (size < c->unwritten)
    lssl_refusedata(L, c, SSL_R_BAD_LENGTH);
  if (!lssl_isretry(c, data, size))
    lssl_refusedata(L, c, SSL_R_BAD_WRITE_RETRY);
}

Step lssl_writestep (Conn *c, Operation *op) {
  return lssl_stepwrite(c, op->data, op->size);
}

static int write_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  lssl_dropdata(L, c);
  if (s != STEP_DONE)
    return lssl_raisefailure(L, c);
  lua_pushinteger(L, (lua_Integer)op->size);
  return 1;
}

static int writeall_finish (lua_State *L, Conn *c, Operation *op, Step s) {
  (void)op;
  lssl_dropdata(L, c);
  return s == STEP_DONE ? 0 : lssl_raisefailure(L, c);
}

/* a datagram that is too large is refused as a whole */
static void checkroom (lua_State *L, const Conn *c, size_t size) {
  size_t room = LSSL_RECORD;
  if (c->ssl != NULL && SSL_is_init_finished(c->ssl))
    room = lssl_roomfordata(c->ssl, c->mtu);
  if (size > room)
    lssl_valueerror(L, "%I bytes are more than the %I that fit into one datagram "
                    "of %d bytes (mtu)", (LUAI_UACINT)size, (LUAI_UACINT)room,
                    (int)c->mtu);
}

static void startwrite (lua_State *L, Conn *c, Operation *op,
                        const unsigned char *data, size_t size) {
  lssl_checkbroken(L, c);
  if (c->datagram)
    checkroom(L, c, size);
  if (size > 0 && lssl_isunfinished(c))
    checkretry(L, c, data, size);
  op->step = lssl_writestep;
  op->pause = lssl_keepdata;
  op->number = DATA;
  op->name = "write";
  op->uses = LSSL_WRITING;
  op->data = data;
  op->size = size;
}

int lssl_write (lua_State *L, Conn *c, const unsigned char *data,
                size_t size) {
  Operation op = {0};
  startwrite(L, c, &op, data, size);
  if (size == 0) {
    lua_pushinteger(L, 0);
    return 1;
  }
  op.finish = write_finish;
  return lssl_operate(L, c, &op);
}

int lssl_writeall (lua_State *L, Conn *c, const unsigned char *data,
                   size_t size) {
  Operation op = {0};
  startwrite(L, c, &op, data, size);
  if (size == 0)
    return 0;
  op.finish = writeall_finish;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** The key for writing
** =======================================================
*/

static Step keyupdate_step (Conn *c, Operation *op) {
  return lssl_stepkeyupdate(c, &op->number);
}

int lssl_keyupdate (lua_State *L, Conn *c, int request) {
  Operation op = {0};
  startwrite(L, c, &op, NULL, 0);
  op.number = request ? SSL_KEY_UPDATE_REQUESTED
                      : SSL_KEY_UPDATE_NOT_REQUESTED;
  op.step = keyupdate_step;
  op.finish = writeall_finish;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */


/*
** {======================================================
** The orderly end
** =======================================================
*/

static Step closenotify_step (Conn *c, Operation *op) {
  (void)op;
  return lssl_stepclosenotify(c);
}

int lssl_closenotify (lua_State *L, Conn *c) {
  Operation op = {0};
  startwrite(L, c, &op, NULL, 0);
  op.step = closenotify_step;
  op.finish = writeall_finish;
  return lssl_operate(L, c, &op);
}

static Step unwrap_step (Conn *c, Operation *op) {
  return lssl_stepshutdown(c, &op->number);
}

int lssl_unwrap (lua_State *L, Conn *c, Finish finish) {
  Operation op = {0};
  lssl_checkbroken(L, c);
  if (lssl_isunfinished(c))  /* to the peer its half would be the whole */
    lssl_refusedata(L, c, SSL_R_BAD_WRITE_RETRY);
  op.step = unwrap_step;
  op.finish = finish;
  op.name = "read";
  op.uses = LSSL_READING | LSSL_WRITING;
  return lssl_operate(L, c, &op);
}

/* }====================================================== */
