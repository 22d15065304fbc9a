/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_SLICE_H
#define FOTAKIT_FW_SLICE_H

#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes: a pointer and a length, passed by value. Never owns, never outlives the buffer
 * it points into. ptr may be NULL only when len is 0. */
struct fk_slice {
    const uint8_t *ptr;
    size_t len;
};

#endif
