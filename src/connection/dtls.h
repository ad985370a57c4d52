/*
** dtls.h - what DTLS needs of an SSL: the size of its datagrams, and its timer.
** Knows nothing of Lua, never raises.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_dtls_h
#define lssl_connection_dtls_h

#include <openssl/ssl.h>

/*
** Bytes of a datagram, without the headers of IP and UDP. The default fits into the
** smallest packet that each network of IPv6 carries: 1280 bytes, less 48 for the
** headers.
*/
#define LSSL_DEFAULTMTU	1232
#define LSSL_LEASTMTU	256
#define LSSL_MOSTMTU	65507

/* the headers, by which OpenSSL reckons the least size that it takes */
#define LSSL_MTUOVERHEAD	48

/* Gives a new SSL its timer and the size of its datagrams. */
void lssl_startdtls (SSL *ssl, unsigned int mtu);

/* Sets the size of its datagrams. */
void lssl_setmtu (SSL *ssl, unsigned int mtu);

/* How many bytes one datagram has room for; 0 before the handshake is done. */
size_t lssl_roomfordata (SSL *ssl, unsigned int mtu);

/* Seconds until the timer is over; < 0: there is none. */
double lssl_timeleft (SSL *ssl);

#endif
