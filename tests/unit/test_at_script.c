/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning scripts: written, read again, and refused with the line that is wrong. */
#include "fotakit/at_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "fotakit-at 1\nprofile p\nok OK\nerror ERR\nprobe AT\nline-end cr\n"

static enum fk_status parse(const char *text, struct fk_at_script *ret, struct fk_error *err)
{
    return fk_at_script_parse("s.at", (struct fk_slice){(const uint8_t *)text, strlen(text)}, ret,
                              err);
}

static void every_byte_survives_script_and_stream(void **state)
{
    (void)state;
    struct fk_at_script s = {.profile = "p", .ok = "OK", .error = "ERR", .probe = "AT"},
                        again = {0};
    struct fk_error err = FK_ERROR_INIT;
    uint8_t all[256];
    for (unsigned i = 0; i < sizeof all; i++) {
        all[i] = (uint8_t)i;
    }
    assert_int_equal(
        fk_at_script_add(&s, "all", "PUT=256", (struct fk_slice){all, sizeof all}, "Got", &err),
        FK_OK);
    assert_int_equal(
        fk_at_script_add(&s, "clock", "TIME=<unix-time>,x", (struct fk_slice){0}, NULL, &err),
        FK_OK);
    struct fk_buffer text = {0}, stream = {0};
    assert_int_equal(fk_at_script_write(&s, &text, &err), FK_OK);
    assert_int_equal(fk_at_script_parse("s", (struct fk_slice){text.ptr, text.len}, &again, &err),
                     FK_OK);
    assert_int_equal(again.n, 2);
    assert_string_equal(again.steps[0].expect, "Got");
    assert_int_equal(again.steps[0].data.len, sizeof all);
    assert_memory_equal(again.steps[0].data.ptr, all, sizeof all);
    assert_int_equal(fk_at_script_stream(&again, 1700000000, &stream, &err), FK_OK);
    const char *tail = "TIME=1700000000,x\r";
    assert_int_equal(stream.len, strlen("PUT=256\r") + sizeof all + strlen(tail));
    assert_memory_equal(stream.ptr, "PUT=256\r", 8);
    assert_memory_equal(stream.ptr + 8, all, sizeof all);
    assert_memory_equal(stream.ptr + 8 + sizeof all, tail, strlen(tail));
    fk_buffer_release(&text);
    fk_buffer_release(&stream);
    fk_at_script_release(&s);
    fk_at_script_release(&again);
}

static void line_ends_are_those_of_the_device(void **state)
{
    (void)state;
    static const struct {
        enum fk_at_line_end end;
        const char *bytes;
    } cases[] = {{FK_AT_CR, "AT\r"}, {FK_AT_LF, "AT\n"}, {FK_AT_CRLF, "AT\r\n"}};
    for (size_t i = 0; i < 3; i++) {
        struct fk_at_script s = {.line_end = cases[i].end};
        struct fk_buffer stream = {0};
        assert_int_equal(fk_at_script_add(&s, "a", "AT", (struct fk_slice){0}, NULL, NULL), FK_OK);
        assert_int_equal(fk_at_script_stream(&s, 0, &stream, NULL), FK_OK);
        assert_string_equal((char *)stream.ptr, cases[i].bytes);
        fk_buffer_release(&stream);
        fk_at_script_release(&s);
    }
}

