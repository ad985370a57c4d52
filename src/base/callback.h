/*
** callback.h - how OpenSSL's callbacks reach Lua: through the Lua state of the
** call in progress, by pcall, with errors kept for that call to raise.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_callback_h
#define lssl_base_callback_h

#include <openssl/ssl.h>

#include "base/patience.h"

/*
** Whoever calls OpenSSL: a part of a connection (and of what else has
** callbacks). While it calls, value 1 of L's frame is its Lua object.
*/
typedef struct Caller {
  lua_State *L;			/* NULL outside of a call, and for a file's */
  struct Context *context;	/* the connection's, kept by its user value */
  unsigned char failed;		/* a callback raised; the error is kept */
  unsigned char retried;	/* a HelloRetryRequest came, or went */
  unsigned char naming;		/* a callback may change the context now */
  unsigned char observed;	/* observer.h has a function for it */
  unsigned char asked;		/* what OpenSSL waits for: LSSL_Q* */
  unsigned char answered;	/* that is known: 'answer' */
  unsigned char postpones;	/* verify_callback is to answer later: checks.h */
  unsigned char checked;	/* LSSL_UVCHECKS is this check's */
  int answer;			/* an alert to refuse with; < 0: go on */
  int checks;			/* questions of the check of a chain so far */
  int unsettled;		/* how many of these have no answer yet */
  unsigned char *alpn;		/* the connection's own protocols, ours ... */
  unsigned int alpnsize;
  unsigned char ownalpn;	/* ... which it has in place of the context's */
  unsigned char stored;		/* a server with a session_store: stored.h */
  unsigned char looked;		/* that was asked for the client's session */
  SSL_SESSION *found;		/* what it had, ours; NULL: nothing */
  const struct Rule *rule;	/* a profile's that the peer's chain broke */
  int depth;			/* of the certificate that was not accepted */
  const struct Cookie *cookie;	/* DTLS: whose is asked for; NULL: it was right */
  Patience patience;		/* a connection's, with its socket */
} Caller;

/* user values that a caller's object and its context share the meaning of */
#define LSSL_UVCONTEXT	1	/* the SSLContext */
#define LSSL_UVCAUSE	2	/* what a callback raised */
#define LSSL_UVCHECKS	3	/* a caller's alone: what checks.h keeps */
#define LSSL_UVKEPTSTORE	4	/* of a server: its session_store, if 'stored' */

/* what a Caller may be 'asked' */
enum { LSSL_QNONE, LSSL_QHELLO, LSSL_QCERTIFICATE, LSSL_QCHECK };

/* Ties 'who' to 'ssl' (0: no memory), and finds it again. */
int lssl_setcaller (SSL *ssl, Caller *who);
Caller *lssl_getcaller (const SSL *ssl);

/*
** Calls 'body' from inside an OpenSSL callback, protected: it gets 'data' as
** a light userdata and the caller's object, and answers through 'data'. What
** it raises becomes the cause (the first one stays). Returns 1 if it ran to
** its end, else 0. Never raises.
*/
int lssl_protected (Caller *who, lua_CFunction body, void *data);

/*
** Adds the kept error to the error object on the top as its 'cause' and
** forgets it. 'object' is the caller's index. May raise.
*/
void lssl_setcause (lua_State *L, Caller *who, int object);

/* Raises the kept error itself, if there is one, and forgets it. */
void lssl_raisecause (lua_State *L, Caller *who, int object);

/*
** For 'body': calls a function of the program as lua_call does. OpenSSL waits for
** the answer: if the function tries to yield, the error names the callback and
** says 'instead', which tells what to do.
*/
void lssl_callhandler (lua_State *L, int nargs, int nresults,
                       const char *callback, const char *instead);

/* A wrong result of a callback, raised inside 'body'. */
int lssl_badreturn (lua_State *L, const char *callback, const char *text);

#endif
