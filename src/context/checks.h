/*
** checks.h - what verify_callback is asked in the middle of a check, when it may
** take its time to answer.
** SPDX-License-Identifier: MIT
**
** The first time, OpenSSL checks the chain to its end, or to the first error, as
** if there were no callback, and the questions are kept. The program answers them
** outside of OpenSSL (suspended.c). Then OpenSSL checks once more. An answer
** holds for the very same question alone; another question is asked anew.
*/
#ifndef lssl_context_checks_h
#define lssl_context_checks_h

#include "base/callback.h"

/* A question, as an array: the values that it is about, and the answer. */
enum {
  LSSL_CHECKOK = 1,		/* a boolean */
  LSSL_CHECKERROR,
  LSSL_CHECKDEPTH,
  LSSL_CHECKDER,		/* a string or false */
  LSSL_CHECKKEY,		/* a string or false */
  LSSL_CHECKANSWER		/* a boolean; nil: not yet */
};

/*
** For a body of lssl_protected, whose object is at 2: the answer to the question on
** the top, which is popped. If there is none yet, the question is kept, and the
** answer for the time being is 'ok'. May raise.
*/
int lssl_findcheck (lua_State *L, Caller *who, int ok);

/*
** For the object at 1: pushes the first question that has no answer; gives it the
** answer, < 0 for OpenSSL's. After another one, the later questions are no more.
*/
void lssl_pushcheck (lua_State *L, const Caller *who);
void lssl_settlecheck (lua_State *L, Caller *who, int answer);

/* Drops the questions of the object at 1, if there are any, at the end of a call. */
void lssl_dropchecks (lua_State *L, Caller *who);

#endif
