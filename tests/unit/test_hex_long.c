/* SPDX-License-Identifier: Apache-2.0 */
/* Intel HEX files of many records, which are decoded in runs. */
#include "fotakit/image.h"
#include "support/load.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define END ":00000001FF"

struct text {
    char *at;
    size_t len, cap;
};

static void put_record(struct text *t, unsigned type, unsigned offset, const uint8_t *data,
                       size_t len, const char *line_end)
{
    if (t->cap - t->len < 600) {
        t->cap = t->cap * 2 + 4096;
        t->at = realloc(t->at, t->cap);
        assert_non_null(t->at);
    }
    unsigned sum = (unsigned)len + (offset >> 8) + offset + type;
    char *p = t->at + t->len;
    p += sprintf(p, ":%02X%04X%02X", (unsigned)len, offset, type);
    for (size_t i = 0; i < len; i++) {
        p += sprintf(p, "%02X", data[i]);
        sum += data[i];
    }
    p += sprintf(p, "%02X%s", (0u - sum) & 0xff, line_end);
    t->len = (size_t)(p - t->at);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* An image at base as upward records of all lengths, split at each 64 KiB. */
static struct text hex_of(const uint8_t *image, size_t len, uint32_t base, const char *line_end,
                          uint32_t seed)
{
    struct text t = {0};
    uint32_t window = UINT32_MAX;
    for (size_t at = 0; at < len;) {
        uint32_t addr = base + (uint32_t)at;
        if (addr >> 16 != window) {
            window = addr >> 16;
            uint8_t high[2] = {(uint8_t)(window >> 8), (uint8_t)window};
            put_record(&t, 4, 0, high, 2, line_end);
        }
        size_t n = next_random(&seed) % 256;
        n = n > len - at ? len - at : n;
        n = n > 0x10000 - (addr & 0xffff) ? 0x10000 - (addr & 0xffff) : n;
        put_record(&t, 0, addr & 0xffff, image + at, n, line_end);
        at += n;
    }
    put_record(&t, 1, 0, NULL, 0, line_end);
    return t;
}

#define BIG (300u * 1024u + 7u)

static uint8_t *random_image(void)
{
    uint8_t *image = malloc(BIG);
    uint32_t seed = 1;
    assert_non_null(image);
    for (size_t i = 0; i < BIG; i++) {
        image[i] = (uint8_t)next_random(&seed);
    }
    return image;
}

static void records_of_every_length_give_the_same_image_in_every_chunk_size(void **state)
{
    struct fk_temp *t = *state;
    static const size_t chunks[] = {1, 7, 254, 255, 256, 271, 4096, 1u << 20};
    uint8_t *image = random_image();
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        struct text text = hex_of(image, BIG, 0x0800fff0, i % 2 == 0 ? "\n" : "\r\n", (uint32_t)i);
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        fk_load(fk_temp_file(t, "big.hex", text.at, text.len), &o, chunks[i], &l);
        assert_string_equal(l.err.msg, "");
        assert_int_equal(l.info.base, 0x0800fff0);
        assert_int_equal(l.info.filled, 0);
        assert_int_equal(l.len, BIG);
        assert_memory_equal(l.bytes, image, BIG);
        fk_loaded_free(&l);
        free(text.at);
    }
    free(image);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void shuffled_records_give_the_same_image(void **state)
{
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    const size_t len = 0x10000 - 16; /* one 64 KiB window: the order of data records is free */
    struct text text = hex_of(image, len, 0x20000000, "\n", 9);
    char *lines[2048];
    size_t n = 0;
    text.at[text.len] = '\0';
    for (char *line = strtok(text.at, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        lines[n++] = line;
    }
    /* Sorted by text, that is by length of the record first; first and last stay. */
    qsort(lines + 1, n - 2, sizeof lines[0], compare_lines);
    const char *path = fk_temp_path(t, "mixed.hex");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "%s\n", lines[i]);
    }
    fclose(f);
    struct fk_image_options o = fk_load_any_base();
    struct fk_loaded l;
    fk_load(path, &o, 1000, &l);
    assert_string_equal(l.err.msg, "");
    assert_int_equal(l.len, len);
    assert_memory_equal(l.bytes, image, len);
    fk_loaded_free(&l);
    free(text.at);
    free(image);
}

