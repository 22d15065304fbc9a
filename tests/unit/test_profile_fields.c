/* SPDX-License-Identifier: Apache-2.0 */
/* The typed access that the sections are written with: src/profile/fields.h. */
#include "profile/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* One small document and a reader of its map `m`, which has a source. */
struct doc {
    struct fk_loader ld;
    struct fk_error err;
    struct fk_fields top, m;
};

static void open_doc(struct doc *d, const char *map_text)
{
    char yaml[2000];
    int n = snprintf(yaml, sizeof yaml,
                     "sources: {t: test bench, d: data sheet}\nm:\n  source: t\n%s", map_text);
    assert_in_range(n, 1, sizeof yaml - 1);
    *d = (struct doc){.err = FK_ERROR_INIT};
    d->ld = (struct fk_loader){.path = "x.yaml", .arena = fk_arena_new(), .err = &d->err};
    assert_non_null(d->ld.arena);
    struct fk_yaml_node *root = NULL;
    if (fk_yaml_parse("x.yaml", yaml, (size_t)n, d->ld.arena, &root, &d->err) != FK_OK) {
        fail_msg("%s", d->err.msg);
    }
    d->top = fk_fields_root(&d->ld, root);
    fk_sources_take(&d->ld, root);
    d->m = fk_field_map(&d->top, "m");
}

static void close_doc(struct doc *d)
{
    fk_arena_free(d->ld.arena);
}

static void assert_failed(struct doc *d, const char *msg)
{
    assert_int_equal(d->ld.st, FK_E_PROFILE);
    assert_string_equal(d->err.msg, msg);
}

/* ---- numbers -------------------------------------------------------------- */

struct number {
    const char *text;
    enum fk_unit unit;
    uint64_t min, max;
    uint64_t value;  /* when msg is NULL */
    const char *msg; /* what follows "x.yaml:4:6: m.k: " */
};

#define BYTES_MSG "expected bytes such as 4096, 512K, 2M or 0x08000000, found "
#define PLAIN_MSG "expected a number such as 12 or 0x0c, found "
#define TIME_MSG  "expected a time such as 500ms or 10s, found "

