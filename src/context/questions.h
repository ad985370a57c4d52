/*
** questions.h - what OpenSSL asks in the middle of a handshake, and the program
** may take its time to answer.
** SPDX-License-Identifier: MIT
**
** OpenSSL's callback has no answer the first time: it notes the question in the
** Caller and has the handshake stop. Outside of OpenSSL, where it may yield, the
** program's function is called (suspended.c). The handshake goes on with another
** attempt, in which OpenSSL asks again, and gets the answer. verify_callback may be
** asked several times before (checks.h).
*/
#ifndef lssl_context_questions_h
#define lssl_context_questions_h

#include "base/callback.h"
#include "context/context.h"

void lssl_openquestions (lua_State *L);

/*
** Pushes the function that answers what 'who' was asked, and its arguments, whose
** number it returns. Value 1 of the frame is the caller's object. May raise.
*/
int lssl_pushquestion (lua_State *L, Caller *who, SSL *ssl);

/* Has OpenSSL ask what the context at 1 wants to be asked of a ClientHello. */
void lssl_askhello (lua_State *L, Context *c);

/* How many values an answer has: the function's result, and what a store said. */
#define LSSL_ANSWERS	2

/*
** Keeps the answer that is on the top; or the error, by lua_pcallk's 'status', as
** the cause of the handshake's end. 'ssl' is NULL if the connection has ended.
*/
void lssl_takeanswer (lua_State *L, Caller *who, SSL *ssl, int status);

/* After an answer: is there another question before OpenSSL can go on? */
int lssl_asksmore (const Caller *who);

#endif
