/*
** told.c - what LuaSec's methods say of calls that did not end well: its words,
** and LuaSocket's for what the system refused.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <string.h>

#include <openssl/err.h>

#include "base/platform.h"
#include "luasec/told.h"

/* LuaSocket's words; an end is "closed", however the system puts it */
static const char *tellsystem (const Conn *c) {
  int code = c->outcome.syserr;
  if (lssl_ispeergone(code))
    return "closed";
  switch (code) {
    case ECONNABORTED:
      return "closed";
    case EBADF: case ENOTCONN:
      return c->ended ? "closed" : strerror(code);
    case ECONNREFUSED:
      return "connection refused";
    case ETIMEDOUT:
      return "timeout";
    default:
      return strerror(code);
  }
}

/*
** An end of the stream without close_notify is an end: what LuaSec has OpenSSL
** say of it, "unexpected eof while reading", no program expects.
*/
static const char *tellfailure (const Conn *c) {
  const Outcome *o = &c->outcome;
  const char *text;
  if (lssl_isragged(o))
    return "closed";
  if (o->code == 0)
    return o->kind == SSL_ERROR_SYSCALL ? tellsystem(c) : "System error";
  text = ERR_reason_error_string(o->code);
  return text ? text : "Unknown SSL error";
}

const char *lssl_tell (lua_State *L, Conn *c, Step s) {
  switch (s) {
    case STEP_READ:
      return "wantread";
    case STEP_WRITE:
      return "wantwrite";
    case STEP_EOF:
      return "closed";
    default:
      if (lssl_isfatal(c))
        c->broken = 1;
      lssl_raisecause(L, &c->caller, 1);
      return tellfailure(c);
  }
}
