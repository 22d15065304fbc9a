/* SPDX-License-Identifier: Apache-2.0 */
/* What is common to all formats: which format it is, regions, sizes, raw binary, and what a survey
 * shows. */
#include "fotakit/image.h"
#include "image/canvas.h"
#include "image/extents.h"
#include "support/load.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define AT0 ":0400000001020304F2\n"
#define END ":00000001FF\n"

static void format_is_told_by_content(void **state)
{
    static const struct {
        const char *why;
        const char *bytes;
        size_t len;
        enum fk_image_format wanted;
        enum fk_status st;
        enum fk_image_format format;
        const char *message;
    } cases[] = {
        {"HEX", AT0 END, sizeof AT0 END - 1, FK_IMAGE_AUTO, FK_OK, FK_IMAGE_HEX, ""},
        {"HEX behind empty lines", "\r\n\n" AT0 END, sizeof AT0 END + 2, FK_IMAGE_AUTO, FK_OK,
         FK_IMAGE_HEX, ""},
        {"binary", "\0\1\2\3", 4, FK_IMAGE_AUTO, FK_OK, FK_IMAGE_BIN, ""},
        {"binary of one byte", "\xff", 1, FK_IMAGE_AUTO, FK_OK, FK_IMAGE_BIN, ""},
        {"text taken as binary", "hello", 5, FK_IMAGE_BIN, FK_OK, FK_IMAGE_BIN, ""},
        {"HEX taken as binary", AT0 END, sizeof AT0 END - 1, FK_IMAGE_BIN, FK_OK, FK_IMAGE_BIN, ""},
        {"binary that begins like HEX", ":\x01\x80\xfe\x03\x90\xaa\xbb", 8, FK_IMAGE_AUTO, FK_OK,
         FK_IMAGE_BIN, ""},
        {"HEX with a damaged first digit", ":\xff" "400000001020304F2\n" END, 32, FK_IMAGE_AUTO,
         FK_E_FORMAT, FK_IMAGE_AUTO, "line 1: byte 0xff in column 2"},
        {"empty", "", 0, FK_IMAGE_AUTO, FK_E_EMPTY, FK_IMAGE_AUTO, "is empty"},
        {"empty as HEX", "", 0, FK_IMAGE_HEX, FK_E_EMPTY, FK_IMAGE_AUTO, "is empty"},
        {"text", "hello, world\n", 13, FK_IMAGE_AUTO, FK_E_UNSUPPORTED, FK_IMAGE_AUTO,
         "looks like text, but not like Intel HEX; if it is an image as it stands, say --input"},
        {"HEX behind a comment", "; v1\n" AT0 END, sizeof AT0 END + 4, FK_IMAGE_AUTO,
         FK_E_UNSUPPORTED, FK_IMAGE_AUTO, "looks like text"},
        {"S-record", "S00600004844521B\n", 17, FK_IMAGE_AUTO, FK_E_UNSUPPORTED, FK_IMAGE_AUTO,
         "is a Motorola S-record file; convert it with objcopy -I srec -O ihex"},
        {"binary taken as HEX", "\0\1\2\3", 4, FK_IMAGE_HEX, FK_E_FORMAT, FK_IMAGE_AUTO,
         "line 1: starts with byte 0x00, expected ':'"},
        {"binary taken as ELF", "\0\1\2\3", 4, FK_IMAGE_ELF, FK_E_TRUNCATED, FK_IMAGE_AUTO,
         "ELF header needs 52 bytes"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        o.format = cases[i].wanted;
        fk_load(fk_temp_file(t, "in", cases[i].bytes, cases[i].len), &o, 100, &l);
        if (l.st != cases[i].st || strstr(l.err.msg, cases[i].message) == NULL ||
            (l.st == FK_OK && l.info.format != cases[i].format)) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(l.st), l.err.msg);
        }
        fk_loaded_free(&l);
    }
}

