/*
** psk.h - keys that both sides have before they connect.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_psk_h
#define lssl_context_psk_h

#include "context/context.h"

void lssl_openpsk (lua_State *L);

/*
** Lets 'ssl', a server's whose context was switched to 'context', take part in
** PSK or not, as that context does. Never raises.
*/
void lssl_preparepsk (SSL *ssl, const Context *context);

#endif
