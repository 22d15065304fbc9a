/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_HASHER_H
#define FK_CRYPTO_HASHER_H

#include "fotakit/error.h"

#include <stddef.h>
#include <stdint.h>

/* SHA-256, chunk by chunk: fk_hasher_begin, update, finish; release in `out:` in every case. */
#define FK_HASHER_SIZE 32

struct fk_hasher {
    void *ctx; /* NULL when there is none */
};

enum fk_status fk_hasher_begin(struct fk_hasher *d, struct fk_error *err) FK_MUST_USE;
enum fk_status fk_hasher_update(struct fk_hasher *d, const void *p, size_t len,
                                struct fk_error *err) FK_MUST_USE;
enum fk_status fk_hasher_finish(struct fk_hasher *d, uint8_t ret[FK_HASHER_SIZE],
                                struct fk_error *err) FK_MUST_USE;
void fk_hasher_release(struct fk_hasher *d);

#endif