static void bad_scripts_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *why, *text, *message;
        enum fk_status st;
    } cases[] = {
        {"empty", "", "s.at:1: not a script: the first line must be 'fotakit-at 1'", FK_E_FORMAT},
        {"version", "fotakit-at 2\n", "s.at:1: not a script: the first line must be 'fotakit-at 1'",
         FK_E_FORMAT},
        {"no step", HEAD, "s.at:6: the script has no step", FK_E_TRUNCATED},
        {"header missing", "fotakit-at 1\nstep a\n",
         "s.at:2: 'profile', 'ok', 'error', 'probe' and 'line-end' come before the first step",
         FK_E_FORMAT},
        {"header twice", HEAD "ok X\n", "s.at:7: stands once, before the first step", FK_E_FORMAT},
        {"line end", "fotakit-at 1\nline-end nl\n", "s.at:2: 'line-end' takes cr, lf or crlf",
         FK_E_FORMAT},
        {"send alone", HEAD "send AT\n", "s.at:7: 'send' needs a 'step' of its own before it",
         FK_E_FORMAT},
        {"two sends", HEAD "step a\nsend AT\nsend AT\n",
         "s.at:9: 'send' needs a 'step' of its own before it", FK_E_FORMAT},
        {"step without send", HEAD "step a\nstep b\n", "s.at:8: the step before has no 'send'",
         FK_E_FORMAT},
        {"ends in a step", HEAD "step a\n", "s.at:7: the script ends inside a step",
         FK_E_TRUNCATED},
        {"data short", HEAD "step a\nsend AT\ndata 2\n  00\nstep b\n",
         "s.at:11: the data before is shorter than its 'data' line says", FK_E_FORMAT},
        {"data ends", HEAD "step a\nsend AT\ndata 2\n  00\n",
         "s.at:10: the script ends inside a step", FK_E_TRUNCATED},
        {"data long", HEAD "step a\nsend AT\ndata 1\n  0001\n",
         "s.at:10: more data than its 'data' line says", FK_E_FORMAT},
        {"data without line", HEAD "  00\n", "s.at:7: more data than its 'data' line says",
         FK_E_FORMAT},
        {"odd digits", HEAD "step a\nsend AT\ndata 2\n  000\n",
         "s.at:10: expected pairs of hexadecimal digits", FK_E_FORMAT},
        {"no digits", HEAD "step a\nsend AT\ndata 2\n  zz\n",
         "s.at:10: expected pairs of hexadecimal digits", FK_E_FORMAT},
        {"data huge", HEAD "step a\nsend AT\ndata 65537\n",
         "s.at:9: 'data' takes a number of bytes, 1 to 65536", FK_E_FORMAT},
        {"data overflow", HEAD "step a\nsend AT\ndata 18446744073709551617\n",
         "s.at:9: 'data' takes a number of bytes, 1 to 65536", FK_E_FORMAT},
        {"data twice", HEAD "step a\nsend AT\ndata 1\n  00\ndata 1\n",
         "s.at:11: 'data' follows the one 'send' of its step", FK_E_FORMAT},
        {"control", HEAD "step a\nsend A\033T\n", "s.at:8: control character; expected text",
         FK_E_FORMAT},
        {"word", HEAD "stop\n",
         "s.at:7: unknown word; expected step, send, expect, timeout or data", FK_E_FORMAT},
        {"flag twice", HEAD "step a\nsend AT\nmay-fail\nmay-fail\n",
         "s.at:10: 'restarts' and 'may-fail' stand alone, once in a step", FK_E_FORMAT},
        {"flag with a value", HEAD "step a\nsend AT\nrestarts now\n",
         "s.at:9: 'restarts' and 'may-fail' stand alone, once in a step", FK_E_FORMAT},
        {"expect first", HEAD "step a\nexpect X\n",
         "s.at:8: stands before the 'send' that it belongs to", FK_E_FORMAT},
        {"timeout", HEAD "step a\nsend AT\ntimeout 0\n",
         "s.at:9: 'timeout' takes milliseconds, 1 to 3600000, once in a step", FK_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_at_script s = {.n = 77};
        struct fk_error err = FK_ERROR_INIT;
        enum fk_status st = parse(cases[i].text, &s, &err);
        if (st != cases[i].st || strcmp(err.msg, cases[i].message) != 0 || s.n != 77) {
            fail_msg("%s: status %d, '%s', %zu steps", cases[i].why, (int)st, err.msg, s.n);
        }
    }
}

static void long_lines_and_many_steps_are_refused(void **state)
{
    (void)state;
    struct fk_at_script s = {.n = 0};
    struct fk_error err = FK_ERROR_INIT;
    char line[FK_AT_LINE_MAX + 2];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\0';
    assert_int_equal(fk_at_script_add(&s, "a", line, (struct fk_slice){0}, NULL, &err), FK_E_LIMIT);
    line[FK_AT_LINE_MAX] = '\0';
    for (size_t i = 0; i < FK_AT_STEPS_MAX; i++) {
        assert_int_equal(fk_at_script_add(&s, "a", line, (struct fk_slice){0}, NULL, &err), FK_OK);
    }
    assert_int_equal(fk_at_script_add(&s, "a", "b", (struct fk_slice){0}, NULL, &err), FK_E_LIMIT);
    assert_int_equal(fk_at_script_add(&s, "a", "b\r", (struct fk_slice){0}, NULL, &err),
                     FK_E_LIMIT);
    fk_at_script_release(&s);
    assert_int_equal(fk_at_script_add(&s, "a", "b\r", (struct fk_slice){0}, NULL, &err),
                     FK_E_FORMAT);
    assert_int_equal(s.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_survives_script_and_stream),
        cmocka_unit_test(line_ends_are_those_of_the_device),
        cmocka_unit_test(bad_scripts_are_refused_with_their_line),
        cmocka_unit_test(long_lines_and_many_steps_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
