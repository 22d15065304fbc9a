/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TLS_POOL_H
#define FK_TLS_POOL_H

#include <stddef.h>
#include <stdint.h>

/* The heap of the crypto library: first fit in the one piece of memory that fk_tls_pool_init() was
 * given. Unlike the library's own it counts what it had to refuse, which the library forgets on
 * its way out of a handshake; it wipes what is freed; a block costs 8 bytes more than was asked
 * for, not 32 or 64; and it prints nothing. firmware/DESIGN.md, "TLS", Memory.
 *
 * One thread. tls.h has init and the figures. */

/* n * size bytes, zero, for any type up to 8 bytes of alignment. NULL, and one refusal more, when
 * there is no room; NULL alone when it is nothing that is asked for. */
void *fk_tls_pool_calloc(size_t n, size_t size);

/* Wipes the block. NULL, and what is no block in use, is left alone. */
void fk_tls_pool_free(void *p);

/* Owners. What a connection has taken is marked with its number, 1 to 255, so that all of it can be
 * taken back: when it is refused memory in the middle of a TLS 1.3 key schedule, the library loses
 * a context with a key in it, and a peer that can bring that about would drain the pool.
 *
 * A number that no block is marked with; 0 when there is none. */
uint8_t fk_tls_pool_new_owner(void);
/* Blocks are marked with this number from now on, 0 for none; returns the one before. */
uint8_t fk_tls_pool_own(uint8_t owner);
/* Frees what is still marked with this number, which is not 0. */
void fk_tls_pool_sweep(uint8_t owner);

/* Blocks that were refused since fk_tls_pool_init(). Compare two readings for equality. */
unsigned fk_tls_pool_refused(void);

#endif