static void format_words_are_parsed(void **state)
{
    (void)state;
    enum fk_image_format f = FK_IMAGE_AUTO;
    struct fk_error err = FK_ERROR_INIT;
    assert_int_equal(fk_image_format_parse("hex", &f, &err), FK_OK);
    assert_int_equal(f, FK_IMAGE_HEX);
    assert_int_equal(fk_image_format_parse("elf", &f, &err), FK_OK);
    assert_int_equal(f, FK_IMAGE_ELF);
    assert_int_equal(fk_image_format_parse("bin", &f, &err), FK_OK);
    assert_int_equal(f, FK_IMAGE_BIN);
    assert_int_equal(fk_image_format_parse("ihex", &f, &err), FK_E_USAGE);
    assert_string_equal(err.msg, "input format 'ihex' is not known, expected hex, elf or bin");
    assert_int_equal(f, FK_IMAGE_BIN); /* untouched */
}

/* ---- regions ---- */

static const struct fk_image_rules mapped = {
    .unit = 4,
    .gap_value = 0xee,
    .regions = {{.name = "boot", .start = 0x0, .end = 0x4},
                {.name = "app", .start = 0x4, .end = 0xa, .application = true},
                {.name = "data", .start = 0xa, .end = 0x20, .application = true},
                {.name = "config", .start = 0x10000000, .end = 0x10000010}},
    .n_regions = 4,
};

#define AT4  ":0400040005060708DE\n"
#define AT8  ":0400080011121314AA\n" /* crosses from app into data */
#define AT30 ":0400300001020304C2\n"
#define FAR  ":020000041000EA\n:01000000EE11\n"

static void profile_regions_decide(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *only;
        enum fk_status st;
        uint64_t base;
        size_t len;
        const char *bytes_or_message;
    } cases[] = {
        {"inside", AT4 END, NULL, FK_OK, 4, 4, "\5\6\7\x08"},
        {"begins at the start of its region", ":0100060055A4\n" END, NULL, FK_OK, 4, 3,
         "\xee\xee\x55"},
        {"two application regions", AT4 AT8 END, NULL, FK_OK, 4, 8,
         "\5\6\7\x08\x11\x12\x13\x14"},
        {"only the second application region", AT4 AT8 END, "data", FK_OK, 10, 2, "\x13\x14"},
        {"region by name", AT0 AT4 FAR END, "app", FK_OK, 4, 4, "\5\6\7\x08"},
        {"range that begins in the region", AT4 AT8 END, "0x6-0xa", FK_OK, 4, 6,
         "\xee\xee\7\x08\x11\x12"},
        {"another region", AT0 AT4 END, NULL, FK_E_IMAGE_RANGE, 0, 0,
         "line 1: data at 0x00000000-0x00000004 lies in region 'boot' 0x00000000-0x00000004, which "
         "an update does not replace; keep only 'app' 0x00000004-0x0000000a with --only-region "
         "app"},
        {"another region far away", AT4 FAR END, NULL, FK_E_IMAGE_RANGE, 0, 0,
         "line 3: data at 0x10000000-0x10000001 lies in region 'config'"},
        {"no region", AT4 AT30 END, NULL, FK_E_IMAGE_RANGE, 0, 0,
         "line 2: data at 0x00000030-0x00000034 lies outside region 'app' 0x00000004-0x0000000a; "
         "move it there, or leave it out with --only-region app"},
        {"across the end", ":04001E0001020304D4\n" END, NULL, FK_E_IMAGE_RANGE, 0, 0,
         "line 1: data at 0x0000001e-0x00000022 lies outside"},
        {"across the start", ":0400020001020304F0\n" END, NULL, FK_E_IMAGE_RANGE, 0, 0,
         "line 1: data at 0x00000002-0x00000006 lies in region 'boot'"},
        {"kept part outside", AT0 AT4 END, "boot", FK_E_IMAGE_RANGE, 0, 0, "lies in region 'boot'"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_image_options o = {
            .rules = &mapped, .max_size = 64, .only_region = cases[i].only};
        struct fk_loaded l;
        fk_load(fk_temp_file(t, "in.hex", cases[i].text, strlen(cases[i].text)), &o, 3, &l);
        bool as_expected =
            l.st != FK_OK ? strstr(l.err.msg, cases[i].bytes_or_message) != NULL
                          : l.info.base == cases[i].base && l.len == cases[i].len &&
                                memcmp(l.bytes, cases[i].bytes_or_message, l.len) == 0;
        if (l.st != cases[i].st || !as_expected) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(l.st), l.err.msg);
        }
        fk_loaded_free(&l);
    }
}

