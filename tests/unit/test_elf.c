/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files built byte by byte: what is loaded, and what is refused. */
#include "fotakit/image.h"
#include "support/load.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct segment {
    uint32_t type, off, vaddr, paddr, filesz, memsz;
};

#define SEGMENTS_MAX 80
#define HEADERS      (52 + 32 * SEGMENTS_MAX)
#define FILE_SIZE    (HEADERS + 4096)

struct elf {
    uint8_t bytes[FILE_SIZE];
    size_t len;
};

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

/* Payload byte i of the file area behind the headers is i modulo 251. */
static struct elf make(const struct segment *segs, size_t n)
{
    struct elf e = {.len = FILE_SIZE};
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    memcpy(e.bytes, ident, sizeof ident);
    put16(e.bytes + 16, 2);          /* executable */
    put16(e.bytes + 18, 40);         /* Arm */
    put32(e.bytes + 24, 0x08000101); /* entry */
    put32(e.bytes + 28, 52);         /* program headers */
    put16(e.bytes + 42, 32);
    put16(e.bytes + 44, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        uint8_t *p = e.bytes + 52 + 32 * i;
        put32(p, segs[i].type);
        put32(p + 4, segs[i].off);
        put32(p + 8, segs[i].vaddr);
        put32(p + 12, segs[i].paddr);
        put32(p + 16, segs[i].filesz);
        put32(p + 20, segs[i].memsz);
    }
    for (size_t i = HEADERS; i < FILE_SIZE; i++) {
        e.bytes[i] = (uint8_t)((i - HEADERS) % 251);
    }
    return e;
}

static void load(struct fk_temp *t, const struct elf *e, const char *only, struct fk_loaded *l)
{
    struct fk_image_options o = fk_load_any_base();
    o.only_region = only;
    fk_load(fk_temp_file(t, "in.elf", e->bytes, e->len), &o, 100, l);
}

/* An ordinary segment. */
#define ONE {1, HEADERS, 0, 0x1000, 16, 16}

static void segments_stand_at_physical_addresses_in_order(void **state)
{
    /* Data is stored behind the code and copied to RAM at start: only where it is stored counts. */
    const struct segment segs[] = {
        {1, HEADERS + 64, 0x20000000, 0x08000050, 16, 16}, /* .data */
        {1, HEADERS, 0x08000000, 0x08000000, 64, 64},      /* .text */
        {1, 0, 0x20000010, 0x20000010, 0, 4096},           /* .bss: nothing to load */
        {0x70000001, 0, 0, 0x30000000, 8, 8},              /* not loadable */
    };
    struct elf e = make(segs, 4);
    struct fk_loaded l;
    load(*state, &e, NULL, &l);
    assert_string_equal(l.err.msg, "");
    assert_int_equal(l.info.format, FK_IMAGE_ELF);
    assert_true(l.info.has_base);
    assert_int_equal(l.info.base, 0x08000000);
    assert_int_equal(l.len, 0x60);
    assert_int_equal(l.info.filled, 16);
    for (size_t i = 0; i < l.len; i++) {
        unsigned expected = i < 64 ? (unsigned)i : i < 80 ? 0xff : (unsigned)i - 16;
        assert_int_equal(l.bytes[i], expected);
    }
    fk_loaded_free(&l);
    load(*state, &e, "0x08000010-0x08000054", &l);
    assert_int_equal(l.len, 0x44);
    assert_int_equal(l.bytes[0], 0x10);
    assert_int_equal(l.bytes[0x43], 67);
    fk_loaded_free(&l);
}

