/*
** class.h - userdata classes: one description per class, from which come its
** metatable, its attributes, and the one function that ends its objects.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_class_h
#define lssl_base_class_h

#include "base/common.h"

typedef struct Class {
  const char *name;		/* "SSLContext" */
  const char *tname;		/* "ssl.SSLContext": __name, registry key */
  size_t size;			/* of a struct that begins with an Object */
  int uservalues;
  int fields;			/* which of them derived classes use; 0: none */
  /*
  ** KiB that OpenSSL allocates for one that only the collector ends: it sees a
  ** few hundred bytes itself, and would let thousands wait. 0: not counted.
  */
  int weight;
  /*
  ** Ends an object: run by __gc. Never raises, blocks, or touches another
  ** userdata or the network; works on an object that was never filled.
  */
  void (*release) (void *object);
  /* Raises where an object's attributes may not be set; or NULL. */
  void (*guard) (lua_State *L, const void *object);
  /* What to warn of when __gc finds an object so; may be NULL, or give it. */
  const char *(*complaint) (const void *object);
  const luaL_Reg *methods;
  const luaL_Reg *getters;	/* called with (self, name) */
  const luaL_Reg *setters;	/* called with (self, name, value) */
  const luaL_Reg *statics;	/* fields of the class itself; may be NULL */
  lua_CFunction call;		/* Class(...); NULL: not to be called */
  lua_CFunction tostring;	/* NULL: the name and the address */
  lua_CFunction close;		/* __close, or NULL */
  lua_CFunction length;		/* __len, or NULL */
} Class;

/*
** What each object begins with: the address of its Class mixed with its own.
** Its class is told by this, not by its metatable: so a check is one
** comparison, and holds whatever becomes of metatables. A derived class has no
** Class of its own, an object that has ended is of none. A userdata of another
** module, even one that was never filled, does not begin so by chance: the
** bare addresses of classes lie in what Lua has freed, but this word only where
** an object was and its finalizer did not run, for which debug.setmetatable has
** to take it away, or the state to close while the object is made.
*/
typedef struct Object {
  uintptr_t mark;		/* 0: ended, or not yet made */
} Object;

/*
** Makes the class and sets it as field 'name' of the table on the top.
** Methods are closures whose upvalue is the Class, a light userdata.
*/
void lssl_openclass (lua_State *L, const Class *c);

/*
** The same for a class of methods alone, as LuaSec's are: getmetatable gives
** programs a table whose '__index' is the plain table of them. There is no '__gc'
** in it: a finalizer that calls that would free an object under its method.
*/
void lssl_openplainclass (lua_State *L, const Class *c);

/*
** Adds to a class what another file has for it; any of the three may be NULL.
** Methods are closures as those of the class itself.
*/
void lssl_extendclass (lua_State *L, const Class *c, const luaL_Reg *methods,
                       const luaL_Reg *getters, const luaL_Reg *setters);

/* A Class as an upvalue of functions: pushes it, and finds it again. */
void lssl_pushclass (lua_State *L, const Class *c);
const Class *lssl_upvalueclass (lua_State *L, int upvalue);

/* Pushes a new zeroed object, which __gc already watches over. */
void *lssl_newobject (lua_State *L, const Class *c);

/* The object at 'arg', or NULL if it is of another type. Never raises. */
void *lssl_testobject (lua_State *L, int arg, const Class *c);

/* As lssl_testobject, but raises; 'name' as for lssl_argerror. */
void *lssl_checkobject (lua_State *L, int arg, const Class *c,
                        const char *name);

/* The self of a method: the object at index 1. Raises. */
void *lssl_self (lua_State *L, const Class *c);

/*
** The same for a method that several classes share: an object of the class
** that this function was registered for. 'expected' names them all.
*/
void *lssl_sharedself (lua_State *L, const char *expected);

/* Raises unless index 1, self in an access to an attribute, is of class 'c'. */
void lssl_checkforeign (lua_State *L, const Class *c);

/* _methods(name): the table of a class's methods, for the prelude to add to */
int lssl_methods (lua_State *L);

/* ssl.isinstance(x, class) */
int lssl_isinstance (lua_State *L);

/*
** A box: a userdata that owns one pointer until it is collected, so that
** raising Lua calls may follow. Made before the pointer is acquired.
*/
typedef void (*Free) (void *p);
void **lssl_newbox (lua_State *L, Free f);

/* What is in the box at 'index'. Never raises. */
void *lssl_unbox (lua_State *L, int index);

/* Empties the box at 'index' now. */
void lssl_emptybox (lua_State *L, int index);

/* For lssl_openclass's users: run once, before any class or box is made. */
void lssl_openboxes (lua_State *L);

#endif