static void profile_without_application_region_is_refused(void **state)
{
    static const struct fk_image_rules rules = {
        .unit = 4, .regions = {{.name = "boot", .start = 0, .end = 0x100}}, .n_regions = 1};
    static const struct fk_image_rules none = {.unit = 4};
    const struct fk_image_rules *both[] = {&rules, &none};
    for (size_t i = 0; i < 2; i++) {
        struct fk_image_options o = {.rules = both[i], .max_size = 64};
        struct fk_loaded l;
        fk_load(fk_temp_file(*state, "in.hex", AT0 END, strlen(AT0 END)), &o, 64, &l);
        assert_int_equal(l.st, FK_E_PROFILE);
        assert_non_null(strstr(l.err.msg, "names no application region"));
    }
}

static void only_region_is_parsed_strictly(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "expected START-END"},
        {"0x0", "expected START-END"},
        {"-", "expected START-END"},
        {"0x-0x4", "expected START-END"},
        {"0-", "expected START-END"},
        {"0-4 ", "expected START-END"},
        {" 0-4", "expected START-END"},
        {"0-4-8", "expected START-END"},
        {"0-4K", "expected START-END"},
        {"a-f", "expected START-END"},
        {"+0-4", "expected START-END"},
        {"0-0x100000001", "expected START-END"},
        {"0-99999999999999999999999999", "expected START-END"},
        {"nowhere", "the profile names no regions"},
        {"4-4", "END must be above START; it is the address behind the last byte"},
        {"8-4", "END must be above START"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        o.only_region = cases[i].text;
        fk_load(fk_temp_file(t, "in.hex", AT0 END, strlen(AT0 END)), &o, 64, &l);
        if (l.st != FK_E_USAGE || strstr(l.err.msg, cases[i].message) == NULL) {
            fail_msg("'%s': %s, '%s'", cases[i].text, fk_status_symbol(l.st), l.err.msg);
        }
    }
    struct fk_image_options o = {.rules = &mapped, .max_size = 64, .only_region = "App"};
    struct fk_loaded l;
    fk_load(fk_temp_file(t, "in.hex", AT0 END, strlen(AT0 END)), &o, 64, &l);
    assert_int_equal(l.st, FK_E_USAGE);
    assert_non_null(strstr(l.err.msg, "or one of: boot, app, data, config"));
}

/* ---- sizes ---- */

static void image_of_exactly_the_slot_fits_and_one_byte_more_does_not(void **state)
{
    uint8_t bytes[65] = {0x80};
    struct fk_temp *t = *state;
    for (size_t len = 63; len <= 65; len++) {
        for (int from_pipe = 0; from_pipe < 2; from_pipe++) {
            struct fk_image_options o = fk_load_any_base();
            struct fk_temp_pipe pipe;
            struct fk_loaded l;
            o.max_size = 64;
            fk_temp_pipe_open(&pipe, bytes, len);
            const char *path = fk_temp_file(t, "in.bin", bytes, len);
            fk_load(from_pipe ? pipe.path : path, &o, 10, &l);
            fk_temp_pipe_close(&pipe);
            assert_int_equal(l.st, len <= 64 ? FK_OK : FK_E_IMAGE_TOO_BIG);
            if (l.st == FK_OK) {
                assert_int_equal(l.len, len);
                assert_memory_equal(l.bytes, bytes, len);
                assert_false(l.info.has_base);
            } else if (from_pipe) {
                assert_non_null(strstr(l.err.msg, "has more than 64 bytes, the size of the slot"));
            } else {
                assert_non_null(strstr(l.err.msg, "has 65 bytes, the slot holds 64"));
            }
            fk_loaded_free(&l);
        }
    }
}

