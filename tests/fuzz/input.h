/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What a target decides by, taken from the front of the fuzzer's bytes. */
struct input {
    const uint8_t *at;
    size_t left;
};

/* A number of n bytes, or of as many as are left; 0 when there are none. */
static inline unsigned take(struct input *in, size_t n)
{
    unsigned v = 0;
    for (; n > 0 && in->left > 0; n--, in->at++, in->left--) {
        v = v << 8 | *in->at;
    }
    return v;
}

/* What must hold whatever the input is. */
static inline void require(bool fact)
{
    if (!fact) {
        abort();
    }
}

#endif
