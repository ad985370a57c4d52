/*
** handlers.c - SNI, the messages of the protocol, the log of secrets, and the
** waiter: what a context calls back.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "callback.h"
#include "errors.h"
#include "handlers.h"
#include "hostname.h"
#include "resumption.h"

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

/*
** {======================================================
** Server names
** =======================================================
*/

typedef struct Servername {
  const char *name;		/* what the client asks for, or NULL */
  int alert;
  int result;			/* SSL_TLSEXT_ERR_* */
} Servername;

/* body: the callback gets (connection, name, context) */
static int callservername (lua_State *L) {
  Servername *s = (Servername *)lua_touserdata(L, 1);
  if (!lssl_pushhandler(L, LSSL_UVSNI)) {
    s->result = SSL_TLSEXT_ERR_OK;
    return 0;
  }
  lua_pushvalue(L, 2);
  if (s->name == NULL)
    lua_pushnil(L);
  else if (((Context *)lua_touserdata(L, 3))->sniunicode)
    lssl_pushunicodehost(L, s->name, strlen(s->name));
  else
    lua_pushstring(L, s->name);
  lua_pushvalue(L, 3);
  lua_call(L, 3, 1);
  if (lua_isnil(L, -1)) {
    s->result = SSL_TLSEXT_ERR_OK;
    return 0;
  }
  s->alert = SSL_AD_INTERNAL_ERROR;
  if (!lua_isinteger(L, -1))
    return lssl_badreturn(L, "sni_callback", "an integer or nil is required");
  s->alert = (int)lua_tointeger(L, -1);
  return 0;
}

static int on_servername (SSL *ssl, int *alert, void *unused) {
  Servername s;
  (void)unused;
  s.name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  s.alert = SSL_AD_HANDSHAKE_FAILURE;
  s.result = SSL_TLSEXT_ERR_ALERT_FATAL;
  lssl_protected(lssl_getcaller(ssl), callservername, &s);
  *alert = s.alert;
  return s.result;
}

/* sets the callback from index 3 */
static void setservername (lua_State *L, Context *c, int unicode) {
  int (*f) (SSL *, int *, void *) = lua_isnil(L, 3) ? NULL : on_servername;
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVSNI);
  c->sniunicode = (unsigned char)unicode;
  SSL_CTX_set_tlsext_servername_callback(c->ctx, f);
  lssl_bindnames(c->ctx, f != NULL);  /* the name may change who is trusted */
}

static void checkserver (lua_State *L, const Context *c) {
  if (c->protocol == LSSL_PROTOCOL_TLS_CLIENT)
    lssl_valueerror(L, "sni_callback cannot be set on TLS_CLIENT context");
}

/*@ SSLContext.sni_callback (function or nil, read and write)
** What a server calls when a client's handshake begins, with the connection
** (`SSLSocket` or `SSLObject`), the name of the host that the client asks for
** (string in its ASCII form, or nil), and the context. It may set the
** connection's `context` to another one. It returns nil to go on, or an
** `ssl.ALERT_DESCRIPTION_*` to end the handshake with that alert; another type
** ends it with `internal_error`, an error with `handshake_failure`, each as the
** `cause` of what `do_handshake` raises. It must not yield.
** Setting it raises `ValueError` on a client's context, a string error for what
** cannot be called. With a callback, a session is resumed only for the name it
** was made for, as another name may mean other trust; CPython leaves that to
** the callback. OpenSSL: `SSL_CTX_set_tlsext_servername_callback`; RFC 6066, 3.
** Since: CPython 3.7.
**
**     server_ctx.sni_callback = function(conn, name, context)
**       if name == "unknown.test" then return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME end
**     end
*/
static int get_snicallback (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVSNI);
}

static int set_snicallback (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  checkserver(L, c);
  if (!lua_isnil(L, 3) && !lssl_iscallable(L, 3))
    return lssl_valuetypeerror(L, "sni_callback", "not a callable object");
  setservername(L, c, 0);
  return 0;
}

/*@ SSLContext:set_servername_callback(callback)
** Sets `sni_callback` to a function that gets the name of the host in Unicode
** (UTF-8) instead of its ASCII form.
** - `callback` (function or nil): as `sni_callback`.
** Returns nothing. Raises as setting `sni_callback` does. Since: CPython 3.4.
**
**     server_ctx:set_servername_callback(function(conn, name, context) end)
*/
static int context_setservername (lua_State *L) {
  Context *c = lssl_selfcontext(L);
  lssl_arguments(L, ":set_servername_callback", "server_name_callback");
  lua_settop(L, 2);
  checkserver(L, c);
  if (!lua_isnil(L, 2) && !lssl_iscallable(L, 2))
    return lssl_argerror(L, 2, ":set_servername_callback",
                         "not a callable object");
  lua_pushvalue(L, 2);
  setservername(L, c, 1);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Messages
** =======================================================
*/

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
  lua_call(L, 6, 0);
  return 0;
}

static void on_message (int write, int version, int contenttype,
                        const void *data, size_t size, SSL *ssl,
                        void *unused) {
  Message m;
  (void)unused;
  m.write = write;
  m.version = version;
  m.contenttype = contenttype;
  m.type = -1;
  m.data = data;
  m.size = size;
  lssl_protected(lssl_getcaller(ssl), callmessage, &m);
}