/* A file whose middle is decoded in runs: records of these lengths, one after the other. */
static struct text long_text(const uint8_t *image, size_t records, uint32_t base, size_t *ret_len)
{
    static const uint8_t lengths[] = {16, 32, 7, 16, 40, 1, 255, 0};
    struct text t = {0};
    size_t at = 0;
    for (size_t i = 0; i < records; i++) {
        size_t n = lengths[i % sizeof lengths];
        put_record(&t, 0, (base + (unsigned)at) & 0xffff, image + at, n, "\r\n");
        at += n;
    }
    *ret_len = at;
    return t;
}

/* Damage of one character: refused, or the same image (a digit's case, a line end), and refused in
 * any case when it is a character that no record has. The range is that of the decoder for runs,
 * which leaves what it does not like to the one for single records; the front of the file is only
 * seen by the latter. */
static void one_changed_character_never_changes_the_image(void **state)
{
    static const char others[] = "0:@Gf \n"; /* and NUL */
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    size_t len = 0;
    struct text text = long_text(image, 16, 0x1000, &len);
    size_t first = text.len;
    free(text.at);
    text = long_text(image, 32, 0x1000, &len);
    put_record(&text, 1, 0, NULL, 0, "\n");
    unsigned refused = 0;
    unsigned tried = 0;
    for (size_t at = 0; at < first + 800; at += at == 100 ? first - 100 : 1) {
        for (size_t k = 0; k < sizeof others; k++) {
            char kept = text.at[at];
            struct fk_image_options o = fk_load_any_base();
            struct fk_loaded l;
            text.at[at] = others[k];
            o.format = FK_IMAGE_HEX;
            fk_load(fk_temp_file(t, "bent.hex", text.at, text.len), &o, 1u << 16, &l);
            text.at[at] = kept;
            if (l.st == FK_OK) {
                assert_true(others[k] == kept || strchr("0f\n", others[k]) != NULL);
                assert_int_not_equal(others[k], '\0');
                assert_int_equal(l.len, len);
                assert_memory_equal(l.bytes, image, len);
            } else {
                refused++;
                assert_int_equal(fk_status_class(l.st), FK_CLASS_REJECTED);
            }
            tried++;
            fk_loaded_free(&l);
        }
    }
    assert_true(refused > tried * 3 / 4);
    free(text.at);
    free(image);
}

/* Records other than data, in the middle of a run and at the very offset that it expects next. */
static void other_records_end_a_run(void **state)
{
    static const struct {
        const char *why;
        unsigned type;
        size_t len;
        enum fk_status st;
    } cases[] = {
        {"end-of-file record with an offset", 1, 0, FK_E_TRAILING},
        {"unknown type", 6, 0, FK_E_FORMAT},
        {"start address with an offset", 5, 4, FK_OK},
        {"type 04 with an offset", 4, 2, FK_E_FORMAT},
        {"data of no length", 0, 0, FK_OK},
    };
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        size_t front = 0;
        size_t back = 0;
        struct text text = long_text(image, 20, 0x1000, &front);
        put_record(&text, cases[i].type, 0x1000 + (unsigned)front, image, cases[i].len, "\n");
        struct text rest = long_text(image + front, 20, 0x1000 + (uint32_t)front, &back);
        text.at = realloc(text.at, text.len + rest.len + 1024);
        assert_non_null(text.at);
        memcpy(text.at + text.len, rest.at, rest.len);
        text.cap = text.len + rest.len + 1024;
        text.len += rest.len;
        put_record(&text, 1, 0, NULL, 0, "\n");
        fk_load(fk_temp_file(t, "run.hex", text.at, text.len), &o, 1u << 16, &l);
        if (l.st != cases[i].st) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(l.st), l.err.msg);
        }
        if (l.st == FK_OK) {
            assert_int_equal(l.len, front + back);
            assert_memory_equal(l.bytes, image, l.len);
        } else {
            assert_non_null(strstr(l.err.msg, cases[i].type == 1 ? "line 22" : "line 21"));
        }
        fk_loaded_free(&l);
        free(text.at);
        free(rest.at);
    }
    free(image);
}