static const struct number numbers[] = {
    {"0", FK_UNIT_NONE, 0, 9, 0, NULL},
    {"9", FK_UNIT_NONE, 0, 9, 9, NULL},
    {"10", FK_UNIT_NONE, 0, 9, 0, "expected 0 to 9, found '10'"},
    {"0x1F", FK_UNIT_NONE, 0, 255, 31, NULL},
    {"0x0", FK_UNIT_NONE, 0, 255, 0, NULL},
    {"0X1F", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "'0X1F'"},
    {"00", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "'00'"},
    {"+1", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "'+1'"},
    {"1_000", FK_UNIT_NONE, 0, 2000, 0, PLAIN_MSG "'1_000'"},
    {"1.0", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "'1.0'"},
    {"1 ", FK_UNIT_NONE, 0, 255, 1, NULL}, /* YAML drops the blank */
    {"\"1\"", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "the text \"1\""},
    {"[1]", FK_UNIT_NONE, 0, 255, 0, PLAIN_MSG "a list"},
    {"18446744073709551615", FK_UNIT_NONE, 0, UINT64_MAX, UINT64_MAX, NULL},
    {"0xffffffffffffffff", FK_UNIT_NONE, 0, UINT64_MAX, UINT64_MAX, NULL},
    {"18446744073709551616", FK_UNIT_NONE, 0, UINT64_MAX, 0, PLAIN_MSG "'18446744073709551616'"},
    {"0x10000000000000000", FK_UNIT_NONE, 0, UINT64_MAX, 0, PLAIN_MSG "'0x10000000000000000'"},
    {"4096", FK_UNIT_BYTES, 0, UINT32_MAX, 4096, NULL},
    {"512K", FK_UNIT_BYTES, 0, UINT32_MAX, 512 * 1024, NULL},
    {"2M", FK_UNIT_BYTES, 0, UINT32_MAX, 2 * 1024 * 1024, NULL},
    {"0x10K", FK_UNIT_BYTES, 0, UINT32_MAX, 16 * 1024, NULL},
    {"4095M", FK_UNIT_BYTES, 0, UINT32_MAX, UINT64_C(4095) << 20, NULL},
    {"4096M", FK_UNIT_BYTES, 0, UINT32_MAX, 0, "expected 0 to 4294967295 bytes, found '4096M'"},
    {"4096M", FK_UNIT_BYTES, 0, UINT64_C(1) << 32, UINT64_C(1) << 32, NULL},
    {"18446744073709551615K", FK_UNIT_BYTES, 0, UINT64_MAX, 0,
     "expected 0 to 18446744073709551615 bytes, found '18446744073709551615K'"},
    {"1k", FK_UNIT_BYTES, 0, UINT32_MAX, 0, BYTES_MSG "'1k'"},
    {"1KiB", FK_UNIT_BYTES, 0, UINT32_MAX, 0, BYTES_MSG "'1KiB'"},
    {"1G", FK_UNIT_BYTES, 0, UINT32_MAX, 0, BYTES_MSG "'1G'"},
    {"K", FK_UNIT_BYTES, 0, UINT32_MAX, 0, BYTES_MSG "'K'"},
    {"1s", FK_UNIT_BYTES, 0, UINT32_MAX, 0, BYTES_MSG "'1s'"},
    {"12", FK_UNIT_BYTES, 12, 12, 12, NULL},
    {"13", FK_UNIT_BYTES, 12, 12, 0, "expected 12 bytes, found '13'"},
    {"500ms", FK_UNIT_MS, 1, 60000, 500, NULL},
    {"10s", FK_UNIT_MS, 1, 60000, 10000, NULL},
    {"10", FK_UNIT_MS, 1, 60000, 0, TIME_MSG "'10'"},
    {"1M", FK_UNIT_MS, 1, 60000, 0, TIME_MSG "'1M'"},
    {"61s", FK_UNIT_MS, 1, 60000, 0, "expected 1 to 60000 ms, found '61s'"},
    {"0ms", FK_UNIT_MS, 1, 60000, 0, "expected 1 to 60000 ms, found '0ms'"},
};

static void numbers_are_read_with_their_units_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct number *c = &numbers[i];
        struct doc d;
        char text[100];
        snprintf(text, sizeof text, "  k: %s\n", c->text);
        open_doc(&d, text);
        uint64_t v = fk_value_number(&d.ld, fk_yaml_child(d.m.map, "k"), c->unit, c->min, c->max);
        if (c->msg == NULL && (d.ld.st != FK_OK || v != c->value)) {
            fail_msg("%s: %llu, %s", c->text, (unsigned long long)v, d.err.msg);
        }
        if (c->msg != NULL) {
            char msg[200];
            snprintf(msg, sizeof msg, "x.yaml:4:6: m.k: %s", c->msg);
            assert_failed(&d, msg);
            assert_true(v == 0);
        }
        close_doc(&d);
    }
}

/* ---- the other types ------------------------------------------------------ */

enum colour { RED = 5, GREEN = 7 };
static const struct fk_word colours[] = {{"red", RED}, {"green", GREEN}};

