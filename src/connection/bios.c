/*
** bios.c - how the BIOs of this room are described and made.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>

#include "connection/bios.h"

BIO_METHOD *lssl_describebio (int type, const char *name,
              int (*onwrite) (BIO *bio, const char *data, size_t size,
                              size_t *written),
              int (*onread) (BIO *bio, char *data, size_t size, size_t *got),
              long (*onctrl) (BIO *bio, int command, long number, void *p),
              int (*onfree) (BIO *bio)) {
  BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | type,
                               name);
  if (m != NULL && BIO_meth_set_write_ex(m, onwrite) &&
      BIO_meth_set_read_ex(m, onread) && BIO_meth_set_ctrl(m, onctrl) &&
      BIO_meth_set_destroy(m, onfree))
    return m;
  BIO_meth_free(m);
  return NULL;
}

BIO *lssl_makebio (const BIO_METHOD *method, size_t size) {
  void *data = (method != NULL) ? OPENSSL_zalloc(size) : NULL;
  BIO *bio = (data != NULL) ? BIO_new(method) : NULL;
  if (bio == NULL) {
    OPENSSL_free(data);
    return NULL;
  }
  BIO_set_data(bio, data);
  BIO_set_init(bio, 1);
  return bio;
}
