/* SPDX-License-Identifier: Apache-2.0 */
/* The whole product of layouts, program sizes, erased values, install modes, encryption, sizes and
 * ends: power cut at every flash operation of each, in every way.
 * usage: matrix [nested] [PART PARTS]; prints a line per layout that lost and a closing sum.
 * nested: cut again at every operation of what follows; and updates in signed envelopes, whose
 * signature makes each boot a hundred times slower, cut once with one sector size. */
#include "support/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t sectors[] = {256, 512, 2048};
static const uint32_t prog_sizes[] = {1, 2, 4, 8, 16, 32};

struct sizes {
    const char *name;
    uint32_t old_eighths, new_eighths; /* of the slot */
};
static const struct sizes relations[] = {{"larger", 3, 7}, {"smaller", 7, 3}, {"equal", 6, 6}};

enum delivery { PLAIN, ENCRYPTED, SIGNED, DELIVERIES };
static const char *const deliveries[] = {"plain", "encrypted", "signed and encrypted"};

struct totals {
    unsigned long layouts, cases, lost;
};

static uint32_t odd_length(uint32_t slot, uint32_t eighths)
{
    return (slot * eighths / 8 - 20) / 4 * 4; /* fills neither sectors nor program units */
}

static void run(struct totals *t, const struct test_layout *layout, enum delivery delivery,
                const struct sizes *relation, enum life_end end, bool nested)
{
    static struct signed_update update;
    struct life *fresh = malloc(sizeof *fresh);
    if (fresh == NULL) {
        abort();
    }
    uint32_t slot = layout->slot_sectors * layout->sector;
    uint32_t old_len = odd_length(slot, relation->old_eighths);
    uint32_t new_len = odd_length(slot, relation->new_eighths);
    if (delivery == SIGNED) {
        life_begin_signed(fresh, layout, &update, old_len, new_len, end);
    } else {
        life_begin(fresh, layout, delivery == ENCRYPTED, old_len, new_len, end);
    }
    struct sweep_result r = life_sweep(fresh, nested && delivery != SIGNED, 1);
    if (delivery == SIGNED) {
        signed_update_free(&update);
    }
    life_release(fresh);
    free(fresh);
    t->layouts++;
    t->cases += r.cases;
    t->lost += r.lost;
    if (r.lost > 0 || r.cases == 0) {
        printf("sector %u, program %u, erased %02x, %s, %s, %s, %s: %lu cases, %lu LOST, %s\n",
               layout->sector, layout->prog_size, layout->erased, layout->name,
               deliveries[delivery], relation->name,
               end == LIFE_REVERT ? "reverted" : "confirmed", r.cases, r.lost, r.first);
    }
}

static void run_layout(struct totals *t, const struct test_layout *layout, bool nested)
{
    bool sign = nested && layout->sector == 512;
    for (enum delivery d = PLAIN; d < (sign ? DELIVERIES : SIGNED); d++) {
        for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
            run(t, layout, d, &relations[i], LIFE_CONFIRM, nested);
            if (layout->install == FK_INSTALL_SWAP) {
                run(t, layout, d, &relations[i], LIFE_REVERT, nested);
            }
        }
    }
}

static bool wanted(unsigned long index, unsigned long part, unsigned long parts)
{
    return (index + index / 4) % parts == part; /* swap and overwrite in every part */
}

int main(int argc, char **argv)
{
    bool nested = argc > 1 && strcmp(argv[1], "nested") == 0;
    argc -= nested ? 1 : 0;
    argv += nested ? 1 : 0;
    unsigned long part = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long parts = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    struct totals t = {0};
    unsigned long index = 0;
    if (parts == 0) {
        return 2;
    }
    for (size_t s = 0; s < sizeof sectors / sizeof sectors[0]; s++) {
        for (size_t p = 0; p < sizeof prog_sizes / sizeof prog_sizes[0]; p++) {
            for (unsigned mode = 0; mode < 4; mode++) {
                struct test_layout layout = {
                    .name = mode & 1 ? "overwrite" : "swap",
                    .sector = sectors[s],
                    .state_sector = sectors[s] < 512 ? 512 : sectors[s],
                    .slot_sectors = nested ? 2 : sectors[s] > 512 ? 3 : 4,
                    .prog_size = prog_sizes[p],
                    .erased = mode & 2 ? 0x00 : 0xff,
                    .install = mode & 1 ? FK_INSTALL_OVERWRITE : FK_INSTALL_SWAP,
                };
                if (wanted(index++, part, parts)) {
                    run_layout(&t, &layout, nested);
                }
            }
        }
    }
    printf("%lu layouts, %lu power cuts%s, %lu lost\n", t.layouts, t.cases,
           nested ? " (one more at every operation of each recovery)" : "", t.lost);
    return t.lost == 0 && t.cases > 0 ? 0 : 1;
}
