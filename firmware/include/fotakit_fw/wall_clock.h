/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_WALL_CLOCK_H
#define FOTAKIT_FW_WALL_CLOCK_H

#include "fotakit_fw/status.h"
#include "fotakit_fw/transport.h"

#include <stdint.h>

/* The time of day of a device without a battery: unknown after each reset, until a person, a script
 * or a time server says it. Counted on by the port's monotonic clock.
 *
 *     fk_wall_clock_init(&wall, &clock);
 *     fk_wall_clock_set(&wall, 1795264427, FK_TIME_COMMAND);
 *     fk_wall_clock_now(&wall, &seconds);
 *
 * Whoever needs the time and has none refuses: FK_E_CLOCK. There is no default date, because a
 * guess would accept certificates that have expired.
 *
 * Seconds are UTC since 1970 without leap seconds, 64 bits wide: nothing happens in 2038, nor when
 * the 32 bits of NTP wrap in 2036. The last second is that of the year 9999, the last that X.509
 * can name.
 *
 * Not checked here: whether the time is right. Who may set it decides what an expired certificate
 * is worth; the console's owner owns the device, and a time server is not authenticated
 * (app/sntp_client.h). */

#define FK_TIME_MAX UINT64_C(253402300799) /* 9999-12-31 23:59:59 */

enum fk_time_source {
    FK_TIME_UNSET,
    FK_TIME_COMMAND, /* AT+S.TIME */
    FK_TIME_SNTP     /* an unauthenticated answer from the network */
};

struct fk_wall_clock {
    enum fk_time_source source;

    /* Private. */
    const struct fk_clock *clock;
    uint64_t seconds; /* when it was set */
    uint64_t set_ms;  /* what the monotonic clock showed then */
};

/* clock must outlive the result. The time is unset. */
void fk_wall_clock_init(struct fk_wall_clock *wall, const struct fk_clock *clock);

/* seconds: UTC since 1970, 1 to FK_TIME_MAX; FK_E_LIMIT otherwise, and nothing has changed. */
enum fk_status fk_wall_clock_set(struct fk_wall_clock *wall, uint64_t seconds,
                                 enum fk_time_source source) FK_MUST_USE;

/* FK_E_CLOCK while it is unset, and from FK_TIME_MAX on. */
enum fk_status fk_wall_clock_now(const struct fk_wall_clock *wall,
                                 uint64_t *ret_seconds) FK_MUST_USE;

/* A date of the Gregorian calendar, UTC. */
struct fk_date {
    uint16_t year;                /* 1970 to 9999 */
    uint8_t month, day;           /* from 1 */
    uint8_t hour, minute, second; /* no leap second */
};

/* The date of a second since 1970; FK_E_LIMIT above FK_TIME_MAX. */
enum fk_status fk_date_from_unix(uint64_t seconds, struct fk_date *ret) FK_MUST_USE;

#endif
