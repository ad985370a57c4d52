/*
** platform_windows.c - what platform.h promises, by Winsock and Win32.
** SPDX-License-Identifier: MIT
*/
#include "base/platform.h"

#if defined(_WIN32)

#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <windows.h>

/*
** Winsock counts its users in the process. The module stays until the process
** ends: what OpenSSL was told of once must not go with the last Lua state.
*/
int lssl_openplatform (void) {
  static const char here = 0;
  WSADATA data;
  HMODULE self;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
    return 0;
  return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                            GET_MODULE_HANDLE_EX_FLAG_PIN, &here, &self) != 0;
}

/*
** {======================================================
** Sockets
** =======================================================
*/

/*
** -1, with the number of Winsock's last error in errno. The few that C has always
** had keep C's numbers, as in CPython.
*/
static int failed (void) {
  int code = WSAGetLastError();
  switch (code) {
    case WSAEINTR: case WSAEBADF: case WSAEACCES: case WSAEFAULT:
    case WSAEINVAL: case WSAEMFILE:
      code -= WSABASEERR;
      break;
    default:
      break;
  }
  errno = code;
  return -1;
}

static int checked (int result) {
  return result == SOCKET_ERROR ? failed() : result;
}

/* Winsock takes no more than an int at once */
static int atmost (size_t size) {
  return size < INT_MAX ? (int)size : INT_MAX;
}

ssize_t lssl_send (Socket fd, const void *data, size_t size) {
  return checked(send((SOCKET)fd, (const char *)data, atmost(size), 0));
}

ssize_t lssl_recv (Socket fd, void *data, size_t size) {
  return checked(recv((SOCKET)fd, (char *)data, atmost(size), 0));
}

ssize_t lssl_recvfrom (Socket fd, void *data, size_t size,
                       struct sockaddr *address, socklen_t *length) {
  return checked(recvfrom((SOCKET)fd, (char *)data, atmost(size), 0, address,
                          length));
}

ssize_t lssl_sendto (Socket fd, const void *data, size_t size,
                     const struct sockaddr *address, socklen_t length) {
  return checked(sendto((SOCKET)fd, (const char *)data, atmost(size), 0, address,
                        length));
}

/* which of several sockets on a port gets a datagram is not defined there */
Socket lssl_sibling (Socket fd, const struct sockaddr *peer, socklen_t length) {
  (void)fd; (void)peer; (void)length;
  errno = ENOSYS;
  return -1;
}

ssize_t lssl_recvpatiently (Socket fd, void *data, size_t size) {
  return lssl_recv(fd, data, size);
}

int lssl_setblocking (Socket fd, int blocking) {
  u_long on = !blocking;
  return checked(ioctlsocket((SOCKET)fd, (long)FIONBIO, &on));
}

int lssl_stopblocking (Socket fd, unsigned char *restore) {
  (void)restore;
  return lssl_setblocking(fd, 0);
}

/* a process that is started inherits only handles that are marked */
static void disinherit (Socket fd) {
  SetHandleInformation((HANDLE)fd, HANDLE_FLAG_INHERIT, 0);
}

Socket lssl_accept (Socket fd) {
  SOCKET accepted;
  do {
    accepted = accept((SOCKET)fd, NULL, NULL);
  } while (accepted == INVALID_SOCKET && WSAGetLastError() == WSAECONNRESET);
  if (accepted == INVALID_SOCKET)
    return failed();
  disinherit((Socket)accepted);
  lssl_setblocking((Socket)accepted, 0);
  return (Socket)accepted;
}

int lssl_connect (Socket fd, const struct sockaddr *address, socklen_t size) {
  return checked(connect((SOCKET)fd, address, size));
}

/* Windows gives such addresses anew by itself; SO_REUSEADDR would share them. */
int lssl_bind (Socket fd, const struct sockaddr *address, socklen_t size) {
  return checked(bind((SOCKET)fd, address, size));
}

int lssl_listen (Socket fd, int backlog) {
  return checked(listen((SOCKET)fd, backlog));
}

int lssl_getpeername (Socket fd, struct sockaddr *address, socklen_t *size) {
  return checked(getpeername((SOCKET)fd, address, size));
}