static void every_type_is_read(void **state)
{
    (void)state;
    struct doc d;
    open_doc(&d, "  text: a b\n"
                 "  quoted: \"#1\"\n"
                 "  norwegian: no\n"
                 "  folded: >-\n"
                 "    one\n"
                 "    two\n"
                 "  yes: true\n"
                 "  off: false\n"
                 "  word: green\n"
                 "  hex: 00fF7e\n"
                 "  number: 0x10\n"
                 "  size: 2K\n"
                 "  address: 4096M\n"
                 "  time: 2s\n");
    assert_string_equal(fk_field_text(&d.m, "text", 10), "a b");
    assert_string_equal(fk_field_text(&d.m, "quoted", 10), "#1");
    assert_string_equal(fk_field_text(&d.m, "norwegian", 10), "no");
    assert_string_equal(fk_field_text(&d.m, "folded", 10), "one two");
    assert_true(fk_field_bool(&d.m, "yes"));
    assert_false(fk_field_bool(&d.m, "off"));
    assert_int_equal(fk_field_word(&d.m, "word", FK_WORDS(colours)), GREEN);
    struct fk_slice hex = fk_field_hex(&d.m, "hex", 3, 3);
    assert_int_equal(hex.len, 3);
    assert_memory_equal(hex.ptr, "\x00\xff\x7e", 3);
    assert_int_equal(fk_field_number(&d.m, "number", 0, 16), 16);
    assert_int_equal(fk_field_size(&d.m, "size", 0, 4096), 2048);
    assert_true(fk_field_address(&d.m, "address", UINT64_C(1) << 32) == UINT64_C(1) << 32);
    assert_int_equal(fk_field_time_ms(&d.m, "time", 0, 5000), 2000);
    fk_fields_end(&d.m);
    fk_fields_end(&d.top);
    assert_true(fk_fields_ok(&d.m));
    close_doc(&d);
}

struct refusal {
    const char *why, *text;
    void (*read)(struct doc *d);
    const char *msg;
};

static void read_hex(struct doc *d)
{
    assert_int_equal(fk_field_hex(&d->m, "k", 1, 2).len, 0);
}
static void read_words(struct doc *d)
{
    int colour = -1;
    struct fk_items it = fk_field_list(&d->m, "k", 1, 2);
    while (fk_items_word(&it, FK_WORDS(colours), &colour)) {
    }
}
static void read_texts(struct doc *d)
{
    const char *text = NULL;
    struct fk_items it = fk_field_list(&d->m, "k", 0, 2);
    while (fk_items_text(&it, 3, &text)) {
    }
}
static void read_maps(struct doc *d)
{
    struct fk_fields f;
    struct fk_items it = fk_field_list(&d->m, "k", 0, 2);
    while (fk_items_map(&it, &f)) {
        (void)fk_field_bool(&f, "b");
        fk_fields_end(&f);
    }
}
static void read_text(struct doc *d)
{
    assert_string_equal(fk_field_text(&d->m, "k", 3), "");
}
static void read_optional(struct doc *d)
{
    if (fk_fields_has(&d->m, "optional")) {
        (void)fk_field_bool(&d->m, "optional");
    }
    fk_fields_end(&d->m);
}
static void read_two(struct doc *d)
{
    (void)fk_field_bool(&d->m, "alpha");
    (void)fk_field_bool(&d->m, "beta");
    fk_fields_end(&d->m);
}
static void refuse_at_key(struct doc *d)
{
    (void)fk_field_text(&d->m, "k", 30);
    fk_fields_refuse(&d->m, "k", "is %d too many", 3);
    fk_fields_refuse(&d->m, "k", "a second failure does not replace the first");
}
static void refuse_at_map(struct doc *d)
{
    fk_fields_refuse(&d->m, NULL, "does not add up");
}

