/*
** dtls.c - what DTLS needs of an SSL: the size of its datagrams, and its timer.
** SPDX-License-Identifier: MIT
*/
#include "base/platform.h"
#include "context/dtls.h"
#include "connection/dtls.h"

/*
** OpenSSL gathers the records of a flight in a buffer of this size. A larger
** datagram would not pass it in one piece.
*/
#define MOSTHANDSHAKE	4096

/*
** What GCM adds to a record, and OpenSSL does not count before 3.2 when it cuts the
** messages of a handshake.
*/
#define UNCOUNTED	24

/* the protocol's longest record */
#define MOSTDATA	SSL3_RT_MAX_PLAIN_LENGTH

void lssl_setmtu (SSL *ssl, unsigned int mtu) {
  SSL_set_mtu(ssl, (mtu < MOSTHANDSHAKE ? (long)mtu : MOSTHANDSHAKE) - UNCOUNTED);
}

/* nobody is asked for the size, nor is it changed where datagrams are lost */
void lssl_startdtls (SSL *ssl, unsigned int mtu) {
  SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
  SSL_clear_options(ssl, SSL_OP_COOKIE_EXCHANGE);
  lssl_setmtu(ssl, mtu);
  lssl_preparedtls(ssl);
}

/* for data OpenSSL counts all, of the true size */
size_t lssl_roomfordata (SSL *ssl, unsigned int mtu) {
  size_t room;
  SSL_set_mtu(ssl, (long)mtu);
  room = DTLS_get_data_mtu(ssl);
  lssl_setmtu(ssl, mtu);
  return room < MOSTDATA ? room : MOSTDATA;
}

double lssl_timeleft (SSL *ssl) {
  struct timeval left;
  if (!SSL_in_init(ssl) || DTLSv1_get_timeout(ssl, &left) != 1)
    return -1;
  return (double)left.tv_sec + (double)left.tv_usec * 1e-6;
}
