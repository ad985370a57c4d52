/*
** seal.h - sessions encrypted for a store: it can neither read nor change them,
** nor give one for another. Knows nothing of Lua; nothing here raises.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_seal_h
#define lssl_context_seal_h

#include "context/ring.h"

/* Bytes that a seal adds: the key's name, the nonce and the tag of AES-256-GCM. */
#define LSSL_SEAL	(LSSL_KEYNAME + 12 + 16)

/*
** Seals 'size' bytes into 'to', which has room for LSSL_SEAL more, with the ring's
** present key. Only who knows 'id' opens them. 0 if that failed.
*/
int lssl_seal (Ring *ring, const unsigned char *id, size_t idsize,
               const unsigned char *from, size_t size, unsigned char *to);

/*
** Opens 'size' sealed bytes into 'to', LSSL_SEAL bytes less. 0 if they are not what
** lssl_seal made for that id, or too old.
*/
int lssl_unseal (Ring *ring, const unsigned char *id, size_t idsize,
                 const unsigned char *from, size_t size, unsigned char *to);

#endif