static void size_message_names_regions_only_when_a_gap_is_the_cause(void **state)
{
    static const struct {
        const char *why;
        struct fk_span spans[4];
        size_t n;
        const char *message;
    } cases[] = {
        {"small holes are part of the image", {{0, 0x80}, {0x90, 0x200}}, 2,
         ": the image 0x00000000-0x00000200 has 512 bytes, the slot holds 256"},
        {"the first part fits", {{0, 0x80}, {0x2000, 0x2080}}, 2,
         "with a gap of 8064 bytes between them; keep the first with --only-region 0x0-0x80"},
        {"a small hole where the slot ends is no place to cut",
         {{0, 0x80}, {0x90, 0x200}, {0x2000, 0x2080}}, 3,
         "0x00000000-0x00000200 and 0x00002000-0x00002080 with a gap of 7680 bytes between them"},
        {"the largest of several gaps, when no part fits",
         {{0, 0x180}, {0x2000, 0x2080}, {0x9000, 0x9010}}, 3,
         "0x00000000-0x00002080 and 0x00009000-0x00009010 with a gap of 28544 bytes between them"},
        {"the first part does not fit either", {{0, 0x180}, {0x2000, 0x2080}}, 2,
         "0x00000000-0x00000180 and 0x00002000-0x00002080 with a gap of 7808 bytes between them"},
        {"three parts: cut before the first that does not fit",
         {{0, 0x40}, {0x60, 0x80}, {0x2000, 0x2080}, {0x900000, 0x900010}}, 4,
         "0x00000000-0x00000080 and 0x00002000-0x00900010 with a gap of 8064 bytes between them; "
         "keep the first with --only-region 0x0-0x80"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[4096];
        size_t at = 0;
        for (size_t k = 0; k < cases[i].n; k++) { /* one byte at a time, of value 0 */
            unsigned high = (unsigned)(cases[i].spans[k].start >> 16);
            at += (size_t)snprintf(text + at, sizeof text - at, ":02000004%04X%02X\n", high,
                                   (0u - 6 - (high >> 8) - high) & 0xff);
            uint64_t edge[2] = {cases[i].spans[k].start, cases[i].spans[k].end};
            for (uint64_t addr = edge[0]; addr < edge[1]; addr += 16) {
                unsigned low = (unsigned)addr & 0xffff;
                at += (size_t)snprintf(text + at, sizeof text - at,
                                       ":10%04X0000000000000000000000000000000000%02X\n", low,
                                       (0u - 16 - (low >> 8) - low) & 0xff);
            }
        }
        at += (size_t)snprintf(text + at, sizeof text - at, END);
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        o.max_size = 256;
        fk_load(fk_temp_file(t, "in.hex", text, at), &o, 64, &l);
        if (l.st != FK_E_IMAGE_TOO_BIG || strstr(l.err.msg, cases[i].message) == NULL) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(l.st), l.err.msg);
        }
        if (strstr(cases[i].message, "only-region") == NULL) {
            assert_null(strstr(l.err.msg, "only-region"));
        }
    }
}

static void raw_binary_stands_at_the_application_region(void **state)
{
    static const uint8_t bytes[6] = {0xff, 1, 2, 3, 4, 5};
    struct fk_image_options o = {.rules = &mapped, .max_size = 64};
    struct fk_loaded l;
    const char *path = fk_temp_file(*state, "in.bin", bytes, sizeof bytes);
    fk_load(path, &o, 4, &l);
    assert_int_equal(l.st, FK_OK);
    assert_true(l.info.has_base);
    assert_int_equal(l.info.base, 4);
    assert_int_equal(l.len, 6);
    assert_memory_equal(l.bytes, bytes, 6);
    fk_loaded_free(&l);
    o.only_region = "5-8";
    fk_load(path, &o, 4, &l);
    assert_int_equal(l.len, 4); /* from the start of the region: one byte of gap */
    assert_memory_equal(l.bytes, "\xee\1\2\3", 4);
    fk_loaded_free(&l);
}