static void bad_file_is_refused(void **state)
{
    static const struct {
        const char *why;
        struct segment segs[2];
        struct {
            size_t at;
            uint8_t value;
        } patch[2]; /* at 0: none */
        size_t len; /* 0: all */
        enum fk_status st;
        const char *message;
    } cases[] = {
        {"64 bits", {ONE}, {{4, 2}}, 0, FK_E_UNSUPPORTED, "ELF of class 2 with byte order 1"},
        {"big endian", {ONE}, {{5, 2}}, 0, FK_E_UNSUPPORTED, "ELF of class 1 with byte order 2"},
        {"no program headers", {ONE}, {{44, 0}}, 0, FK_E_EMPTY, "object files cannot be loaded"},
        {"nothing loadable", {{2, HEADERS, 0, 0, 16, 16}}, {{0, 0}}, 0, FK_E_EMPTY,
         "holds no image data"},
        {"other program headers", {ONE}, {{42, 56}}, 0, FK_E_FORMAT,
         "program headers of 56 bytes, expected 32"},
        {"program headers behind the end", {ONE}, {{31, 1}}, 0, FK_E_TRUNCATED,
         "ELF program header 0 at offset 16777268 lies behind the end"},
        {"file of the magic number only", {ONE}, {{0, 0}}, 4, FK_E_TRUNCATED,
         "ELF header needs 52 bytes, the file has 4"},
        {"file cut in the program header", {ONE}, {{0, 0}}, 60, FK_E_TRUNCATED,
         "ELF program header 0 at offset 52"},
        {"file cut in a segment", {ONE}, {{0, 0}}, HEADERS + 15, FK_E_TRUNCATED,
         "ELF segment 0 needs bytes 2612 to 2628, the file has 2627"},
        {"segment starts behind the end", {{1, 0xffffffff, 0, 0, 16, 16}}, {{0, 0}}, 0,
         FK_E_TRUNCATED, "needs bytes 4294967295 to 4294967311"},
        {"size of nearly 4 GiB", {{1, HEADERS, 0, 0, 0xfffffff0, 0}}, {{0, 0}}, 0, FK_E_TRUNCATED,
         "ELF segment 0 needs bytes"},
        {"4 GiB wrap", {{1, HEADERS, 0, 0xfffffff8, 16, 16}}, {{0, 0}}, 0, FK_E_IMAGE_RANGE,
         "ELF segment 0 at 0xfffffff8 with 16 bytes goes beyond the 4 GiB"},
        {"header inside the segment", {{1, 0, 0, 0x8000, 100, 100}}, {{0, 0}}, 0,
         FK_E_UNSUPPORTED, "holds the ELF header itself; link with --nmagic"},
        {"overlap", {ONE, {1, HEADERS, 0, 0x100f, 16, 16}}, {{0, 0}}, 0, FK_E_IMAGE_OVERLAP,
         "ELF segments at 0x00001000 and 0x0000100f overlap"},
        {"overlap in downward order", {{1, HEADERS, 0, 0x100f, 16, 16}, ONE}, {{0, 0}}, 0,
         FK_E_IMAGE_OVERLAP, "ELF segments at 0x00001000 and 0x0000100f overlap"},
        {"far apart", {ONE, {1, HEADERS, 0, 0x20000000, 16, 16}}, {{0, 0}}, 0, FK_E_IMAGE_TOO_BIG,
         "keep the first with --only-region 0x1000-0x1010"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct elf e = make(cases[i].segs, cases[i].segs[1].type != 0 ? 2 : 1);
        for (size_t k = 0; k < 2 && cases[i].patch[k].at > 0; k++) {
            e.bytes[cases[i].patch[k].at] = cases[i].patch[k].value;
        }
        e.len = cases[i].len > 0 ? cases[i].len : e.len;
        struct fk_loaded l;
        load(t, &e, NULL, &l);
        if (l.st != cases[i].st || strstr(l.err.msg, cases[i].message) == NULL) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(l.st), l.err.msg);
        }
        assert_non_null(strstr(l.err.msg, "in.elf"));
    }
}

