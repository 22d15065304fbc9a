/* SPDX-License-Identifier: Apache-2.0 */
/* Intel HEX, each case from a file (decoded twice from the file) and from a pipe (decoded once into
 * memory): both ways must agree. */
#include "fotakit/image.h"
#include "support/load.h"
#include "support/temp.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define AT0   ":0400000001020304F2" /* 01 02 03 04 */
#define AT0_B ":0400000001020305F1" /* 01 02 03 05 */
#define AT2   ":0400020003040506E8" /* 03 04 05 06 */
#define AT4   ":0400040005060708DE" /* 05 06 07 08 */
#define AT8   ":0400080011121314AA" /* 11 12 13 14 */
#define END   ":00000001FF"

static const struct {
    const char *why;
    const char *text;
    const char *only_region;
    uint64_t base;
    size_t len;
    const char *bytes;
} good[] = {
    {"one record", AT0 "\n" END "\n", NULL, 0, 4, "\1\2\3\4"},
    {"CR LF", AT0 "\r\n" AT4 "\r\n" END "\r\n", NULL, 0, 8, "\1\2\3\4\5\6\7\x08"},
    {"no line end at the end", AT0 "\n" END, NULL, 0, 4, "\1\2\3\4"},
    {"mixed line ends", AT0 "\r\n" AT4 "\n" END "\r\n", NULL, 0, 8, "\1\2\3\4\5\6\7\x08"},
    {"empty lines anywhere", "\n" AT0 "\n\r\n" AT4 "\n" END "\n\n\r\n", NULL, 0, 8,
     "\1\2\3\4\5\6\7\x08"},
    {"digits of lower case", ":04000000abcdefABea\n:00000001ff\n", NULL, 0, 4,
     "\xab\xcd\xef\xab"},
    {"record without data", ":0000000000\n" AT0 "\n" END "\n", NULL, 0, 4, "\1\2\3\4"},
    {"downward order", AT4 "\n" AT0 "\n" END "\n", NULL, 0, 8, "\1\2\3\4\5\6\7\x08"},
    {"gap is filled", AT0 "\n" AT8 "\n" END "\n", NULL, 0, 12,
     "\1\2\3\4\xff\xff\xff\xff\x11\x12\x13\x14"},
    {"gap is filled in downward order", AT8 "\n" AT0 "\n" END "\n", NULL, 0, 12,
     "\1\2\3\4\xff\xff\xff\xff\x11\x12\x13\x14"},
    {"base above 0", AT8 "\n" END "\n", NULL, 8, 4, "\x11\x12\x13\x14"},
    {"overlap with equal bytes", AT0 "\n" AT2 "\n" END "\n", NULL, 0, 6, "\1\2\3\4\5\6"},
    {"the same record twice", AT0 "\n" AT0 "\n" END "\n", NULL, 0, 4, "\1\2\3\4"},
    {"type 04 moves by 64 KiB", ":020000040800F2\n" AT0 "\n" END "\n", NULL, 0x08000000, 4,
     "\1\2\3\4"},
    {"type 04 back to 0", ":020000040800F2\n:020000040000FA\n" AT0 "\n" END "\n", NULL, 0, 4,
     "\1\2\3\4"},
    {"type 02 moves by 16", ":020000021000EC\n" AT0 "\n" END "\n", NULL, 0x10000, 4, "\1\2\3\4"},
    {"type 04 replaces type 02", ":020000021000EC\n:020000040800F2\n" AT0 "\n" END "\n", NULL,
     0x08000000, 4, "\1\2\3\4"},
    /* The base is 0x10000, offsets 0xfffe to 0xffff and, wrapped, 0x0000 to 0x0001. */
    {"type 02 wraps inside a record", ":020000021000EC\n:04FFFE00A1A2B1B259\n" END "\n",
     "0x10000-0x10002", 0x10000, 2, "\xb1\xb2"},
    {"type 02 wraps: the part in front", ":020000021000EC\n:04FFFE00A1A2B1B259\n" END "\n",
     "0x1fffe-0x20010", 0x1fffe, 2, "\xa1\xa2"},
    {"linear addresses run through 64 KiB", ":04FFFE00A1A2B1B259\n" END "\n", NULL, 0xfffe, 4,
     "\xa1\xa2\xb1\xb2"},
    {"the last byte of 4 GiB", ":02000004FFFFFC\n:02FFFE00A1A2BE\n" END "\n", NULL, 0xfffffffe, 2,
     "\xa1\xa2"},
    {"start addresses are no data", ":0400000312345678E5\n" AT0 "\n:04000005080001935B\n" END "\n",
     NULL, 0, 4, "\1\2\3\4"},
    {"start address in the end-of-file record", AT0 "\n:00010001FE\n", NULL, 0, 4, "\1\2\3\4"},
    {"only a part, hexadecimal", AT0 "\n" AT4 "\n" AT8 "\n" END "\n", "0x4-0x8", 4, 4,
     "\5\6\7\x08"},
    {"only a part, decimal, cutting records", AT0 "\n" AT4 "\n" AT8 "\n" END "\n", "2-9", 2, 7,
     "\3\4\5\6\7\x08\x11"},
    {"only a part, wider than the data", AT0 "\n" AT8 "\n" END "\n", "0-0x100000000", 0, 12,
     "\1\2\3\4\xff\xff\xff\xff\x11\x12\x13\x14"},
    {"only a part leaves far data out", AT0 "\n:020000041000EA\n:01000000EE11\n" END "\n", "0-4", 0,
     4, "\1\2\3\4"},
    {"only a part resolves an overlap outside", AT4 "\n" AT0 "\n" AT0_B "\n" END "\n", "4-8", 4, 4,
     "\5\6\7\x08"},
};