static const struct refusal refusals[] = {
    {"hex of odd length", "  k: 012\n", read_hex,
     "x.yaml:4:6: m.k: expected pairs of hexadecimal digits, found '012'"},
    {"hex with another letter", "  k: 0g\n", read_hex,
     "x.yaml:4:6: m.k: expected pairs of hexadecimal digits, found '0g'"},
    {"hex too long", "  k: 001122\n", read_hex,
     "x.yaml:4:6: m.k: expected 1 to 2 bytes in hexadecimal, found 3"},
    {"hex is a list", "  k: [00]\n", read_hex,
     "x.yaml:4:6: m.k: expected pairs of hexadecimal digits, found a list"},
    {"list for a text", "  k: [a]\n", read_text, "x.yaml:4:6: m.k: expected a text, found a list"},
    {"text too long", "  k: abcd\n", read_text,
     "x.yaml:4:6: m.k: expected at most 3 bytes of text, found 4"},
    {"text is missing", "  j: abc\n", read_text, "x.yaml:2:1: m: missing key 'k'"},
    {"no list", "  k: red\n", read_words, "x.yaml:4:6: m.k: expected a list, found 'red'"},
    {"too many items", "  k: [red, red, red]\n", read_words,
     "x.yaml:4:6: m.k: expected 1 to 2 items, found 3"},
    {"empty list", "  k: []\n", read_words, "x.yaml:4:6: m.k: expected 1 to 2 items, found 0"},
    {"unknown word in a list", "  k: [red, blue]\n", read_words,
     "x.yaml:4:12: m.k.2: expected red or green, found 'blue'"},
    {"text in a list", "  k: [abc, abcd]\n", read_texts,
     "x.yaml:4:12: m.k.2: expected at most 3 bytes of text, found 4"},
    {"map in a list", "  k: [{b: true}, b]\n", read_maps,
     "x.yaml:4:18: m.k.2: expected a map of keys and values, found 'b'"},
    {"unknown key in a list of maps", "  k:\n    - {b: true, c: 1}\n", read_maps,
     "x.yaml:5:17: m.k.1: unknown key 'c'"},
    {"left-over key", "  unexpected: 1\n", read_optional,
     "x.yaml:4:3: m: unknown key 'unexpected'"},
    {"misspelled optional key", "  optoinal: true\n", read_optional,
     "x.yaml:4:3: m: unknown key 'optoinal', did you mean 'optional'?"},
    {"misspelled mark", "  notes: x\n", read_optional,
     "x.yaml:4:3: m: unknown key 'notes', did you mean 'note'?"},
    {"misspelled required key", "  alhpa: true\n  beta: true\n", read_two,
     "x.yaml:4:3: m: unknown key 'alhpa', did you mean 'alpha'?"},
    {"missing key beside a stranger", "  beta: true\n  stranger: 1\n", read_two,
     "x.yaml:2:1: m: missing key 'alpha'"},
    {"wrong value before a left-over key", "  alpha: maybe\n  gamma: 1\n", read_two,
     "x.yaml:4:10: m.alpha: expected true or false, found 'maybe'"},
    {"refusal of the section", "  k: many\n", refuse_at_key, "x.yaml:4:6: m.k: is 3 too many"},
    {"refusal of the map", "  k: many\n", refuse_at_map, "x.yaml:2:1: m: does not add up"},
};

static void each_wrong_value_is_refused_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct doc d;
        open_doc(&d, refusals[i].text);
        refusals[i].read(&d);
        if (d.ld.st != FK_E_PROFILE || strcmp(d.err.msg, refusals[i].msg) != 0) {
            fail_msg("%s: %s", refusals[i].why, d.err.msg);
        }
        close_doc(&d);
    }
}

static void after_a_failure_everything_reads_as_nothing(void **state)
{
    (void)state;
    struct doc d;
    open_doc(&d, "  bad: maybe\n  text: a\n  n: 7\n  flag: true\n  list: [1]\n  map: {n: 7}\n");
    assert_false(fk_field_bool(&d.m, "bad"));
    assert_false(fk_fields_ok(&d.m));
    assert_string_equal(fk_field_text(&d.m, "text", 10), "");
    assert_int_equal(fk_field_number(&d.m, "n", 1, 9), 0);
    assert_false(fk_field_bool(&d.m, "flag"));
    assert_string_equal(fk_field_source(&d.m, "text"), "");
    const char *text = NULL;
    struct fk_items it = fk_field_list(&d.m, "list", 0, 9);
    assert_false(fk_items_text(&it, 9, &text));
    assert_null(text);
    struct fk_fields map = fk_field_map(&d.m, "map");
    assert_int_equal(fk_field_number(&map, "n", 1, 9), 0);
    assert_null(fk_fields_next(&d.m));
    fk_fields_end(&map);
    fk_fields_end(&d.m);
    assert_failed(&d, "x.yaml:4:8: m.bad: expected true or false, found 'maybe'");
    close_doc(&d);
}