int lssl_getsockname (Socket fd, struct sockaddr *address, socklen_t *size) {
  return checked(getsockname((SOCKET)fd, address, size));
}

int lssl_getsockopt (Socket fd, int level, int option, void *value,
                     socklen_t *size) {
  return checked(getsockopt((SOCKET)fd, level, option, (char *)value, size));
}

int lssl_setsockopt (Socket fd, int level, int option, const void *value,
                     socklen_t size) {
  return checked(setsockopt((SOCKET)fd, level, option, (const char *)value,
                            size));
}

int lssl_shutdown (Socket fd, int how) {
  return checked(shutdown((SOCKET)fd, how));
}

void lssl_closesocket (Socket fd) {
  closesocket((SOCKET)fd);
}

/*
** By select: its limit of 64 is one of number, not of size, and it tells of a
** connection that failed, which WSAPoll did not before Windows 10.
*/
int lssl_poll (Socket fd, int writing, int milliseconds) {
  fd_set ready, broken;
  struct timeval t;
  t.tv_sec = milliseconds / 1000;
  t.tv_usec = milliseconds % 1000 * 1000;
  FD_ZERO(&ready);
  FD_ZERO(&broken);
  ready.fd_array[0] = broken.fd_array[0] = (SOCKET)fd;
  ready.fd_count = broken.fd_count = 1;
  return checked(select(0, writing ? NULL : &ready, writing ? &ready : NULL,
                        writing ? &broken : NULL,
                        milliseconds < 0 ? NULL : &t));
}

/* a set of at most 'n' sockets, to be freed; NULL and errno */
static fd_set *newset (size_t n) {
  fd_set *set = (fd_set *)malloc(offsetof(fd_set, fd_array) +
                                 (n + 1) * sizeof set->fd_array[0]);
  if (set == NULL)
    errno = ENOMEM;
  else
    set->fd_count = 0;
  return set;
}

static void put (fd_set *set, SOCKET fd) {
  set->fd_array[set->fd_count++] = fd;
}

/* marks what is no socket; how many there are, for which select fails */
static int markinvalid (struct pollfd *all, size_t n) {
  size_t i;
  int count = 0;
  for (i = 0; i < n; i++) {
    int type, size = sizeof type;
    all[i].revents = 0;
    if (all[i].fd != INVALID_SOCKET &&
        getsockopt(all[i].fd, SOL_SOCKET, SO_TYPE, (char *)&type, &size) != 0) {
      all[i].revents = POLLNVAL;
      count++;
    }
  }
  return count;
}

static int markready (struct pollfd *all, size_t n, fd_set *const sets[3]) {
  size_t i;
  int count = 0;
  for (i = 0; i < n; i++) {
    int writing = all[i].events == POLLOUT;
    SOCKET fd = all[i].fd;
    all[i].revents = 0;
    if (fd != INVALID_SOCKET && (FD_ISSET(fd, sets[writing]) ||
                                 (writing && FD_ISSET(fd, sets[2])))) {
      all[i].revents = all[i].events;
      count++;
    }
  }
  return count;
}

/* select with the sets for reading, writing, and connections that failed */
static int selectmany (struct pollfd *all, size_t n, int milliseconds,
                       fd_set *const sets[3]) {
  struct timeval t;
  size_t i;
  int result;
  for (i = 0; i < n; i++) {
    int writing = all[i].events == POLLOUT;
    if (all[i].fd != INVALID_SOCKET) {
      put(sets[writing], all[i].fd);
      if (writing)
        put(sets[2], all[i].fd);
    }
  }
  if (sets[0]->fd_count + sets[1]->fd_count == 0) {  /* which is an error */
    Sleep(milliseconds < 0 ? INFINITE : (DWORD)milliseconds);
    return 0;
  }
  t.tv_sec = milliseconds / 1000;
  t.tv_usec = milliseconds % 1000 * 1000;
  result = select(0, sets[0], sets[1], sets[2], milliseconds < 0 ? NULL : &t);
  if (result == SOCKET_ERROR) {
    int count = WSAGetLastError() == WSAENOTSOCK ? markinvalid(all, n) : 0;
    return count > 0 ? count : failed();
  }
  return markready(all, n, sets);
}

