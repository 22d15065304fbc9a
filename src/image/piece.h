/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_PIECE_H
#define FK_IMAGE_PIECE_H

#include <stddef.h>
#include <stdint.h>

/* Some bytes of an image at an absolute address. addr + len never exceeds 2^32. */
struct fk_piece {
    uint64_t addr;
    size_t len;
};

#define FK_ADDRESS_END ((uint64_t)1 << 32)

#endif