#define FAR ":020000041000EA\n:01000000EE11\n" /* one byte at 0x10000000 */

static const struct {
    const char *why;
    const char *text;
    const char *only_region;
    enum fk_status st;
    const char *message; /* part of it */
} bad[] = {
    {"checksum", AT0 "\n:0400040005060708DF\n" END "\n", NULL, FK_E_CHECKSUM,
     "line 2: checksum is DF, expected DE"},
    {"damaged digit", ":0400000001020314F2\n" END "\n", NULL, FK_E_CHECKSUM, "line 1: checksum"},
    {"no digit", AT0 "\n:04000400050G0708DE\n" END "\n", NULL, FK_E_FORMAT,
     "line 2: byte 0x47 in column 13, expected a hexadecimal digit"},
    {"digit above 127", ":0400000001\xb1" "20304F2\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: byte 0xb1 in column 12"},
    {"space in front", AT0 "\n " AT4 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 2: starts with byte 0x20, expected ':'"},
    {"short record", AT0 "\n:0400040005060708\n" END "\n", NULL, FK_E_TRUNCATED,
     "line 2: ends after 16 digits, its length byte 0x04 asks for 18"},
    {"colon alone", AT0 "\n:\n" END "\n", NULL, FK_E_TRUNCATED, "line 2: ends before the length"},
    {"long record", AT0 "00\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: byte 0x30 behind the checksum, expected the line end"},
    {"CR alone", AT0 "\r" AT4 "\n" END "\n", NULL, FK_E_FORMAT, "line 1: ends with CR alone"},
    {"CR alone at the end", AT0 "\n" END "\r", NULL, FK_E_FORMAT, "line 2: ends with CR alone"},
    {"no end-of-file record", AT0 "\n" AT4 "\n", NULL, FK_E_TRUNCATED,
     "line 2: the file ends without an end-of-file record"},
    {"line ends only", "\n\n:", NULL, FK_E_TRUNCATED, "line 3: ends before the length"},
    {"data behind the end", AT0 "\n" END "\n" AT4 "\n", NULL, FK_E_TRAILING,
     "line 3: data behind the end-of-file record"},
    {"a second end", AT0 "\n" END "\n" END "\n", NULL, FK_E_TRAILING, "line 3: data behind"},
    {"text behind the end", AT0 "\n" END "\n; done\n", NULL, FK_E_TRAILING, "line 3: data behind"},
    {"overlap", AT0 "\n" AT4 "\n" AT0_B "\n" END "\n", NULL, FK_E_IMAGE_OVERLAP,
     "line 3: address 0x00000003 gets 0x05, an earlier record gave it 0x04"},
    {"4 GiB wrap", ":02000004FFFFFC\n:03FFFE00A1A2A31A\n" END "\n", NULL, FK_E_IMAGE_RANGE,
     "line 2: record at 0xfffffffe with 3 bytes goes beyond the 4 GiB"},
    {"unknown type", AT0 "\n:00000006FA\n" END "\n", NULL, FK_E_FORMAT,
     "line 2: record type 06 is not known"},
    {"end-of-file record with data", AT0 "\n:0100000100FE\n", NULL, FK_E_FORMAT,
     "line 2: record of type 01 has 1 data byte, expected 0"},
    {"type 02 of three bytes", ":03000002010203F5\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 02 has 3 data bytes, expected 2"},
    {"type 04 of one byte", ":0100000401FA\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 04 has 1 data byte, expected 2"},
    {"type 03 of five bytes", ":050000030001020304EE\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 03 has 5 data bytes, expected 4"},
    {"type 05 of two bytes", ":020000050001F8\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 05 has 2 data bytes, expected 4"},
    {"type 04 with an offset", ":020001040000F9\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 04 has offset 0x0001, expected 0"},
    {"type 02 with an offset", ":020004020000F8\n" AT0 "\n" END "\n", NULL, FK_E_FORMAT,
     "line 1: record of type 02 has offset 0x0004, expected 0"},
    {"no data", END "\n", NULL, FK_E_EMPTY, "holds no image data"},
    {"nothing inside the part", AT0 "\n" END "\n", "0x100-0x200", FK_E_EMPTY,
     "holds nothing inside --only-region 0x100-0x200; its data lies at 0x00000000-0x00000004"},
    {"two regions", AT0 "\n" FAR END "\n", NULL, FK_E_IMAGE_TOO_BIG,
     "spans 268435457 bytes, the slot holds 1048576: the data lies in 0x00000000-0x00000004 and "
     "0x10000000-0x10000001 with a gap of 268435452 bytes between them; keep the first with "
     "--only-region 0x0-0x4"},
    {"two regions, the far one first", FAR ":020000040000FA\n" AT0 "\n" END "\n", NULL,
     FK_E_IMAGE_TOO_BIG, "--only-region 0x0-0x4"},
    {"damage counts before size", AT0 "\n" FAR ":00000001FE\n", NULL, FK_E_CHECKSUM, "line 4"},
};

/* Loads a text from a file or from a pipe; path tells which it was, for messages. */
static void load_text(struct fk_temp *t, const char *text, const char *only_region, bool from_pipe,
                      char path[160], struct fk_loaded *l)
{
    struct fk_image_options o = fk_load_any_base();
    struct fk_temp_pipe pipe;
    o.only_region = only_region;
    fk_temp_pipe_open(&pipe, text, strlen(text));
    snprintf(path, 160, "%s",
             from_pipe ? pipe.path : fk_temp_file(t, "in.hex", text, strlen(text)));
    fk_load(path, &o, 5, l);
    fk_temp_pipe_close(&pipe);
}

static void good_file_gives_its_bytes(void **state)
{
    for (size_t i = 0; i < 2 * sizeof good / sizeof good[0]; i++) {
        struct fk_loaded l;
        char path[160];
        size_t k = i / 2;
        load_text(*state, good[k].text, good[k].only_region, i % 2 == 1, path, &l);
        if (l.st != FK_OK || l.info.base != good[k].base || l.len != good[k].len ||
            memcmp(l.bytes, good[k].bytes, l.len) != 0) {
            fail_msg("%s, %s: %s, base %llx, %zu bytes", good[k].why, path, l.err.msg,
                     (unsigned long long)l.info.base, l.len);
        }
        assert_int_equal(l.info.format, FK_IMAGE_HEX);
        fk_loaded_free(&l);
    }
}

static void bad_file_is_refused_with_line_and_cause(void **state)
{
    for (size_t i = 0; i < 2 * sizeof bad / sizeof bad[0]; i++) {
        struct fk_loaded l;
        char path[160];
        size_t k = i / 2;
        load_text(*state, bad[k].text, bad[k].only_region, i % 2 == 1, path, &l);
        if (l.st != bad[k].st || strstr(l.err.msg, bad[k].message) == NULL ||
            strstr(l.err.msg, path) == NULL) {
            fail_msg("%s, %s: %s, message '%s'", bad[k].why, path, fk_status_symbol(l.st),
                     l.err.msg);
        }
        fk_loaded_free(&l);
    }
}

/* ---- a file that changes between the two passes ---- */

static enum fk_status read_all(struct fk_image *image, struct fk_error *err)
{
    uint8_t buf[4096];
    enum fk_status st = FK_OK;
    size_t n = 1;
    while (st == FK_OK && n > 0) {
        st = fk_image_read(image, buf, sizeof buf, &n, err);
    }
    return st;
}

static void file_that_changes_meanwhile_is_refused(void **state)
{
    struct fk_temp *t = *state;
    static const struct {
        const char *why;
        const char *now;
    } cases[] = {
        {"other bytes, same checksums, same addresses", AT0_B "\n" AT8 "\n" END "\n"},
        {"a record swapped for another", AT4 "\n" AT8 "\n" END "\n"},
        {"a record more", AT0 "\n" AT4 "\n" AT8 "\n" END "\n"},
        {"a record less", AT0 "\n" END "\n"},
        {"data higher up", AT0 "\n" AT8 "\n" FAR END "\n"},
        {"a start address", ":0400000312345678E5\n" AT0 "\n" AT8 "\n" END "\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const char before[] = AT0 "\n" AT8 "\n" END "\n";
        const char *path = fk_temp_file(t, "moving.hex", before, sizeof before - 1);
        struct fk_image_options o = fk_load_any_base();
        struct fk_error err = FK_ERROR_INIT;
        struct fk_image *image = NULL;
        assert_int_equal(fk_image_open(path, &o, &image, &err), FK_OK);
        fk_temp_rewrite(t, "moving.hex", cases[i].now, strlen(cases[i].now));
        enum fk_status st = read_all(image, &err);
        if (st != FK_E_IO || strstr(err.msg, "changed while it was read") == NULL) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(st), err.msg);
        }
        fk_image_close(image);
    }
}

