/*
** poll.h - waiting for many descriptors at once, for event loops in Lua.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_poll_h
#define lssl_socket_poll_h

#include "base/common.h"

/*
** _poll(descriptors, events [, seconds]): waits until one of the descriptors is
** ready for its event, "read" or "write", or until the time is over; nil: for
** ever. Gives an array of the indices of those that are ready: fewer, maybe none,
** after a signal. A negative descriptor is never ready. One that is closed or has
** failed is: the call that follows says why. Raises OSError.
*/
int lssl_polltable (lua_State *L);

#endif