static void gap_in_front_of_a_run_is_filled(void **state)
{
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    for (size_t gap = 1; gap < 2000; gap += 333) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        size_t front = 0;
        size_t back = 0;
        struct text text = long_text(image, 20, 0x1000, &front);
        struct text rest = long_text(image, 40, 0x1000 + (uint32_t)(front + gap), &back);
        const char *path = fk_temp_path(t, "gap.hex");
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fprintf(f, "%.*s%.*s" END, (int)text.len, text.at, (int)rest.len, rest.at);
        fclose(f);
        fk_load(path, &o, 1u << 16, &l);
        assert_string_equal(l.err.msg, "");
        assert_int_equal(l.len, front + gap + back);
        assert_int_equal(l.info.filled, gap);
        assert_memory_equal(l.bytes, image, front);
        for (size_t i = front; i < front + gap; i++) {
            assert_int_equal(l.bytes[i], 0xff);
        }
        assert_memory_equal(l.bytes + front + gap, image, back);
        fk_loaded_free(&l);
        free(text.at);
        free(rest.at);
    }
    free(image);
}

static void part_of_a_run_is_cut_out(void **state)
{
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    size_t len = 0;
    struct text text = long_text(image, 60, 0x1000, &len);
    put_record(&text, 1, 0, NULL, 0, "\n");
    const char *path = fk_temp_file(t, "part.hex", text.at, text.len);
    static const size_t chunks[] = {1, 100, 255, 300, 1u << 16};
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        o.only_region = "0x1203-0x1801";
        fk_load(path, &o, chunks[i], &l);
        assert_string_equal(l.err.msg, "");
        assert_int_equal(l.info.base, 0x1203);
        assert_int_equal(l.len, 0x1801 - 0x1203);
        assert_memory_equal(l.bytes, image + 0x203, l.len);
        fk_loaded_free(&l);
    }
    free(text.at);
    free(image);
}

static void refusal_names_the_very_line_in_a_long_file(void **state)
{
    /* Records of 16 bytes from 0x1000, one a line: byte 0x1200 stands in line 33. */
    static const struct fk_image_rules rules = {
        .unit = 4,
        .regions = {{.name = "app", .start = 0x1000, .end = 0x1208, .application = true}},
        .n_regions = 1};
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    struct text text = {0};
    for (unsigned i = 0; i < 100; i++) {
        put_record(&text, 0, 0x1000 + 16 * i, image + (size_t)16 * i, 16, "\n");
    }
    put_record(&text, 1, 0, NULL, 0, "\n");
    struct fk_image_options o = {.rules = &rules, .max_size = 0x1000};
    struct fk_loaded l;
    fk_load(fk_temp_file(t, "long.hex", text.at, text.len), &o, 1u << 16, &l);
    assert_int_equal(l.st, FK_E_IMAGE_RANGE);
    assert_non_null(strstr(l.err.msg, "long.hex' line 33: data at 0x00001200-0x00001210 lies"));

    /* Line 100 gives its last byte another value; from a file and from a pipe. */
    text.len = 0;
    for (unsigned i = 0; i < 99; i++) {
        put_record(&text, 0, 0x1000 + 16 * i, image + (size_t)16 * i, 16, "\n");
    }
    image[15] ^= 1;
    put_record(&text, 0, 0x1000, image, 16, "\n");
    for (unsigned i = 99; i < 199; i++) {
        put_record(&text, 0, 0x1000 + 16 * i, image + (size_t)16 * i, 16, "\n");
    }
    put_record(&text, 1, 0, NULL, 0, "\n");
    for (int from_pipe = 0; from_pipe < 2; from_pipe++) {
        struct fk_temp_pipe pipe;
        o = fk_load_any_base();
        fk_temp_pipe_open(&pipe, text.at, text.len);
        fk_load(from_pipe ? pipe.path : fk_temp_file(t, "long.hex", text.at, text.len), &o, 999,
                &l);
        fk_temp_pipe_close(&pipe);
        assert_int_equal(l.st, FK_E_IMAGE_OVERLAP);
        assert_non_null(strstr(l.err.msg, "line 100: address 0x0000100f gets"));
    }
    free(text.at);
    free(image);
}

