/*
** buffers.c - OpenSSL's buffers of a connection: when it keeps them.
** SPDX-License-Identifier: MIT
**
** An idle connection keeps none. SSL_MODE_RELEASE_BUFFERS has OpenSSL free the
** buffer for reading when nothing waits in it, and the one for writing after each
** record. A handshake writes many records, so it goes without that mode. What it
** leaves behind is freed here; so is what TLS 1.3 leaves that sends tickets, which
** a client reads with the first data.
**
** Since OpenSSL 3.2, each new key of a handshake brings a new record layer, with the
** mode and the size of that moment. There the handshake has what follows it.
*/
#include <openssl/crypto.h>

#include "connection/buffers.h"
#include "connection/transport.h"

/* what one read from a socket may bring; four records measured best */
#define READBUFFER	(64 * 1024)

/* OpenSSL's own size: no record of a handshake needs more */
#define HANDSHAKEBUFFER	0

/* values of 'fresh' */
enum {
  USED,				/* the handshake's buffers are gone */
  STARTED,			/* it has begun, and keeps them */
  UNREAD			/* it is over, and nothing was read since */
};

/* plaintext that waits, and a record's part that came with another, are in one */
static int freebuffers (SSL *ssl) {
  if (SSL_has_pending(ssl))
    return 0;
  SSL_free_buffers(ssl);
  return 1;
}

void lssl_newbuffers (Buffers *b, SSL *ssl, int ahead) {
  b->fresh = USED;
  b->releases = (SSL_get_mode(ssl) & SSL_MODE_RELEASE_BUFFERS) != 0;
  b->differ = (OpenSSL_version_num() < 0x30200000UL);
  b->ahead = (unsigned char)ahead;
  if (ahead) {
    SSL_set_read_ahead(ssl, 1);
    SSL_set_default_read_buffer_len(ssl, READBUFFER);
  }
}

/* there may be buffers, and a part of a record in one of them */
void lssl_adoptbuffers (Buffers *b) {
  b->fresh = STARTED;
  b->releases = b->differ = b->ahead = 0;
}

void lssl_keepbuffers (Buffers *b, SSL *ssl) {
  if (b->fresh == STARTED)
    return;
  b->fresh = STARTED;
  if (b->differ) {
    SSL_clear_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    if (b->ahead)
      SSL_set_default_read_buffer_len(ssl, HANDSHAKEBUFFER);
  }
}

static void endhandshake (Buffers *b, SSL *ssl) {
  b->fresh = UNREAD;
  if (b->differ) {
    if (b->releases)
      SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    if (b->ahead)
      SSL_set_default_read_buffer_len(ssl, READBUFFER);
  }
}

/*
** A socket's connection often goes on at once, with the same buffers. For one in
** memory nobody can tell later whether a part of a record has come.
*/
void lssl_endbuffers (Buffers *b, SSL *ssl) {
  if (b->fresh != STARTED)
    return;
  endhandshake(b, ssl);
  if (!b->ahead || !b->differ)
    freebuffers(ssl);
  else if (!SSL_has_pending(ssl))
    lssl_forgetbytes(SSL_get_rbio(ssl));
}

void lssl_waitbuffers (const Buffers *b, SSL *ssl) {
  if (b->fresh == UNREAD && b->ahead && b->differ &&
      !lssl_hasbytes(SSL_get_rbio(ssl)))
    SSL_free_buffers(ssl);
}

void lssl_readbuffers (Buffers *b, SSL *ssl) {
  if (b->fresh == STARTED)
    endhandshake(b, ssl);
  if (freebuffers(ssl))
    b->fresh = USED;
}