static void free_keys_are_walked_in_order(void **state)
{
    (void)state;
    struct doc d;
    open_doc(&d, "  5001: OUT\n  note: none of the keys\n  -0x2700: IN\n  5002: UP\n");
    char all[100] = "";
    for (const char *k = fk_fields_next(&d.m); k != NULL; k = fk_fields_next(&d.m)) {
        strncat(all, k, 20);
        strncat(all, fk_field_text(&d.m, k, 10), 20);
    }
    fk_fields_end(&d.m);
    assert_true(fk_fields_ok(&d.m));
    assert_string_equal(all, "5001OUT-0x2700IN5002UP");
    close_doc(&d);
}

static void lists_give_their_items_in_order(void **state)
{
    (void)state;
    struct doc d;
    open_doc(&d, "  t: [a, {value: b, source: d 2}]\n  w: [red, green]\n  e: []\n");
    const char *text = NULL;
    struct fk_items it = fk_field_list(&d.m, "t", 0, 9);
    assert_int_equal(it.n, 2);
    assert_true(fk_items_text(&it, 9, &text));
    assert_string_equal(text, "a");
    assert_true(fk_items_text(&it, 9, &text));
    assert_string_equal(text, "b");
    assert_false(fk_items_text(&it, 9, &text));
    int colour = 0, colours_seen = 0;
    it = fk_field_list(&d.m, "w", 0, 9);
    while (fk_items_word(&it, FK_WORDS(colours), &colour)) {
        colours_seen = 10 * colours_seen + colour;
    }
    assert_int_equal(colours_seen, 57);
    it = fk_field_list(&d.m, "e", 0, 9);
    assert_int_equal(it.n, 0);
    assert_false(fk_items_text(&it, 9, &text));
    fk_fields_end(&d.m);
    assert_true(fk_fields_ok(&d.m));
    close_doc(&d);
}

static void source_of_a_fact_is_the_nearest_one(void **state)
{
    (void)state;
    struct doc d;
    open_doc(&d, "  a: 1\n"
                 "  b: {value: 1, source: 'd §2, table 3'}\n"
                 "  c:\n"
                 "    source: d\n"
                 "    e: {value: [1], source: t p. 9}\n");
    (void)fk_field_number(&d.m, "a", 0, 9);
    (void)fk_field_number(&d.m, "b", 0, 9);
    struct fk_fields c = fk_field_map(&d.m, "c");
    struct fk_items e = fk_field_list(&c, "e", 1, 1);
    assert_int_equal(e.n, 1);
    assert_string_equal(fk_field_source(&d.m, "a"), "test bench");
    assert_string_equal(fk_field_source(&d.m, "b"), "data sheet, §2, table 3");
    assert_string_equal(fk_field_source(&d.m, "c"), "data sheet");
    assert_string_equal(fk_field_source(&c, "e"), "test bench, p. 9");
    close_doc(&d);
}

static void nearest_name_is_a_misspelling_or_none(void **state)
{
    (void)state;
    static const char *const names[] = {"program_size", "sector_size", "size", "source"};
    static const struct {
        const char *name, *near;
    } cases[] = {
        {"progam_size", "program_size"},
        {"programsize", "program_size"},
        {"sector-size", "sector_size"},
        {"sourec", "source"},
        {"siez", "size"},
        {"Size", "size"},
        {"colour", NULL},
        {"x", NULL},
        {"", NULL},
        {"weather", NULL},
        {"program_size", "program_size"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *near = fk_nearest(cases[i].name, names, 4);
        if (cases[i].near == NULL ? near != NULL
                                  : near == NULL || strcmp(near, cases[i].near) != 0) {
            fail_msg("%s: %s", cases[i].name, near != NULL ? near : "none");
        }
    }
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(fk_nearest(longest, names, 4));
    assert_null(fk_nearest("size", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_with_their_units_or_refused),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(each_wrong_value_is_refused_at_its_place),
        cmocka_unit_test(after_a_failure_everything_reads_as_nothing),
        cmocka_unit_test(free_keys_are_walked_in_order),
        cmocka_unit_test(lists_give_their_items_in_order),
        cmocka_unit_test(source_of_a_fact_is_the_nearest_one),
        cmocka_unit_test(nearest_name_is_a_misspelling_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
