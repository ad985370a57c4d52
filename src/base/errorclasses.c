/*
** errorclasses.c - the error classes and their objects.
** SPDX-License-Identifier: MIT
**
** A class is a table {__name =, bases = {...}}; calling it makes an object.
** The metatable of its objects holds the class in 'class', which is all that
** ssl.isinstance (class.c) asks for.
*/
#include <string.h>

#include "base/errorclasses.h"
#include "base/state.h"

typedef struct ErrorClass {
  const char *name;
  int bases[2];  /* ErrorKind, or -1 */
} ErrorClass;

/*@ ssl.Error
** The class of all error objects of this module. An error object has a `message`
** (string), which is Python's `str` of the error, and the fields of its class.
** `tostring` puts the caller's `file:line:` before the message.
**
** To make an error object, call its class: `ssl.SSLError(message)`, or
** `ssl.OSError(errno, strerror [, filename])`. Since: an addition.
**
** Type: Error = { message: string }
** Type: fun(message: string): Error
**
**     local ok, err = pcall(ctx.load_verify_locations, ctx, "missing.pem")
**     if not ok and ssl.isinstance(err, ssl.Error) then
**       print(err.message)                          -- [Errno 2] No such file or directory
**     end
*/
/*@ ssl.OSError
** A call to the operating system failed. The fields are `errno` (integer), `strerror`
** (string), and for a file its `filename` (string). A subclass of `ssl.Error`.
** Since: CPython 3.2.
**
** Type: OSError: Error = { errno?: integer, strerror?: string, filename?: string,
**   sent?: integer }
** Type: fun(message: string): OSError
** Type: fun(errno: integer, strerror: string, filename?: string): OSError
**
**     local ok, err = pcall(ctx.load_cert_chain, ctx, "missing.pem")
**     assert(ssl.isinstance(err, ssl.OSError) and err.filename == "missing.pem")
*/
/*@ ssl.TimeoutError
** The timeout of a socket ended before the call did. This is Python's
** `socket.timeout`. A subclass of `ssl.OSError`. Since: CPython 3.2.
**
** Type: TimeoutError: OSError = {}
** Type: fun(message: string): TimeoutError
** Type: fun(errno: integer, strerror: string, filename?: string): TimeoutError
**
**     conn:settimeout(0.01)
**     local ok, err = pcall(conn.recv, conn, 10)
**     assert(ssl.isinstance(err, ssl.TimeoutError))
*/
/*@ ssl.SSLError
** TLS, or OpenSSL's reading of a certificate or key, failed. A subclass of
** `ssl.OSError`. Its fields are:
** - `library`, `reason` (strings): such as `"SSL"` and `"CERTIFICATE_VERIFY_FAILED"`;
**   nil if OpenSSL gives none.
** - `errno` (integer): an `SSL_ERROR_*` number, or the number of OpenSSL's library.
** - `filename` (string): the file that OpenSSL did not understand.
** - `strerror` (string): CPython's text. If it says too little, `message` goes on after
**   it, and says what is wrong and what to do.
** - `cause`: if a callback ended the handshake, the error that it raised. Otherwise an
**   `ssl.SSLError` with the first error that OpenSSL found, if it reported another one
**   last. For example, since OpenSSL 3.2 a record that cannot be decrypted is a
**   `RECORD_LAYER_FAILURE`, whose cause is `DECRYPTION_FAILED_OR_BAD_RECORD_MAC`.
** The page `docs/errors.md` says for each common `reason` why, and what to do.
** OpenSSL: `ERR_get_error_all`. Since: CPython 2.6; `cause`, `filename` and the
** advice in `message` are additions.
**
** Type: SSLError: OSError = { library?: string, reason?: string, cause?: any,
**   ech_retry?: string }
** Type: fun(message: string): SSLError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLError
**
**     local ok, err = pcall(ctx.load_dh_params, ctx, certfile)
**     assert(err.library == "PEM" and err.reason)
**     local advice = err.message:sub(#err.strerror + 1)
**     assert(advice:find("^: no parameters of Diffie%-Hellman in PEM in '"))
*/
/*@ ssl.SSLZeroReturnError
** The peer has closed the TLS connection in good order, and there is nothing more to
** read. `recv` and `read` of a socket return nil instead of raising this error. A
** subclass of `ssl.SSLError`. OpenSSL: `SSL_ERROR_ZERO_RETURN`. Since: CPython 3.3.
**
** Type: SSLZeroReturnError: SSLError = {}
** Type: fun(message: string): SSLZeroReturnError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLZeroReturnError
**
**     local ok, err = pcall(conn.do_handshake, conn)
**     if not ok and ssl.isinstance(err, ssl.SSLZeroReturnError) then
**       print("the peer has ended the connection")
**     end
*/
/*@ ssl.SSLWantReadError
** A call that must not wait needs bytes from the peer. Wait until the socket (or the
** incoming `MemoryBIO`) is readable, then make the same call again. A subclass of
** `ssl.SSLError`.
**
** Raising it allocates nothing: a Lua state has one such object, which is read-only.
** OpenSSL: `SSL_ERROR_WANT_READ`. Since: CPython 3.3.
**
** Type: SSLWantReadError: SSLError = {}
** Type: fun(message: string): SSLWantReadError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLWantReadError
**
**     conn:settimeout(0)
**     local ok, err = pcall(conn.recv, conn)
**     if not ok and ssl.isinstance(err, ssl.SSLWantReadError) then
**       print("call again when the socket is readable")
**     end
*/
/*@ ssl.SSLWantWriteError
** A call that must not wait has to send first. Wait until the socket is writable, then
** make the same call again. Otherwise it is like `ssl.SSLWantReadError`.
** OpenSSL: `SSL_ERROR_WANT_WRITE`. Since: CPython 3.3.
**
** Type: SSLWantWriteError: SSLError = {}
** Type: fun(message: string): SSLWantWriteError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLWantWriteError
**
**     conn:settimeout(0)
**     local ok, err = pcall(conn.send, conn, "hello")
**     if not ok and ssl.isinstance(err, ssl.SSLWantWriteError) then
**       print("call again, with the same bytes, when the socket is writable")
**     end
*/
/*@ ssl.SSLSyscallError
** The system reported an error to OpenSSL, and OpenSSL gives no errno for it. A
** subclass of `ssl.SSLError`. OpenSSL: `SSL_ERROR_SYSCALL`. Since: CPython 3.3.
**
** Type: SSLSyscallError: SSLError = {}
** Type: fun(message: string): SSLSyscallError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLSyscallError
**
**     conn:settimeout(0)
**     local ok, err = pcall(conn.recv, conn)
**     if not ok and ssl.isinstance(err, ssl.SSLSyscallError) then print(err.message) end
*/
/*@ ssl.SSLEOFError
** The connection ended without the closing alert of TLS, so somebody may have cut the
** data short. A subclass of `ssl.SSLError`. OpenSSL:
** `SSL_R_UNEXPECTED_EOF_WHILE_READING`. Since: CPython 3.3.
**
** Type: SSLEOFError: SSLError = {}
** Type: fun(message: string): SSLEOFError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLEOFError
**
**     conn.suppress_ragged_eofs = false
**     peer:close()                                  -- without the closing alert
**     local ok, err = pcall(conn.recv, conn)
**     assert(ssl.isinstance(err, ssl.SSLEOFError))
*/
/*@ ssl.SSLCertVerificationError
** The peer's certificate was not accepted. A subclass of `ssl.SSLError` and of
** `ssl.ValueError`. `ssl.CertificateError` is the same class. Its fields are:
** - `verify_code` (integer), `verify_message` (string): OpenSSL's reason.
** - `rule` (string, such as `"validity"`), `section` (string, such as
**   `"RFC 5280, 4.1.2.5"`): the broken rule, and where it is written. Both are nil for
**   the rare error that belongs to no rule. Additions.
** - `depth` (integer), `certificate` (string, DER): the certificate in the chain that is
**   at fault. The depth of the peer's own is 0. Additions.
** OpenSSL: `SSL_get_verify_result`. Since: CPython 3.7.
**
** Type: SSLCertVerificationError: SSLError, ValueError = { verify_code?: integer,
**   verify_message?: string, rule?: string, section?: string, depth?: integer,
**   certificate?: string, chain?: string[] }
** Type: fun(message: string): SSLCertVerificationError
** Type: fun(errno: integer, strerror: string, filename?: string): SSLCertVerificationError
**
**     local socket = require "socket"
**     local stranger = ssl.create_default_context() -- does not trust the server's authority
**     local tcp = assert(socket.connect(host, port))
**     local ok, err = pcall(stranger.wrap_socket, stranger, tcp,
**                           { server_hostname = "localhost" })
**     assert(ssl.isinstance(err, ssl.SSLCertVerificationError))
**     print(err.verify_message)                     -- unable to get local issuer certificate
*/
/*@ ssl.CertificateError
** The same class as `ssl.SSLCertVerificationError`. Since: CPython 2.7.
**
** Type: SSLCertVerificationError
**
**     assert(ssl.CertificateError == ssl.SSLCertVerificationError)
*/
/*@ ssl.ValueError
** A value has the right type, but cannot be used. A subclass of `ssl.Error`.
** Since: CPython 2.6.
**
** Type: ValueError: Error = {}
** Type: fun(message: string): ValueError
**
**     local ok, err = pcall(ssl.RAND_bytes, -1)
**     assert(ssl.isinstance(err, ssl.ValueError))
*/
/*@ ssl.PermissionError
** The system does not allow the operation, or the host of this Lua state does not, by a
** limit (see docs/embedding.md). A subclass of `ssl.OSError`. `errno` is EPERM (1) or
** EACCES. `limit` (string) names the host's limit: `"files"`, `"sockets"`, `"insecure"`,
** `"processes"`, `"changes"`, `"contexts"`, `"connections"`, `"memory"`.
** Since: CPython 3.3; `limit` is an addition.
**
** Type: PermissionError: OSError = { limit?: string }
** Type: fun(message: string): PermissionError
** Type: fun(errno: integer, strerror: string, filename?: string): PermissionError
**
**     local ok, err = pcall(ctx.load_verify_locations, ctx, cafile)
**     if not ok and ssl.isinstance(err, ssl.PermissionError) then
**       print(err.limit or err.strerror)            -- "files", if the host forbids files
**     end
*/
/*@ ssl.NotImplementedError
** This build, or the OpenSSL that it runs on, does not have the feature. A subclass of
** `ssl.Error`. Since: CPython 2.6.
**
** Type: NotImplementedError: Error = {}
** Type: fun(message: string): NotImplementedError
**
**     local ok, err = pcall(ssl.get_sigalgs)
**     if not ok and ssl.isinstance(err, ssl.NotImplementedError) then
**       print(err.message)                          -- which OpenSSL has it
**     end
*/
static const ErrorClass classes[LSSL_ERRORKINDS] = {
  {"Error", {-1, -1}},
  {"OSError", {LSSL_ERROR, -1}},
  {"TimeoutError", {LSSL_OSERROR, -1}},
  {"SSLError", {LSSL_OSERROR, -1}},
  {"SSLZeroReturnError", {LSSL_SSLERROR, -1}},
  {"SSLWantReadError", {LSSL_SSLERROR, -1}},
  {"SSLWantWriteError", {LSSL_SSLERROR, -1}},
  {"SSLSyscallError", {LSSL_SSLERROR, -1}},
  {"SSLEOFError", {LSSL_SSLERROR, -1}},
  {"SSLCertVerificationError", {LSSL_SSLERROR, LSSL_VALUEERROR}},
  {"ValueError", {LSSL_ERROR, -1}},
  {"NotImplementedError", {LSSL_ERROR, -1}},
  {"PermissionError", {LSSL_OSERROR, -1}}
};