/* Rewrites the file once, from inside the first pass. */
struct meddler {
    struct fk_temp *temp;
    const char *now;
};

static void meddle(void *ctx, uint64_t done, uint64_t total)
{
    struct meddler *m = ctx;
    assert_true(total > 0 && done <= total);
    if (m->now != NULL) {
        fk_temp_rewrite(m->temp, "moving.hex", m->now, strlen(m->now));
        m->now = NULL;
    }
}

static void unordered_file_that_changes_between_the_passes_is_refused(void **state)
{
    static const char *const later[] = {
        AT8 "\n" AT0_B "\n" END "\n", /* other bytes */
        AT0 "\n" AT8 "\n" END "\n",   /* the same bytes in another order */
        AT8 "\n" AT0 "\n" FAR END "\n", /* far beyond what the first pass saw */
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        static const char before[] = AT8 "\n" AT0 "\n" END "\n";
        struct meddler m = {.temp = t, .now = later[i]};
        struct fk_image_options o = fk_load_any_base();
        struct fk_loaded l;
        char path[160];
        o.progress = (struct fk_progress){.tick = meddle, .ctx = &m};
        snprintf(path, sizeof path, "%s",
                 fk_temp_file(t, "moving.hex", before, sizeof before - 1));
        fk_load(path, &o, 4096, &l);
        assert_int_equal(l.st, FK_E_IO);
        assert_non_null(strstr(l.err.msg, "changed while it was read"));
    }
}

static void zero_bytes_behind_the_end_are_refused(void **state)
{
    static const char text[] = AT0 "\n" END "\n\0\0";
    struct fk_image_options o = fk_load_any_base();
    struct fk_loaded l;
    fk_load(fk_temp_file(*state, "nul.hex", text, sizeof text - 1), &o, 64, &l);
    assert_int_equal(l.st, FK_E_TRAILING);
    assert_non_null(strstr(l.err.msg, "line 3: data behind"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_file_gives_its_bytes),
        cmocka_unit_test(bad_file_is_refused_with_line_and_cause),
        cmocka_unit_test(file_that_changes_meanwhile_is_refused),
        cmocka_unit_test(unordered_file_that_changes_between_the_passes_is_refused),
        cmocka_unit_test(zero_bytes_behind_the_end_are_refused),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
