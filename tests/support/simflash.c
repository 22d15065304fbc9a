/* SPDX-License-Identifier: Apache-2.0 */
#include "support/simflash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum unit { UNIT_ERASED, UNIT_PROGRAMMED, UNIT_TORN };

/* splitmix64: repeatable on every machine. */
static uint64_t next_random(struct simflash *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint8_t random_byte(struct simflash *sim)
{
    return (uint8_t)next_random(sim);
}

/* About one bit in eight. */
static uint8_t random_eighth(struct simflash *sim)
{
    uint64_t r = next_random(sim);
    return (uint8_t)(r & r >> 8 & r >> 16);
}

static void *must(void *p)
{
    if (p == NULL) {
        fputs("simflash: out of memory\n", stderr);
        abort();
    }
    return p;
}

void sim_init(struct simflash *sim, const struct fk_flash_map *map, uint64_t seed)
{
    *sim = (struct simflash){
        .size = map->size,
        .prog_size = map->prog_size,
        .erased = map->erased,
        .regions = {map->boot, map->state, map->store, map->primary, map->staging,
                    map->envelope, map->keys},
        .cut_at = SIM_NEVER,
        .failing_sector = SIM_NEVER,
        .random = seed,
        .min_sector = UINT32_MAX,
    };
    for (unsigned i = 0; i < FK_REGIONS; i++) {
        if (sim->regions[i].size > 0 && sim->regions[i].sector < sim->min_sector) {
            sim->min_sector = sim->regions[i].sector;
        }
    }
    sim->bytes = must(malloc(sim->size));
    sim->weak = must(calloc(1, sim->size));
    sim->units = must(calloc(1, sim->size / sim->prog_size));
    memset(sim->bytes, sim->erased, sim->size);
}

void sim_release(struct simflash *sim)
{
    free(sim->bytes);
    free(sim->weak);
    free(sim->units);
    *sim = (struct simflash){0};
}

void sim_copy(struct simflash *to, const struct simflash *from)
{
    uint8_t *bytes = to->bytes;
    uint8_t *weak = to->weak;
    uint8_t *units = to->units;
    *to = *from;
    to->bytes = memcpy(bytes, from->bytes, from->size);
    to->weak = memcpy(weak, from->weak, from->size);
    to->units = memcpy(units, from->units, from->size / from->prog_size);
}

void sim_power_up(struct simflash *sim, uint32_t cut_at, enum sim_cut cut)
{
    sim->off = false;
    sim->ops = 0;
    sim->cut_at = cut_at;
    sim->cut = cut;
}

void sim_reset_statistics(struct simflash *sim)
{
    memset(sim->erases, 0, sizeof sim->erases);
    sim->bytes_programmed = 0;
    sim->bytes_read = 0;
}

uint32_t sim_most_erases(const struct simflash *sim, const struct fk_region *region)
{
    uint32_t most = 0;
    for (uint32_t off = region->off; off < region->off + region->size; off += sim->min_sector) {
        uint32_t n = sim->erases[off / sim->min_sector % SIM_SECTORS_MAX];
        most = n > most ? n : most;
    }
    return most;
}

static bool outside(const struct simflash *sim, uint32_t off, size_t len)
{
    return len > sim->size || off > sim->size - len;
}

static enum fk_status rule(struct simflash *sim)
{
    sim->violations++;
    return FK_E_FLASH_RULE;
}

static enum fk_status sim_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    struct simflash *sim = ctx;
    if (sim->off) {
        return FK_E_POWER;
    }
    if (outside(sim, off, len)) {
        return rule(sim);
    }
    uint8_t *to = buf;
    memcpy(to, sim->bytes + off, len);
    for (size_t i = 0; sim->any_weak && i < len; i++) {
        uint8_t weak = sim->weak[off + i];
        if (weak != 0) {
            to[i] = (uint8_t)((to[i] & ~weak) | (random_byte(sim) & weak));
        }
    }
    sim->bytes_read += len;
    return FK_OK;
}

/* Moves byte i towards `want` as far as the cut lets it. done: this byte lies in the half that a
 * prefix or suffix tear completes. */
static void tear_byte(struct simflash *sim, uint32_t at, uint8_t want, bool done)
{
    uint8_t *b = &sim->bytes[at];
    uint8_t change = *b ^ want;
    switch (sim->cut) {
    case SIM_CUT_PREFIX:
    case SIM_CUT_SUFFIX:
        *b = done ? want : *b;
        break;
    case SIM_CUT_BITS:
        *b ^= change & random_byte(sim);
        break;
    case SIM_CUT_WEAK:
        sim->weak[at] |= change;
        break;
    case SIM_CUT_ALMOST:
        *b = want;
        sim->weak[at] |= change & random_eighth(sim);
        break;
    case SIM_CUT_BARELY:
        sim->weak[at] |= change & random_eighth(sim);
        break;
    case SIM_CUT_EDGE:
        *b = done ? want : *b;
        break;
    case SIM_CUT_BEFORE:
    case SIM_CUT_AFTER:
    case SIM_CUT_START:
    case SIM_CUT_KINDS:
        break;
    }
}

/* Up to four bits that differ from `other` (NULL: from erased flash) become weak. */
static void weaken_bits(struct simflash *sim, uint32_t off, const uint8_t *other, uint32_t len)
{
    uint64_t wanted = 1 + next_random(sim) % 4;
    for (unsigned tries = 0; wanted > 0 && tries < 256; tries++) {
        uint32_t i = (uint32_t)(next_random(sim) % len);
        uint8_t bit = (uint8_t)(1u << next_random(sim) % 8);
        uint8_t want = other != NULL ? other[i] : sim->erased;
        if (((sim->bytes[off + i] ^ want) & bit) != 0) {
            sim->weak[off + i] |= bit;
            wanted--;
        }
    }
}