/*
** {======================================================
** Objects
** =======================================================
*/

/* pushes an entry of the table that lssl_openerrorclasses makes */
static void pushentry (lua_State *L, lua_Integer i) {
  lssl_pushstate(L);
  lua_getiuservalue(L, -1, LSSL_UVERRORS);
  lua_rawgeti(L, -1, i);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

void lssl_newerror (lua_State *L, ErrorKind kind) {
  lua_createtable(L, 0, 8);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lssl_pushwhere(L);
  lua_setfield(L, -2, "where");
  pushentry(L, (lua_Integer)kind + 1);
  lua_setmetatable(L, -2);
}

/* have the classes been made? */
static int isopen (lua_State *L) {
  int top = lua_gettop(L), is;
  lssl_pushstate(L);
  is = lua_isuserdata(L, -1) &&
       lua_getiuservalue(L, -1, LSSL_UVERRORS) == LUA_TTABLE;
  lua_settop(L, top);
  return is;
}

/* the kind of the object at 'index', by its metatable's class; -1: of none */
static int kindof (lua_State *L, int index) {
  int top = lua_gettop(L), kind = -1, k;
  if (isopen(L) && lua_getmetatable(L, index)) {
    lua_pushliteral(L, "class");
    lua_rawget(L, -2);
    for (k = 0; kind < 0 && k < LSSL_ERRORKINDS; k++) {
      pushentry(L, (lua_Integer)k + 1);
      lua_getfield(L, -1, "class");
      if (lua_rawequal(L, -1, top + 2))
        kind = k;
      lua_pop(L, 2);
    }
  }
  lua_settop(L, top);
  return kind;
}

/* is the class 'kind', or one above it, of this name? */
static int isnamed (int kind, const char *name) {
  return kind >= 0 && (strcmp(classes[kind].name, name) == 0 ||
                       isnamed(classes[kind].bases[0], name) ||
                       isnamed(classes[kind].bases[1], name));
}

int lssl_iserrorof (lua_State *L, int index, const char *name) {
  return isnamed(kindof(L, index), name);
}

/* "[Errno 2] No such file or directory", as CPython's OSError shows it */
static int error_tostring (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "where");
  lua_getfield(L, 1, "message");
  lua_getfield(L, 1, "filename");
  lua_pushfstring(L, "%s%s", lua_isstring(L, 2) ? lua_tostring(L, 2) : "",
                  lua_isstring(L, 3) ? lua_tostring(L, 3) : "?");
  if (lua_isstring(L, 4)) {
    lua_pushfstring(L, "'%s'", lua_tostring(L, 4));
    if (strstr(lua_tostring(L, -2), lua_tostring(L, -1)) == NULL)
      lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
    else
      lua_pop(L, 1);
  }
  return 1;
}

