/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bytes.h"
#include "wire/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct fk_reader reader_of(struct fk_slice bytes)
{
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    return r;
}

static void item_accepts_one_form_of_each_value_only(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *hex;
        enum fk_status st;
    } rows[] = {
        {"smallest integer", "00", FK_OK},
        {"largest in one byte", "17", FK_OK},
        {"23 in two bytes", "1817", FK_E_CBOR},
        {"zero in two bytes", "1800", FK_E_CBOR},
        {"24 in two bytes", "1818", FK_OK},
        {"255 in three bytes", "1900ff", FK_E_CBOR},
        {"256 in three bytes", "190100", FK_OK},
        {"65535 in five bytes", "1a0000ffff", FK_E_CBOR},
        {"65536 in five bytes", "1a00010000", FK_OK},
        {"2^32 - 1 in nine bytes", "1b00000000ffffffff", FK_E_CBOR},
        {"2^32 in nine bytes", "1b0000000100000000", FK_OK},
        {"2^64 - 1", "1bffffffffffffffff", FK_OK},
        {"negative", "20", FK_OK},
        {"negative in two bytes too many", "3817", FK_E_CBOR},
        {"reserved head", "1c", FK_E_FORMAT},
        {"another reserved head", "1e", FK_E_FORMAT},
        {"bytes", "43010203", FK_OK},
        {"bytes with a long head", "5803010203", FK_E_CBOR},
        {"bytes past the end", "43 0102", FK_E_TRUNCATED},
        {"bytes of 2^63", "5b8000000000000000", FK_E_TRUNCATED},
        {"bytes of 2^64 - 1", "5bffffffffffffffff", FK_E_TRUNCATED},
        {"text of 2^63", "7b8000000000000000", FK_E_TRUNCATED},
        {"array of 2^63", "9b8000000000000000", FK_E_TRUNCATED},
        {"map of 2^63", "bb8000000000000000", FK_E_TRUNCATED},
        {"map of 2^63 - 1 pairs", "bb7fffffffffffffff00", FK_E_TRUNCATED},
        {"array of more items than bytes", "9a00100000 00", FK_E_TRUNCATED},
        {"bytes without end", "5f4101ff", FK_E_CBOR},
        {"text without end", "7f6161ff", FK_E_CBOR},
        {"array without end", "9f01ff", FK_E_CBOR},
        {"map without end", "bf0101ff", FK_E_CBOR},
        {"break", "ff", FK_E_CBOR},
        {"false, true, null", "83f4f5f6", FK_OK},
        {"undefined", "f7", FK_E_FORMAT},
        {"simple value 16", "f0", FK_E_FORMAT},
        {"simple value 255", "f8ff", FK_E_FORMAT},
        {"null in two bytes", "f816", FK_E_CBOR},
        {"half float", "f93c00", FK_E_FORMAT},
        {"double", "fb3ff0000000000000", FK_E_FORMAT},
        {"tag", "c100", FK_E_FORMAT},
        {"map in order", "a2010002 00", FK_OK},
        {"map out of order", "a202000100", FK_E_CBOR},
        {"key repeated", "a201000100", FK_E_CBOR},
        {"negative key behind 24", "a2 1818 00 20 00", FK_OK},
        {"negative key before 24, the older order", "a2 20 00 1818 00", FK_E_CBOR},
        {"text keys in order", "a2 6161 00 6162 00", FK_OK},
        {"shorter text first", "a2 6162 00 626161 00", FK_OK},
        {"text keys out of order", "a2 6162 00 6161 00", FK_E_CBOR},
        {"array as a key", "a1 8101 00", FK_OK},
        {"map without its last value", "a101", FK_E_TRUNCATED},
        {"three levels", "818181 00", FK_OK},
        {"four levels", "81818181 00", FK_E_LIMIT},
        {"four levels by maps", "a100a100a100a10000", FK_E_LIMIT},
        {"empty", "", FK_E_TRUNCATED},
        {"one byte more", "0000", FK_E_TRAILING},
        {"head cut", "19 01", FK_E_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct fk_slice bytes = fk_hex(rows[i].hex);
        struct fk_reader r = reader_of(bytes);
        struct fk_slice item = fk_cbor_item(&r);
        enum fk_status st = fk_reader_end(&r);
        if (st != rows[i].st) {
            fail_msg("%s: expected %s, found %s", rows[i].why, fk_status_symbol(rows[i].st),
                     fk_status_symbol(st));
        }
        assert_true(st != FK_OK || item.len == bytes.len);
    }
}