/* In the middle of a run a record crosses 64 KiB: it goes on with type 04, it wraps with type 02. */
static void run_ends_where_a_record_crosses_64_kib(void **state)
{
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    for (int segmented = 0; segmented < 2; segmented++) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        struct text text = {0};
        uint8_t base[2] = {segmented ? 0x20 : 0, 2}; /* 0x20000 in either notation, about */
        const unsigned start = 0x10000 - 40 * 16 + 8;
        put_record(&text, segmented ? 2 : 4, 0, base, 2, "\n");
        for (unsigned i = 0; i < 80; i++) { /* record 39 crosses, the run behind it is long enough */
            put_record(&text, 0, (start + 16 * i) & 0xffff, image + (size_t)16 * i, 16, "\n");
        }
        put_record(&text, 1, 0, NULL, 0, "\n");
        uint64_t high = segmented ? 0x20020 : 0x20000;
        fk_load(fk_temp_file(t, "run.hex", text.at, text.len), &o, 1u << 16, &l);
        if (segmented) { /* all of it, from the wrapped part to the end of the segment */
            assert_string_equal(l.err.msg, "");
            assert_int_equal(l.info.base, high);
            assert_int_equal(l.len, 0x10000);
            size_t split = 0x10000 - start;
            assert_memory_equal(l.bytes, image + split, 80 * 16 - split);
            assert_memory_equal(l.bytes + start, image, split);
        } else { /* the offsets begin anew, so the records behind the crossing lie 64 KiB lower */
            assert_string_equal(l.err.msg, "");
            assert_int_equal(l.info.base, high + 8);
            assert_memory_equal(l.bytes + start - 8, image, 40 * 16);
            assert_memory_equal(l.bytes, image + 40 * 16, 40 * 16);
        }
        fk_loaded_free(&l);
        free(text.at);
    }
    free(image);
}

static void file_cut_at_any_length_is_refused(void **state)
{
    struct fk_temp *t = *state;
    uint8_t *image = random_image();
    struct text text = hex_of(image, 700, 0, "\n", 4);
    for (size_t len = 1; len + 1 < text.len; len++) { /* without its last line end it is complete */
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        fk_load(fk_temp_file(t, "cut.hex", text.at, len), &o, 4096, &l);
        assert_int_equal(l.st, FK_E_TRUNCATED);
    }
    free(text.at);
    free(image);
}

static void many_small_gaps_do_not_hide_the_large_one(void **state)
{
    struct fk_temp *t = *state;
    struct text text = {0};
    static const uint8_t byte[1] = {0x5a};
    for (unsigned i = 0; i < 200; i++) { /* more areas than are kept apart */
        put_record(&text, 0, i * 3, byte, 1, "\n");
    }
    put_record(&text, 4, 0, (const uint8_t[]){0x20, 0}, 2, "\n");
    put_record(&text, 0, 0x1234, byte, 1, "\n");
    put_record(&text, 1, 0, NULL, 0, "\n");
    struct fk_image_options o = fk_load_any_base();
    struct fk_loaded l;
    const char *path = fk_temp_file(t, "holes.hex", text.at, text.len);
    fk_load(path, &o, 64, &l);
    assert_int_equal(l.st, FK_E_IMAGE_TOO_BIG);
    assert_non_null(strstr(l.err.msg, "0x00000000-0x00000256 and 0x20001234-0x20001235"));
    o.only_region = "0x0-0x256";
    fk_load(path, &o, 64, &l);
    assert_string_equal(l.err.msg, "");
    assert_int_equal(l.len, 199 * 3 + 1);
    assert_int_equal(l.info.filled, 199 * 2);
    for (size_t i = 0; i < l.len; i++) {
        assert_int_equal(l.bytes[i], i % 3 == 0 ? 0x5a : 0xff);
    }
    fk_loaded_free(&l);
    free(text.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_every_length_give_the_same_image_in_every_chunk_size),
        cmocka_unit_test(shuffled_records_give_the_same_image),
        cmocka_unit_test(one_changed_character_never_changes_the_image),
        cmocka_unit_test(other_records_end_a_run),
        cmocka_unit_test(gap_in_front_of_a_run_is_filled),
        cmocka_unit_test(part_of_a_run_is_cut_out),
        cmocka_unit_test(refusal_names_the_very_line_in_a_long_file),
        cmocka_unit_test(run_ends_where_a_record_crosses_64_kib),
        cmocka_unit_test(file_cut_at_any_length_is_refused),
        cmocka_unit_test(many_small_gaps_do_not_hide_the_large_one),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
