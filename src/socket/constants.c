/*
** constants.c - levels and options for getsockopt and setsockopt. A
** comment before a row is the manual's text for it.
** SPDX-License-Identifier: MIT
*/
#include "base/constants.h"
#include "base/platform.h"
#include "socket/constants.h"

static const Constant sockets[] = {
  /*@ `shutdown`: no more reading. */
  ROW(SHUT_RD, SHUT_RD),
  /*@ `shutdown`: no more writing. */
  ROW(SHUT_WR, SHUT_WR),
  /*@ `shutdown`: neither. */
  ROW(SHUT_RDWR, SHUT_RDWR),
  /*@ `getsockopt`, `setsockopt`: the level of the `SO_` options. */
  ROW(SOL_SOCKET, SOL_SOCKET),
  /*@ `getsockopt`, `setsockopt`: the level of the `IP_` options. */
  ROW(IPPROTO_IP, IPPROTO_IP),
  /*@ `getsockopt`, `setsockopt`: the level of the `IPV6_` options. */
  ROW(IPPROTO_IPV6, IPPROTO_IPV6),
  /*@ `getsockopt`, `setsockopt`: the level of the `TCP_` options. */
  ROW(IPPROTO_TCP, IPPROTO_TCP),
  /*@ The type of a stream socket, as `getsockopt` of `SO_TYPE` tells it. */
  ROW(SOCK_STREAM, SOCK_STREAM),
  /*@ The type of a datagram socket. */
  ROW(SOCK_DGRAM, SOCK_DGRAM),
#if defined(SO_ACCEPTCONN)
  /*@ Whether the socket listens; to be read only. */
  ROW(SO_ACCEPTCONN, SO_ACCEPTCONN),
#endif
  /*@ Whether datagrams may go to a broadcast address. */
  ROW(SO_BROADCAST, SO_BROADCAST),
  /*@ Whether the protocol records what it does. */
  ROW(SO_DEBUG, SO_DEBUG),
#if defined(SO_DOMAIN)
  /*@ The address family; to be read only. */
  ROW(SO_DOMAIN, SO_DOMAIN),
#endif
#if defined(SO_EXCLUSIVEADDRUSE)
  /*@ Whether nobody else may bind the same address; Windows only. */
  ROW(SO_EXCLUSIVEADDRUSE, SO_EXCLUSIVEADDRUSE),
#endif
  /*@ Whether packets go to directly connected hosts only. */
  ROW(SO_DONTROUTE, SO_DONTROUTE),
  /*@ The pending error number; reading it clears it. */
  ROW(SO_ERROR, SO_ERROR),
  /*@ Whether an idle connection is probed. */
  ROW(SO_KEEPALIVE, SO_KEEPALIVE),
  /*@ How closing treats what was not sent; a structure. */
  ROW(SO_LINGER, SO_LINGER),
  /*@ Whether urgent data stays in the stream. */
  ROW(SO_OOBINLINE, SO_OOBINLINE),
#if defined(SO_PRIORITY)
  /*@ The priority of the packets. */
  ROW(SO_PRIORITY, SO_PRIORITY),
#endif
#if defined(SO_PROTOCOL)
  /*@ The protocol number; to be read only. */
  ROW(SO_PROTOCOL, SO_PROTOCOL),
#endif
  /*@ The size of the receive buffer. */
  ROW(SO_RCVBUF, SO_RCVBUF),
  /*@ The fewest bytes that count as readable. */
  ROW(SO_RCVLOWAT, SO_RCVLOWAT),
  /*@ The system's own timeout for receiving; a structure. */
  ROW(SO_RCVTIMEO, SO_RCVTIMEO),
  /*@ Whether an address that was in use may be bound again. */
  ROW(SO_REUSEADDR, SO_REUSEADDR),
#if defined(SO_REUSEPORT)
  /*@ Whether several sockets may be bound to one port. */
  ROW(SO_REUSEPORT, SO_REUSEPORT),
#endif
  /*@ The size of the send buffer. */
  ROW(SO_SNDBUF, SO_SNDBUF),
  /*@ The fewest free bytes that count as writable. */
  ROW(SO_SNDLOWAT, SO_SNDLOWAT),
  /*@ The system's own timeout for sending; a structure. */
  ROW(SO_SNDTIMEO, SO_SNDTIMEO),
  /*@ The type of the socket; to be read only. */
  ROW(SO_TYPE, SO_TYPE),
  /*@ The type-of-service field of IPv4 packets. */
  ROW(IP_TOS, IP_TOS),
  /*@ The time to live of IPv4 packets. */
  ROW(IP_TTL, IP_TTL),
  /*@ The hop limit of IPv6 packets. */
  ROW(IPV6_UNICAST_HOPS, IPV6_UNICAST_HOPS),
  /*@ Whether an IPv6 socket refuses IPv4. */
  ROW(IPV6_V6ONLY, IPV6_V6ONLY),
#if defined(TCP_CORK)
  /*@ Whether only full packets are sent. */
  ROW(TCP_CORK, TCP_CORK),
#endif
#if defined(TCP_DEFER_ACCEPT)
  /*@ Seconds that `accept` may wait for the first data. */
  ROW(TCP_DEFER_ACCEPT, TCP_DEFER_ACCEPT),
#endif
#if defined(TCP_FASTOPEN)
  /*@ The queue length of TCP Fast Open (RFC 7413). */
  ROW(TCP_FASTOPEN, TCP_FASTOPEN),
#endif
#if defined(TCP_KEEPCNT)
  /*@ How many probes go unanswered before a connection is given up. */
  ROW(TCP_KEEPCNT, TCP_KEEPCNT),
#endif
#if defined(TCP_KEEPIDLE)
  /*@ Idle seconds before the first probe. */
  ROW(TCP_KEEPIDLE, TCP_KEEPIDLE),
#endif
#if defined(TCP_KEEPINTVL)
  /*@ Seconds between two probes. */
  ROW(TCP_KEEPINTVL, TCP_KEEPINTVL),
#endif
#if defined(TCP_MAXSEG)
  /*@ The largest segment. */
  ROW(TCP_MAXSEG, TCP_MAXSEG),
#endif
  /*@ Whether small packets are sent at once (Nagle's algorithm is off). */
  ROW(TCP_NODELAY, TCP_NODELAY),
#if defined(TCP_QUICKACK)
  /*@ Whether acknowledgements are sent at once. */
  ROW(TCP_QUICKACK, TCP_QUICKACK),
#endif
#if defined(TCP_USER_TIMEOUT)
  /*@ Milliseconds that sent data may stay unacknowledged. */
  ROW(TCP_USER_TIMEOUT, TCP_USER_TIMEOUT),
#endif
  {NULL, 0}
};

void lssl_opensockconstants (lua_State *L) {
  lssl_setintegers(L, sockets);
}