static void depth_bomb_stops_at_the_limit(void **state)
{
    (void)state;
    static uint8_t bomb[65536];
    memset(bomb, 0x81, sizeof bomb);
    struct fk_reader r = reader_of((struct fk_slice){bomb, sizeof bomb});
    (void)fk_cbor_item(&r);
    assert_int_equal(fk_reader_end(&r), FK_E_LIMIT);
}

static void int_covers_64_bits_with_sign(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        int64_t value;
        enum fk_status st;
    } rows[] = {
        {"00", 0, FK_OK},
        {"20", -1, FK_OK},
        {"3903e7", -1000, FK_OK},
        {"39fffd", -65534, FK_OK},
        {"1b7fffffffffffffff", INT64_MAX, FK_OK},
        {"3b7fffffffffffffff", INT64_MIN, FK_OK},
        {"1b8000000000000000", 0, FK_E_LIMIT},
        {"3b8000000000000000", 0, FK_E_LIMIT},
        {"40", 0, FK_E_FORMAT},
        {"f6", 0, FK_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fk_reader r = reader_of(fk_hex(rows[i].hex));
        assert_true(fk_cbor_int(&r) == rows[i].value);
        assert_int_equal(fk_reader_end(&r), rows[i].st);
    }
}

static void typed_reads_refuse_other_types(void **state)
{
    (void)state;
    static const char *const items[] = {"01", "20", "4101", "6161", "8101", "a10101", "f5"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct fk_reader r[5];
        for (size_t k = 0; k < 5; k++) {
            r[k] = reader_of(fk_hex(items[i]));
        }
        (void)fk_cbor_uint(&r[0]);
        assert_int_equal(r[0].st, i == 0 ? FK_OK : FK_E_FORMAT);
        (void)fk_cbor_bytes(&r[1]);
        assert_int_equal(r[1].st, i == 2 ? FK_OK : FK_E_FORMAT);
        (void)fk_cbor_text(&r[2]);
        assert_int_equal(r[2].st, i == 3 ? FK_OK : FK_E_FORMAT);
        (void)fk_cbor_array(&r[3]);
        assert_int_equal(r[3].st, i == 4 ? FK_OK : FK_E_FORMAT);
        assert_int_equal(fk_cbor_bool(&r[4]), i == 6);
        assert_int_equal(r[4].st, i == 6 ? FK_OK : FK_E_FORMAT);
    }
    struct fk_reader nil = reader_of(fk_hex("f6"));
    assert_false(fk_cbor_bool(&nil));
    assert_int_equal(nil.st, FK_E_FORMAT);
}

static void tag_must_be_the_one_asked_for(void **state)
{
    (void)state;
    struct fk_reader good = reader_of(fk_hex("d86b 00"));
    fk_cbor_tag(&good, 107);
    assert_int_equal(fk_cbor_uint(&good), 0);
    assert_int_equal(fk_reader_end(&good), FK_OK);
    struct fk_reader other = reader_of(fk_hex("d86c 00"));
    fk_cbor_tag(&other, 107);
    assert_int_equal(fk_reader_end(&other), FK_E_FORMAT);
}

static void map_gives_keys_and_notices_disorder(void **state)
{
    (void)state;
    struct fk_reader r = reader_of(fk_hex("a3 01 05 24 06 6178 07"));
    struct fk_cbor_map map = fk_cbor_map(&r);
    struct fk_cbor_key key;
    assert_true(fk_cbor_map_next(&map, &key));
    assert_true(!key.is_text && key.label == 1 && fk_cbor_uint(&r) == 5);
    assert_true(fk_cbor_map_next(&map, &key));
    assert_true(!key.is_text && key.label == -5 && fk_cbor_uint(&r) == 6);
    assert_true(fk_cbor_map_next(&map, &key));
    assert_true(key.is_text);
    assert_slice_is(key.text, "78");
    assert_int_equal(fk_cbor_uint(&r), 7);
    assert_false(fk_cbor_map_next(&map, &key));
    assert_int_equal(fk_reader_end(&r), FK_OK);

    r = reader_of(fk_hex("a2 02 05 01 06"));
    map = fk_cbor_map(&r);
    assert_true(fk_cbor_map_next(&map, &key));
    assert_int_equal(fk_cbor_uint(&r), 5);
    assert_false(fk_cbor_map_next(&map, &key));
    assert_int_equal(fk_reader_end(&r), FK_E_CBOR);
}

