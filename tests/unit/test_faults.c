/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged flash: one byte of bit rot anywhere, at every moment of an update, and sectors that
 * fail. Rot in the state must do no harm at all; elsewhere a device may refuse to start, but never
 * starts anything that is not a whole image. */
#include "support/effort.h"
#include "support/life.h"

#include "core/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct test_layout swap = {"swap", 256, 512, 3, 4, 0xff, FK_INSTALL_SWAP};
static const struct test_layout overwrite = {"overwrite", 256, 512, 3, 4, 0xff,
                                             FK_INSTALL_OVERWRITE};

struct pair {
    struct life *fresh, *cut, *again;
};

static struct life *new_life(const struct test_layout *layout, enum life_end end)
{
    struct life *l = malloc(sizeof *l);
    assert_non_null(l);
    life_begin(l, layout, true, 700, 640, end);
    return l;
}

static void free_life(struct life *l)
{
    life_release(l);
    free(l);
}

static struct pair new_pair(const struct test_layout *layout, enum life_end end)
{
    return (struct pair){new_life(layout, end), new_life(layout, end), new_life(layout, end)};
}

static void free_pair(struct pair *p)
{
    free_life(p->fresh);
    free_life(p->cut);
    free_life(p->again);
}

/* Runs the life up to flash operation k; false when it ends before. */
static bool run_to(struct pair *p, uint32_t k)
{
    life_copy(p->cut, p->fresh);
    sim_power_up(&p->cut->flash, k, SIM_CUT_AFTER);
    return life_run(p->cut) == FK_E_POWER;
}

static void rot_state(const struct test_layout *layout, enum life_end end)
{
    struct pair p = new_pair(layout, end);
    const struct fk_region *state = &p.fresh->device.map.state;
    const unsigned every = test_every(17);
    unsigned long cases = 0;
    for (uint32_t k = 1; run_to(&p, k); k += every) {
        for (uint32_t at = k % 3; at < state->size; at += 3 * every) {
            life_copy(p.again, p.cut);
            p.again->flash.bytes[state->off + at] ^= (uint8_t)(1u + (k * 31 + at) % 255);
            sim_power_up(&p.again->flash, SIM_NEVER, SIM_CUT_AFTER);
            if (life_run(p.again) != FK_OK) {
                fail_msg("byte %u of the state rotted after operation %u: %s", at, k,
                         p.again->why);
            }
            cases++;
        }
    }
    printf("%s: %lu cases of one rotten byte in the state, none lost\n", layout->name, cases);
    assert_true(cases > 1000 / (every * every));
    free_pair(&p);
}

static void one_rotten_byte_in_the_state_does_no_harm(void **state)
{
    (void)state;
    rot_state(&swap, LIFE_CONFIRM);
    rot_state(&swap, LIFE_REVERT);
    rot_state(&overwrite, LIFE_CONFIRM);
}

static void rot_slots(const struct test_layout *layout, enum life_end end)
{
    struct pair p = new_pair(layout, end);
    const struct fk_flash_map *map = &p.fresh->device.map;
    const unsigned every = test_every(17);
    unsigned long cases = 0;
    unsigned long stuck = 0;
    for (uint32_t k = 1; run_to(&p, k); k += 2 * every) {
        for (uint32_t at = map->primary.off + k % 7; at < map->size; at += 7 * every) {
            life_copy(p.again, p.cut);
            p.again->faulty = true;
            p.again->flash.bytes[at] ^= 0x40;
            sim_power_up(&p.again->flash, SIM_NEVER, SIM_CUT_AFTER);
            if (life_run(p.again) != FK_OK) {
                fail_msg("byte %u rotted after operation %u: %s", at, k, p.again->why);
            }
            stuck += p.again->stuck;
            cases++;
        }
    }
    printf("%s: %lu cases of one rotten byte in a slot: %lu stay in the boot stage, no wrong image "
           "starts\n",
           layout->name, cases, stuck);
    assert_true(cases > 1000 / (every * every));
    free_pair(&p);
}

static void one_rotten_byte_in_a_slot_never_starts_a_wrong_image(void **state)
{
    (void)state;
    rot_slots(&swap, LIFE_CONFIRM);
    rot_slots(&swap, LIFE_REVERT);
    rot_slots(&overwrite, LIFE_CONFIRM);
}

static void failing_sector_never_starts_a_wrong_image(void **state)
{
    (void)state;
    static const struct test_layout *const layouts[] = {&swap, &overwrite};
    for (size_t i = 0; i < 2; i++) {
        struct pair p = new_pair(layouts[i], LIFE_CONFIRM);
        const struct fk_flash_map *map = &p.fresh->device.map;
        for (uint32_t off = map->state.off; off < map->size; off += p.fresh->flash.min_sector) {
            life_copy(p.cut, p.fresh);
            p.cut->faulty = true;
            p.cut->flash.failing_sector = off;
            sim_power_up(&p.cut->flash, SIM_NEVER, SIM_CUT_AFTER);
            if (life_run(p.cut) != FK_OK) {
                fail_msg("%s, sector at %u fails: %s", layouts[i]->name, off, p.cut->why);
            }
            if (off >= map->staging.off && off - map->staging.off < map->staging.size) {
                /* Every sector of staging is needed, so the update fails, and the old image must
                 * be whole again. */
                assert_false(p.cut->confirmed);
                assert_memory_equal(p.cut->flash.bytes + map->primary.off, p.cut->old_image,
                                    p.cut->old_len);
            }
        }
        free_pair(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rotten_byte_in_the_state_does_no_harm),
        cmocka_unit_test(one_rotten_byte_in_a_slot_never_starts_a_wrong_image),
        cmocka_unit_test(failing_sector_never_starts_a_wrong_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
