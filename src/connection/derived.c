/*
** derived.c - classes that programs derive from SSLSocket and SSLObject.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/errors.h"
#include "connection/derived.h"

/*
** The key, in a derived class's metatable, of the metatable of its objects;
** in that, of the Class.
*/
static const char objects = 0;

/*
** {======================================================
** Objects
** =======================================================
*/

/*
** __index: a field of the object, what its class or one of those above has,
** what a getter gives, else nil. Upvalues: Class, the derived class, getters.
*/
static int derived_index (lua_State *L) {
  const Class *c = lssl_upvalueclass(L, 1);
  lua_CFunction getter;
  lua_settop(L, 2);
  lssl_checkforeign(L, c);
  if (lua_getiuservalue(L, 1, c->fields) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
      return 1;
  }
  lua_pushvalue(L, 2);
  if (lua_gettable(L, lua_upvalueindex(2)) != LUA_TNIL)
    return 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(3));
  getter = lua_tocfunction(L, -1);
  if (getter == NULL)
    return 1;  /* nil */
  lua_settop(L, 2);
  return getter(L);
}

/* pushes the fields of the object at index 1 */
static void pushfields (lua_State *L, const Class *c) {
  if (lua_getiuservalue(L, 1, c->fields) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, c->fields);
  }
}

/* __newindex. Upvalues: Class, setters, getters. */
static int derived_newindex (lua_State *L) {
  const Class *c = lssl_upvalueclass(L, 1);
  lua_CFunction setter;
  lua_settop(L, 3);
  lssl_checkforeign(L, c);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(2));
  setter = lua_tocfunction(L, -1);
  if (setter != NULL) {
    lua_settop(L, 3);
    return setter(L);
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(3)) != LUA_TNIL)
    return lssl_stringerror(L, "attribute '%s' of '%s' is not writable",
                            lua_tostring(L, 2), c->name);
  lua_settop(L, 3);
  pushfields(L, c);
  lua_insert(L, 2);
  lua_rawset(L, 2);
  return 0;
}

/* __close: the method 'close', which may be the derived class's own */
static int derived_close (lua_State *L) {
  lua_settop(L, 1);
  lua_getfield(L, 1, "close");
  lua_insert(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* upvalue: what goes before the address */
static int object_tostring (lua_State *L) {
  lua_pushfstring(L, "%s: %p", lua_tostring(L, lua_upvalueindex(1)),
                  lua_topointer(L, 1));
  return 1;
}

static int class_tostring (lua_State *L) {
  lua_pushfstring(L, "class: %s", lua_tostring(L, lua_upvalueindex(1)));
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Classes
** =======================================================
*/

/*
** Pushes the metatable of the objects of the class at 'index': of 'c', or
** derived from it. 0, nothing, for anything else.
*/
static int pushobjects (lua_State *L, int index, const Class *c) {
  int top = lua_gettop(L);
  luaL_getmetatable(L, c->tname);
  lua_getfield(L, -1, "class");
  if (lua_rawequal(L, -1, index)) {
    lua_pop(L, 1);
    return 1;
  }
  if (lua_istable(L, index) && lua_getmetatable(L, index) &&
      lua_rawgetp(L, -1, &objects) == LUA_TTABLE) {
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    lua_rawgetp(L, -1, &objects);
    if (lua_touserdata(L, -1) == c) {
      lua_pop(L, 1);
      return 1;
    }
  }
  lua_settop(L, top);
  return 0;
}

/* sets 'event' of the metatable on the top to 'f', upvalue the name at 'name' */
static void setnamed (lua_State *L, const char *event, lua_CFunction f,
                      int name) {
  lua_pushvalue(L, name);
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, event);
}

/* the places of extend's arguments, and of what it makes */
enum { PARENT = 1, MEMBERS, ROOT, CLASS, NAME, META };

/* copies 'field' of the metatable at ROOT to META, the top */
static void inherit (lua_State *L, const char *field) {
  lua_getfield(L, ROOT, field);
  lua_setfield(L, META, field);
}

/* sets 'event': upvalues 'c', the field 'first' or the class, and getters */
static void setaccess (lua_State *L, const Class *c, const char *event,
                       lua_CFunction f, const char *first) {
  lssl_pushclass(L, c);
  if (first != NULL)
    lua_getfield(L, ROOT, first);
  else
    lua_pushvalue(L, CLASS);
  lua_getfield(L, ROOT, "getters");
  lua_pushcclosure(L, f, 3);
  lua_setfield(L, META, event);
}

/* pushes the metatable of the new class's objects: META */
static void newobjects (lua_State *L, const Class *c) {
  lua_newtable(L);
  inherit(L, "__gc");
  inherit(L, "__metatable");
  if (c->close != NULL) {
    lua_pushcfunction(L, derived_close);
    lua_setfield(L, META, "__close");
  }
  setnamed(L, "__tostring", object_tostring, NAME);
  lua_pushvalue(L, NAME);
  lua_setfield(L, META, "__name");
  lua_pushvalue(L, CLASS);
  lua_setfield(L, META, "class");
  setaccess(L, c, "__index", derived_index, NULL);
  setaccess(L, c, "__newindex", derived_newindex, "setters");
  lssl_pushclass(L, c);
  lua_rawsetp(L, META, &objects);
}

/* pushes the new class with its members: CLASS, and its name: NAME */
static void newclass (lua_State *L) {
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, MEMBERS)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, CLASS);
  }
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, PARENT);
  lua_rawseti(L, -2, 1);
  lua_setfield(L, CLASS, "bases");
  lua_pushliteral(L, "__name");
  if (lua_rawget(L, CLASS) != LUA_TSTRING) {
    lua_pop(L, 1);
    lua_getfield(L, PARENT, "__name");
    lua_pushvalue(L, -1);
    lua_setfield(L, CLASS, "__name");
  }
}

