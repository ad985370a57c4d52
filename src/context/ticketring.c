/*
** ticketring.c - ssl.TicketRing: ticket keys from a secret and the clock.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/ringsecret.h"
#include "context/ticketring.h"

/* user values of the object */
enum {
  UVSOURCE = 1,			/* the function, or the file's path; nil: none */
  UVCLOCK,
  RINGVALUES = UVCLOCK
};

/* in seconds; and periods that still count: each needs a key for each secret */
#define PERIOD	(12 * 3600)
#define KEEP	3
#define MAXPERIOD	(366 * 24 * 3600)
#define MAXKEEP	100

typedef struct TicketRing {
  Object object;
  Ring *ring;			/* a reference */
} TicketRing;

static const Class ringclass;

static Ring *self (lua_State *L) {
  return ((TicketRing *)lssl_self(L, &ringclass))->ring;
}

/* for the getters */
static Ring *attribute (lua_State *L) {
  return ((TicketRing *)lua_touserdata(L, 1))->ring;
}

Ring *lssl_toring (lua_State *L, int arg) {
  TicketRing *r = (TicketRing *)lssl_testobject(L, arg, &ringclass);
  return r ? r->ring : NULL;
}

void lssl_tellring (lua_State *L, int arg) {
  Ring *ring = lssl_toring(L, arg);
  lua_Number now;
  if (ring == NULL || !ring->tickets.clocked)
    return;
  lua_getiuservalue(L, arg, UVCLOCK);
  lua_call(L, 0, 1);
  now = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  if (!(now >= 0 && now < 1e12))
    lssl_stringerror(L, "bad return value from 'clock' (the seconds since "
                     "1970 are required)");
  ring->now = (Moment)now;
  lua_pop(L, 1);
}

/*
** {======================================================
** Making one
** =======================================================
*/

/* pushes a TicketRing without secrets */
static Ring *newring (lua_State *L, Moment period, Moment keep, Moment skew) {
  TicketRing *r = (TicketRing *)lssl_newobject(L, &ringclass);
  lssl_clearerrors();
  r->ring = lssl_newring(period, keep, skew);
  if (r->ring == NULL)
    lssl_raisequeue(L, NULL);
  return r->ring;
}

static lua_Integer optrange (lua_State *L, int arg, lua_Integer def,
                             lua_Integer least, lua_Integer most,
                             const char *what) {
  lua_Integer n = lssl_optinteger(L, arg, def, "ticket_ring");
  if (n < least || n > most)
    lssl_valueerror(L, "%s must be from %I to %I, not %I", what,
      (LUAI_UACINT)least, (LUAI_UACINT)most, (LUAI_UACINT)n);
  return n;
}

/* keeps where the secrets of the ring at 'ring' come from, if they can be had anew */
static void setsource (lua_State *L, int ring, int secret, int file) {
  if (!lua_isnil(L, file))
    lua_pushvalue(L, file);
  else if (!lua_istable(L, secret) && lssl_iscallable(L, secret))
    lua_pushvalue(L, secret);
  else
    lua_pushnil(L);
  lua_setiuservalue(L, ring, UVSOURCE);
}

static void setclock (lua_State *L, Ring *r, int ring, int clock) {
  if (lua_isnil(L, clock))
    return;
  if (!lssl_iscallable(L, clock))
    lssl_typeerror(L, clock, "ticket_ring", "function");
  lua_pushvalue(L, clock);
  lua_setiuservalue(L, ring, UVCLOCK);
  r->tickets.clocked = 1;
}

