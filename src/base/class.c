/*
** class.c - userdata classes, ssl.isinstance, and boxes.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/class.h"
#include "base/errors.h"
#include "base/state.h"

/*
** {======================================================
** Attributes
** =======================================================
*/

const Class *lssl_upvalueclass (lua_State *L, int upvalue) {
  return (const Class *)lua_touserdata(L, lua_upvalueindex(upvalue));
}

void lssl_checkforeign (lua_State *L, const Class *c) {
  if (lssl_testobject(L, 1, c) == NULL)
    lssl_stringerror(L, "attribute of a foreign object");
}

/*
** __index: a method, else what a getter gives, else nil. Upvalues: methods,
** getters (light C functions), the Class.
*/
static int object_index (lua_State *L) {
  lua_CFunction getter;
  lua_pushvalue(L, 2);  /* may be none: a program got hold of this function */
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
    return 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(2));
  getter = lua_tocfunction(L, -1);
  if (getter == NULL)
    return 1;  /* nil */
  lssl_checkforeign(L, lssl_upvalueclass(L, 3));
  lua_settop(L, 2);
  return getter(L);
}

/* __newindex. Upvalues: setters, methods, getters, the Class. */
static int object_newindex (lua_State *L) {
  const Class *c = lssl_upvalueclass(L, 4);
  lua_CFunction setter;
  int known;
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  setter = lua_tocfunction(L, -1);
  if (setter != NULL) {
    lssl_checkforeign(L, c);
    lua_settop(L, 3);
    if (c->guard != NULL)
      c->guard(L, lua_touserdata(L, 1));
    return setter(L);
  }
  lua_pushvalue(L, 2);
  known = lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL;
  lua_pushvalue(L, 2);
  known = lua_rawget(L, lua_upvalueindex(3)) != LUA_TNIL || known;
  return lssl_stringerror(L, known ? "attribute '%s' of '%s' is not writable"
                                   : "no attribute '%s' in '%s'",
                          luaL_tolstring(L, 2, NULL), c->name);
}

