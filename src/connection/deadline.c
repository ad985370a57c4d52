/*
** deadline.c - the time limit of a call.
** SPDX-License-Identifier: MIT
*/
#include <limits.h>
#include <math.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "connection/deadline.h"
#include "connection/dtls.h"

lua_Number lssl_deadline (const Conn *c, const Operation *op) {
  double since = c->caller.patience.since;
  if (op->limit <= 0 && (c->timeout < 0 || op->block))
    return -1;
  return (lua_Number)(since > 0 ? since : lssl_now()) +
         (op->limit > 0 ? op->limit - 1 : c->timeout);
}

lua_Number lssl_remaining (lua_Number end) {
  lua_Number left;
  if (end < 0)
    return -1;
  left = end - (lua_Number)lssl_now();
  return left > 0 ? left : 0;
}

lua_Number lssl_onewait (const Conn *c, lua_Number end, int *timer) {
  lua_Number left = lssl_remaining(end), resend = -1;
  if (c->datagram && c->ssl != NULL)
    resend = (lua_Number)lssl_timeleft(c->ssl);
  *timer = (resend >= 0 && (left < 0 || resend < left));
  return *timer ? resend : left;
}

/* rounded up, so that poll does not wake before the time */
int lssl_milliseconds (lua_Number seconds) {
  lua_Number ms = ceil((double)seconds * 1000);
  if (seconds < 0)
    return -1;
  return ms < INT_MAX ? (int)ms : INT_MAX;
}

lua_Number lssl_checktimeout (lua_State *L, int arg, const char *name) {
  lua_Number t;
  if (lua_isnoneornil(L, arg))
    return -1;
  t = lssl_checknumber(L, arg, name);
  if (t != t)
    lssl_valueerror(L, "Invalid value NaN (not a number)");
  if (t < 0)
    lssl_valueerror(L, "Timeout value out of range");
  return t;
}

void lssl_pushtimeout (lua_State *L, lua_Number timeout) {
  if (timeout < 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, timeout);
}
