/*
** outcome.h - how an OpenSSL call ended, and its failure as an error object.
** The only part that touches OpenSSL's error queue.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_outcome_h
#define lssl_base_outcome_h

#include <openssl/ssl.h>

#include "base/common.h"
#include "base/trouble.h"

typedef struct Outcome {
  int kind;			/* SSL_ERROR_* of SSL_get_error */
  int syserr;			/* errno, 0 if none */
  unsigned long code;		/* newest entry of the error queue, or 0 */
  unsigned long first;		/* its oldest, or 0 */
} Outcome;

/* What a failed certificate check has to say; any string may be NULL. */
typedef struct Verdict {
  long code;			/* X509_V_ERR_* */
  const char *hostname;		/* what the certificate should have named */
  const char *text;		/* instead of OpenSSL's text for the code */
  const char *rule;		/* the name of the broken rule */
  const char *section;		/* of the document that has the rule */
  int depth;			/* of the certificate in the chain; < 0: unknown */
} Verdict;

#define LSSL_NOVERDICT	{0, NULL, NULL, NULL, NULL, -1}

/* Before each OpenSSL call whose failure is to be explained. */
void lssl_clearerrors (void);

/*
** Right after a failed SSL_* call that returned 'result'; leaves the queue
** empty. Never raises.
*/
Outcome lssl_outcome (const SSL *ssl, int result);

/*
** Pushes what 'o' tells as an error object. 'v' may be NULL where no
** certificate is checked.
*/
void lssl_pushoutcome (lua_State *L, const Outcome *o, const Verdict *v);

/* Pushes what 'v' has to say, in words: its text, or OpenSSL's. */
void lssl_pushverdict (lua_State *L, const Verdict *v);

/*
** Is it the peer's certificate that was not accepted, or the word of its issuer
** that was to come with it? 'v', which may be NULL, needs its code only.
*/
int lssl_isrefusal (const Outcome *o, const Verdict *v);

/* The outcome of a check of certificates without an SSL. */
Outcome lssl_refusal (void);

/* Did the stream end without the peer's closing alert? */
int lssl_isragged (const Outcome *o);

/* Does the connection survive this failure: was only the call wrong? */
int lssl_isharmless (const Outcome *o);

/*
** Raises for a failed call without an SSL, from the error queue: an OSError if
** the system refused ('filename' may be NULL; without one, errno counts for
** nothing), else an SSLError. Empties it.
*/
int lssl_raisequeue (lua_State *L, const char *filename);

/*
** The same for what lssl_taketrouble found. The message of an SSLError goes on
** with 'advice' after the text that CPython has (and 'strerror' keeps); with
** NULL, with what else OpenSSL said.
*/
int lssl_raisetrouble (lua_State *L, const Trouble *t, const char *filename,
                       const char *advice);

/* Adds ": text" to the message of the error object on the top. */
void lssl_advise (lua_State *L, const char *text);

/*
** Raises an SSLError without library or reason: 'text' is the message and
** 'code' its errno (an SSL_ERROR_* number, 0, or -1 for none).
*/
int lssl_sslerror (lua_State *L, int code, const char *text);

/* The same; the message goes on with 'advice', as that of lssl_raisetrouble. */
int lssl_advisederror (lua_State *L, int code, const char *text,
                       const char *advice);

/*
** Raises the SSLError of libssl's 'reason' with the text on the top, and with
** 'sent' as a field: how much of a write that is not done was sent.
*/
int lssl_raiseunsent (lua_State *L, int reason, size_t sent);

/* Whether OpenSSL's queue has an error: some calls that succeed leave one. */
int lssl_haserrors (void);

/* Is the newest entry of the queue this one? Leaves it there. */
int lssl_lasterroris (int library, int reason);

/* The reason of the oldest entry of the queue, 0 if it is empty. */
int lssl_firstreason (void);

/*
** Was there too little memory, by the oldest or newest entry of the queue? What
** OpenSSL says after that may be misleading. Leaves the queue as it is.
*/
int lssl_outofmemory (void);

/* Raises Lua's own error for it, as a string. Empties the queue. */
int lssl_raisememory (lua_State *L);

/*
** Frees 'ssl' without a trace: since 3.2 OpenSSL still writes then what it has
** gathered, and queues what goes wrong. What was queued before stays.
*/
void lssl_freessl (SSL *ssl);

/* For specs: puts an unrelated entry with a text on the queue; counts the
   entries, and empties it. */
void lssl_pusherror (void);
int lssl_counterrors (void);

#endif
