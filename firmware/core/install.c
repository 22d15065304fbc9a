/* SPDX-License-Identifier: Apache-2.0 */
#include "core/install.h"

#include "core/plan.h"
#include "core/slot.h"
#include "core/state.h"
#include "crypto/crypto.h"
#include "fotakit_fw/accepts.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t sector_size(const struct fk_core *core)
{
    return core->device->map.primary.sector; /* the same in staging: fk_device_check() */
}

static uint32_t sectors_of(const struct fk_core *core, uint32_t size)
{
    return size / sector_size(core) + (size % sector_size(core) != 0);
}

/* Bytes of an image in its sector i. */
static uint32_t bytes_in(const struct fk_core *core, uint32_t image_size, uint32_t i)
{
    return smaller(image_size - i * sector_size(core), sector_size(core));
}

/* A device of a mode that this build has no code for is none of its devices. */
static bool device_swaps(const struct fk_device *device)
{
    return FK_INSTALLS_SWAPPING &&
           (!FK_INSTALLS_OVERWRITING || device->policy.install == FK_INSTALL_SWAP);
}

uint32_t fk_install_payload_off(const struct fk_device *device)
{
    return device_swaps(device) ? device->map.staging.sector : 0;
}

/* Plan and check, from flash. */
static enum fk_status judge_staged(struct fk_core *core, struct fk_plan *plan,
                                   struct fk_plan_report *report)
{
    enum fk_status st = fk_plan_open(core, plan, report);
    return st == FK_OK ? fk_plan_check(core, plan, report) : st;
}

static enum fk_status refuse_staged(struct fk_core *core, enum fk_status why)
{
    uint32_t used = fk_install_payload_off(core->device) + core->state.update.payload_len;
    core->state.update = (struct fk_candidate){0};
    core->state.phase = core->state.running.size > 0 ? FK_PHASE_IDLE : FK_PHASE_EMPTY;
    core->state.step = 0;
    core->state.last = (struct fk_last_update){.status = why, .phase = FK_PHASE_STAGED};
    enum fk_status st = fk_state_write(core);
    if (st == FK_OK) {
        st = fk_flash_erase_range(core->flash, &core->device->map.staging, 0,
                                  smaller(used, core->device->map.staging.size));
    }
    return st == FK_OK || st == FK_E_FLASH ? why : st;
}

/* The packet is judged twice. The second pass costs milliseconds once per update, and it means
 * that no single skipped check, in either pass or here, lets a packet through. */
enum fk_status fk_install_begin(struct fk_core *core, struct fk_plan_report *ret_report)
{
    struct fk_plan plan = {0};
    struct fk_plan_report report = {0};
    struct fk_plan_report again = {0};
    enum fk_status st = judge_staged(core, &plan, &report);
    *ret_report = report;
    enum fk_status st_again = st == FK_OK ? judge_staged(core, &plan, &again) : st;
    bool passed = fk_plan_passed(&plan, &report) && fk_plan_passed(&plan, &again);
    fk_plan_close(&plan);
    if (st != FK_OK) {
        return fk_plan_is_verdict(st) ? refuse_staged(core, st) : st;
    }
    if (st_again != FK_OK) {
        return fk_plan_is_verdict(st_again) ? refuse_staged(core, st_again) : st_again;
    }
    if (!passed) {
        return refuse_staged(core, FK_E_INTERNAL);
    }
    core->state.phase = FK_PHASE_INSTALLING;
    core->state.step = 0;
    return fk_state_write(core);
}

/* Sectors that both the old and the new image cover: those have something to save. */
static uint32_t shared_sectors(const struct fk_core *core, uint32_t new_size)
{
    return smaller(sectors_of(core, core->state.running.size), sectors_of(core, new_size));
}

/* One step. Swapping, the steps are save 0, place 0, save 1, place 1 … while both images have
 * sectors, then place alone; overwriting, place alone. */
struct step {
    uint32_t sector;
    bool save;
};

static bool swaps(const struct fk_core *core)
{
    return device_swaps(core->device);
}