static int object_tostring (lua_State *L) {
  lua_pushfstring(L, "%s: %p", lssl_upvalueclass(L, 1)->tname,
                  lua_topointer(L, 1));
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Life
** =======================================================
*/

/* what an object of the class begins with: never 0 */
static uintptr_t markof (const Object *object, const Class *c) {
  return (uintptr_t)object ^ (uintptr_t)c;
}

static int object_gc (lua_State *L) {
  const Class *c = lssl_upvalueclass(L, 1);
  Object *object = (Object *)lssl_testobject(L, 1, c);
  if (object != NULL) {
    const char *text = c->complaint ? c->complaint(object) : NULL;
    if (text != NULL)
      lua_warning(L, text, 0);
    lssl_state(L)->alive--;
    c->release(object);
    object->mark = 0;
    lua_pushnil(L);  /* another finalizer may still see it: now no object */
    lua_setmetatable(L, 1);
  }
  return 0;
}

/*
** Has the collector count 'kib' KiB as allocated. It is asked first, since a
** step would also run one that the program has stopped.
*/
static void charge (lua_State *L, int kib) {
  if (lua_gc(L, LUA_GCISRUNNING) != 1)
    return;
#if LUA_VERSION_NUM >= 505
  lua_gc(L, LUA_GCSTEP, (size_t)kib * 1024);
#else
  lua_gc(L, LUA_GCSTEP, kib);
#endif
}

void *lssl_newobject (lua_State *L, const Class *c) {
  Object *object;
  if (c->weight > 0)
    charge(L, c->weight);
  object = (Object *)lua_newuserdatauv(L, c->size, c->uservalues);
  memset(object, 0, c->size);
  luaL_setmetatable(L, c->tname);
  object->mark = markof(object, c);  /* with a finalizer to take it back */
  lssl_state(L)->alive++;
  return object;
}

void *lssl_testobject (lua_State *L, int arg, const Class *c) {
  Object *object = (Object *)lua_touserdata(L, arg);
  if (object == NULL || lua_rawlen(L, arg) < sizeof *object ||
      object->mark != markof(object, c))
    return NULL;
  return object;
}

void *lssl_checkobject (lua_State *L, int arg, const Class *c,
                        const char *name) {
  void *object = lssl_testobject(L, arg, c);
  if (object == NULL)
    lssl_typeerror(L, arg, name, c->tname);
  return object;
}

static void *self (lua_State *L, const Class *c, const char *expected) {
  void *object = lssl_testobject(L, 1, c);
  if (object == NULL)
    lssl_stringerror(L, "calling a method on bad self (%s expected, got %s)",
                     expected, luaL_typename(L, 1));
  return object;
}

void *lssl_self (lua_State *L, const Class *c) {
  return self(L, c, c->tname);
}

void *lssl_sharedself (lua_State *L, const char *expected) {
  return self(L, lssl_upvalueclass(L, 1), expected);
}

/* }====================================================== */


/*
** {======================================================
** Classes
** =======================================================
*/

/* how far a search goes: a program may make rings of classes, even dense ones */
#define MAXDEPTH	100
#define MAXCLASSES	10000

/*
** Is the class on the top 'wanted' (a table's address), or derived from it, at
** most 'depth' levels up, with 'left' classes left to look at?
*/
static int derives (lua_State *L, const void *wanted, int depth, int *left) {
  int top = lua_gettop(L), found = lua_topointer(L, top) == wanted;
  lua_Integer i;
  if (found || depth == 0 || !lua_istable(L, top) || !lua_checkstack(L, 4))
    return found;
  if (lua_getfield(L, top, "bases") == LUA_TTABLE) {
    for (i = 1; !found && --*left > 0 &&
                lua_rawgeti(L, top + 1, i) == LUA_TTABLE; i++) {
      found = derives(L, wanted, depth - 1, left);
      lua_settop(L, top + 1);
    }
  }
  lua_settop(L, top);
  return found;
}

/*@ ssl.isinstance(value, class)
** Tells whether `value` is an object of `class`, or of a class derived from it.
** - `value` (any): for example an error, or an object of this module.
** - `class` (table): an error class such as `ssl.SSLError`, or `ssl.SSLContext`,
**   `ssl.SSLSocket`, `ssl.SSLObject`, `ssl.SSLSession`, `ssl.MemoryBIO`,
**   `ssl.bytearray`.
** Returns a boolean. Raises a string error if `class` is not a class.
** Since: Python's `isinstance`.
**
** Type: fun(value: any, class: table): boolean
**
**     assert(ssl.isinstance(ctx, ssl.SSLContext))
**     assert(not ssl.isinstance("text", ssl.SSLError))
*/
int lssl_isinstance (lua_State *L) {
  int yes = 0, left = MAXCLASSES;
  if (!lua_istable(L, 2))
    return lssl_typeerror(L, 2, "isinstance", "class");
  lua_settop(L, 2);
  if (lua_getmetatable(L, 1)) {
    lua_pushliteral(L, "class");
    lua_rawget(L, -2);
    yes = derives(L, lua_topointer(L, 2), MAXDEPTH, &left);
  }
  lua_pushboolean(L, yes);
  return 1;
}

int lssl_methods (lua_State *L) {
  lua_pushfstring(L, "ssl.%s", luaL_checkstring(L, 1));
  luaL_getmetatable(L, lua_tostring(L, -1));
  lua_getfield(L, -1, "methods");
  return 1;
}

static int class_call (lua_State *L) {
  lua_remove(L, 1);  /* the class */
  return lssl_upvalueclass(L, 1)->call(L);
}

static int class_tostring (lua_State *L) {
  lua_pushfstring(L, "class: %s", lssl_upvalueclass(L, 1)->name);
  return 1;
}

void lssl_pushclass (lua_State *L, const Class *c) {
  lua_pushlightuserdata(L, (void *)(uintptr_t)c);
}

static void setmeta (lua_State *L, const char *event, const Class *c,
                     lua_CFunction f) {
  if (f != NULL) {
    lssl_pushclass(L, c);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, -2, event);
  }
}

/* pushes a new table, also kept as 'field' of the metatable at 'meta' */
static void newpart (lua_State *L, int meta, const char *field) {
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, meta, field);  /* hidden by __metatable */
}

/* adds 'f' to 'field' of the metatable on the top, as light functions */
static void addfunctions (lua_State *L, const char *field,
                          const luaL_Reg *f) {
  if (f != NULL) {
    lua_getfield(L, -1, field);
    luaL_setfuncs(L, f, 0);
    lua_pop(L, 1);
  }
}

