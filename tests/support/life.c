/* SPDX-License-Identifier: Apache-2.0 */
#include "support/life.h"

#include "core/stage.h"
#include "core/state.h"
#include "support/effort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORK_SIZE    512
#define SESSIONS_MAX 16
#define STORE_MARK   0x35

static enum fk_status broken(struct life *life, const char *why, unsigned long detail)
{
    if (life->why[0] == '\0') {
        snprintf(life->why, sizeof life->why, "%s (%lu)", why, detail);
    }
    return FK_E_INTERNAL;
}

void life_begin(struct life *life, const struct test_layout *layout, bool encrypted,
                uint32_t old_len, uint32_t new_len, enum life_end end)
{
    memset(life, 0, sizeof *life);
    life->device = test_device(layout);
    life->end = end;
    life->encrypted = encrypted;
    life->old_len = old_len;
    life->new_len = new_len;
    test_fill(life->old_image, old_len, 1);
    test_fill(life->new_image, new_len, 2);
    test_fill(life->key, sizeof life->key, 3);
    test_packet(&life->device, life->new_image, new_len, encrypted ? life->key : NULL,
                life->packet);
    sim_init(&life->flash, &life->device.map, 42);
    memset(life->flash.bytes + life->device.map.store.off, STORE_MARK,
           life->device.map.store.size);

    uint8_t work[WORK_SIZE];
    struct fk_core core;
    struct fk_flash flash = sim_flash(&life->flash);
    enum fk_status st = fk_core_open(&core, &life->device, &flash, work, sizeof work);
    if (st == FK_E_NO_STATE) {
        st = fk_provision(&core, life->old_image, old_len);
    }
    if (st == FK_OK) {
        st = fk_update_set_key(&core, life->key);
    }
    if (st != FK_OK) {
        fprintf(stderr, "life_begin: %s\n", fk_status_text(st));
        abort();
    }
    sim_reset_statistics(&life->flash);
}

void life_release(struct life *life)
{
    sim_release(&life->flash);
}

void life_copy(struct life *to, const struct life *from)
{
    struct simflash flash = to->flash;
    sim_copy(&flash, &from->flash);
    to->flash = flash;
    to->device = from->device;
    to->staged = from->staged;
    to->confirmed = from->confirmed;
    to->settled = from->settled;
    to->faulty = from->faulty;
    to->stuck = from->stuck;
    to->stuck_status = from->stuck_status;
    to->sessions = from->sessions;
    memcpy(to->why, from->why, sizeof to->why);
}

static bool primary_holds(const struct life *life, const uint8_t *image, uint32_t len)
{
    return memcmp(life->flash.bytes + life->device.map.primary.off, image, len) == 0;
}

static bool filled_with(const uint8_t *p, uint32_t len, uint8_t value)
{
    for (uint32_t i = 0; i < len; i++) {
        if (p[i] != value) {
            return false;
        }
    }
    return true;
}

void life_begin_signed(struct life *life, const struct test_layout *layout,
                       struct signed_update *update, uint32_t old_len, uint32_t new_len,
                       enum life_end end)
{
    life_begin(life, layout, false, old_len, new_len, end);
    signed_update_make(update, &life->device, 7, life->new_image, new_len, SIGNED_ENCRYPTED);
    life->update = update;
}

/* What must be true whenever the boot stage has finished. */
static enum fk_status check_invariant(struct life *life, const struct fk_core *core,
                                      const struct fk_boot_report *report, bool *ret_new)
{
    const struct fk_flash_map *map = &life->device.map;
    if (report->verdict != FK_VERDICT_BOOT && life->faulty) {
        life->stuck = life->settled = true;
        life->stuck_status = report->status;
        return FK_OK;
    }
    if (report->verdict != FK_VERDICT_BOOT) {
        return broken(life, "no image boots", report->status);
    }
    bool is_old = report->image.size == life->old_len &&
                  primary_holds(life, life->old_image, life->old_len);
    bool is_new = report->image.size == life->new_len &&
                  primary_holds(life, life->new_image, life->new_len);
    if (!is_old && !is_new) {
        return broken(life, "what boots is neither the old nor the new image", report->began);
    }
    if (is_new && !life->staged) {
        return broken(life, "the new image runs before it was staged", report->began);
    }
    if (is_old && life->confirmed && !life->faulty) {
        return broken(life, "the old image runs after the new one was confirmed", report->began);
    }
    uint64_t counter = life->update == NULL ? 0 : life->update->sequence;
    if (core->state.counter != (life->confirmed ? counter : 0) &&
        !(core->state.counter == counter && core->state.phase == FK_PHASE_IDLE && is_new)) {
        return broken(life, "the rollback counter is wrong", (unsigned long)core->state.counter);
    }
    if (!core->state.has_key || memcmp(core->state.key, life->key, sizeof life->key) != 0) {
        return broken(life, "the packet key is lost", core->state.seq);
    }
    if (!filled_with(life->flash.bytes + map->store.off, map->store.size, STORE_MARK)) {
        return broken(life, "the certificate store was touched", 0);
    }
    if (!filled_with(life->flash.bytes + map->boot.off, map->boot.size, map->erased)) {
        return broken(life, "the boot region was touched", 0);
    }
    if (!life->faulty && core->state.last.status != FK_OK &&
        core->state.last.status != FK_E_NOT_CONFIRMED) {
        return broken(life, "a good packet was refused", core->state.last.status);
    }
    *ret_new = is_new;
    return FK_OK;
}

