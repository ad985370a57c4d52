/*
** connection.h - the connection inside an SSLSocket and an SSLObject.
** SPDX-License-Identifier: MIT
**
** steps.c has its steps, wait.c the loop over them, socket.c and object.c what
** Lua sees.
*/
#ifndef lssl_connection_connection_h
#define lssl_connection_connection_h

#include "base/callback.h"
#include "base/outcome.h"
#include "base/state.h"
#include "context/context.h"
#include "connection/buffers.h"
#include "connection/plaintext.h"

/* user values of the object; the first four are callback.h's */
enum {
  LSSL_UVFAILURE = LSSL_UVKEPTSTORE + 1,  /* the error that broke it */
  LSSL_UVHOSTNAME,		/* server_hostname */
  LSSL_UVWRAPPED,		/* what was wrapped */
  LSSL_UVSESSION,		/* the session to resume, until it connects */
  LSSL_UVLISTENER = LSSL_UVSESSION,  /* of a socket that listens for datagrams */
  LSSL_UVFAULTS,		/* LuaSec's: what was wrong with certificates */
  LSSL_UVWRITING,		/* the data of that write, if it had to wait */
  LSSL_UVFIELDS,		/* the fields of an object of a derived class */
  LSSL_UVSUSPENDED,		/* what suspended.c uses in its next call */
  LSSL_CONNVALUES = LSSL_UVSUSPENDED
};

/* what an operation in progress occupies */
#define LSSL_READING	1
#define LSSL_WRITING	2

/* how far early data are (RFC 8446, 2.3) */
enum {
  LSSL_NOTEARLY,		/* there are none, or the handshake goes on */
  LSSL_EARLYACCEPTING,		/* a server has begun to read them */
  LSSL_EARLYREADING,		/* and has read some, but not all */
  LSSL_EARLYREAD,		/* and has read all of them */
  LSSL_EARLYWRITING,		/* a client's are not all sent */
  LSSL_EARLYWRITTEN		/* a client may send more, or go on */
};

typedef struct Conn {
  Object object;
  Caller caller;		/* all that callbacks know */
  SSL *ssl;			/* ours; NULL: not connected, or ended */
  State *state;
  Outcome outcome;		/* of the last step that did not end well */
  Plaintext text;		/* read from OpenSSL, but not asked for yet */
  Buffers buffers;		/* what OpenSSL does with its own */
  lua_Number timeout;		/* in seconds; < 0: none, 0: never wait */
  size_t unwritten;		/* size of a write that was begun; 0: none was */
  const unsigned char *begun;	/* its data, kept in LSSL_UVWRITING; NULL: gone */
  size_t written;		/* how much of it is in the transport's hands */
  size_t settled;		/* how much of that was sent before this attempt */
  size_t earlysize;		/* of the early data that a client has sent */
  unsigned int mtu;		/* the size of a datagram: dtls.h */
  Socket fd;			/* the descriptor, ours; -1: none */
  Socket leaving;		/* closed, but a loop watches it: 'uses' */
  unsigned char server;		/* the server's side */
  unsigned char busy;		/* inside OpenSSL: callbacks may be running */
  unsigned char uses;		/* LSSL_READING, LSSL_WRITING: one waits */
  unsigned char closing;	/* closed by a callback, as soon as it ends */
  unsigned char broken;		/* failed for good: LSSL_UVFAILURE */
  unsigned char drained;	/* no complete record waits inside OpenSSL */
  unsigned char kept;		/* LSSL_UVWRITING is set */
  unsigned char shutdownsent;	/* unwrap has sent its close_notify */
  unsigned char halfclosed;	/* send_close_notify has sent it: reads go on */
  unsigned char updating;	/* key_update has begun, and not sent all */
  unsigned char early;		/* LSSL_EARLY... */
  unsigned char issocket;
  unsigned char datagram;	/* speaks DTLS, over datagrams */
  unsigned char raggedeof;	/* report a ragged EOF as an EOF */
  unsigned char ragged;		/* there was one */
  unsigned char handshakes;	/* do_handshake_on_connect */
  unsigned char ended;		/* shut down, unwrapped, detached or closed */
  unsigned char restore;	/* give the descriptor back as blocking */
  unsigned char borrowed;	/* what was wrapped closes the descriptor */
  unsigned char closed;		/* close() waits for the files to be closed */
  unsigned char unwarned;	/* say nothing if it is collected unclosed */
  unsigned char counted;	/* as one of the state's connections */
  unsigned char tallied;	/* how its handshake ended has been counted */
  unsigned short files;		/* open files of makefile */
} Conn;

/*
** Makes the SSL of 'c' for the object at 'self', whose context is set:
** settings, host name and session (user values) included. The BIOs' references
** are taken over, even on failure. Raises.
*/
void lssl_startconnection (lua_State *L, Conn *c, int self, BIO *in, BIO *out);

/* Has a client's SSL ask for and check the string at 'name', if it is one. Raises. */
void lssl_setpeername (lua_State *L, Conn *c, int name);

/*
** Makes the host's 'ssl', whose BIOs stay as they are, the SSL of 'c'. 0, nothing
** done, if memory ran out. Never raises.
*/
int lssl_adoptssl (Conn *c, Context *context, SSL *ssl);

/*
** Counts how the handshake ended, once, after a step that may have ended it;
** 'failed': it will not go on.
*/
void lssl_counthandshake (Conn *c, int failed);

/*
** Takes a connection that has started out of the counts, where it may never come to
** be one; and puts it back.
*/
void lssl_uncount (Conn *c);
void lssl_count (Conn *c);

/* The connection of a method that a socket and an object both have. */
Conn *lssl_selfconn (lua_State *L);

/*
** Its SSL: NULL for a socket that is not connected yet. Raises EBADF for one
** that has ended.
*/
SSL *lssl_checkssl (lua_State *L, const Conn *c);

/* Ends the SSL alone; the descriptor can then only be closed. */
void lssl_endtls (Conn *c);

/*
** Ends the SSL and closes the descriptor; quietly, and any number of times.
** While a call of another coroutine waits for the descriptor, it is only shut
** down, which wakes up that call in any event loop; a loop may not be left
** with a closed one. lssl_leave then closes it.
*/
void lssl_endconnection (Conn *c);

/* Takes back the marks 'uses' of a call that no longer waits. */
void lssl_leave (Conn *c, unsigned char uses);

/* The end for the collector, which tells nobody and waits for nobody. */
void lssl_dropconnection (Conn *c);

/*
** Pushes the error of the step that failed, with its cause; and remembers it
** as the connection's end unless only the call was wrong. Raises it.
*/
int lssl_raisefailure (lua_State *L, Conn *c);

/* Is the SSL's BIO one of transport.c's? */
int lssl_isstream (const Conn *c);

/* Does the failure of the last step end the connection? */
int lssl_isfatal (const Conn *c);

/* Raises again what broke the connection, if anything did. */
void lssl_checkbroken (lua_State *L, Conn *c);

#endif
