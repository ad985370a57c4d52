/*
** bios.h - how the BIOs of this room are described and made. Knows nothing of Lua.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_bios_h
#define lssl_connection_bios_h

#include <stddef.h>

#include <openssl/bio.h>

/*
** Describes a kind of BIO, for as long as the process lives. 'type' is
** BIO_TYPE_DESCRIPTOR for one over a descriptor, else 0. NULL: no memory.
*/
BIO_METHOD *lssl_describebio (int type, const char *name,
              int (*onwrite) (BIO *bio, const char *data, size_t size,
                              size_t *written),
              int (*onread) (BIO *bio, char *data, size_t size, size_t *got),
              long (*onctrl) (BIO *bio, int command, long number, void *p),
              int (*onfree) (BIO *bio));

/*
** A new BIO of that kind. Its data are 'size' bytes, all of them 0, which 'onfree' has
** to free by OPENSSL_free. NULL: no memory, or 'method' is NULL.
*/
BIO *lssl_makebio (const BIO_METHOD *method, size_t size);

#endif