/* by select too, which takes sets of any size */
int lssl_pollmany (struct pollfd *all, size_t n, int milliseconds) {
  fd_set *sets[3];
  int i, result = -1, code;
  for (i = 0; i < 3; i++)
    sets[i] = newset(n);
  if (sets[0] != NULL && sets[1] != NULL && sets[2] != NULL)
    result = selectmany(all, n, milliseconds, sets);
  code = errno;
  for (i = 0; i < 3; i++)
    free(sets[i]);
  errno = code;
  return result;
}

int lssl_ispeergone (int code) {
  return code == WSAECONNRESET || code == WSAECONNABORTED ||
         code == WSAESHUTDOWN;
}

/* }====================================================== */


/*
** {======================================================
** Names
** =======================================================
*/

/* a copy of 'text' as Windows has it, to be freed; NULL and errno */
static wchar_t *widen (const char *text) {
  int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1,
                                 NULL, 0);
  wchar_t *wide;
  if (size == 0) {
    errno = EILSEQ;
    return NULL;
  }
  wide = (wchar_t *)malloc((size_t)size * sizeof *wide);
  if (wide == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
  return wide;
}

/* pushes the text in UTF-8 */
static const char *pushnarrow (lua_State *L, const wchar_t *wide) {
  int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
  luaL_Buffer b;
  char *text = luaL_buffinitsize(L, &b, (size_t)(size > 0 ? size : 1));
  if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL) == 0)
    size = 1;
  luaL_pushresultsize(&b, (size_t)size - 1);
  return lua_tostring(L, -1);
}

/* }====================================================== */


/*
** {======================================================
** Files
** =======================================================
*/

int lssl_queuederror (int code) {
  if (code > WSABASEERR && code < WSABASEERR + 2000)
    return code;
  switch (code) {
    case 0:
      return 0;
    case ERROR_FILE_NOT_FOUND: case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE: case ERROR_BAD_NETPATH: case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_NAME:
      return ENOENT;
    case ERROR_ACCESS_DENIED: case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION: case ERROR_WRITE_PROTECT:
      return EACCES;
    case ERROR_NOT_ENOUGH_MEMORY: case ERROR_OUTOFMEMORY:
      return ENOMEM;
    case ERROR_TOO_MANY_OPEN_FILES:
      return EMFILE;
    case ERROR_DISK_FULL: case ERROR_HANDLE_DISK_FULL:
      return ENOSPC;
    default:
      return EINVAL;
  }
}

/* seconds since 1970, and the rest in units of 100 ns, of which it is a count */
static int64_t seconds (FILETIME t, long *fraction) {
  int64_t units = (int64_t)t.dwHighDateTime * ((int64_t)1 << 32) +
                  (int64_t)t.dwLowDateTime;
  *fraction = (long)(units % 10000000);
  return units / 10000000 - INT64_C(11644473600);
}

static void fill (FileState *state, const BY_HANDLE_FILE_INFORMATION *info) {
  state->kind = (info->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
              ? FILE_DIRECTORY : FILE_REGULAR;
  state->device = info->dwVolumeSerialNumber;
  state->number = (uint64_t)info->nFileIndexHigh << 32 | info->nFileIndexLow;
  state->size = (uint64_t)info->nFileSizeHigh << 32 | info->nFileSizeLow;
  state->modified = seconds(info->ftLastWriteTime, &state->modifiedfraction);
  state->changed = seconds(info->ftCreationTime, &state->changedfraction);
}

/* a device has no such information, and is FILE_OTHER */
int lssl_filestate (const char *path, FileState *state) {
  BY_HANDLE_FILE_INFORMATION info;
  wchar_t *wide = widen(path);
  HANDLE file;
  if (wide == NULL)
    return -1;
  file = CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE |
                     FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                     FILE_FLAG_BACKUP_SEMANTICS, NULL);
  free(wide);
  if (file == INVALID_HANDLE_VALUE) {
    errno = lssl_queuederror((int)GetLastError());
    return -1;
  }
  memset(state, 0, sizeof *state);
  state->kind = FILE_OTHER;
  if (GetFileType(file) == FILE_TYPE_DISK &&
      GetFileInformationByHandle(file, &info))
    fill(state, &info);
  CloseHandle(file);
  return 0;
}