static void wrapped_reader_sees_its_contents_only(void **state)
{
    (void)state;
    struct fk_reader r = reader_of(fk_hex("42 0102 03"));
    struct fk_reader inner = fk_cbor_wrapped(&r);
    assert_int_equal(fk_cbor_uint(&inner), 1);
    assert_int_equal(fk_reader_end(&inner), FK_E_TRAILING);
    assert_int_equal(fk_cbor_uint(&r), 3);
    assert_int_equal(fk_reader_end(&r), FK_OK);

    r = reader_of(fk_hex("01"));
    inner = fk_cbor_wrapped(&r);
    assert_int_equal(inner.st, FK_E_FORMAT);
}

static void whole_bytes_include_the_head(void **state)
{
    (void)state;
    struct fk_slice contents;
    struct fk_reader r = reader_of(fk_hex("43 010203"));
    struct fk_slice whole = fk_cbor_whole_bytes(&r, &contents);
    assert_slice_is(whole, "43010203");
    assert_slice_is(contents, "010203");
}

static void first_failure_sticks(void **state)
{
    (void)state;
    struct fk_reader r = reader_of(fk_hex("1800 01 02"));
    assert_int_equal(fk_cbor_uint(&r), 0);
    assert_int_equal(fk_cbor_uint(&r), 0);
    assert_int_equal(fk_cbor_peek(&r), FK_CBOR_NONE);
    assert_false(fk_cbor_take_nil(&r));
    assert_int_equal(fk_reader_end(&r), FK_E_CBOR);
}

static void every_cut_of_a_good_input_is_refused(void **state)
{
    (void)state;
    const struct fk_slice good = fk_hex("a3 01 83 01 20 f6 02 43 010203 6161 a1 1818 63 616263");
    for (size_t n = 0; n < good.len; n++) {
        struct fk_reader r = reader_of((struct fk_slice){good.ptr, n});
        (void)fk_cbor_item(&r);
        assert_int_equal(fk_reader_end(&r), FK_E_TRUNCATED);
    }
}

static void writer_gives_the_shortest_form_that_the_reader_takes(void **state)
{
    (void)state;
    static const int64_t values[] = {0,     23,    24,         255,        256,       65535,
                                     65536, -1,    -24,        -25,        -256,      -257,
                                     -65536, -65537, UINT32_MAX, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        uint8_t buf[16];
        size_t len = 0;
        struct fk_writer w;
        fk_writer_init(&w, buf, sizeof buf);
        fk_cbor_put_int(&w, values[i]);
        assert_int_equal(fk_writer_end(&w, &len), FK_OK);
        struct fk_reader r = reader_of((struct fk_slice){buf, len});
        assert_true(fk_cbor_int(&r) == values[i]);
        assert_int_equal(fk_reader_end(&r), FK_OK);
    }
    uint8_t small[4];
    size_t len = 99;
    struct fk_writer w;
    fk_writer_init(&w, small, sizeof small);
    fk_cbor_put_uint(&w, UINT64_MAX);
    assert_int_equal(fk_writer_end(&w, &len), FK_E_LIMIT);
    assert_int_equal(len, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item_accepts_one_form_of_each_value_only),
        cmocka_unit_test(depth_bomb_stops_at_the_limit),
        cmocka_unit_test(int_covers_64_bits_with_sign),
        cmocka_unit_test(typed_reads_refuse_other_types),
        cmocka_unit_test(tag_must_be_the_one_asked_for),
        cmocka_unit_test(map_gives_keys_and_notices_disorder),
        cmocka_unit_test(wrapped_reader_sees_its_contents_only),
        cmocka_unit_test(whole_bytes_include_the_head),
        cmocka_unit_test(first_failure_sticks),
        cmocka_unit_test(every_cut_of_a_good_input_is_refused),
        cmocka_unit_test(writer_gives_the_shortest_form_that_the_reader_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
