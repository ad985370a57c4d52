/*
** platform.h - what differs from one operating system to the next: sockets,
** files, the clock, the environment, numbers of errors. platform_unix.c and
** platform_windows.c each have all of it; other sources need no #if for a system.
** SPDX-License-Identifier: MIT
**
** Functions that fail return -1 and set errno, unless they say otherwise. Names
** of files are UTF-8 on Windows.
*/
#ifndef lssl_platform_h
#define lssl_platform_h

#include <errno.h>

#include "base/common.h"

#if defined(_WIN32)

#if !defined(WIN32_LEAN_AND_MEAN)  /* else it takes names of OpenSSL's */
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <afunix.h>

/*
** A Windows socket is a handle as wide as a pointer. Kept with a sign, so that
** INVALID_SOCKET is -1 and a negative number is no socket, as everywhere else.
*/
typedef intptr_t Socket;
#define LSSL_MAXSOCKET	INTPTR_MAX

#if defined(_MSC_VER)
typedef intptr_t ssize_t;
#endif

/*
** The numbers of errors of sockets are Winsock's own, as in CPython, where
** errno.ECONNRESET is 10054: these names have them for the whole module.
*/
#undef EAGAIN
#define EAGAIN		WSAEWOULDBLOCK
#undef EWOULDBLOCK
#define EWOULDBLOCK	WSAEWOULDBLOCK
#undef ECONNABORTED
#define ECONNABORTED	WSAECONNABORTED
#undef ECONNRESET
#define ECONNRESET	WSAECONNRESET
#undef EISCONN
#define EISCONN		WSAEISCONN
#undef ENOTCONN
#define ENOTCONN	WSAENOTCONN
#undef ETIMEDOUT
#define ETIMEDOUT	WSAETIMEDOUT

#define SHUT_RD		SD_RECEIVE
#define SHUT_WR		SD_SEND
#define SHUT_RDWR	SD_BOTH

#else

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

typedef int Socket;
#define LSSL_MAXSOCKET	INT32_MAX

#define LSSL_FORK  /* a process can be copied */

/* How the C library makes a FILE of functions; Windows' does not. */
#if defined(__linux__) || defined(__CYGWIN__)
#define LSSL_FOPENCOOKIE
#else
#define LSSL_FUNOPEN
#endif

#endif

/* Does the error 'code' of a socket say that the call would have had to wait? */
#if EAGAIN == EWOULDBLOCK
#define lssl_wouldblock(code)	((code) == EAGAIN)
#else
#define lssl_wouldblock(code)	((code) == EAGAIN || (code) == EWOULDBLOCK)
#endif

/* To be called before anything else; does no harm a second time. 0: it failed. */
int lssl_openplatform (void);

/*
** {======================================================
** Sockets: as the functions of POSIX that they are named after
** =======================================================
*/

/*
** Neither waits, whatever the socket is like; a signal does not end them, and
** a peer that has gone raises none.
*/
ssize_t lssl_send (Socket fd, const void *data, size_t size);
ssize_t lssl_recv (Socket fd, void *data, size_t size);

/* The same of a datagram from or to an address. */
ssize_t lssl_recvfrom (Socket fd, void *data, size_t size,
                       struct sockaddr *address, socklen_t *length);
ssize_t lssl_sendto (Socket fd, const void *data, size_t size,
                     const struct sockaddr *address, socklen_t length);

/*
** Makes a socket for datagrams on the same port as 'fd', for those of one peer, which
** 'fd' then gets no more. ENOSYS where the system cannot.
*/
Socket lssl_sibling (Socket fd, const struct sockaddr *peer, socklen_t length);

/* Waits as the socket itself says; a signal ends it. */
ssize_t lssl_recvpatiently (Socket fd, void *data, size_t size);

/* Accepts a connection whose socket does not block; programs started do not
** inherit it. */
Socket lssl_accept (Socket fd);

