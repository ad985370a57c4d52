/*
** patience.c - whether a read of a socket waits in the system call itself.
** SPDX-License-Identifier: MIT
*/
#include "base/patience.h"

#if defined(__linux__)
#include <sys/time.h>
#endif

/* the waits after which it pays: making a descriptor blocking takes 4 calls */
#define ENOUGH	4

/*
** Of seconds: a shorter limit would be a few of the system's ticks. One that may
** wait for ever gets the longest, since without a limit a signal would not end
** the wait; poll follows.
*/
#define SHORTEST	0.1
#define LONGEST		3600

/*
** How much of a timeout is the limit: Linux is late by up to 8/63 of one, 16 s
** of two minutes. The rest of the time is poll's, which is exact.
*/
#define PART		0.875

void lssl_bepatient (Patience *p, double timeout) {
  p->interrupted = 0;
  p->since = 0;
  if (!p->blocking)
    p->how = LSSL_POLLS;
  else
    p->how = (timeout < 0) ? LSSL_BLOCKS : LSSL_BLOCKSONCE;
}

#if defined(__linux__)

/* how long the system lets a read wait; 0: for ever */
static int setlimit (Socket fd, double seconds) {
  struct timeval t;
  t.tv_sec = (time_t)seconds;
  t.tv_usec = (suseconds_t)((seconds - (double)t.tv_sec) * 1e6);
  return lssl_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) == 0;
}

/* has somebody else set a limit, who may ask for it or want it back? */
static int haslimit (Socket fd) {
  struct timeval t = {0, 0};
  socklen_t size = sizeof t;
  return lssl_getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, &size) != 0 ||
         t.tv_sec != 0 || t.tv_usec != 0;
}

void lssl_countpoll (Patience *p, Socket fd, double timeout) {
  if (p->polls == ENOUGH || (timeout >= 0 && timeout < SHORTEST))
    return;
  if (++p->polls == ENOUGH && !haslimit(fd)) {
    double limit = timeout * PART;
    if (timeout < 0 || limit > LONGEST)
      limit = LONGEST;
    p->blocking = (unsigned char)(setlimit(fd, limit) && lssl_setblocking(fd, 1) == 0);
  }
}

void lssl_losepatience (Patience *p, Socket fd) {
  if (p->blocking) {
    lssl_setblocking(fd, 0);
    setlimit(fd, 0);
  }
  p->blocking = p->polls = 0;
}

#else

void lssl_countpoll (Patience *p, Socket fd, double timeout) {
  (void)p;
  (void)fd;
  (void)timeout;
}

void lssl_losepatience (Patience *p, Socket fd) {
  (void)p;
  (void)fd;
}

#endif