static void segment_outside_the_region_is_refused(void **state)
{
    static const struct fk_image_rules rules = {
        .unit = 4,
        .regions = {{.name = "app", .start = 0x1000, .end = 0x1010, .application = true}},
        .n_regions = 1};
    const struct segment segs[] = {ONE, {1, HEADERS, 0, 0x1010, 1, 1}};
    struct elf e = make(segs, 2);
    struct fk_image_options o = {.rules = &rules, .max_size = 4096};
    struct fk_loaded l;
    const char *path = fk_temp_file(*state, "in.elf", e.bytes, e.len);
    fk_load(path, &o, 100, &l);
    assert_int_equal(l.st, FK_E_IMAGE_RANGE);
    assert_non_null(strstr(l.err.msg, "in.elf': data at 0x00001010-0x00001011 lies outside region"));
    o.only_region = "app";
    fk_load(path, &o, 100, &l);
    assert_string_equal(l.err.msg, "");
    assert_int_equal(l.len, 16);
    fk_loaded_free(&l);
}

static void survey_shows_segments_and_entry(void **state)
{
    const struct segment segs[] = {{1, HEADERS, 0, 0x20000000, 4, 4}, ONE};
    struct elf e = make(segs, 2);
    struct fk_image_survey s;
    struct fk_error err = FK_ERROR_INIT;
    const char *path = fk_temp_file(*state, "in.elf", e.bytes, e.len);
    assert_int_equal(fk_image_survey(path, FK_IMAGE_AUTO, &s, &err), FK_OK);
    assert_int_equal(s.format, FK_IMAGE_ELF);
    assert_int_equal(s.n_spans, 2);
    assert_int_equal(s.spans[0].start, 0x1000);
    assert_int_equal(s.spans[1].end, 0x20000004);
    assert_true(s.has_start);
    assert_int_equal(s.start, 0x08000101);
}

static void segments_have_a_limit(void **state)
{
    struct segment segs[SEGMENTS_MAX];
    for (uint32_t i = 0; i < SEGMENTS_MAX; i++) {
        segs[i] = (struct segment){1, HEADERS + i, 0, 0x1000 + 2 * i, 1, 1};
    }
    struct fk_loaded l;
    struct elf e = make(segs, 64);
    load(*state, &e, NULL, &l);
    assert_string_equal(l.err.msg, "");
    assert_int_equal(l.len, 127);
    fk_loaded_free(&l);
    e = make(segs, 65);
    load(*state, &e, NULL, &l);
    assert_int_equal(l.st, FK_E_LIMIT);
    assert_non_null(strstr(l.err.msg, "more than 64 loadable ELF segments"));
}

static void pipe_is_refused(void **state)
{
    (void)state;
    const struct segment seg = {1, HEADERS, 0, 0x1000, 16, 16};
    struct elf e = make(&seg, 1);
    struct fk_temp_pipe pipe;
    struct fk_image_options o = fk_load_any_base();
    struct fk_loaded l;
    fk_temp_pipe_open(&pipe, e.bytes, e.len);
    fk_load(pipe.path, &o, 100, &l);
    fk_temp_pipe_close(&pipe);
    assert_int_equal(l.st, FK_E_NOT_REGULAR);
    assert_non_null(strstr(l.err.msg, "ELF cannot be read from a pipe"));
}

/* Every byte of the headers, four values each: no crash, and what is accepted fits the slot. */
static void one_changed_header_byte_is_survived(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0xff};
    const struct segment segs[] = {
        {1, HEADERS + 64, 0x20000000, 0x08000050, 16, 16},
        {1, HEADERS, 0x08000000, 0x08000000, 64, 64},
    };
    struct elf e = make(segs, 2);
    for (size_t at = 0; at < 52 + 64; at++) {
        for (size_t k = 0; k < sizeof values; k++) {
            uint8_t kept = e.bytes[at];
            struct fk_loaded l;
            e.bytes[at] = values[k];
            load(*state, &e, NULL, &l);
            e.bytes[at] = kept;
            assert_true(l.st == FK_OK || fk_status_class(l.st) == FK_CLASS_REJECTED);
            fk_loaded_free(&l);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_stand_at_physical_addresses_in_order),
        cmocka_unit_test(bad_file_is_refused),
        cmocka_unit_test(segment_outside_the_region_is_refused),
        cmocka_unit_test(survey_shows_segments_and_entry),
        cmocka_unit_test(segments_have_a_limit),
        cmocka_unit_test(pipe_is_refused),
        cmocka_unit_test(one_changed_header_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