static uint32_t step_count(const struct fk_core *core, uint32_t new_size)
{
    uint32_t n = sectors_of(core, new_size);
    return swaps(core) ? n + shared_sectors(core, new_size) : n;
}

static struct step step_at(const struct fk_core *core, uint32_t new_size, uint32_t s)
{
    uint32_t both = swaps(core) ? shared_sectors(core, new_size) : 0;
    if (s < 2 * both) {
        return (struct step){.sector = s / 2, .save = s % 2 == 0};
    }
    return (struct step){.sector = s - both, .save = false};
}

static enum fk_status do_step(struct fk_core *core, struct step step, const struct fk_plan *plan)
{
    static const struct fk_payload_cipher copy = {0};
    struct fk_payload_cipher cipher = {.key = plan->encrypted ? plan->key : NULL,
                                       .counter = plan->counter};
    const struct fk_flash_map *map = &core->device->map;
    uint32_t at = step.sector * sector_size(core);
    if (step.save) {
        return fk_sector_write(core, &map->staging, at, map->primary.off + at,
                               bytes_in(core, core->state.running.size, step.sector), &copy, 0);
    }
    return fk_sector_write(core, &map->primary, at,
                           map->staging.off + fk_install_payload_off(core->device) + at,
                           bytes_in(core, plan->image.size, step.sector), &cipher, at);
}

static enum fk_status verify_primary(struct fk_core *core, const struct fk_image_info *image)
{
    struct fk_flash_source where = {
        .flash = core->flash,
        .off = core->device->map.primary.off,
        .tail_from = UINT32_MAX,
    };
    struct fk_source source = fk_flash_source(&where);
    return fk_verify_digest(&source, image->size, image->sha256, core->work, core->work_len);
}

/* The new image did not get into primary. Back to the old one; `touched` sectors of primary may
 * have been written. */
static enum fk_status give_up(struct fk_core *core, uint32_t touched, enum fk_status why)
{
    core->state.last = (struct fk_last_update){.status = why, .phase = FK_PHASE_INSTALLING};
    if (!swaps(core)) {
        core->state.step = 0; /* the packet is still there: write it again at the next boot */
        enum fk_status st = fk_state_write(core);
        return st == FK_OK ? FK_E_FLASH : st;
    }
    core->state.revert_sectors = smaller(touched, sectors_of(core, core->state.running.size));
    core->state.previous = core->state.running;
    core->state.running = (struct fk_image_info){0};
    core->state.update = (struct fk_candidate){0};
    core->state.step = 0;
    core->state.phase = core->state.previous.size > 0 ? FK_PHASE_REVERTING : FK_PHASE_EMPTY;
    return fk_state_write(core);
}

static enum fk_status finish(struct fk_core *core, const struct fk_image_info *image)
{
    struct fk_state *s = &core->state;
    s->previous = swaps(core) ? s->running : (struct fk_image_info){0};
    s->running = *image;
    s->update = (struct fk_candidate){0};
    s->last = (struct fk_last_update){.status = FK_OK, .phase = FK_PHASE_IDLE};
    s->step = 0;
    bool trial = s->previous.size > 0 && core->device->policy.trial_boots > 0;
    s->boots_left = trial ? (uint8_t)(core->device->policy.trial_boots - 1) : 0; /* this is one */
    s->phase = trial ? FK_PHASE_TRIAL : FK_PHASE_IDLE;
    if (!trial && image->sequence > s->counter) {
        s->counter = image->sequence;
    }
    return fk_state_write(core);
}

/* All steps that are left. A step that fails for good turns the install around. */
static enum fk_status run_steps(struct fk_core *core, const struct fk_plan *plan)
{
    uint32_t steps = step_count(core, plan->image.size);
    enum fk_status st = FK_OK;
    while (st == FK_OK && core->state.step < steps) {
        struct step step = step_at(core, plan->image.size, core->state.step);
        st = do_step(core, step, plan);
        if (st == FK_OK) {
            st = fk_state_step(core);
        }
        if (st == FK_E_FLASH) {
            return give_up(core, step.sector + (step.save ? 0 : 1), FK_E_FLASH);
        }
    }
    return st;
}

