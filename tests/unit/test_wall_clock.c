/* SPDX-License-Identifier: Apache-2.0 */
/* The time of day: unset, set, counted on, and as a date. */
#include "fotakit_fw/wall_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

static uint64_t shown_ms(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static void clock_is_unset_until_it_is_set(void **state)
{
    (void)state;
    uint64_t ms = 5000, now = 77;
    const struct fk_clock clock = {.ctx = &ms, .now_ms = shown_ms};
    struct fk_wall_clock wall;
    fk_wall_clock_init(&wall, &clock);
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_E_CLOCK);
    assert_int_equal(now, 77);
    assert_int_equal(fk_wall_clock_set(&wall, 1795264427, FK_TIME_COMMAND), FK_OK);
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_OK);
    assert_int_equal(now, 1795264427);
    ms += 999;
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_OK);
    assert_int_equal(now, 1795264427);
    ms += 1 + UINT64_C(100) * 365 * 86400 * 1000; /* runs on for a century */
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_OK);
    assert_int_equal(now, 1795264428 + UINT64_C(100) * 365 * 86400);
}

static void clock_refuses_what_is_no_time_and_keeps_the_old_one(void **state)
{
    (void)state;
    uint64_t ms = 0, now = 0;
    const struct fk_clock clock = {.ctx = &ms, .now_ms = shown_ms};
    struct fk_wall_clock wall;
    fk_wall_clock_init(&wall, &clock);
    assert_int_equal(fk_wall_clock_set(&wall, 0, FK_TIME_COMMAND), FK_E_LIMIT);
    assert_int_equal(fk_wall_clock_set(&wall, FK_TIME_MAX + 1, FK_TIME_COMMAND), FK_E_LIMIT);
    assert_int_equal(fk_wall_clock_set(&wall, UINT64_MAX, FK_TIME_SNTP), FK_E_LIMIT);
    assert_int_equal(fk_wall_clock_set(&wall, 1, FK_TIME_UNSET), FK_E_LIMIT);
    assert_int_equal(wall.source, FK_TIME_UNSET);
    assert_int_equal(fk_wall_clock_set(&wall, FK_TIME_MAX, FK_TIME_SNTP), FK_OK);
    assert_int_equal(fk_wall_clock_set(&wall, 0, FK_TIME_COMMAND), FK_E_LIMIT);
    assert_int_equal(wall.source, FK_TIME_SNTP);
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_OK);
    assert_true(now == FK_TIME_MAX);
    ms = 1000; /* the year 10000 has no name */
    assert_int_equal(fk_wall_clock_now(&wall, &now), FK_E_CLOCK);
}

static void assert_date(uint64_t seconds)
{
    struct fk_date d;
    time_t t = (time_t)seconds;
    struct tm want;
    assert_int_equal(fk_date_from_unix(seconds, &d), FK_OK);
    assert_non_null(gmtime_r(&t, &want));
    if (d.year != want.tm_year + 1900 || d.month != want.tm_mon + 1 || d.day != want.tm_mday ||
        d.hour != want.tm_hour || d.minute != want.tm_min || d.second != want.tm_sec) {
        fail_msg("%llu: %u-%u-%u %u:%u:%u", (unsigned long long)seconds, d.year, d.month, d.day,
                 d.hour, d.minute, d.second);
    }
}

static void date_is_that_of_the_c_library(void **state)
{
    (void)state;
    for (uint64_t day = 0; day <= FK_TIME_MAX / 86400; day++) {
        assert_date(day * 86400 + day % 86400);
    }
    assert_date(INT32_MAX);
    assert_date(UINT64_C(0x80000000)); /* January 2038 */
    assert_date(UINT64_C(0x100000000));
    assert_date(951782400); /* 29 February 2000 */
    assert_date(FK_TIME_MAX);
    struct fk_date d = {.year = 1};
    assert_int_equal(fk_date_from_unix(FK_TIME_MAX + 1, &d), FK_E_LIMIT);
    assert_int_equal(d.year, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_is_unset_until_it_is_set),
        cmocka_unit_test(clock_refuses_what_is_no_time_and_keeps_the_old_one),
        cmocka_unit_test(date_is_that_of_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