void lssl_seterrno (lua_State *L, lua_Integer code, const char *text) {
  lua_pushinteger(L, code);
  lua_setfield(L, -2, "errno");
  lua_pushstring(L, text);
  lua_setfield(L, -2, "strerror");
}

void lssl_pushwantread (lua_State *L) {
  pushentry(L, LSSL_ERRORKINDS + 1);
}

void lssl_pushwantwrite (lua_State *L) {
  pushentry(L, LSSL_ERRORKINDS + 2);
}

/* Class(message) or Class(errno, strerror [, filename]) */
static int class_call (lua_State *L) {
  ErrorKind kind = (ErrorKind)lua_tointeger(L, lua_upvalueindex(1));
  lua_settop(L, 4);
  if (!lua_isinteger(L, 2) || lua_isnil(L, 3)) {
    if (lua_isnumber(L, 2))
      lua_tolstring(L, 2, NULL);  /* a message is a string */
    lua_pushvalue(L, 2);
    lssl_newerror(L, kind);
    return 1;
  }
  luaL_tolstring(L, 3, NULL);
  lua_replace(L, 3);
  if (kind == LSSL_OSERROR || kind == LSSL_TIMEOUT || kind == LSSL_PERMISSION)
    lua_pushfstring(L, "[Errno %I] %s", (LUAI_UACINT)lua_tointeger(L, 2),
                    lua_tostring(L, 3));
  else
    lua_pushvalue(L, 3);
  lssl_newerror(L, kind);
  lssl_seterrno(L, lua_tointeger(L, 2), lua_tostring(L, 3));
  lua_pushvalue(L, 4);
  lua_setfield(L, -2, "filename");
  return 1;
}