void lssl_extendclass (lua_State *L, const Class *c, const luaL_Reg *methods,
                       const luaL_Reg *getters, const luaL_Reg *setters) {
  luaL_getmetatable(L, c->tname);
  if (methods != NULL) {
    lua_getfield(L, -1, "methods");
    lssl_pushclass(L, c);
    luaL_setfuncs(L, methods, 1);
    lua_pop(L, 1);
  }
  addfunctions(L, "getters", getters);
  addfunctions(L, "setters", setters);
  lua_pop(L, 1);
}

/* pushes the class itself, whose objects have the metatable at 'meta' */
static void newclass (lua_State *L, const Class *c, int meta) {
  lua_newtable(L);
  if (c->statics != NULL)
    luaL_setfuncs(L, c->statics, 0);
  lua_pushstring(L, c->name);
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_setfield(L, meta, "class");
  lua_createtable(L, 0, 3);
  setmeta(L, "__call", c, c->call ? class_call : NULL);
  setmeta(L, "__tostring", c, class_tostring);
  lua_pushliteral(L, "ssl.class");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
}

static void setevents (lua_State *L, const Class *c) {
  setmeta(L, "__gc", c, object_gc);
  setmeta(L, "__close", c, c->close);
  setmeta(L, "__len", c, c->length);
  setmeta(L, "__tostring", c, c->tostring ? c->tostring : object_tostring);
  lua_pushstring(L, c->tname);
  lua_setfield(L, -2, "__metatable");
}

/* __index and __newindex of the metatable at 'meta', the top */
static void setaccess (lua_State *L, const Class *c, int meta) {
  newpart(L, meta, "methods");
  newpart(L, meta, "getters");
  newpart(L, meta, "setters");
  lua_pushvalue(L, meta + 1);
  lua_pushvalue(L, meta + 2);
  lssl_pushclass(L, c);
  lua_pushcclosure(L, object_index, 3);
  lua_setfield(L, meta, "__index");
  lua_pushvalue(L, meta + 1);
  lua_pushvalue(L, meta + 2);
  lssl_pushclass(L, c);
  lua_pushcclosure(L, object_newindex, 4);
  lua_setfield(L, meta, "__newindex");
  lua_settop(L, meta);
}

void lssl_openclass (lua_State *L, const Class *c) {
  int module = lua_gettop(L), meta = module + 1;
  luaL_newmetatable(L, c->tname);
  setaccess(L, c, meta);
  setevents(L, c);
  newclass(L, c, meta);
  lua_setfield(L, module, c->name);
  lssl_extendclass(L, c, c->methods, c->getters, c->setters);
  lua_settop(L, module);
}

/* pushes what getmetatable gives for the metatable on the top */
static void pushvisible (lua_State *L) {
  static const char *const fields[] = {"__index", "__name", "__tostring",
                                       "__close", "__len"};
  int meta = lua_gettop(L);
  size_t i;
  lua_createtable(L, 0, (int)LSSL_COUNT(fields));
  for (i = 0; i < LSSL_COUNT(fields); i++) {
    lua_getfield(L, meta, fields[i]);
    lua_setfield(L, -2, fields[i]);
  }
}

void lssl_openplainclass (lua_State *L, const Class *c) {
  lssl_openclass(L, c);
  luaL_getmetatable(L, c->tname);
  lua_getfield(L, -1, "methods");
  lua_setfield(L, -2, "__index");
  lua_pushnil(L);
  lua_setfield(L, -2, "__newindex");
  pushvisible(L);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

/* }====================================================== */


/*
** {======================================================
** Boxes
** =======================================================
*/

#define BOX	"ssl.box"

typedef struct Box {
  void *p;
  Free free;
} Box;

static void box_release (Box *b) {
  void *p = b->p;
  b->p = NULL;
  if (p != NULL)
    b->free(p);
}

static int box_gc (lua_State *L) {
  Box *b = (Box *)luaL_testudata(L, 1, BOX);
  if (b != NULL)
    box_release(b);
  return 0;
}

void **lssl_newbox (lua_State *L, Free f) {
  Box *b = (Box *)lua_newuserdatauv(L, sizeof *b, 0);
  b->p = NULL;
  b->free = f;
  luaL_setmetatable(L, BOX);
  return &b->p;
}

void *lssl_unbox (lua_State *L, int index) {
  return ((Box *)lua_touserdata(L, index))->p;
}

void lssl_emptybox (lua_State *L, int index) {
  box_release((Box *)lua_touserdata(L, index));
}

void lssl_openboxes (lua_State *L) {
  if (luaL_newmetatable(L, BOX)) {
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__close");
  }
  lua_pop(L, 1);
}

/* }====================================================== */