/* gives the class at CLASS its metatable, which knows META */
static void finishclass (lua_State *L) {
  lua_createtable(L, 1, 4);
  lua_pushvalue(L, PARENT);
  lua_setfield(L, -2, "__index");
  setnamed(L, "__tostring", class_tostring, NAME);
  lua_pushliteral(L, "ssl.class");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "ssl.class");
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, META);
  lua_rawsetp(L, -2, &objects);
  lua_setmetatable(L, CLASS);
}

/*@ SSLSocket:extend([members])
** Derives a class from `ssl.SSLSocket`, or from a class derived from it. To get
** connections of your class, set a context's `sslsocket_class` to it.
**
** Each connection has fields of its own. A name is looked up first among these
** fields, then in the connection's class, then in the classes above, and last
** among the attributes. You cannot replace an attribute of `SSLSocket`. You call
** the method of the class above as `ssl.SSLSocket.recv(conn, n)`. Methods never
** call each other by name, so a method of yours does not change what other
** methods do.
** - `members` (table): methods and other values, which are copied. You may add more
**   to the class later. `__name` (string) is the name that `tostring` shows.
** Returns the class (table). Raises a string error for other types.
** Since: an addition; in CPython a class statement.
**
** Type: fun(members?: table): table
**
**     local Counting = ssl.SSLSocket:extend({ __name = "Counting", received = 0 })
**     function Counting:recv(n)
**       local data = ssl.SSLSocket.recv(self, n)
**       self.received = self.received + #(data or "")
**       return data
**     end
**     ctx.sslsocket_class = Counting
**     local socket = require "socket"
**     local c <close> = ctx:wrap_socket(socket.tcp(), { server_hostname = "localhost" })
**     c:connect(host, port)
**     c:sendall("hello")
**     c:recv(5)
**     assert(c.received == 5 and ssl.isinstance(c, Counting))
*/
/*@ SSLObject:extend([members])
** Derives a class from `ssl.SSLObject`, as `SSLSocket:extend` does from
** `ssl.SSLSocket`; for a context's `sslobject_class`.
** - `members` (table): methods and other values, which are copied.
** Returns the class (table). Raises a string error for other types.
** Since: an addition; in CPython a class statement.
**
** Type: fun(members?: table): table
**
**     local Mine = ssl.SSLObject:extend({ hello = function(self) return self:write("hello") end })
**     ctx.sslobject_class = Mine
**     local object = ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
**     assert(object.hello == Mine.hello)
*/
static int class_extend (lua_State *L) {
  const Class *c = lssl_upvalueclass(L, 1);
  lua_settop(L, 2);
  if (lua_isnil(L, MEMBERS)) {
    lua_newtable(L);
    lua_replace(L, MEMBERS);
  }
  if (!lua_istable(L, MEMBERS))
    return lssl_typeerror(L, MEMBERS, ":extend", "table");
  if (!pushobjects(L, PARENT, c))
    return lssl_typeerror(L, PARENT, ":extend", "class");
  luaL_getmetatable(L, c->tname);
  lua_replace(L, ROOT);
  newclass(L);
  newobjects(L, c);
  finishclass(L);
  lua_settop(L, CLASS);
  return 1;
}

void lssl_openderived (lua_State *L, const Class *c) {
  luaL_getmetatable(L, c->tname);
  lua_getfield(L, -1, "class");
  lssl_pushclass(L, c);
  lua_pushcclosure(L, class_extend, 1);
  lua_setfield(L, -2, "extend");
  lua_getmetatable(L, -1);
  lua_getfield(L, -3, "methods");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 3);
}

void lssl_setclass (lua_State *L, int object, const Class *c) {
  if (!lua_isnil(L, -1) && pushobjects(L, lua_gettop(L), c)) {
    lua_setmetatable(L, object);
  }
  lua_pop(L, 1);
}

/* }====================================================== */


int lssl_getclass (lua_State *L, const Class *c, int which) {
  if (lua_getiuservalue(L, 1, which) == LUA_TNIL) {
    luaL_getmetatable(L, c->tname);
    lua_getfield(L, -1, "class");
  }
  return 1;
}

int lssl_changeclass (lua_State *L, const Class *c, int which,
                      const char *attribute) {
  if (!lua_isnil(L, 3)) {
    if (!pushobjects(L, 3, c)) {
      lua_pushfstring(L, "not a subclass of %s", c->name);
      return lssl_valuetypeerror(L, attribute, lua_tostring(L, -1));
    }
    lua_settop(L, 3);
  }
  lua_setiuservalue(L, 1, which);
  return 0;
}
