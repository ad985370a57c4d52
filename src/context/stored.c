/*
** stored.c - sessions that a server keeps in a store of the program's.
** SPDX-License-Identifier: MIT
**
** Whatever the store does, the handshake goes on: without the session, it is a full
** one. A counter tells.
*/
#include <string.h>

#include <openssl/crypto.h>

#include "base/bytearray.h"
#include "base/class.h"
#include "base/free.h"
#include "base/outcome.h"
#include "context/seal.h"
#include "context/stored.h"
#include "context/ticketring.h"

/* the most that a session may have: a certificate of the client's is in it */
#define MAXSESSION	(1 << 20)

/*
** {======================================================
** Which session the client wants
** =======================================================
*/

static int has (const unsigned char *list, size_t size, unsigned int number) {
  size_t i;
  for (i = 0; i + 1 < size; i += 2) {
    if (((unsigned int)list[i] << 8 | list[i + 1]) == number)
      return 1;
  }
  return 0;
}

/* will the connection be of TLS 1.3? */
static int ismodern (SSL *ssl) {
  const unsigned char *data;
  size_t size;
  int most = (int)SSL_get_max_proto_version(ssl);
  if ((SSL_get_options(ssl) & SSL_OP_NO_TLSv1_3) != 0 ||
      (most != 0 && most < TLS1_3_VERSION))
    return 0;
  return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &data,
                                   &size) == 1 &&
         size > 1 && has(data + 1, size - 1, TLS1_3_VERSION);
}

/* the first identity of the extension (RFC 8446, 4.2.11) */
static int firstidentity (SSL *ssl, const unsigned char **id, size_t *size) {
  const unsigned char *data;
  size_t all, len;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &data, &all) != 1 ||
      all < 4)
    return 0;
  len = (size_t)data[2] << 8 | data[3];
  if (len > all - 4)
    return 0;
  *id = data + 4;
  *size = len;
  return 1;
}

/* in TLS 1.2 a ticket stands in for the ID, where tickets are on */
static int hasticket (SSL *ssl) {
  const unsigned char *data;
  size_t size;
  return (SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0 &&
         SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &data,
                                   &size) == 1 && size > 0;
}

int lssl_offeredid (SSL *ssl, const unsigned char **id, size_t *size) {
  if (ismodern(ssl)) {
    if ((SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0 ||
        !firstidentity(ssl, id, size))
      return 0;
  }
  else if (hasticket(ssl))
    return 0;
  else
    *size = SSL_client_hello_get0_session_id(ssl, id);
  return *size > 0 && *size <= SSL_MAX_SSL_SESSION_ID_LENGTH;
}

int lssl_wantsstored (const Caller *who, SSL *ssl) {
  const unsigned char *id;
  size_t size;
  return who->stored && !who->looked && lssl_offeredid(ssl, &id, &size);
}

/* }====================================================== */


/*
** {======================================================
** What the store has
** =======================================================
*/

/* the session in these bytes; NULL if they are not that of 'id' */
static SSL_SESSION *parse (const unsigned char *bytes, size_t size,
                           const unsigned char *id, size_t idsize) {
  const unsigned char *p = bytes, *own;
  unsigned int ownsize;
  SSL_SESSION *session = d2i_SSL_SESSION(NULL, &p, (long)size);
  if (session == NULL)
    return NULL;
  own = SSL_SESSION_get_id(session, &ownsize);
  if (p == bytes + size && ownsize == idsize && memcmp(own, id, idsize) == 0)
    return session;
  SSL_SESSION_free(session);
  return NULL;
}

static SSL_SESSION *parsesealed (Ring *ring, const unsigned char *bytes,
                                 size_t size, const unsigned char *id,
                                 size_t idsize) {
  SSL_SESSION *session = NULL;
  unsigned char *text = (unsigned char *)OPENSSL_malloc(size);
  if (text != NULL && lssl_unseal(ring, id, idsize, bytes, size, text))
    session = parse(text, size - LSSL_SEAL, id, idsize);
  OPENSSL_clear_free(text, size);
  return session;
}

/* pushes a part of the object's store, which is not on the stack for long */
static void pushpart (lua_State *L, int object, int part) {
  lua_getiuservalue(L, object, LSSL_UVKEPTSTORE);
  lua_rawgeti(L, -1, part);
  lua_remove(L, -2);
}

/* the session in the bytes on the top */
static SSL_SESSION *getstored (lua_State *L, SSL *ssl) {
  const unsigned char *id, *bytes;
  size_t idsize, size;
  SSL_SESSION *session = NULL;
  Ring *ring;
  bytes = lssl_tobytes(L, -1, &size);
  pushpart(L, 1, LSSL_STORERING);
  ring = lssl_toring(L, lua_gettop(L));
  if (bytes != NULL && size <= MAXSESSION && lssl_offeredid(ssl, &id, &idsize))
    session = ring != NULL ? parsesealed(ring, bytes, size, id, idsize)
                           : parse(bytes, size, id, idsize);
  lua_pop(L, 1);
  lssl_clearerrors();
  return session;
}

void lssl_takestored (lua_State *L, Caller *who, SSL *ssl) {
  lssl_Counters *counters = &lssl_state(L)->counters;
  if (lua_isnil(L, -1) || ssl == NULL || !who->stored || !lua_checkstack(L, 4))
    return;
  who->looked = 1;
  if (lua_isboolean(L, -1))
    counters->store_failures++;
  else if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) == 0)
    counters->store_misses++;
  else {
    lssl_dropstored(who);
    who->found = getstored(L, ssl);
    if (who->found != NULL)
      counters->store_hits++;
    else
      counters->store_rejections++;
  }
}