/* Which half of the operation this byte belongs to, at the granularity of bytes. */
static bool in_done_half(struct simflash *sim, uint32_t i, uint32_t len)
{
    if (sim->cut == SIM_CUT_EDGE) {
        return !sim->ragged || random_byte(sim) < 160; /* five bytes of eight */
    }
    return sim->cut == SIM_CUT_PREFIX ? i < len / 2 : i >= len - len / 2;
}

static bool cut_now(struct simflash *sim)
{
    if (++sim->ops != sim->cut_at) {
        return false;
    }
    sim->any_weak = sim->any_weak || sim->cut >= SIM_CUT_WEAK;
    sim->ragged = next_random(sim) % 2 == 0;
    return true;
}

static void program(struct simflash *sim, uint32_t off, const uint8_t *p, uint32_t len)
{
    memcpy(sim->bytes + off, p, len);
    memset(sim->units + off / sim->prog_size, UNIT_PROGRAMMED, len / sim->prog_size);
    sim->bytes_programmed += len;
}

static void program_torn(struct simflash *sim, uint32_t off, const uint8_t *p, uint32_t len)
{
    if (sim->cut == SIM_CUT_START) {
        weaken_bits(sim, off, p, len);
    }
    for (uint32_t i = 0; i < len; i++) {
        bool done = in_done_half(sim, i, len);
        tear_byte(sim, off + i, p[i], done);
        /* Untouched units of a prefix or suffix tear stay clean; the one in the middle does not. */
        bool clean = (sim->cut == SIM_CUT_PREFIX || sim->cut == SIM_CUT_SUFFIX) && !done;
        uint8_t *unit = &sim->units[(off + i) / sim->prog_size];
        if (!clean) {
            *unit = UNIT_TORN;
        }
    }
    if (sim->cut == SIM_CUT_EDGE) {
        weaken_bits(sim, off, NULL, len);
    }
}

static enum fk_status sim_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    struct simflash *sim = ctx;
    if (sim->off) {
        return FK_E_POWER;
    }
    if (outside(sim, off, len) || len == 0 || off % sim->prog_size != 0 ||
        len % sim->prog_size != 0) {
        return rule(sim);
    }
    bool torn = false;
    for (uint32_t u = off / sim->prog_size; u < (off + len) / sim->prog_size; u++) {
        if (sim->units[u] == UNIT_PROGRAMMED) {
            return rule(sim);
        }
        torn = torn || sim->units[u] == UNIT_TORN;
    }
    bool fails = torn || (sim->failing_sector != SIM_NEVER && off >= sim->failing_sector &&
                          off < sim->failing_sector + sim->min_sector);
    bool cut = cut_now(sim);
    sim->off = cut;
    if (fails) {
        return cut ? FK_E_POWER : FK_E_FLASH;
    }
    if (!cut || sim->cut == SIM_CUT_AFTER) {
        program(sim, off, buf, (uint32_t)len);
    } else if (sim->cut != SIM_CUT_BEFORE) {
        program_torn(sim, off, buf, (uint32_t)len);
    }
    return cut ? FK_E_POWER : FK_OK;
}

static bool is_sector(const struct simflash *sim, uint32_t off, uint32_t len)
{
    for (unsigned i = 0; i < FK_REGIONS; i++) {
        const struct fk_region *r = &sim->regions[i];
        if (r->size > 0 && off >= r->off && off - r->off < r->size) {
            return len == r->sector && (off - r->off) % r->sector == 0;
        }
    }
    return false;
}

static enum fk_status sim_erase(void *ctx, uint32_t off, uint32_t len)
{
    struct simflash *sim = ctx;
    if (sim->off) {
        return FK_E_POWER;
    }
    if (!is_sector(sim, off, len)) {
        return rule(sim);
    }
    bool cut = cut_now(sim);
    sim->off = cut;
    if (off == sim->failing_sector) {
        return cut ? FK_E_POWER : FK_E_FLASH;
    }
    sim->erases[off / sim->min_sector % SIM_SECTORS_MAX]++;
    uint8_t *units = sim->units + off / sim->prog_size;
    if (!cut || sim->cut == SIM_CUT_AFTER) {
        memset(sim->bytes + off, sim->erased, len);
        memset(sim->weak + off, 0, len);
        memset(units, UNIT_ERASED, len / sim->prog_size);
    } else if (sim->cut != SIM_CUT_BEFORE) {
        if (sim->cut == SIM_CUT_EDGE || sim->cut == SIM_CUT_START) {
            weaken_bits(sim, off, NULL, len);
        }
        for (uint32_t i = 0; i < len; i++) {
            tear_byte(sim, off + i, sim->erased, in_done_half(sim, i, len));
        }
        memset(units, UNIT_TORN, len / sim->prog_size);
    }
    return cut ? FK_E_POWER : FK_OK;
}

struct fk_flash sim_flash(struct simflash *sim)
{
    return (struct fk_flash){
        .ctx = sim,
        .read = sim_read,
        .prog = sim_prog,
        .erase = sim_erase,
        .size = sim->size,
        .prog_size = sim->prog_size,
        .erased = sim->erased,
    };
}

const char *sim_cut_name(enum sim_cut cut)
{
    static const char *const names[SIM_CUT_KINDS] = {
        "before", "after", "prefix", "suffix", "bits", "weak", "almost", "barely", "edge", "start",
    };
    return cut < SIM_CUT_KINDS ? names[cut] : "?";
}