/* Sectors of primary that the swap may have written so far: step 2i saves sector i, step 2i + 1
 * places it and may have begun. Behind the old image's last sector there is nothing to bring back. */
static uint32_t placed_so_far(const struct fk_core *core)
{
    return (core->state.step + 1) / 2;
}

enum fk_status fk_install_run(struct fk_core *core)
{
    struct fk_plan plan = {0};
    struct fk_plan_report report;
    enum fk_status st = FK_OK;
    if (!core->log.fresh) {
        st = fk_state_write(core); /* rule 4: never go on from a cell that may be weak */
    }
    if (st != FK_OK) {
        return st;
    }
    st = fk_plan_open(core, &plan, &report);
    if (st != FK_OK) {
        /* Judged good before and not now: what it stands on is damaged. */
        return fk_plan_is_verdict(st) ? give_up(core, placed_so_far(core), st) : st;
    }
    st = run_steps(core, &plan);
    fk_plan_close(&plan);
    fk_wipe(core->work, core->work_len);
    if (st != FK_OK || core->state.phase != FK_PHASE_INSTALLING) {
        return st;
    }
    st = verify_primary(core, &plan.image);
    if (st == FK_E_DIGEST) {
        return give_up(core, sectors_of(core, plan.image.size), FK_E_DIGEST);
    }
    return st == FK_OK ? finish(core, &plan.image) : st;
}

/* The previous image: what the new one displaced is in staging, the rest still in primary. */
static enum fk_status verify_previous(struct fk_core *core, uint32_t displaced)
{
    struct fk_flash_source where = {
        .flash = core->flash,
        .off = core->device->map.staging.off,
        .tail_from = displaced * sector_size(core),
        .tail_off = core->device->map.primary.off,
    };
    struct fk_source source = fk_flash_source(&where);
    return fk_verify_digest(&source, core->state.previous.size, core->state.previous.sha256,
                            core->work, core->work_len);
}

enum fk_status fk_revert_begin(struct fk_core *core, enum fk_status why)
{
    struct fk_state *s = &core->state;
    if (s->previous.size == 0) {
        return FK_E_NO_IMAGE;
    }
    uint32_t displaced =
        smaller(sectors_of(core, s->previous.size), sectors_of(core, s->running.size));
    enum fk_status st = verify_previous(core, displaced);
    if (st != FK_OK) {
        return st == FK_E_DIGEST ? FK_E_NO_IMAGE : st;
    }
    s->last = (struct fk_last_update){.status = why, .phase = s->phase};
    s->revert_sectors = displaced;
    s->phase = FK_PHASE_REVERTING;
    s->step = 0;
    return fk_state_write(core);
}

enum fk_status fk_revert_run(struct fk_core *core)
{
    static const struct fk_payload_cipher copy = {0};
    const struct fk_flash_map *map = &core->device->map;
    struct fk_state *s = &core->state;
    enum fk_status st = core->log.fresh ? FK_OK : fk_state_write(core);
    while (st == FK_OK && s->step < s->revert_sectors) {
        uint32_t at = s->step * sector_size(core);
        st = fk_sector_write(core, &map->primary, at, map->staging.off + at,
                             bytes_in(core, s->previous.size, s->step), &copy, 0);
        if (st == FK_OK) {
            st = fk_state_step(core);
        }
    }
    if (st == FK_OK) {
        st = verify_primary(core, &s->previous);
    }
    if (st != FK_OK) {
        return st == FK_E_DIGEST ? FK_E_NO_IMAGE : st;
    }
    s->running = s->previous;
    s->previous = (struct fk_image_info){0};
    s->revert_sectors = 0;
    s->boots_left = 0;
    s->step = 0;
    s->phase = FK_PHASE_IDLE;
    return fk_state_write(core);
}