/* The application's download, resumed where the device says. */
static enum fk_status stage_packet(struct life *life, struct fk_core *core)
{
    struct fk_stage stage;
    struct fk_stage_id id = {.source = {1, 2, 3}, .validator = "v1", .validator_len = 2,
                             .signed_payload = life->update != NULL};
    uint32_t from = 0;
    enum fk_status st = FK_OK;
    if (life->update != NULL) {
        struct fk_suit_plan plan;
        struct fk_suit_report report;
        st = fk_stage_accept(core, signed_update_head(life->update),
                             signed_update_total(life->update), &plan, &report);
        if (st != FK_OK) {
            return st;
        }
    }
    st = fk_stage_resume(&stage, core, id.source, &from);
    if (st == FK_E_BUSY) {
        from = 0;
        st = fk_stage_begin(&stage, core, &id);
    }
    uint32_t len = life->device.st.size + life->new_len;
    const uint8_t *packet = life->packet;
    if (life->update != NULL) {
        len = life->update->payload_len;
        packet = life->update->payload;
    }
    for (uint32_t at = from; st == FK_OK && at < len;) {
        uint32_t n = len - at < 333 ? len - at : 333; /* fits no boundary */
        st = fk_stage_write(&stage, packet + at, n);
        at += n;
    }
    if (st == FK_OK) {
        st = fk_stage_finish(&stage);
    }
    if (st == FK_OK) {
        life->staged = true;
    }
    return st;
}

static enum fk_status application(struct life *life, struct fk_core *core, bool runs_new)
{
    const struct fk_state *s = &core->state;
    bool reverted = s->last.status == FK_E_NOT_CONFIRMED;
    if (life->faulty && s->last.status != FK_OK && s->phase == FK_PHASE_IDLE && !runs_new) {
        life->settled = true; /* refused or given up: the old image goes on running */
        return FK_OK;
    }
    if (life->end == LIFE_REVERT && !runs_new && reverted) {
        life->settled = true;
        return FK_OK;
    }
    if (!runs_new) {
        /* A torn record may or may not count: finishing the download can show itself although
         * the call never returned. Staging anew is always allowed. */
        return stage_packet(life, core);
    }
    if (life->end == LIFE_REVERT && s->phase == FK_PHASE_TRIAL) {
        return FK_OK; /* hangs; the watchdog resets */
    }
    enum fk_status st = fk_update_confirm(core);
    if (st == FK_OK) {
        life->confirmed = true;
        life->settled = true;
    }
    return st;
}

static enum fk_status session(struct life *life)
{
    uint8_t work[WORK_SIZE];
    struct fk_core core;
    struct fk_boot_report report;
    bool runs_new = false;
    struct fk_flash flash = sim_flash(&life->flash);
    life->sessions++;
    enum fk_status st = fk_core_open(&core, &life->device, &flash, work, sizeof work);
    if (st == FK_E_NO_STATE && !life->faulty) {
        return broken(life, "the state is lost", life->sessions);
    }
    core.trust = life->update != NULL ? &life->update->trust : NULL;
    if (st == FK_OK && core.state.phase >= FK_PHASE_STAGED) {
        life->staged = true; /* the record was complete, though the call did not return */
    }
    if (st == FK_OK) {
        st = fk_boot(&core, &report);
    }
    if (st == FK_OK) {
        st = check_invariant(life, &core, &report, &runs_new);
    }
    if (st == FK_OK && life->stuck) {
        return FK_OK;
    }
    if (st == FK_OK) {
        /* The application opens the state anew, as a separate program does. */
        st = fk_core_open(&core, &life->device, &flash, work, sizeof work);
        core.trust = life->update != NULL ? &life->update->trust : NULL;
    }
    if (st == FK_OK) {
        st = application(life, &core, runs_new);
    }
    return st;
}

