/*
** bundle.c - OpenSSL's default file of trusted certificates. Parsing it takes
** a hundred times as long as adding what it gave to one store more.
** SPDX-License-Identifier: MIT
*/
#include <string.h>
#include <time.h>

#include <openssl/x509.h>

#include "base/class.h"
#include "base/environment.h"
#include "base/outcome.h"
#include "base/platform.h"
#include "x509/bundle.h"

/* its address is the key in the registry of {path, box of the Bundle} */
static const char bundlekey = 0;

/* seconds within which a file may change again and look the same */
#define UNSETTLED	2

typedef struct Bundle {
  STACK_OF(X509_OBJECT) *objects;	/* ours */
  FileState file;		/* as it was before it was read */
} Bundle;

static void freeobjects (STACK_OF(X509_OBJECT) *objects) {
  sk_X509_OBJECT_pop_free(objects, X509_OBJECT_free);
}

static void freebundle (void *p) {
  Bundle *b = (Bundle *)p;
  freeobjects(b->objects);
  OPENSSL_free(b);
}

/*
** {======================================================
** Objects of a store
** =======================================================
*/

#if OPENSSL_VERSION_NUMBER >= 0x30300000L

STACK_OF(X509_OBJECT) *lssl_storeobjects (X509_STORE *store) {
  return X509_STORE_get1_objects(store);
}

#else

static X509_OBJECT *copyobject (const X509_OBJECT *from) {
  X509_OBJECT *to = X509_OBJECT_new();
  int ok = to != NULL;
  if (ok && X509_OBJECT_get_type(from) == X509_LU_X509)
    ok = X509_OBJECT_set1_X509(to, X509_OBJECT_get0_X509(from));
  else if (ok && X509_OBJECT_get_type(from) == X509_LU_CRL)
    ok = X509_OBJECT_set1_X509_CRL(to, X509_OBJECT_get0_X509_CRL(from));
  if (!ok) {
    X509_OBJECT_free(to);
    to = NULL;
  }
  return to;
}

STACK_OF(X509_OBJECT) *lssl_storeobjects (X509_STORE *store) {
  STACK_OF(X509_OBJECT) *copy;
  X509_STORE_lock(store);
  copy = sk_X509_OBJECT_deep_copy(X509_STORE_get0_objects(store), copyobject,
                                  X509_OBJECT_free);
  X509_STORE_unlock(store);
  return copy;
}

#endif

static int addobjects (X509_STORE *store, STACK_OF(X509_OBJECT) *objects) {
  int i, ok = 1;
  for (i = 0; ok && i < sk_X509_OBJECT_num(objects); i++) {
    X509_OBJECT *object = sk_X509_OBJECT_value(objects, i);
    if (X509_OBJECT_get_type(object) == X509_LU_CRL)
      ok = X509_STORE_add_crl(store, X509_OBJECT_get0_X509_CRL(object));
    else if (X509_OBJECT_get_type(object) == X509_LU_X509)
      ok = X509_STORE_add_cert(store, X509_OBJECT_get0_X509(object));
  }
  return ok;
}

/* }====================================================== */


/*
** {======================================================
** The file
** =======================================================
*/

static int unchanged (const FileState *a, const FileState *b) {
  return a->device == b->device && a->number == b->number &&
         a->size == b->size && a->modified == b->modified &&
         a->changed == b->changed &&
         a->modifiedfraction == b->modifiedfraction &&
         a->changedfraction == b->changedfraction;
}

/* what is in the file, as the caller's own; NULL if it is not right */
static STACK_OF(X509_OBJECT) *parse (const char *path) {
  X509_STORE *store = X509_STORE_new();
  STACK_OF(X509_OBJECT) *objects = NULL;
  if (store != NULL && X509_STORE_load_file(store, path))
    objects = lssl_storeobjects(store);
  X509_STORE_free(store);
  return objects;
}

/* fills the box on the top with the file's contents; NULL if it has none */
static Bundle *readbundle (void **box, const char *path,
                           const FileState *file) {
  STACK_OF(X509_OBJECT) *objects = parse(path);
  Bundle *b = objects ? (Bundle *)OPENSSL_malloc(sizeof *b) : NULL;
  if (b == NULL) {
    freeobjects(objects);
    return NULL;
  }
  b->objects = objects;
  b->file = *file;
  *box = b;
  return b;
}

/* pushes the kept bundle, or nil; returns it if it is this file's */
static Bundle *pushkept (lua_State *L, const char *path,
                         const FileState *file) {
  int top = lua_gettop(L);
  Bundle *b = NULL;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &bundlekey) == LUA_TTABLE) {
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    if (strcmp(lua_tostring(L, -2), path) == 0)
      b = (Bundle *)lssl_unbox(L, -1);
    if (b != NULL && !unchanged(&b->file, file))
      b = NULL;
    lua_replace(L, top + 1);
  }
  lua_settop(L, top + 1);
  return b;
}

/* keeps the bundle in the box on the top */
static void keep (lua_State *L, const char *path) {
  lua_createtable(L, 2, 0);
  lua_pushstring(L, path);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &bundlekey);
}

/* may the file change again in a way that 'unchanged' cannot see? */
static int unsettled (const FileState *file) {
  time_t now = time(NULL);
  return file->kind != FILE_REGULAR || file->modified > now - UNSETTLED ||
         file->changed > now - UNSETTLED;
}

int lssl_adddefaults (lua_State *L, X509_STORE *store) {
  int top = lua_gettop(L), ok = 1;
  const char *path;
  FileState file;
  Bundle *b;
  luaL_checkstack(L, 8, NULL);
  path = lssl_askvariable(L, X509_get_default_cert_file_env());
  if (path == NULL)
    path = X509_get_default_cert_file();
  if (lssl_filestate(path, &file) != 0) {
    lua_settop(L, top);
    return 1;
  }
  b = pushkept(L, path, &file);
  if (b == NULL) {
    b = readbundle(lssl_newbox(L, freebundle), path, &file);
    if (b != NULL && !unsettled(&file))
      keep(L, path);
  }
  lssl_clearerrors();
  if (b != NULL)
    ok = addobjects(store, b->objects);
  lua_settop(L, top);
  return ok;
}

/* }====================================================== */
