/*
** cookies.h - the cookies of DTLS, by which a server learns that a client receives
** what is sent to its address, before it remembers anything of the client.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_cookies_h
#define lssl_context_cookies_h

#include <openssl/ssl.h>

#define LSSL_COOKIEKEY	32

/* What a listening socket makes cookies with: a key, and the one before it. */
typedef struct CookieKeys {
  unsigned char key[2][LSSL_COOKIEKEY];
  double since;			/* when the first was made, on lssl_now's clock */
} CookieKeys;

/* Whose cookie it is: a client's address as bytes. */
typedef struct Cookie {
  const CookieKeys *keys;
  unsigned char address[24];
  size_t size;
} Cookie;

/* Makes the first keys; new ones when it is time. 0 if OpenSSL has no random bytes. */
int lssl_startcookies (CookieKeys *keys);
int lssl_renewcookies (CookieKeys *keys);

/* Has OpenSSL ask for cookies of connections of 'ctx' here: see Caller.cookie. */
void lssl_usecookies (SSL_CTX *ctx);

#endif
