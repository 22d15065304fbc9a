/* SPDX-License-Identifier: Apache-2.0 */
/* The front of an envelope as it comes: fed only what it asks for, it ends exactly in front of the
 * payload. */
#include "support/device.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct test_layout layout = {"front", 512, 1024, 4, 4, 0xff, FK_INSTALL_SWAP};

static struct signed_update *new_update(bool integrated)
{
    struct signed_update *u = calloc(1, sizeof *u);
    uint8_t image[2000];
    assert_non_null(u);
    const struct fk_device device = test_device(&layout);
    test_fill(image, sizeof image, 1);
    signed_update_make(u, &device, 7, image, sizeof image, SIGNED_ENCRYPTED);
    u->integrated = integrated;
    signed_update_remake(u, &device, 7, image, sizeof image, SIGNED_ENCRYPTED);
    return u;
}

static void front_asks_for_no_byte_of_the_payload(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct signed_update *u = new_update(integrated != 0);
        size_t head = signed_update_head(u).len;
        size_t have = 0;
        size_t need = 1;
        uint32_t total = 0;
        unsigned asked = 0;
        while (have < need) {
            assert_true(need <= head);
            have = need;
            assert_int_equal(
                fk_suit_front((struct fk_slice){u->envelope.bytes, have}, &need, &total), FK_OK);
            asked++;
        }
        assert_int_equal(have, head);
        assert_int_equal(total, u->envelope.len);
        assert_true(asked < 40); /* heads byte by byte, contents at once */
        signed_update_free(u);
        free(u);
    }
}

static void any_part_of_a_front_is_incomplete(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct signed_update *u = new_update(integrated != 0);
        size_t head = signed_update_head(u).len;
        for (size_t n = 0; n < head; n++) {
            size_t need = 0;
            uint32_t total = 0;
            assert_int_equal(fk_suit_front((struct fk_slice){u->envelope.bytes, n}, &need, &total),
                             FK_OK);
            assert_true(need > n && need <= head);
        }
        signed_update_free(u);
        free(u);
    }
}

static void lengths_beyond_32_bits_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[24];
        size_t len;
    } rows[] = {
        {{0xd8, 0x6b, 0xa1, 0x02, 0x5b, 0, 0, 0, 1, 0, 0, 0, 0}, 13},
        {{0xd8, 0x6b, 0xa1, 0x02, 0x5b, 255, 255, 255, 255, 255, 255, 255, 255}, 13},
        {{0xd8, 0x6b, 0xa1, 0x02, 0x5a, 255, 255, 255, 255}, 9}, /* with what is in front of it */
        {{0xd8, 0x6b, 0xa1, 0x61, 'p', 0x5a, 255, 255, 255, 255}, 10},
        {{0xd8, 0x6b, 0xa1, 0x61, 'p', 0x5b, 255, 255, 255, 255, 255, 255, 255, 255}, 14},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t need = 77;
        uint32_t total = 77;
        assert_int_equal(
            fk_suit_front((struct fk_slice){rows[i].bytes, rows[i].len}, &need, &total),
            FK_E_LIMIT);
        assert_true(need == 77 && total == 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(front_asks_for_no_byte_of_the_payload),
        cmocka_unit_test(any_part_of_a_front_is_incomplete),
        cmocka_unit_test(lengths_beyond_32_bits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
