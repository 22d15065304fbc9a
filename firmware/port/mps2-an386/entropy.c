/* SPDX-License-Identifier: Apache-2.0 */
/* STAND-IN. Neither the board nor its emulation has a source of random numbers. This one times a
 * loop with the free-running timer: under QEMU what that shows is the host's scheduling, on hardware
 * next to nothing, and with -icount nothing at all. It serves to run TLS on the emulated board and
 * protects nobody; a product takes the noise source of its chip, with the tests that go with it.
 *
 * Boards that start at the same moment must not agree, so the reserved boot region of the flash may
 * hold a seed: whatever bytes stand there are mixed in. */
#include "port/board.h"
#include "port/cortex-m/cortex_m.h"
#include "port/device.h"
#include "port/mps2-an386/registers.h"

#define SEED_SIZE 64u
#define ROUNDS    64u

/* FNV-1a, 32 bits: spreads what little there is; the generator behind it does the rest. */
static uint32_t stir(uint32_t state, uint32_t word)
{
    return (state ^ word) * 16777619u;
}

const char *fk_board_entropy_name(void)
{
    return "STAND-IN (timer jitter), not for keys that matter";
}

enum fk_status fk_board_entropy(void *p, size_t len)
{
    static uint32_t state = 2166136261u;
    const struct fk_flash_map *map = &FK_PORT_DEVICE.map;
    const uint8_t *seed = (const uint8_t *)(uintptr_t)(map->base + map->boot.off);
    uint8_t *to = p;
    for (size_t i = 0; i < len; i++) {
        for (unsigned n = 0; n < ROUNDS; n++) {
            state = stir(state, FK_REG(TIMER0_VALUE));
            for (volatile uint32_t wait = state & 31u; wait > 0; wait--) {
            }
        }
        state = stir(state, seed[i % SEED_SIZE]);
        to[i] = (uint8_t)(state >> 24);
    }
    return FK_OK;
}