/* who may read it, its folder's list says: Windows has no such mode of a file */
int lssl_openprivate (const char *path, int *empty) {
  struct _stat64 s;
  wchar_t *wide = widen(path);
  int fd;
  *empty = 0;
  if (wide == NULL)
    return -1;
  fd = _wopen(wide, _O_WRONLY | _O_APPEND | _O_CREAT | _O_BINARY |
              _O_NOINHERIT, _S_IREAD | _S_IWRITE);
  free(wide);
  if (fd >= 0)
    *empty = _fstat64(fd, &s) == 0 && (s.st_mode & _S_IFMT) == _S_IFREG &&
             s.st_size == 0;
  return fd;
}

ssize_t lssl_readsome (int fd, char *buffer, size_t size) {
  return _read(fd, buffer, (unsigned int)atmost(size));
}

int lssl_isterminal (int fd) {
  return _isatty(fd) != 0;
}

int lssl_writefile (int fd, const char *data, size_t size) {
  while (size > 0) {
    int n = _write(fd, data, (unsigned int)atmost(size));
    if (n < 0)
      return errno;
    data += n;
    size -= (size_t)n;
  }
  return 0;
}

int lssl_closefile (int fd) {
  return _close(fd);
}

int lssl_createfile (const char *path, int private_) {
  wchar_t *wide = widen(path);
  int fd;
  (void)private_;
  if (wide == NULL)
    return -1;
  fd = _wopen(wide, _O_WRONLY | _O_CREAT | _O_TRUNC | _O_BINARY |
              _O_NOINHERIT, _S_IREAD | _S_IWRITE);
  free(wide);
  return fd;
}

int lssl_makefolder (const char *path) {
  wchar_t *wide = widen(path);
  int result;
  if (wide == NULL)
    return -1;
  result = _wmkdir(wide);
  free(wide);
  return result;
}

int lssl_removefile (const char *path) {
  wchar_t *wide = widen(path);
  int result;
  if (wide == NULL)
    return -1;
  result = _wremove(wide);
  if (result != 0 && errno == EACCES)  /* as it says of a folder */
    result = _wrmdir(wide);
  free(wide);
  return result;
}

/* a name that nobody has had: the process's, and a time that does not repeat */
static int makefresh (wchar_t *path, size_t end, size_t size) {
  int i;
  for (i = 0; i < 100; i++) {
    LARGE_INTEGER ticks;
    QueryPerformanceCounter(&ticks);
    _snwprintf(path + end, size - end, L"lua-ssl-%lx-%I64x",
               GetCurrentProcessId(), ticks.QuadPart);
    if (_wmkdir(path) == 0)
      return 0;
    if (errno != EEXIST)
      break;
  }
  return -1;
}

/* the folder for temporary files is the user's own, and so are those in it */
int lssl_temporaryfolder (lua_State *L) {
  wchar_t path[MAX_PATH + 64];
  DWORD end = GetTempPathW(MAX_PATH, path);
  int result, code;
  if (end == 0 || end > MAX_PATH)
    path[end = 0] = L'\0';
  result = makefresh(path, end, LSSL_COUNT(path));
  code = errno;
  if (result != 0)
    path[end] = L'\0';
  pushnarrow(L, path);
  errno = code;
  return result;
}

/* }====================================================== */


/*
** {======================================================
** Time, the environment, errors
** =======================================================
*/

double lssl_now (void) {
  LARGE_INTEGER ticks, frequency;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&ticks);
  return (double)ticks.QuadPart / (double)frequency.QuadPart;
}

const char *lssl_pushvariable (lua_State *L, const char *name) {
  wchar_t *wide = widen(name);
  const wchar_t *value = wide ? _wgetenv(wide) : NULL;
  free(wide);
  if (value == NULL) {
    lua_pushnil(L);
    return NULL;
  }
  return pushnarrow(L, value);
}

