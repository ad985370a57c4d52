/*
** trouble.h - why a call of OpenSSL's failed: all that its error queue says.
** SPDX-License-Identifier: MIT
**
** Programs are told the newest entry of the queue, as CPython tells it. It is
** often too vague for a person ("PEM lib"); the older entries know more.
*/
#ifndef lssl_trouble_h
#define lssl_trouble_h

#include "base/common.h"

/* What is wrong, as far as it decides what a person can do about it. */
typedef enum Ailment {
  AILMENT_OTHER,
  AILMENT_MEMORY,		/* too little: what else is said is not so */
  AILMENT_KIND,			/* the key is of a kind that OpenSSL does not know */
  AILMENT_ALGORITHM,		/* no provider that is loaded has one wanted */
  AILMENT_DAMAGED,		/* what is there cannot be decoded to its end */
  AILMENT_ABSENT		/* there is nothing of the kind */
} Ailment;

typedef struct Trouble {
  unsigned long code;		/* the newest entry of the queue, or 0 */
  int syserr;			/* what the queue says that the system said */
  int number;			/* errno */
  Ailment ailment;
  char detail[128];		/* what else OpenSSL said that people can use */
} Trouble;

/*
** Fills 't' from the queue and errno, right after a call that failed, and
** empties the queue. 'detail' is never a path, a URI or a secret. Never raises.
*/
void lssl_taketrouble (Trouble *t);

/* 'detail', or where OpenSSL said nothing else the newest entry's own reason */
const char *lssl_cause (const Trouble *t);

#endif
