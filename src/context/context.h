/*
** context.h - ssl.SSLContext: the object, and what connections take from it.
** SPDX-License-Identifier: MIT
**
** context.c has its life and options; trust.c, verify.c, handlers.c and the like
** add methods and attributes through lssl_addtocontext, each knowing only this.
*/
#ifndef lssl_context_context_h
#define lssl_context_context_h

#include <openssl/ssl.h>

#include "base/class.h"
#include "base/constants.h"
#include "base/state.h"
#include "context/ticketkeys.h"

/* user values of the object: what Lua gave and gets back */
enum {
  LSSL_UVSNI = 1,		/* sni_callback */
  LSSL_UVMESSAGE,		/* _msg_callback */
  LSSL_UVPSKCLIENT,
  LSSL_UVPSKSERVER,
  LSSL_UVVERIFY,		/* verify_callback */
  LSSL_UVKEYLOG,		/* keylog_filename */
  LSSL_UVWAITER,		/* waiter */
  LSSL_UVSOCKETCLASS,
  LSSL_UVOBJECTCLASS,
  LSSL_UVSTAPLE,		/* ocsp_response, or what gives it */
  LSSL_UVOCSP,			/* ocsp_callback */
  LSSL_UVHELLO,			/* client_hello_callback */
  LSSL_UVCERTIFICATE,		/* certificate_callback */
  LSSL_UVALPN,			/* LuaSec's, that chooses for a server */
  LSSL_UVDANE,			/* dane, as dane.c keeps it */
  LSSL_UVTICKETRING,		/* the TicketRing of its ticket keys */
  LSSL_UVSTORE,			/* session_store */
  LSSL_UVEARLY,		/* early_data_callback */
  LSSL_CONTEXTVALUES = LSSL_UVEARLY
};

/* the sides that LuaSec's contexts have, and others by their protocol */
enum { LSSL_CLIENT = 1, LSSL_SERVER };

#define LSSL_COMPRESSIONS	3	/* algorithms for certificates there are */

/* certificate_compression, as compression.c keeps it */
typedef struct Compression {
  unsigned char chosen;		/* the program has set it */
  unsigned char done;		/* the certificates are compressed ... */
  unsigned char failed;		/* ... or that has failed */
  unsigned char count;
  unsigned char numbers[LSSL_COMPRESSIONS];
} Compression;

typedef struct Context {
  Object object;
  SSL_CTX *ctx;			/* ours; each SSL holds one of its own */
  State *state;			/* where it is counted */
  int protocol;
  unsigned int hostflags;	/* X509_CHECK_FLAG_* */
  unsigned char foreign;	/* the SSL_CTX is one of the state's host */
  unsigned char datagram;	/* speaks DTLS */
  unsigned char checkhostname;
  unsigned char posthandshakeauth;
  unsigned char strictalpn;	/* no common protocol is an error */
  unsigned char sniunicode;	/* the SNI callback wants a Unicode name */
  unsigned char pskserver;	/* there is a callback for a server's keys */
  unsigned char messages;	/* there is a _msg_callback */
  unsigned char early;		/* there is an early_data_callback */
  unsigned char ocsp;		/* clients ask for a stapled response */
  unsigned char role;		/* LuaSec's mode: LSSL_CLIENT, LSSL_SERVER, 0 */
  Compression comp;
  const struct Profile *profile;  /* the rules for peers' chains; may be NULL */
  unsigned char *alpn, *npn;	/* wire forms of the protocols, ours */
  unsigned int alpnsize, npnsize;
  TicketKeys *tickets;		/* a reference; NULL: OpenSSL's own */
  int keylog;			/* descriptor + 1, ours; 0: none */
  unsigned int resend, resendmost;  /* DTLS's timer in microseconds; 0: default */
} Context;

void lssl_opencontext (lua_State *L);

/*
** Pushes a new context for 'protocol' with no settings but OpenSSL's own, and
** without a warning; NULL, nothing pushed, if there is no such protocol. Raises.
*/
Context *lssl_newcontext (lua_State *L, int protocol);


/* Adds methods (closures as all are), getters and setters to the class. */
void lssl_addtocontext (lua_State *L, const luaL_Reg *methods,
                        const luaL_Reg *getters, const luaL_Reg *setters);

/* Pushes an object for the host's 'ctx', to which it takes a reference. */
void lssl_newforeigncontext (lua_State *L, SSL_CTX *ctx);

/* Is the context for one side alone? Its protocol by name: "PROTOCOL_TLS_CLIENT". */
int lssl_isclients (const Context *c);
int lssl_isservers (const Context *c);
const char *lssl_protocolname (const Context *c);

/* Raises unless the context speaks DTLS, if 'datagram', or TLS; 'method' is told. */
void lssl_checkdatagram (lua_State *L, const Context *c, int datagram,
                         const char *method);

/* Raises where a connection '*ssl' has ended meanwhile, by a finalizer; 'ssl' may be NULL. */
void lssl_checkthere (lua_State *L, SSL *const *ssl);

/* Is 'ctx' for the same side, or sides, as the object? */
int lssl_issameside (const Context *c, const SSL_CTX *ctx);

/* Gives the object such a 'ctx' of the host's, to which it takes a reference. */
void lssl_changeforeigncontext (Context *c, SSL_CTX *ctx);

/* Raises if the context is the host's, and may not be changed. */
void lssl_checkchangeable (lua_State *L, const Context *c);

/* Raises if one of these options gives up a protection, and the host forbids it. */
void lssl_checkoptions (lua_State *L, uint64_t added);

/* As lssl_selfcontext, for a method that changes what the context is. */
Context *lssl_changingcontext (lua_State *L);

/* The self of a context's method; that of its getters and setters. */
Context *lssl_selfcontext (lua_State *L);
Context *lssl_attributecontext (lua_State *L);

/* The context at 'arg', or NULL. */
Context *lssl_testcontext (lua_State *L, int arg);

/*
** Getters and setters of a user value that is a function or nil: push it; set
** it from index 3 ('text' is what a wrong type is told).
*/
int lssl_getvalue (lua_State *L, int which);
void lssl_setcallable (lua_State *L, int which, const char *attribute,
                       const char *text);

#endif
