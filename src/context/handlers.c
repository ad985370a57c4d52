/*
** handlers.c - what every handler of a context needs, and two of them: for the
** messages of the protocol, and the waiter.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/callback.h"
#include "context/handlers.h"

int lssl_pushhandler (lua_State *L, int which) {
  lua_getiuservalue(L, 2, LSSL_UVCONTEXT);
  if (lua_isuserdata(L, -1)) {
    if (lua_getiuservalue(L, -1, which) != LUA_TNIL)
      return 1;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return 0;
}

typedef struct Message {
  int write, version, contenttype, type;
  const void *data;
  size_t size;
} Message;

/* the type within its content type, as CPython tells it; -1: none */
static int messagetype (Message *m) {
  const unsigned char *data = (const unsigned char *)m->data;
  switch (m->contenttype) {
    case SSL3_RT_CHANGE_CIPHER_SPEC:
      return SSL3_MT_CHANGE_CIPHER_SPEC;
    case SSL3_RT_ALERT:
      return m->size > 1 ? data[1] : -1;
    case SSL3_RT_HEADER:
      if (m->size > 2)
        m->version = data[1] << 8 | data[2];
      return m->size > 0 ? data[0] : -1;
    case SSL3_RT_HANDSHAKE:
    case SSL3_RT_INNER_CONTENT_TYPE:
      return m->size > 0 ? data[0] : -1;
    default:
      return -1;
  }
}

static int callmessage (lua_State *L) {
  Message *m = (Message *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVMESSAGE))
    return 0;
  m->type = messagetype(m);
  lua_pushvalue(L, 2);
  lua_pushstring(L, m->write ? "write" : "read");
  lua_pushinteger(L, m->version);
  lua_pushinteger(L, m->contenttype);
  lua_pushinteger(L, m->type);
  lua_pushlstring(L, (const char *)m->data, m->size);
  lssl_callhandler(L, 6, 0, "_msg_callback",
                   "OpenSSL is in the middle of its work");
  return 0;
}

/*
** OpenSSL tells of a HelloRetryRequest by its messages alone: it is a ServerHello
** with a random that RFC 8446, 4.1.3, has for it.
*/
static void on_handshake (int write, int version, int contenttype,
                          const void *data, size_t size, SSL *ssl,
                          void *unused) {
  static const unsigned char retry[] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02,
    0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
    0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
  };
  const unsigned char *bytes = (const unsigned char *)data;
  Caller *who;
  (void)write, (void)version, (void)unused;
  if (contenttype != SSL3_RT_HANDSHAKE || size < 6 + sizeof retry ||
      bytes[0] != SSL3_MT_SERVER_HELLO ||
      memcmp(bytes + 6, retry, sizeof retry) != 0)
    return;
  who = lssl_getcaller(ssl);
  if (who != NULL)
    who->retried = 1;
}

static void on_message (int write, int version, int contenttype,
                        const void *data, size_t size, SSL *ssl,
                        void *unused) {
  Message m;
  on_handshake(write, version, contenttype, data, size, ssl, unused);
  m.write = write;
  m.version = version;
  m.contenttype = contenttype;
  m.type = -1;
  m.data = data;
  m.size = size;
  lssl_protected(lssl_getcaller(ssl), callmessage, &m);
}

/*@ SSLContext._msg_callback (function or nil, read and write)
** A function that is called for each message of the protocol. Its arguments are the
** connection, `"read"` or `"write"`, the version, the content type
** (`ssl._TLSContentType`), the message type (`ssl._TLSAlertType` or
** `ssl._TLSMessageType`, -1 for none), and the bytes. If the function raises an error,
** the call in progress raises it. Set the attribute before you make the connection.
** OpenSSL: `SSL_set_msg_callback`. Since: CPython 3.8.
**
** Type: MessageCallback?
** Type: MessageCallback = fun(conn: Connection, direction: "read"|"write", version: integer,
**   content: integer, message: integer, data: string)
**
**     ctx._msg_callback = function(conn, direction, version, content, message, data) end
*/
static int get_msgcallback (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVMESSAGE);
}

static int set_msgcallback (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  lssl_setcallable(L, LSSL_UVMESSAGE, "_msg_callback",
                   "not a callable object");
  c->messages = !lua_isnil(L, 3);
  return 0;
}

/*@ SSLContext.waiter (function or nil, read and write)
** A function that waits in place of the system. A connection of this context calls it
** whenever a blocking call has to wait. Its arguments are the connection, `"read"` or
** `"write"`, and the seconds that are left (number, or nil for no limit). The module
** `ssl.waiter` has the functions for well-known schedulers.
**
** The function returns when the connection's descriptor may be ready. It may yield
** before. The connection does not trust the result, but tries again. If the function
** returns `false`, it has given up: the call raises `TimeoutError`, unless the
** connection turns out to be ready. If the function raises an error, the call raises
** it. Since: an addition.
**
** Type: Waiter?
** Type: Waiter = fun(conn: Connection, event: "read"|"write", timeout?: number): boolean?
** Type: Connection = SSLSocket|SSLObject
**
**     local socket = require "socket"
**     ctx.waiter = function(conn, event, timeout)
**       local set = { conn }
**       socket.select(event == "read" and set or nil, event == "write" and set or nil, timeout)
**     end
*/
static int get_waiter (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVWAITER);
}

static int set_waiter (lua_State *L) {
  lssl_setcallable(L, LSSL_UVWAITER, "waiter", "not a callable object");
  return 0;
}

void lssl_preparehandlers (SSL *ssl, const Context *context) {
  SSL_set_msg_callback(ssl, context->messages ? on_message : on_handshake);
  SSL_set_verify(ssl, SSL_get_verify_mode(ssl),
                 SSL_CTX_get_verify_callback(context->ctx));
}

static const luaL_Reg getters[] = {
  {"_msg_callback", get_msgcallback},
  {"waiter", get_waiter},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"_msg_callback", set_msgcallback},
  {"waiter", set_waiter},
  {NULL, NULL}
};

void lssl_openhandlers (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