static void raw_file_that_changes_meanwhile_is_refused(void **state)
{
    static const size_t sizes[] = {0, 99, 101};
    uint8_t bytes[101] = {0x80};
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *path = fk_temp_file(t, "in.bin", bytes, 100);
        struct fk_image_options o = fk_load_any_base();
        struct fk_error err = FK_ERROR_INIT;
        struct fk_image *image = NULL;
        uint8_t buf[64];
        size_t n = 1;
        assert_int_equal(fk_image_open(path, &o, &image, &err), FK_OK);
        assert_int_equal(truncate(path, (off_t)sizes[i]), 0);
        enum fk_status st = FK_OK;
        while (st == FK_OK && n > 0) {
            st = fk_image_read(image, buf, sizeof buf, &n, &err);
        }
        assert_int_equal(st, FK_E_IO);
        assert_non_null(strstr(err.msg, "changed while it was read"));
        fk_image_close(image);
    }
}

static void file_that_cannot_be_opened_is_told_apart(void **state)
{
    struct fk_temp *t = *state;
    struct fk_image_options o = fk_load_any_base();
    struct fk_loaded l;
    fk_load(fk_temp_path(t, "missing"), &o, 64, &l);
    assert_int_equal(l.st, FK_E_NOT_FOUND);
    fk_load(t->dir, &o, 64, &l);
    assert_int_equal(l.st, FK_E_NOT_REGULAR);
    assert_non_null(strstr(l.err.msg, "is a directory, expected a regular file"));
    fk_load("/dev/null", &o, 64, &l);
    assert_int_equal(l.st, FK_E_NOT_REGULAR);
    fk_load("/proc/self/mem", &o, 64, &l); /* a file that cannot be read at its start */
    assert_int_equal(l.st, FK_E_IO);
    assert_non_null(strstr(l.err.msg, "cannot read '/proc/self/mem': Input/output error"));
}

/* ---- survey ---- */

static void survey_shows_what_is_there_without_rules(void **state)
{
    static const char text[] = AT0 AT8 FAR ":04000005080001935B\n" END;
    struct fk_temp *t = *state;
    struct fk_image_survey s;
    struct fk_error err = FK_ERROR_INIT;
    const char *path = fk_temp_file(t, "in.hex", text, sizeof text - 1);
    assert_int_equal(fk_image_survey(path, FK_IMAGE_AUTO, &s, &err), FK_OK);
    assert_int_equal(s.format, FK_IMAGE_HEX);
    assert_int_equal(s.n_spans, 3);
    assert_int_equal(s.spans[1].start, 8);
    assert_int_equal(s.spans[1].end, 12);
    assert_int_equal(s.spans[2].start, 0x10000000);
    assert_int_equal(s.bytes, 9);
    assert_int_equal(s.lines, 6);
    assert_true(s.has_start);
    assert_int_equal(s.start, 0x08000193);

    path = fk_temp_file(t, "in.bin", "\xff\xfe\xfd", 3);
    assert_int_equal(fk_image_survey(path, FK_IMAGE_AUTO, &s, &err), FK_OK);
    assert_int_equal(s.format, FK_IMAGE_BIN);
    assert_int_equal(s.bytes, 3);
    assert_false(s.has_start);

    struct fk_temp_pipe pipe;
    fk_temp_pipe_open(&pipe, "\xff\xfe\xfd", 3);
    assert_int_equal(fk_image_survey(pipe.path, FK_IMAGE_AUTO, &s, &err), FK_OK);
    fk_temp_pipe_close(&pipe);
    assert_int_equal(s.bytes, 3);

    memset(&s, 0x5a, sizeof s);
    struct fk_image_survey before = s;
    path = fk_temp_file(t, "in.hex", AT0, sizeof AT0 - 1);
    assert_int_equal(fk_image_survey(path, FK_IMAGE_AUTO, &s, &err), FK_E_TRUNCATED);
    assert_memory_equal(&s, &before, sizeof s);
}

