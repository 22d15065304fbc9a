/* SPDX-License-Identifier: Apache-2.0 */
/* The SNTP client: what it sends, which answers it takes, and what it does when none comes. */
#include "app/sntp_client.h"
#include "crypto/crypto.h"
#include "wire/sntp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COOKIE UINT64_C(0x0123456789abcdef)

/* An answer to COOKIE with these seconds since 1900. */
static void make_answer(uint8_t p[FK_SNTP_SIZE], uint32_t seconds)
{
    memset(p, 0, FK_SNTP_SIZE);
    p[0] = 4 << 3 | 4;
    p[1] = 2;
    for (unsigned i = 0; i < 8; i++) {
        p[24 + i] = (uint8_t)(COOKIE >> (56 - 8 * i));
    }
    for (unsigned i = 0; i < 4; i++) {
        p[40 + i] = (uint8_t)(seconds >> (24 - 8 * i));
    }
}

static bool ours; /* of the last judgement */

static enum fk_status judge(const uint8_t *p, size_t len, uint64_t *ret)
{
    return fk_sntp_answer((struct fk_slice){p, len}, COOKIE, &ours, ret);
}

static void question_says_client_and_nothing_else(void **state)
{
    (void)state;
    uint8_t p[FK_SNTP_SIZE];
    static const uint8_t want[FK_SNTP_SIZE] = {
        [0] = 0x23,  [40] = 0x01, [41] = 0x23, [42] = 0x45, [43] = 0x67,
        [44] = 0x89, [45] = 0xab, [46] = 0xcd, [47] = 0xef};
    fk_sntp_question(COOKIE, p);
    assert_memory_equal(p, want, sizeof want);
}

static void seconds_of_both_eras_are_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t ntp;
        uint64_t unix_seconds;
    } rows[] = {
        {0x83aa7e81, 1},                    /* 1970 */
        {0xee4f4b80, 1789185280},           /* 2026 */
        {0xffffffff, 2085978495},           /* the last second of the first era, 2036 */
        {0x00000001, 2085978497},           /* the second one of the second era */
        {0x03c28e80, UINT64_C(2149060608)}, /* beyond 2^31 */
        {0x7fffffff, UINT64_C(4233462143)}, /* 2104 */
    };
    uint8_t p[FK_SNTP_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t got = 0;
        make_answer(p, rows[i].ntp);
        assert_int_equal(judge(p, sizeof p, &got), FK_OK);
        assert_true(got == rows[i].unix_seconds);
    }
}

static void answers_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t at, value;
        bool ours;
    } rows[] = {
        {"mode of a client", 0, 4 << 3 | 3, false},
        {"mode of a broadcast", 0, 4 << 3 | 5, false},
        {"version 2", 0, 2 << 3 | 4, false},
        {"version 5", 0, 5 << 3 | 4, false},
        {"server without a time", 0, 3 << 6 | 4 << 3 | 4, true},
        {"kiss of death", 1, 0, true},
        {"stratum 16", 1, 16, true},
        {"answer to another question", 24, 0x02, false},
        {"answer to another question, last byte", 31, 0xee, false},
    };
    uint8_t p[FK_SNTP_SIZE];
    uint64_t got = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_answer(p, 0xee4f4b80);
        p[rows[i].at] = rows[i].value;
        if (judge(p, sizeof p, &got) != FK_E_SNTP || ours != rows[i].ours) {
            fail_msg("%s", rows[i].why);
        }
    }
    make_answer(p, 0);
    assert_int_equal(judge(p, sizeof p, &got), FK_E_SNTP);
    make_answer(p, 0x83aa7e80); /* 1970 itself */
    assert_int_equal(judge(p, sizeof p, &got), FK_E_SNTP);
    make_answer(p, 0xee4f4b80);
    for (size_t len = 0; len < sizeof p; len++) {
        assert_int_equal(judge(p, len, &got), FK_E_SNTP);
    }
    assert_true(got == 7);
}

/* A server that plays these datagrams, one for each wait; NULL: nothing comes. */
struct server {
    const uint8_t *plays[32];
    size_t n, at;
    unsigned asked, opened, closed;
    enum fk_status open;
    uint64_t now_ms;
    uint8_t question[FK_SNTP_SIZE];
};

static enum fk_status server_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct server *s = ctx;
    assert_string_equal(host, "time.example");
    assert_int_equal(port, 123);
    (void)timeout_ms;
    s->opened++;
    return s->open;
}

static enum fk_status server_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct server *s = ctx;
    (void)timeout_ms;
    assert_int_equal(len, FK_SNTP_SIZE);
    memcpy(s->question, buf, len);
    s->asked++;
    return FK_OK;
}

