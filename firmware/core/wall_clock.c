/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/wall_clock.h"

#define DAY         86400u
#define DAYS_4_YEAR 1461u   /* one leap day in four years */
#define DAYS_CENT   36524u  /* but none in the last year of a century */
#define DAYS_400    146097u /* unless 400 divides it */

void fk_wall_clock_init(struct fk_wall_clock *wall, const struct fk_clock *clock)
{
    *wall = (struct fk_wall_clock){.source = FK_TIME_UNSET, .clock = clock};
}

enum fk_status fk_wall_clock_set(struct fk_wall_clock *wall, uint64_t seconds,
                                 enum fk_time_source source)
{
    if (seconds == 0 || seconds > FK_TIME_MAX || source == FK_TIME_UNSET) {
        return FK_E_LIMIT;
    }
    wall->seconds = seconds;
    wall->set_ms = wall->clock->now_ms(wall->clock->ctx);
    wall->source = source;
    return FK_OK;
}

enum fk_status fk_wall_clock_now(const struct fk_wall_clock *wall, uint64_t *ret_seconds)
{
    if (wall->source == FK_TIME_UNSET) {
        return FK_E_CLOCK;
    }
    uint64_t passed = (wall->clock->now_ms(wall->clock->ctx) - wall->set_ms) / 1000;
    if (passed > FK_TIME_MAX - wall->seconds) {
        return FK_E_CLOCK;
    }
    *ret_seconds = wall->seconds + passed;
    return FK_OK;
}

/* Years are counted from March here, so that the leap day is the last of its year and months have
 * 31, 30, 31, 30, 31 days in turn: day d of such a year lies in month (5 d + 2) / 153. */
enum fk_status fk_date_from_unix(uint64_t seconds, struct fk_date *ret)
{
    if (seconds > FK_TIME_MAX) {
        return FK_E_LIMIT;
    }
    uint32_t days = (uint32_t)(seconds / DAY) + 719468u; /* since 0000-03-01 */
    uint32_t rest = (uint32_t)(seconds % DAY);
    uint32_t era = days / DAYS_400;
    uint32_t d = days % DAYS_400;
    uint32_t year = (d - d / (DAYS_4_YEAR - 1) + d / DAYS_CENT - d / (DAYS_400 - 1)) / 365;
    d -= 365 * year + year / 4 - year / 100;
    uint32_t month = (5 * d + 2) / 153; /* 0: March */
    *ret = (struct fk_date){
        .year = (uint16_t)(era * 400 + year + (month >= 10 ? 1 : 0)),
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(d - (153 * month + 2) / 5 + 1),
        .hour = (uint8_t)(rest / 3600),
        .minute = (uint8_t)(rest / 60 % 60),
        .second = (uint8_t)(rest % 60),
    };
    return FK_OK;
}