void lssl_dropstored (Caller *who) {
  SSL_SESSION *session = who->found;
  who->found = NULL;
  SSL_SESSION_free(session);
}

/* OpenSSL takes a reference; it may ask again after a HelloRetryRequest */
static SSL_SESSION *on_get (SSL *ssl, const unsigned char *id, int size,
                            int *copy) {
  Caller *who = lssl_getcaller(ssl);
  const unsigned char *own;
  unsigned int ownsize;
  *copy = 1;
  if (who == NULL || who->found == NULL)
    return NULL;
  own = SSL_SESSION_get_id(who->found, &ownsize);
  if ((int)ownsize != size || memcmp(own, id, ownsize) != 0)
    return NULL;
  return who->found;
}

/* }====================================================== */


/*
** {======================================================
** What the store gets
** =======================================================
*/

/* pushes the ID */
static void pushid (lua_State *L, const SSL_SESSION *session) {
  unsigned int size;
  const unsigned char *id = SSL_SESSION_get_id(session, &size);
  lua_pushlstring(L, (const char *)id, size);
}

/* calls the function of the store below its 'n' arguments; a failure is counted */
static void callstore (lua_State *L, int n) {
  if (lua_pcall(L, n, 0, 0) != LUA_OK) {
    lssl_state(L)->counters.store_failures++;
    lua_pop(L, 1);
  }
}

typedef struct Packed {
  unsigned char *bytes;		/* OpenSSL's, with secrets in them */
  int size;
} Packed;

/* pushes a string: 'p' sealed by the ring; nil if that fails */
static void pushsealed (lua_State *L, Ring *ring, const SSL_SESSION *session,
                        const Packed *p) {
  size_t size = (size_t)p->size + LSSL_SEAL;
  unsigned int idsize;
  const unsigned char *id = SSL_SESSION_get_id(session, &idsize);
  unsigned char *to = (unsigned char *)lua_newuserdatauv(L, size, 0);
  if (lssl_seal(ring, id, idsize, p->bytes, (size_t)p->size, to))
    lua_pushlstring(L, (const char *)to, size);
  else
    lua_pushnil(L);
  lua_remove(L, -2);
}

/* pushes the bytes of the session, sealed if the object at 2 has a ring for that */
static void pushsession (lua_State *L, SSL_SESSION *session) {
  void **box = lssl_newbox(L, lssl_freebytes);
  Packed p = {NULL, 0};
  Ring *ring;
  pushpart(L, 2, LSSL_STORERING);
  ring = lssl_toring(L, lua_gettop(L));
  p.size = i2d_SSL_SESSION(session, &p.bytes);
  *box = p.bytes;
  if (p.size <= 0)
    lua_pushnil(L);
  else {
    if (ring != NULL)
      pushsealed(L, ring, session, &p);
    else
      lua_pushlstring(L, (const char *)p.bytes, (size_t)p.size);
    OPENSSL_cleanse(p.bytes, (size_t)p.size);
  }
  lssl_clearerrors();  /* of a failure that only costs a resumption */
  lssl_emptybox(L, -3);
  lua_replace(L, -3);  /* the bytes in the place of the box */
  lua_pop(L, 1);
}

/* body: put(id, bytes, seconds) */
static int put (lua_State *L) {
  SSL_SESSION *session = (SSL_SESSION *)lua_touserdata(L, 1);
  luaL_checkstack(L, 10, "session_store");
  pushpart(L, 2, LSSL_STOREPUT);
  pushid(L, session);
  pushsession(L, session);
  if (lua_isnil(L, -1))
    lssl_state(L)->counters.store_failures++;
  else {
    lua_pushinteger(L, (lua_Integer)SSL_SESSION_get_timeout(session));
    callstore(L, 3);
  }
  return 0;
}

/* does a client need the store to resume a session of 'ssl'? */
static int isstateful (SSL *ssl, const SSL_SESSION *session) {
  unsigned int size;
  SSL_SESSION_get_id(session, &size);
  return size > 0 && (SSL_version(ssl) != TLS1_3_VERSION ||
                      (SSL_get_options(ssl) & SSL_OP_NO_TICKET) != 0);
}

/* keeps no reference */
static int on_new (SSL *ssl, SSL_SESSION *session) {
  Caller *who = lssl_getcaller(ssl);
  if (who != NULL && who->stored && isstateful(ssl, session))
    lssl_protected(who, put, session);
  return 0;
}

void lssl_removestored (lua_State *L, const Caller *who, SSL *ssl) {
  const SSL_SESSION *session = ssl ? SSL_get0_session(ssl) : NULL;
  if (!who->stored || session == NULL || !isstateful(ssl, session) ||
      !lua_checkstack(L, 6))
    return;
  pushpart(L, 1, LSSL_STOREREMOVE);
  pushid(L, session);
  callstore(L, 1);
}

/* }====================================================== */


void lssl_usestore (SSL_CTX *ctx, int use) {
  SSL_CTX_set_session_cache_mode(ctx, use ? SSL_SESS_CACHE_SERVER |
    SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_get_cb(ctx, use ? on_get : NULL);
  SSL_CTX_sess_set_new_cb(ctx, use ? on_new : NULL);
}

void lssl_keepstore (lua_State *L, Caller *who, int self, int context) {
  who->stored = lua_getiuservalue(L, context, LSSL_UVSTORE) != LUA_TNIL;
  lua_setiuservalue(L, self, LSSL_UVKEPTSTORE);
}