/*@ ssl.ticket_ring([secret [, secretfile [, period [, keep [, skew [, clock]]]]]])
** Makes a ring of ticket keys, for `SSLContext:set_ticket_keys`. The keys come from a secret
** and the clock: every process and every machine that has the secret has the same keys, and
** resumes the sessions of all others. Nobody has to distribute keys or write them anywhere.
**
** Time is divided into periods, each with a key of its own. The key of the present period
** encrypts. The keys of the periods before it decrypt, and so does the key of the next one,
** shortly before that begins, since the clock of another machine may be ahead.
** - `secret`: at least 32 random bytes (string or bytearray), for example from
**   `ssl.RAND_bytes(48)`; or an array of them; or a function that returns one of these. The
**   first secret encrypts, all decrypt, at most 8. To change the secret of many machines
**   without losing a session, first give all of them `{old, new}`, then `{new, old}`.
** - `secretfile` (string): in place of `secret`, the path of a file that has a secret of at
**   least 32 characters in each line, such as `openssl rand -base64 48` prints.
** - `period` (integer): the seconds for which a key encrypts; 12 hours by default.
** - `keep` (integer): how many periods before the present one count; 3 by default.
** - `skew` (integer): the seconds by which the clocks of two machines may differ, at most
**   half a period; a tenth of a period by default.
** - `clock` (function): returns the seconds since 1970, for tests; the system's clock by
**   default. It is called when a connection is made.
** Returns an `ssl.TicketRing`. Machines that share sessions need the same secret and the same
** `period`. Raises `ValueError` for a secret that is too short, or is one byte repeated, and for
** numbers that are out of range; `OSError` if the file cannot be read.
**
** Whoever has the secret can compute the keys of all periods, past and future, and read what
** the tickets hold: change it, too. See `docs/fleet.md`. OpenSSL: `EVP_KDF-HKDF`; RFC 5869.
** Since: an addition.
** Type: named fun(secret?: Secret|Secret[]|(fun(): Secret|Secret[]), secretfile?: string,
**   period?: integer, keep?: integer, skew?: integer, clock?: fun(): number): TicketRing
** Type: Secret = string|bytearray
**
**     local ring = ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }
**     server_ctx:set_ticket_keys(ring)
*/
static int ticket_ring (lua_State *L) {
  enum { SECRET = 1, SECRETFILE, PERIODARG, KEEPARG, SKEW, CLOCK, RING };
  static const char name[] = "ticket_ring";
  lua_Integer period;
  const char *path;
  Ring *ring;
  lssl_arguments(L, name, "secret secretfile period keep skew clock");
  path = lssl_optpath(L, SECRETFILE, "secretfile", name);
  if (lua_isnil(L, SECRET) == (path == NULL))
    return lssl_valueerror(L, "either secret or secretfile must be given");
  period = optrange(L, PERIODARG, PERIOD, 1, MAXPERIOD, "period");
  ring = newring(L, period, optrange(L, KEEPARG, KEEP, 0, MAXKEEP, "keep"),
                 optrange(L, SKEW, period / 10, 0, period / 2, "skew"));
  if (path != NULL)
    lssl_loadsecrets(L, path, ring);
  else
    lssl_readsecrets(L, SECRET, ring, name);
  setsource(L, RING, SECRET, SECRETFILE);
  setclock(L, ring, RING, CLOCK);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Methods and attributes
** =======================================================
*/

/*@ ssl.TicketRing (class)
** A ring of ticket keys; `ssl.ticket_ring` makes one. Contexts that use the ring heed its
** changes at once, and so do their connections. The ring wipes its secrets and its keys when
** nobody uses it any longer. Since: an addition.
** Type: TicketRing = {}
**
**     local ring = ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }
**     assert(ssl.isinstance(ring, ssl.TicketRing))
*/
/*@ TicketRing:rotate(secret [, delay])
** Gives the ring another secret, which encrypts from now on. The secret that has encrypted so
** far still decrypts, until the last ticket that it made has run out; then the ring wipes it.
** So no session is lost.
** - `secret` (string or bytearray): at least 32 random bytes.
** - `delay` (number): the seconds after which the new secret begins to encrypt, 0 by default.
**   It decrypts at once. Give other machines at least this time to learn it.
** Returns nothing. Of more than 8 secrets the ring drops the oldest. Raises `ValueError` for a
** secret that is too short, or is one byte repeated. Since: an addition.
** Type: named fun(secret: Secret, delay?: number)
**
**     local ring = ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }
**     ring:rotate(ssl.RAND_bytes(48), 60)
**     assert(ring.secrets == 2)
*/
static int ring_rotate (lua_State *L) {
  static const char name[] = ":rotate";
  Ring *ring = self(L);
  size_t size;
  const unsigned char *bytes;
  lua_Number delay;
  lssl_arguments(L, name, "secret delay");
  bytes = lssl_checksecret(L, 2, &size, name);
  delay = lua_isnil(L, 3) ? 0 : lssl_checknumber(L, 3, name);
  if (!(delay >= 0 && delay <= MAXPERIOD))
    return lssl_valueerror(L, "delay must be from 0 to %d seconds", MAXPERIOD);
  lssl_tellring(L, 1);
  lssl_clearerrors();
  if (!lssl_rotatesecret(ring, bytes, size,
                         lssl_ringtime(ring) + (Moment)delay))
    return lssl_raisequeue(L, NULL);
  lssl_wipering(ring);
  return 0;
}

/*@ TicketRing:reload()
** Reads the secrets anew from `secretfile`, or asks the function that `secret` was. What is
** no longer among them does not decrypt any longer: leave the old secret behind the new one
** for as long as its tickets live.
** Returns nothing. Raises as `ssl.ticket_ring` does, and `ValueError` for a ring that has its
** secrets from neither; the ring then keeps those that it has. Since: an addition.
** Type: fun()
**
**     local current = ssl.RAND_bytes(48)
**     local ring = ssl.ticket_ring{ secret = function() return current end }
**     current = { ssl.RAND_bytes(48), current }
**     ring:reload()
**     assert(ring.secrets == 2)
*/
static int ring_reload (lua_State *L) {
  Ring *ring = self(L), *fresh;
  lssl_arguments(L, ":reload", "");
  lua_getiuservalue(L, 1, UVSOURCE);
  fresh = newring(L, ring->period, ring->keep, ring->skew);
  if (lua_isnil(L, 2))
    return lssl_valueerror(L, "the secrets of this ring are neither from a "
                           "file nor from a function");
  if (lua_type(L, 2) == LUA_TSTRING)
    lssl_loadsecrets(L, lssl_checkpath(L, 2, ":reload"), fresh);
  else
    lssl_readsecrets(L, 2, fresh, ":reload");
  lssl_movesecrets(ring, fresh);
  lssl_wipering(ring);
  return 0;
}

/*@ TicketRing.period (integer, read only)
** The seconds for which a key encrypts. Since: an addition.
**
**     assert(ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }.period == 12 * 3600)
*/
static int get_period (lua_State *L) {
  lua_pushinteger(L, attribute(L)->period);
  return 1;
}

/*@ TicketRing.keep (integer, read only)
** How many periods before the present one have keys that still decrypt. Since: an addition.
**
**     assert(ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }.keep == 3)
*/
static int get_keep (lua_State *L) {
  lua_pushinteger(L, attribute(L)->keep);
  return 1;
}

/*@ TicketRing.skew (integer, read only)
** The seconds by which the clocks of two machines may differ. Since: an addition.
**
**     assert(ssl.ticket_ring{ secret = ssl.RAND_bytes(48), period = 100 }.skew == 10)
*/
static int get_skew (lua_State *L) {
  lua_pushinteger(L, attribute(L)->skew);
  return 1;
}

/*@ TicketRing.secrets (integer, read only)
** How many secrets the ring has now. Since: an addition.
**
**     assert(ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }.secrets == 1)
*/
static int get_secrets (lua_State *L) {
  lssl_tellring(L, 1);
  lssl_wipering(attribute(L));
  lua_pushinteger(L, (lua_Integer)attribute(L)->count);
  return 1;
}

/* }====================================================== */


static void release (void *object) {
  TicketRing *r = (TicketRing *)object;
  Ring *ring = r->ring;
  r->ring = NULL;
  if (ring != NULL)
    lssl_dropticketkeys(&ring->tickets);
}

static const luaL_Reg methods[] = {
  {"rotate", ring_rotate},
  {"reload", ring_reload},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"period", get_period},
  {"keep", get_keep},
  {"skew", get_skew},
  {"secrets", get_secrets},
  {NULL, NULL}
};

static const Class ringclass = {
  .name = "TicketRing", .tname = "ssl.TicketRing", .size = sizeof(TicketRing),
  .uservalues = RINGVALUES, .release = release, .methods = methods,
  .getters = getters
};

void lssl_openticketring (lua_State *L) {
  lssl_openclass(L, &ringclass);
  lua_pushcfunction(L, ticket_ring);
  lua_setfield(L, -2, "ticket_ring");
}