static int iswinsock (int code) {
  return code > WSABASEERR && code < WSABASEERR + 2000;
}

/*
** What POSIX says of an error: LuaSocket has these texts on Windows too, and the
** C library there has none for its newer numbers.
*/
static const struct {
  const char *text;
  int code;
} texts[] = {
  {"Protocol error", EPROTO},
  {"Device or resource busy", EBUSY},
  {"Cannot allocate memory", ENOMEM},
  {"Illegal seek", ESPIPE},
  {"Operation now in progress", WSAEWOULDBLOCK},  /* of a connect */
  {"Resource temporarily unavailable", WSAEWOULDBLOCK},
  {"Operation already in progress", WSAEALREADY},
  {"Socket operation on non-socket", WSAENOTSOCK},
  {"Socket operation on nonsocket", WSAENOTSOCK},
  {"Destination address required", WSAEDESTADDRREQ},
  {"Message too long", WSAEMSGSIZE},
  {"Protocol wrong type for socket", WSAEPROTOTYPE},
  {"Bad protocol option", WSAENOPROTOOPT},
  {"Protocol not supported", WSAEPROTONOSUPPORT},
  {"Operation not supported", WSAEOPNOTSUPP},
  {"Protocol family not supported", WSAEPFNOSUPPORT},
  {"Address already in use", WSAEADDRINUSE},
  {"Cannot assign requested address", WSAEADDRNOTAVAIL},
  {"Network is down", WSAENETDOWN},
  {"Network is unreachable", WSAENETUNREACH},
  {"Network dropped connection on reset", WSAENETRESET},
  {"Software caused connection abort", WSAECONNABORTED},
  {"Connection reset by peer", WSAECONNRESET},
  {"No buffer space available", WSAENOBUFS},
  {"Transport endpoint is already connected", WSAEISCONN},
  {"Transport endpoint is not connected", WSAENOTCONN},
  {"Socket is not connected", WSAENOTCONN},
  {"Cannot send after socket shutdown", WSAESHUTDOWN},
  {"Connection timed out", WSAETIMEDOUT},
  {"Connection refused", WSAECONNREFUSED},
  {"Host is down", WSAEHOSTDOWN},
  {"No route to host", WSAEHOSTUNREACH}
};

/* without the end of line and the dot, as CPython has them */
static size_t trimmed (const wchar_t *text, size_t size) {
  while (size > 0 && (text[size - 1] <= L' ' || text[size - 1] == L'.'))
    size--;
  return size;
}

/* pushes POSIX's text for an error, C's own if there is none */
static const char *pushknown (lua_State *L, int code) {
  size_t i;
  for (i = 0; i < LSSL_COUNT(texts); i++) {
    if (texts[i].code == code)
      return lua_pushstring(L, texts[i].text);
  }
  return lua_pushstring(L, strerror(code));
}

/* wine has no texts of its own for these */
static const char *pushwinsock (lua_State *L, int code) {
  wchar_t text[512];
  size_t size = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM |
                        FORMAT_MESSAGE_IGNORE_INSERTS, NULL, (DWORD)code, 0,
                        text, (DWORD)LSSL_COUNT(text) - 1, NULL);
  size = trimmed(text, size);
  if (size == 0)
    return pushknown(L, code);
  text[size] = L'\0';
  return pushnarrow(L, text);
}

const char *lssl_pusherrortext (lua_State *L, int code) {
  if (iswinsock(code))
    return pushwinsock(L, code);
  if (code >= _sys_nerr)
    return pushknown(L, code);
  return lua_pushstring(L, strerror(code));
}

const char *lssl_errorlabel (int code) {
  return iswinsock(code) ? "WinError" : "Errno";
}

int lssl_errorof (const char *text) {
  size_t i;
  int code;
  for (i = 0; i < LSSL_COUNT(texts); i++) {
    if (_stricmp(text, texts[i].text) == 0)
      return texts[i].code;
  }
  for (code = 1; code < _sys_nerr; code++) {
    if (_stricmp(text, strerror(code)) == 0)
      return code;
  }
  return 0;
}

/* }====================================================== */

#endif
