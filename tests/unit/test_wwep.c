/* SPDX-License-Identifier: Apache-2.0 */
/* The example's protocol: every message, every way to break one, and the registers behind it. */
#include "wwep-secure/wwep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct fk_slice text(const char *s)
{
    return (struct fk_slice){(const uint8_t *)s, strlen(s)};
}

static const char *ask(struct wwep_registers *registers, const char *question)
{
    static char line[WWEP_MAX + 1];
    size_t len = 0;
    const struct wwep_message m = wwep_answer(registers, text(question));
    assert_int_equal(wwep_format(&m, line, WWEP_MAX, &len), FK_OK);
    line[len] = '\0';
    return line;
}

static void messages_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        struct wwep_message m;
    } rows[] = {
        {"R0FAC0B", "R0FAC0B", {WWEP_READ, 0x0fac, 0x0b, 0, ""}},
        {"r", NULL, {.kind = WWEP_READ}},
        {"Wffff00abCD", "WFFFF00ABCD", {WWEP_WRITE, 0xffff, 0, 0xabcd, ""}},
        {"A0000FF0001", "A0000FF0001", {WWEP_ACCEPT, 0, 0xff, 1, ""}},
        {"X", "X", {WWEP_FAIL, 0, 0, 0, ""}},
        {"X Not Found", "X Not Found", {WWEP_FAIL, 0, 0, 0, " Not Found"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wwep_message m;
        char buf[WWEP_MAX + 1] = "";
        size_t len = 0;
        enum fk_status st = wwep_parse(text(rows[i].in), &m);
        if (rows[i].out == NULL) {
            assert_int_equal(st, FK_E_FORMAT);
            continue;
        }
        assert_int_equal(st, FK_OK);
        assert_int_equal(m.kind, rows[i].m.kind);
        assert_int_equal(m.device, rows[i].m.device);
        assert_int_equal(m.reg, rows[i].m.reg);
        assert_int_equal(m.value, rows[i].m.value);
        assert_string_equal(m.reason, rows[i].m.reason);
        assert_int_equal(wwep_format(&m, buf, WWEP_MAX, &len), FK_OK);
        assert_string_equal(buf, rows[i].out);
        for (size_t cap = 0; cap < len; cap++) {
            assert_int_equal(wwep_format(&m, buf, cap, &(size_t){0}), FK_E_LIMIT);
        }
    }
}

static void broken_messages_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        enum fk_status want;
    } rows[] = {
        {"", FK_E_TRUNCATED},
        {"R", FK_E_TRUNCATED},
        {"R0FAC0", FK_E_TRUNCATED},
        {"W0FAC0B123", FK_E_TRUNCATED},
        {"R0FAC0B1", FK_E_TRAILING},
        {"W0FAC0B12345", FK_E_TRAILING},
        {"R0FACOB", FK_E_FORMAT}, /* the letter */
        {"R 0FAC0", FK_E_FORMAT},
        {"W0FAC0B-123", FK_E_FORMAT},
        {"Q0FAC0B", FK_E_FORMAT},
        {"X\x1b[2J", FK_E_FORMAT},
        {"X0123456789012345678901234567890", FK_OK},
        {"X01234567890123456789012345678901", FK_E_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wwep_message m, before;
        memset(&m, 0x5a, sizeof m);
        before = m;
        assert_int_equal(wwep_parse(text(rows[i].in), &m), rows[i].want);
        if (rows[i].want != FK_OK) {
            assert_memory_equal(&m, &before, sizeof m);
        }
    }
}

static void registers_hold_what_was_written(void **state)
{
    (void)state;
    struct wwep_registers r = {.n = 0};
    assert_string_equal(ask(&r, "R0FAC0B"), "X Not Found");
    assert_string_equal(ask(&r, "W0fac0bcafe"), "A0FAC0BCAFE");
    assert_string_equal(ask(&r, "R0FAC0B\n"), "A0FAC0BCAFE");
    assert_string_equal(ask(&r, "W0FAC0B0001\n"), "A0FAC0B0001");
    assert_int_equal(r.n, 1);
    assert_string_equal(ask(&r, "R0FAC0C"), "X Not Found");
    assert_string_equal(ask(&r, "R0FAD0B"), "X Not Found");
    assert_string_equal(ask(&r, "R0FAC0B"), "A0FAC0B0001");
}

static void refusals_say_why_and_write_nothing(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "X illegal message length"},
        {"W0FAC0B", "X illegal message length"},
        {"W0FAC0B\n", "X illegal character"},
        {"W0FAC0B12345", "X illegal message length"},
        {"R0FAC0B\n\n", "X illegal message length"},
        {"W0FACOB1234", "X illegal character"},
        {"Q0FAC0B", "X illegal command"},
        {"A0FAC0B1234", "X illegal command"},
        {"X no", "X illegal command"},
    };
    struct wwep_registers r = {.n = 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(ask(&r, rows[i][0]), rows[i][1]);
        assert_int_equal(r.n, 0);
    }
}

static void full_registers_keep_what_they_have(void **state)
{
    (void)state;
    struct wwep_registers r = {.n = 0};
    char question[16];
    for (unsigned i = 0; i < WWEP_REGISTERS; i++) {
        snprintf(question, sizeof question, "W0001%02X%04X", i, i + 1);
        assert_int_equal(*ask(&r, question), 'A');
    }
    assert_string_equal(ask(&r, "W0002000001"), "X Database Full");
    assert_string_equal(ask(&r, "W0001001234"), "A0001001234");
    assert_string_equal(ask(&r, "R000200"), "X Not Found");
    assert_string_equal(ask(&r, "R00013F"), "A00013F0040");
}

static void the_first_byte_says_how_long_a_question_is(void **state)
{
    (void)state;
    assert_int_equal(wwep_question_size(text("")), 1);
    assert_int_equal(wwep_question_size(text("R0")), 7);
    assert_int_equal(wwep_question_size(text("W0FAC0B12345678")), 11);
    assert_int_equal(wwep_question_size(text("GET / HTTP/1.1")), 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read_and_written),
        cmocka_unit_test(broken_messages_are_refused_and_change_nothing),
        cmocka_unit_test(registers_hold_what_was_written),
        cmocka_unit_test(refusals_say_why_and_write_nothing),
        cmocka_unit_test(full_registers_keep_what_they_have),
        cmocka_unit_test(the_first_byte_says_how_long_a_question_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
