/*
** advice.h - what a person can do about a handshake that failed.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_advice_h
#define lssl_connection_advice_h

#include "base/outcome.h"

/* A text that stays, for the failure 'o' of 'ssl' (or NULL); or NULL. */
const char *lssl_advice (const SSL *ssl, const Outcome *o);

#endif