enum fk_status life_run(struct life *life)
{
    enum fk_status st = FK_OK;
    for (unsigned i = 0; st == FK_OK && !life->settled; i++) {
        if (i == SESSIONS_MAX && life->faulty) {
            break; /* an image on trial for ever, since there is none to go back to */
        }
        if (i == SESSIONS_MAX) {
            return broken(life, "the update does not come to an end", i);
        }
        st = session(life);
    }
    if (life->flash.violations > 0) {
        return broken(life, "flash rules were broken", life->flash.violations);
    }
    if (life->faulty && (st == FK_E_FLASH || st == FK_E_NO_STATE)) {
        life->stuck = life->settled = true;
        life->stuck_status = st;
        return FK_OK;
    }
    if (st == FK_OK || st == FK_E_POWER || st == FK_E_INTERNAL) {
        return st;
    }
    return broken(life, fk_status_text(st), st);
}

static void count(struct sweep_result *r, const struct life *life, enum fk_status st,
                  const char *where)
{
    r->cases++;
    if (st != FK_OK && r->lost++ == 0) {
        snprintf(r->first, sizeof r->first, "%.100s: %s", where, life->why);
    }
}

/* From a device that was just cut: settle undisturbed, and once more for every second cut. */
static void after_cut(struct sweep_result *r, struct life *life, struct life *again,
                      enum sim_cut kind, uint32_t k, bool nested, unsigned step)
{
    char where[100];
    if (nested) {
        for (uint32_t j = 1;; j += step) {
            life_copy(again, life);
            sim_power_up(&again->flash, j, kind);
            enum fk_status st = life_run(again);
            if (st == FK_OK) {
                break; /* j is beyond the last operation */
            }
            bool was_cut = st == FK_E_POWER;
            if (was_cut) {
                sim_power_up(&again->flash, SIM_NEVER, kind);
                st = life_run(again);
            }
            snprintf(where, sizeof where, "cut %s at %u, then at %u", sim_cut_name(kind), k, j);
            count(r, again, st, where);
            if (!was_cut) {
                break;
            }
        }
    }
    sim_power_up(&life->flash, SIM_NEVER, kind);
    enum fk_status st = life_run(life);
    snprintf(where, sizeof where, "cut %s at %u", sim_cut_name(kind), k);
    count(r, life, st, where);
}

struct sweep_result life_sweep(const struct life *fresh, bool nested, unsigned step)
{
    struct sweep_result r = {0};
    step *= test_every(LIFE_BOARD_EVERY);
    struct life *life = malloc(sizeof *life);
    struct life *again = malloc(sizeof *again);
    if (life == NULL || again == NULL) {
        abort();
    }
    *life = *fresh;
    *again = *fresh;
    sim_init(&life->flash, &fresh->device.map, 1);
    sim_init(&again->flash, &fresh->device.map, 1);
    for (enum sim_cut kind = SIM_CUT_BEFORE; kind < SIM_CUT_KINDS; kind++) {
        for (uint32_t k = 1;; k += step) {
            life_copy(life, fresh);
            life->flash.random = k * 1000003u + (unsigned)kind;
            sim_power_up(&life->flash, k, kind);
            enum fk_status st = life_run(life);
            if (st == FK_OK) {
                break; /* the whole life passed without a cut */
            }
            if (st == FK_E_POWER) {
                after_cut(&r, life, again, kind, k, nested, step);
            } else {
                count(&r, life, st, "before the cut");
                break;
            }
        }
    }
    life_release(life);
    life_release(again);
    free(life);
    free(again);
    return r;
}

static uint32_t pick(struct life *life, uint32_t n)
{
    life->flash.random = life->flash.random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(life->flash.random >> 33) % n;
}

struct sweep_result life_storm(const struct life *fresh, unsigned long lives, uint64_t seed)
{
    struct sweep_result r = {0};
    char where[100];
    struct life *life = malloc(sizeof *life);
    if (life == NULL) {
        abort();
    }
    *life = *fresh;
    sim_init(&life->flash, &fresh->device.map, 1);
    lives = (lives + test_every(STORM_BOARD_EVERY) - 1) / test_every(STORM_BOARD_EVERY);
    for (unsigned long n = 0; n < lives; n++) {
        life_copy(life, fresh);
        life->flash.random = seed + n * 0x9e3779b97f4a7c15u;
        unsigned cuts = 2 + pick(life, 6);
        enum fk_status st = FK_E_POWER;
        for (unsigned i = 0; i < cuts && st == FK_E_POWER; i++) {
            uint32_t at = 1 + pick(life, i == 0 || pick(life, 4) == 0 ? 80 : 7);
            sim_power_up(&life->flash, at, (enum sim_cut)pick(life, SIM_CUT_KINDS));
            st = life_run(life);
        }
        if (st == FK_E_POWER) {
            sim_power_up(&life->flash, SIM_NEVER, SIM_CUT_BEFORE);
            st = life_run(life);
        }
        snprintf(where, sizeof where, "storm %lu of seed %llu", n, (unsigned long long)seed);
        count(&r, life, st, where);
    }
    life_release(life);
    free(life);
    return r;
}
