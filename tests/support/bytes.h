/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_BYTES_H
#define FK_TESTS_BYTES_H

#include "fotakit_fw/slice.h"

#include <stdbool.h>

/* Bytes from hexadecimal text, blanks allowed; good until 64 more have been made. Fails the test
 * for anything else. For tables of small inputs. */
struct fk_slice fk_hex(const char *text);

/* Contents of a slice equal those of hexadecimal text. */
#define assert_slice_is(slice, text)                                                               \
    do {                                                                                           \
        const struct fk_slice found_ = (slice), expected_ = fk_hex(text);                          \
        assert_int_equal(found_.len, expected_.len);                                               \
        assert_memory_equal(found_.ptr, expected_.ptr, expected_.len);                             \
    } while (0)

/* Whether the bytes of `text` stand anywhere in p[len]: what a wiped secret must not do. */
bool test_holds(const void *p, size_t len, const char *text);

#endif