int lssl_connect (Socket fd, const struct sockaddr *address, socklen_t size);
/* An address that a server has just let go of may be bound again. */
int lssl_bind (Socket fd, const struct sockaddr *address, socklen_t size);
int lssl_listen (Socket fd, int backlog);
int lssl_getpeername (Socket fd, struct sockaddr *address, socklen_t *size);
int lssl_getsockname (Socket fd, struct sockaddr *address, socklen_t *size);
int lssl_getsockopt (Socket fd, int level, int option, void *value,
                     socklen_t *size);
int lssl_setsockopt (Socket fd, int level, int option, const void *value,
                     socklen_t size);
int lssl_shutdown (Socket fd, int how);
void lssl_closesocket (Socket fd);

/*
** Waits until the socket can be read (or written, or has failed to connect):
** more than 0, or 0 after that many milliseconds; negative: for ever.
*/
int lssl_poll (Socket fd, int writing, int milliseconds);

/* The same for many, as poll(2). */
int lssl_pollmany (struct pollfd *all, size_t n, int milliseconds);

/*
** Makes the socket one that never blocks and that raises no signal. '*restore'
** becomes 1 if it did block; Windows cannot tell, and leaves it as it is.
*/
int lssl_stopblocking (Socket fd, unsigned char *restore);
int lssl_setblocking (Socket fd, int blocking);

/* Does this error say that the peer has closed the connection? */
int lssl_ispeergone (int code);

/* }====================================================== */


/*
** {======================================================
** Files
** =======================================================
*/

typedef enum FileKind { FILE_REGULAR, FILE_DIRECTORY, FILE_OTHER } FileKind;

/* Which file it is and when it was changed: enough to tell that it is the same. */
typedef struct FileState {
  FileKind kind;
  uint64_t device, number, size;
  int64_t modified, changed;	/* seconds since 1970 */
  long modifiedfraction, changedfraction;	/* of a second, in the system's unit */
} FileState;

int lssl_filestate (const char *path, FileState *state);

/*
** Opens a file to add to it, and makes one that only its owner can read if there
** is none. '*empty' tells whether it is a regular file without any bytes.
*/
int lssl_openprivate (const char *path, int *empty);

/* Opens a new or emptied file; 'private' keeps others from reading it. */
int lssl_createfile (const char *path, int private_);

/* Reads what is there, once: its size, 0 at the end. */
ssize_t lssl_readsome (int fd, char *buffer, size_t size);

/* Is it somebody's terminal? */
int lssl_isterminal (int fd);

/* Writes all of it; 0 or an error number. A pipe that nobody reads is EPIPE. */
int lssl_writefile (int fd, const char *data, size_t size);
int lssl_closefile (int fd);

/* Makes a folder; one that is there already fails with EEXIST. */
int lssl_makefolder (const char *path);

/* Removes a file, or a folder that is empty. */
int lssl_removefile (const char *path);

/*
** Makes a new folder that only its owner can enter, where temporary files are
** kept, and pushes its path; or pushes the place where there can be none, and
** fails.
*/
int lssl_temporaryfolder (lua_State *L);

/* }====================================================== */


/*
** {======================================================
** Time, the environment, errors
** =======================================================
*/

/* Seconds on a clock that nobody sets: deadlines are kept by it. */
double lssl_now (void);

/*
** Pushes a variable of the environment, or nil; returns it, or NULL. A program
** that runs with its file's rights has an environment of someone else's making,
** which counts as empty.
*/
const char *lssl_pushvariable (lua_State *L, const char *name);

/* Pushes the system's text for an error number, and returns it. */
const char *lssl_pusherrortext (lua_State *L, int code);

/* "Errno", or "WinError" for the numbers that Windows alone has. */
const char *lssl_errorlabel (int code);

/* The number of an error of which only the text is known, or 0. */
int lssl_errorof (const char *text);

/* What OpenSSL has put on its queue for a failed system call, as an errno. */
int lssl_queuederror (int code);

/* }====================================================== */

#endif
