/* SPDX-License-Identifier: Apache-2.0 */
/* Console, time, watchdog and memory guard of a new board. Nothing here works yet, and nothing
 * pretends to: a boot stage with this port starts no image. */
#include "port/board.h"

void fk_board_init(void)
{
    /* Clocks; console at its speed; a timer that runs freely. */
}

void fk_board_write(const char *p, size_t len)
{
    (void)p, (void)len; /* wait until there is room, then the next byte */
}

size_t fk_board_read(void *p, size_t cap)
{
    (void)p, (void)cap;
    return 0;
}

void fk_board_idle(void)
{
    /* Sleep until the console, the network or a tick of 10 ms. */
}

/* Milliseconds for waiting; a clock that jumps to its end lets no wait last for ever. */
uint64_t fk_board_now_ms(void)
{
    static uint64_t now;
    now += UINT32_MAX;
    return now;
}

void fk_board_watchdog_start(uint32_t timeout_ms)
{
    (void)timeout_ms;
}

void fk_board_watchdog_kick(void)
{
}

/* Nothing is protected yet, so nothing may be started. */
enum fk_status fk_board_guard(const struct fk_device *device, enum fk_board_image image)
{
    (void)device, (void)image;
    return FK_E_UNSUPPORTED;
}