/*@ SSLContext._msg_callback (function or nil, read and write)
** What is called for each message of the protocol, with the connection,
** `"read"` or `"write"`, the version, the content type
** (`ssl._TLSContentType`), the message type (`ssl._TLSAlertType` or
** `ssl._TLSMessageType`, -1 for none) and the bytes. An error of it comes out of
** the call in progress. Set it before the connection is made. OpenSSL:
** `SSL_set_msg_callback`. Since: CPython 3.8.
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

/* }====================================================== */


/*
** {======================================================
** The log of secrets
** =======================================================
*/

#define HEADER	"# TLS secrets log file, generated by OpenSSL / Lua\n"

typedef struct Secret {
  const char *line;
  int code;			/* errno of a failed write */
} Secret;

/* write(2), but a pipe that nobody reads any more is EPIPE and no signal */
static ssize_t writequietly (int fd, const char *data, size_t size) {
  sigset_t broken, before, pending;
  ssize_t n;
  int code, caught;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  sigpending(&pending);
  n = write(fd, data, size);
  code = errno;
  if (n < 0 && code == EPIPE && !sigismember(&pending, SIGPIPE)) {
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE))  /* not where it is ignored */
      sigwait(&broken, &caught);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = code;
  return n;
}

static int writeall (int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t n = writequietly(fd, data, size);
    if (n < 0 && errno != EINTR)
      return errno;
    if (n > 0) {
      data += n;
      size -= (size_t)n;
    }
  }
  return 0;
}

/* body: tells why a line could not be written */
static int raisesecret (lua_State *L) {
  Secret *s = (Secret *)lua_touserdata(L, 1);
  const char *filename = NULL;
  if (lssl_pushhandler(L, LSSL_UVKEYLOG))
    filename = lua_tostring(L, -1);
  return lssl_oserror(L, s->code, filename);
}

static void on_secret (const SSL *ssl, const char *line) {
  Caller *who = lssl_getcaller(ssl);
  Context *c = (who && who->L) ? lssl_callercontext(who->L) : NULL;
  char text[512];  /* two hex strings of 64 bytes and a label */
  size_t len = strlen(line);
  Secret s;
  if (c == NULL || c->keylog == 0 || len + 1 > sizeof text)
    return;
  memcpy(text, line, len);
  text[len] = '\n';
  s.line = line;
  s.code = writeall(c->keylog - 1, text, len + 1);
  OPENSSL_cleanse(text, sizeof text);
  if (s.code != 0)
    lssl_protected(who, raisesecret, &s);
}

/*@ SSLContext.keylog_filename (string or nil, read and write)
** The file to which the secrets of new connections are added, one line each,
** for programs that decrypt captured traffic. Who reads it reads the traffic:
** it is made readable for its owner alone. nil stops it. Setting it raises
** `OSError` where the file cannot be opened. OpenSSL:
** `SSL_CTX_set_keylog_callback`. Since: CPython 3.8.
**
**     assert(ctx.keylog_filename == nil)
*/
static int get_keylog (lua_State *L) {
  return lssl_getvalue(L, LSSL_UVKEYLOG);
}

static int openkeylog (const char *filename) {
  struct stat st;
  int fd = open(filename, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
      st.st_size == 0)
    writeall(fd, HEADER, sizeof HEADER - 1);
  return fd;
}

static int set_keylog (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  int fd = -1;
  if (!lua_isnil(L, 3)) {
    const char *filename;
    if (lua_type(L, 3) != LUA_TSTRING)
      return lssl_valuetypeerror(L, "keylog_filename",
                                 "expected a string, the path of a file");
    filename = lssl_checkcstring(L, 3, "keylog_filename");
    fd = openkeylog(filename);
    if (fd < 0)
      return lssl_oserror(L, errno, filename);
  }
  if (c->keylog > 0)
    close(c->keylog - 1);
  c->keylog = fd + 1;
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVKEYLOG);
  SSL_CTX_set_keylog_callback(c->ctx, fd < 0 ? NULL : on_secret);
  return 0;
}

/* }====================================================== */


/*@ SSLContext.waiter (function or nil, read and write)
** What waits, in place of `poll(2)`, wherever a blocking call of a connection
** of this context has to: called with the connection, `"read"` or `"write"`,
** and the seconds that are left (number, or nil for no limit). It returns when
** the connection's descriptor may be ready, and may yield before. What it
** returns is checked by trying; `false` says that it has given up, which raises
** `TimeoutError` unless the connection turns out to be ready. An error of it
** comes out of the call. See the module `ssl.waiter` for those of known
** schedulers. Since: an addition.
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
  SSL_set_msg_callback(ssl, context->messages ? on_message : NULL);
  SSL_set_verify(ssl, SSL_get_verify_mode(ssl),
                 SSL_CTX_get_verify_callback(context->ctx));
}

static const luaL_Reg methods[] = {
  {"set_servername_callback", context_setservername},
  {NULL, NULL}
};

static const luaL_Reg getters[] = {
  {"sni_callback", get_snicallback},
  {"_msg_callback", get_msgcallback},
  {"keylog_filename", get_keylog},
  {"waiter", get_waiter},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"sni_callback", set_snicallback},
  {"_msg_callback", set_msgcallback},
  {"keylog_filename", set_keylog},
  {"waiter", set_waiter},
  {NULL, NULL}
};

void lssl_openhandlers (lua_State *L) {
  lssl_addtocontext(L, methods, getters, setters);
}
