/*
** plaintext.c - what is left of a record when a small read has taken its part.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>

#include "base/outcome.h"
#include "connection/plaintext.h"

void lssl_keeptext (Plaintext *p, SSL *ssl) {
  size_t size = (size_t)SSL_pending(ssl);
  if (size == 0)
    return;
  p->data = (unsigned char *)OPENSSL_malloc(size);
  p->start = p->end = 0;
  if (p->data == NULL)  /* it stays in OpenSSL, whose queue has an entry now */
    lssl_clearerrors();
  else if (SSL_read_ex(ssl, p->data, size, &p->end) != 1) {
    lssl_droptext(p, 0);
    lssl_clearerrors();
  }
}

void lssl_settext (Plaintext *p, unsigned char *data, size_t size) {
  p->data = data;
  p->start = 0;
  p->end = size;
}

size_t lssl_textsize (const Plaintext *p) {
  return p->end - p->start;
}

void lssl_droptext (Plaintext *p, size_t size) {
  p->start += size;
  if (p->start == p->end) {
    OPENSSL_free(p->data);
    p->data = NULL;
    p->start = p->end = 0;
  }
}

size_t lssl_showtext (const Plaintext *p, void *data, size_t size) {
  size_t n = lssl_textsize(p);
  if (n > size)
    n = size;
  memcpy(data, p->data + p->start, n);
  return n;
}

size_t lssl_taketext (Plaintext *p, void *data, size_t size) {
  size_t n = lssl_showtext(p, data, size);
  lssl_droptext(p, n);
  return n;
}
