/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks lie side by side, each behind its head, from the start of the pool to its end. Two free
 * ones are never neighbours. */
#include "tls/pool.h"

#include "crypto/crypto.h"
#include "tls/tls.h"

#include <mbedtls/platform.h>

#include <stdint.h>
#include <string.h>

#define UNIT 8u

/* Sizes of what stands behind the head, in units. */
#define UNITS_MAX 0x7fffffu
struct head {
    uint32_t size : 23;
    uint32_t used : 1;
    uint32_t owner : 8;
    uint32_t before; /* of the neighbour in front */
};
_Static_assert(sizeof(struct head) == UNIT, "heads keep blocks aligned");

union unit {
    struct head head;
    uint64_t aligns;
};

static struct {
    union unit *first, *end;
    size_t used, peak; /* units, heads of used blocks included */
    unsigned refused;
    uint8_t owner; /* of what is taken now */
} pool;

static union unit *next_of(union unit *at)
{
    return at + 1 + at->head.size;
}

void fk_tls_pool_init(void *memory, size_t len)
{
    uintptr_t at = (uintptr_t)memory;
    size_t skip = (UNIT - at % UNIT) % UNIT;
    size_t units = len > skip ? (len - skip) / UNIT : 0;
    units = units <= UNITS_MAX ? units : UNITS_MAX;
    memset(&pool, 0, sizeof pool);
    if (units >= 2) {
        void *aligned = (uint8_t *)memory + skip;
        pool.first = aligned;
        pool.end = pool.first + units;
        pool.first->head = (struct head){.size = (uint32_t)(units - 1) & UNITS_MAX};
    }
    (void)mbedtls_platform_set_calloc_free(fk_tls_pool_calloc, fk_tls_pool_free);
}

/* Code reviewers: the functions from here to fk_tls_pool_free() do pointer arithmetic. */

/* Tells the neighbour behind how large this one is now. */
static void link_back(union unit *at)
{
    union unit *next = next_of(at);
    if (next < pool.end) {
        next->head.before = at->head.size;
    }
}

static void split(union unit *at, uint32_t units)
{
    uint32_t rest = at->head.size - units;
    if (rest < 2) { /* a head, and at least a unit behind it */
        return;
    }
    at->head.size = units & UNITS_MAX;
    union unit *tail = next_of(at);
    tail->head = (struct head){.size = (rest - 1) & UNITS_MAX, .before = units};
    link_back(tail);
}

void *fk_tls_pool_calloc(size_t n, size_t size)
{
    if (n == 0 || size == 0) {
        return NULL;
    }
    size_t room = (size_t)(pool.end - pool.first) * UNIT;
    union unit *at = pool.end;
    uint32_t units = 0;
    if (size <= room / n) {
        units = (uint32_t)((n * size + UNIT - 1) / UNIT);
        for (at = pool.first; at < pool.end; at = next_of(at)) {
            if (at->head.used == 0 && at->head.size >= units) {
                break;
            }
        }
    }
    if (at == pool.end) {
        pool.refused++;
        return NULL;
    }
    split(at, units);
    at->head.used = 1;
    at->head.owner = pool.owner;
    pool.used += 1u + at->head.size;
    pool.peak = pool.used > pool.peak ? pool.used : pool.peak;
    memset(at + 1, 0, at->head.size * (size_t)UNIT);
    return at + 1;
}

/* Takes a free neighbour behind into a free block. */
static void join_next(union unit *at)
{
    union unit *next = next_of(at);
    if (next < pool.end && next->head.used == 0) {
        at->head.size = (at->head.size + 1u + next->head.size) & UNITS_MAX;
        link_back(at);
    }
}

void fk_tls_pool_free(void *p)
{
    union unit *at = p;
    if (at == NULL || at <= pool.first || at >= pool.end || (--at)->head.used == 0) {
        return;
    }
    pool.used -= 1u + at->head.size;
    fk_wipe(at + 1, at->head.size * (size_t)UNIT);
    at->head.used = 0;
    join_next(at);
    if (at > pool.first && (at - 1 - at->head.before)->head.used == 0) {
        join_next(at - 1 - at->head.before);
    }
}

uint8_t fk_tls_pool_new_owner(void)
{
    bool taken[UINT8_MAX + 1] = {true};
    for (const union unit *at = pool.first; at < pool.end; at += 1u + at->head.size) {
        taken[at->head.owner] = taken[at->head.owner] || at->head.used != 0;
    }
    unsigned owner = 1;
    while (owner <= UINT8_MAX && taken[owner]) {
        owner++;
    }
    return (uint8_t)owner; /* 256 is 0 */
}

uint8_t fk_tls_pool_own(uint8_t owner)
{
    uint8_t before = pool.owner;
    pool.owner = owner;
    return before;
}

void fk_tls_pool_sweep(uint8_t owner)
{
    union unit *at = pool.first;
    while (owner != 0 && at < pool.end) {
        bool lost = at->head.used != 0 && at->head.owner == owner;
        if (lost) {
            fk_tls_pool_free(at + 1);
            at = pool.first; /* neighbours may have become one */
        } else {
            at = next_of(at);
        }
    }
}

unsigned fk_tls_pool_refused(void)
{
    return pool.refused;
}

size_t fk_tls_pool_used(void)
{
    return pool.used * UNIT;
}

size_t fk_tls_pool_peak(void)
{
    return pool.peak * UNIT;
}

void fk_tls_pool_reset_peak(void)
{
    pool.peak = pool.used;
}