static enum fk_status server_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                  uint32_t timeout_ms)
{
    struct server *s = ctx;
    const uint8_t *p = s->at < s->n ? s->plays[s->at++] : NULL;
    if (p == NULL) {
        s->now_ms += timeout_ms;
        return FK_E_TIMEOUT;
    }
    s->now_ms += 10;
    assert_true(cap >= FK_SNTP_SIZE);
    memcpy(buf, p, FK_SNTP_SIZE);
    *ret_len = FK_SNTP_SIZE;
    return FK_OK;
}

static void server_close(void *ctx)
{
    ((struct server *)ctx)->closed++;
}

static uint64_t server_now(void *ctx)
{
    return ((struct server *)ctx)->now_ms;
}

static enum fk_status cookie(void *ctx, void *p, size_t len)
{
    static const uint64_t value = COOKIE;
    (void)ctx;
    assert_int_equal(len, sizeof value);
    memcpy(p, &value, len);
    return FK_OK;
}

static enum fk_status ask(struct server *s, struct fk_wall_clock *wall, bool random)
{
    static struct fk_clock clock;
    static const struct fk_random source = {NULL, cookie};
    const struct fk_transport udp = {.ctx = s,
                                     .open = server_open,
                                     .send = server_send,
                                     .recv = server_recv,
                                     .close = server_close};
    clock = (struct fk_clock){.ctx = s, .now_ms = server_now};
    fk_wall_clock_init(wall, &clock);
    fk_crypto_use_random(random ? &source : NULL);
    enum fk_status st = fk_sntp_ask(&udp, &clock, "time.example", 123, wall);
    assert_int_equal(s->closed, s->opened);
    return st;
}

static void client_sets_the_clock(void **state)
{
    (void)state;
    uint8_t good[FK_SNTP_SIZE], stray[FK_SNTP_SIZE];
    struct fk_wall_clock wall;
    uint64_t now = 0;
    make_answer(good, 0xee4f4b80);
    make_answer(stray, 0xee4f4b80);
    stray[24] ^= 1;
    struct server s = {.plays = {NULL, stray, good}, .n = 3}; /* lost, forged, then the answer */
    assert_int_equal(ask(&s, &wall, true), FK_OK);
    assert_int_equal(s.asked, 2);
    assert_int_equal(wall.source, FK_TIME_SNTP);
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_OK);
    assert_int_equal(now, 1789185280);
}

static void server_that_has_no_time_is_not_asked_again(void **state)
{
    (void)state;
    uint8_t stray[FK_SNTP_SIZE], kiss[FK_SNTP_SIZE], good[FK_SNTP_SIZE];
    struct fk_wall_clock wall;
    make_answer(good, 0xee4f4b80);
    make_answer(kiss, 0xee4f4b80);
    kiss[1] = 0;
    memcpy(kiss + 12, "DENY", 4);
    memcpy(stray, kiss, sizeof stray);
    stray[24] ^= 1; /* whoever did not see the question cannot send us away */
    struct server s = {.plays = {stray, kiss, good}, .n = 3};
    assert_int_equal(ask(&s, &wall, true), FK_E_SNTP);
    assert_int_equal(s.asked, 1);
    assert_int_equal(s.at, 2);
    assert_int_equal(wall.source, FK_TIME_UNSET);
}

static void client_gives_up_and_leaves_the_clock(void **state)
{
    (void)state;
    uint8_t stray[FK_SNTP_SIZE];
    struct fk_wall_clock wall;
    struct server silent = {.n = 0};
    assert_int_equal(ask(&silent, &wall, true), FK_E_TIMEOUT);
    assert_int_equal(silent.asked, FK_SNTP_TRIES);
    assert_int_equal(silent.now_ms, FK_SNTP_TRIES * FK_SNTP_WAIT_MS);
    assert_int_equal(wall.source, FK_TIME_UNSET);

    make_answer(stray, 0xee4f4b80);
    stray[24] ^= 1;
    struct server forger = {.n = 32};
    for (size_t i = 0; i < 32; i++) {
        forger.plays[i] = stray;
    }
    assert_int_equal(ask(&forger, &wall, true), FK_E_SNTP);
    assert_int_equal(forger.at, FK_SNTP_TRIES * FK_SNTP_STRAYS); /* a flood ends, too */
    assert_int_equal(wall.source, FK_TIME_UNSET);

    struct server none = {.open = FK_E_CONNECT};
    assert_int_equal(ask(&none, &wall, true), FK_E_CONNECT);
    assert_int_equal(none.asked, 0);
    struct server blind = {.n = 0};
    assert_int_equal(ask(&blind, &wall, false), FK_E_RANDOM);
    assert_int_equal(blind.asked, 0); /* no question that could be guessed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_says_client_and_nothing_else),
        cmocka_unit_test(seconds_of_both_eras_are_told),
        cmocka_unit_test(answers_that_cannot_be_used_are_refused),
        cmocka_unit_test(client_sets_the_clock),
        cmocka_unit_test(server_that_has_no_time_is_not_asked_again),
        cmocka_unit_test(client_gives_up_and_leaves_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