static int class_tostring (lua_State *L) {
  lua_getfield(L, 1, "__name");
  lua_pushfstring(L, "class: %s", lua_tostring(L, -1));
  return 1;
}

static int readonly (lua_State *L) {
  lssl_pushwhere(L);
  lua_pushliteral(L, "this error object is shared and read-only");
  lua_concat(L, 2);
  return lua_error(L);
}

/* }====================================================== */


/*
** {======================================================
** Opening
** =======================================================
*/

/* pushes the class; 'all' is the index of the array of metatables */
static void newclass (lua_State *L, int kind, int all) {
  const ErrorClass *c = &classes[kind];
  int i;
  lua_createtable(L, 0, 2);
  lua_pushstring(L, c->name);
  lua_setfield(L, -2, "__name");
  lua_newtable(L);  /* bases */
  for (i = 0; i < 2 && c->bases[i] >= 0; i++) {
    lua_rawgeti(L, all, c->bases[i] + 1);
    lua_getfield(L, -1, "class");
    lua_rawseti(L, -3, i + 1);
    lua_pop(L, 1);
  }
  lua_setfield(L, -2, "bases");
  lua_createtable(L, 0, 3);  /* metatable of the class */
  lua_pushinteger(L, kind);
  lua_pushcclosure(L, class_call, 1);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, class_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "ssl.class");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
}