/* ---- the parts ---- */

static void extents_keep_areas_sorted_and_joined(void **state)
{
    (void)state;
    struct fk_extents e = {.n = 0};
    fk_extents_add(&e, 10, 20);
    fk_extents_add(&e, 20, 30);
    assert_int_equal(e.n, 1);
    assert_false(e.descending);
    fk_extents_add(&e, 50, 60);
    fk_extents_add(&e, 0, 5);
    assert_true(e.descending);
    assert_int_equal(e.n, 3);
    fk_extents_add(&e, 40, 45);
    assert_int_equal(e.n, 4);
    fk_extents_add(&e, 28, 52); /* swallows one, joins two */
    assert_int_equal(e.n, 2);
    assert_int_equal(e.at[0].end, 5);
    assert_int_equal(e.at[1].start, 10);
    assert_int_equal(e.at[1].end, 60);
    fk_extents_add(&e, 5, 10);
    assert_int_equal(e.n, 1);
    assert_int_equal(fk_extents_end(&e), 60);
    assert_int_equal(e.bytes, 10 + 10 + 10 + 5 + 5 + 24 + 5);

    e = (struct fk_extents){.n = 0};
    fk_extents_add(&e, 50, 60);
    fk_extents_add(&e, 0, 10);
    fk_extents_add(&e, 10, 20); /* continues the lower one, which grew last */
    assert_int_equal(e.n, 2);
    fk_extents_add(&e, 20, 55); /* and grows into the next */
    assert_int_equal(e.n, 1);
    assert_int_equal(e.at[0].end, 60);
}

static void canvas_wraps_and_detects_every_overlap(void **state)
{
    (void)state;
    struct fk_canvas c;
    struct fk_error err = FK_ERROR_INIT;
    uint8_t out[10];
    assert_int_equal(fk_canvas_init(&c, 10, &err), FK_OK);
    struct fk_piece p = {.addr = 107, .len = 5}; /* 107 to 111 in a canvas of ten */
    assert_int_equal(fk_canvas_put(&c, p, (const uint8_t *)"abcde", &err), FK_OK);
    for (uint64_t addr = 107; addr < 112; addr++) {
        struct fk_piece one = {.addr = addr, .len = 1};
        uint8_t same = (uint8_t)('a' + (addr - 107));
        uint8_t other = 'x';
        assert_int_equal(fk_canvas_put(&c, one, &same, &err), FK_OK);
        assert_int_equal(fk_canvas_put(&c, one, &other, &err), FK_E_IMAGE_OVERLAP);
    }
    assert_int_equal(fk_canvas_fill(&c, (struct fk_span){105, 113}, '-'), 3);
    fk_canvas_copy(&c, 105, out, 8);
    assert_memory_equal(out, "--abcde-", 8);
    fk_canvas_release(&c);
    fk_canvas_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format_is_told_by_content),
        cmocka_unit_test(format_words_are_parsed),
        cmocka_unit_test(profile_regions_decide),
        cmocka_unit_test(profile_without_application_region_is_refused),
        cmocka_unit_test(only_region_is_parsed_strictly),
        cmocka_unit_test(image_of_exactly_the_slot_fits_and_one_byte_more_does_not),
        cmocka_unit_test(size_message_names_regions_only_when_a_gap_is_the_cause),
        cmocka_unit_test(raw_binary_stands_at_the_application_region),
        cmocka_unit_test(raw_file_that_changes_meanwhile_is_refused),
        cmocka_unit_test(file_that_cannot_be_opened_is_told_apart),
        cmocka_unit_test(survey_shows_what_is_there_without_rules),
        cmocka_unit_test(extents_keep_areas_sorted_and_joined),
        cmocka_unit_test(canvas_wraps_and_detects_every_overlap),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
