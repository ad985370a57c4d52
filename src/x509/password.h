/*
** password.h - the password of an encrypted key, from a string, a bytearray or
** a function, for OpenSSL to ask for. It is never asked for at the terminal.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_password_h
#define lssl_x509_password_h

#include "base/common.h"

typedef struct Password {
  lua_State *L;
  int value;			/* index of what the caller gave, or of nil */
  int error;			/* index where an error raised is kept */
  int failed;			/* one was */
  int missed;			/* OpenSSL asked, and none was given */
  int asked;			/* it asked, and got one */
} Password;

/*
** Takes the argument at 'arg' for the password and pushes one value, which
** has to stay where it is for as long as OpenSSL may ask. May raise.
*/
void lssl_newpassword (lua_State *L, Password *p, int arg, const char *name);

/*
** The callback for OpenSSL, with a Password as its 'userdata'. Never raises.
** Nothing of ours keeps a copy of the password.
*/
int lssl_askpassword (char *buffer, int size, int writing, void *userdata);

/* Raises what was raised while OpenSSL asked, if anything was. */
void lssl_checkpassword (Password *p);

#endif