/* pushes the metatable of the objects of the class on the top */
static void newmetatable (lua_State *L, const char *name) {
  lua_createtable(L, 0, 3);
  lua_pushfstring(L, "ssl.%s", name);
  lua_setfield(L, -2, "__name");
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "class");
}

/*
** Pushes the shared object of a want-error: an empty table that reads through
** its metatable, so that nobody can change it for the others.
*/
static void newwant (lua_State *L, ErrorKind kind, int code,
                     const char *text) {
  lua_newtable(L);
  lua_newtable(L);  /* its own metatable */
  lua_pushstring(L, text);
  lssl_newerror(L, kind);
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "where");
  lssl_seterrno(L, code, text);
  lua_getmetatable(L, -1);
  lua_getfield(L, -1, "class");
  lua_setfield(L, -4, "class");
  lua_getfield(L, -1, "__name");
  lua_setfield(L, -4, "__name");
  lua_pop(L, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, readonly);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
}

/*
** A base must be made before what derives from it; ErrorKind has ValueError
** after CertVerify, of which it is a base.
*/
static const ErrorKind order[LSSL_ERRORKINDS] = {
  LSSL_ERROR, LSSL_VALUEERROR, LSSL_NOTIMPLEMENTED, LSSL_OSERROR,
  LSSL_TIMEOUT, LSSL_SSLERROR, LSSL_ZERORETURN, LSSL_WANTREAD, LSSL_WANTWRITE,
  LSSL_SYSCALL, LSSL_EOF, LSSL_CERTVERIFY, LSSL_PERMISSION
};

void lssl_openerrorclasses (lua_State *L) {
  int module = lua_gettop(L), i;
  lua_createtable(L, LSSL_ERRORKINDS + 2, 0);
  lssl_pushstate(L);
  lua_pushvalue(L, module + 1);
  lua_setiuservalue(L, -2, LSSL_UVERRORS);
  lua_pop(L, 1);
  for (i = 0; i < LSSL_ERRORKINDS; i++) {
    const char *name = classes[order[i]].name;
    newclass(L, (int)order[i], module + 1);
    newmetatable(L, name);
    lua_rawseti(L, module + 1, (lua_Integer)order[i] + 1);
    lua_setfield(L, module, name);
  }
  lua_getfield(L, module, "SSLCertVerificationError");
  lua_setfield(L, module, "CertificateError");
  newwant(L, LSSL_WANTREAD, 2, "The operation did not complete (read)");
  lua_rawseti(L, module + 1, LSSL_ERRORKINDS + 1);
  newwant(L, LSSL_WANTWRITE, 3, "The operation did not complete (write)");
  lua_rawseti(L, module + 1, LSSL_ERRORKINDS + 2);
  lua_settop(L, module);
}

/* }====================================================== */
