/* SPDX-License-Identifier: Apache-2.0 */
#include "core/install.h"

#include "core/slot.h"
#include "core/state.h"
#include "crypto/crypto.h"

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

uint32_t fk_install_payload_off(const struct fk_device *device)
{
    return device->policy.install == FK_INSTALL_SWAP ? device->map.staging.sector : 0;
}

static const uint8_t *device_key(const struct fk_core *core)
{
    return core->state.has_key ? core->state.key : NULL;
}

static enum fk_status parse_header(const struct fk_core *core, struct fk_st_header *ret)
{
    struct fk_slice bytes = {core->state.update.header, core->state.update.header_len};
    return fk_st_header_parse(&core->device->st, bytes, ret);
}

static bool all_passed(const struct fk_st_report *r)
{
    return r->size == FK_CHECK_PASSED && r->policy == FK_CHECK_PASSED &&
           (r->key == FK_CHECK_PASSED || (r->plain && r->key == FK_CHECK_NOT_NEEDED)) &&
           (r->tag == FK_CHECK_PASSED || (r->plain && r->tag == FK_CHECK_NOT_NEEDED)) &&
           r->digest == FK_CHECK_PASSED;
}

static enum fk_status verify_staged(struct fk_core *core, struct fk_st_report *report)
{
    struct fk_st_header header;
    enum fk_status st = parse_header(core, &header);
    if (st != FK_OK) {
        return st;
    }
    struct fk_flash_source where = {
        .flash = core->flash,
        .off = core->device->map.staging.off + fk_install_payload_off(core->device),
        .tail_from = UINT32_MAX,
    };
    struct fk_source source = fk_flash_source(&where);
    return fk_verify_st(core->device, &header, device_key(core), &source,
                        core->state.update.payload_len, core->work, core->work_len, report);
}

/* Failures that say nothing about the packet: try again at the next boot. */
static bool is_verdict(enum fk_status st)
{
    return st != FK_E_FLASH && st != FK_E_POWER && st != FK_E_CRYPTO && st != FK_E_MEMORY;
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
enum fk_status fk_install_begin(struct fk_core *core, struct fk_st_report *ret_report)
{
    struct fk_st_report report = {0};
    struct fk_st_report again = {0};
    enum fk_status st = verify_staged(core, &report);
    *ret_report = report;
    enum fk_status st_again = st == FK_OK ? verify_staged(core, &again) : st;
    if (st != FK_OK) {
        return is_verdict(st) ? refuse_staged(core, st) : st;
    }
    if (st_again != FK_OK) {
        return is_verdict(st_again) ? refuse_staged(core, st_again) : st_again;
    }
    if (!all_passed(&report) || !all_passed(&again)) {
        return refuse_staged(core, FK_E_INTERNAL);
    }
    core->state.phase = FK_PHASE_INSTALLING;
    core->state.step = 0;
    return fk_state_write(core);
}

/* Sectors that both the old and the new image cover: those have something to save. */
static uint32_t shared_sectors(const struct fk_core *core)
{
    return smaller(sectors_of(core, core->state.running.size),
                   sectors_of(core, core->state.update.payload_len));
}

/* One step. Swapping, the steps are save 0, place 0, save 1, place 1 … while both images have
 * sectors, then place alone; overwriting, place alone. */
struct step {
    uint32_t sector;
    bool save;
};

static uint32_t step_count(const struct fk_core *core)
{
    uint32_t n = sectors_of(core, core->state.update.payload_len);
    return core->device->policy.install == FK_INSTALL_SWAP ? n + shared_sectors(core) : n;
}

static struct step step_at(const struct fk_core *core, uint32_t s)
{
    uint32_t both = core->device->policy.install == FK_INSTALL_SWAP ? shared_sectors(core) : 0;
    if (s < 2 * both) {
        return (struct step){.sector = s / 2, .save = s % 2 == 0};
    }
    return (struct step){.sector = s - both, .save = false};
}

static enum fk_status do_step(struct fk_core *core, struct step step,
                              const struct fk_payload_cipher *cipher)
{
    static const struct fk_payload_cipher copy = {0};
    const struct fk_flash_map *map = &core->device->map;
    uint32_t at = step.sector * sector_size(core);
    if (step.save) {
        return fk_sector_write(core, &map->staging, at, map->primary.off + at,
                               bytes_in(core, core->state.running.size, step.sector), &copy, 0);
    }
    return fk_sector_write(core, &map->primary, at,
                           map->staging.off + fk_install_payload_off(core->device) + at,
                           bytes_in(core, core->state.update.payload_len, step.sector), cipher,
                           at);
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

/* The new image did not get into primary. Back to the old one, as far as it was moved. */
static enum fk_status give_up(struct fk_core *core, uint32_t touched, enum fk_status why)
{
    core->state.last = (struct fk_last_update){.status = why, .phase = FK_PHASE_INSTALLING};
    if (core->device->policy.install != FK_INSTALL_SWAP) {
        core->state.step = 0; /* the packet is still there: write it again at the next boot */
        enum fk_status st = fk_state_write(core);
        return st == FK_OK ? FK_E_FLASH : st;
    }
    core->state.revert_sectors = smaller(touched, shared_sectors(core));
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
    bool swapped = core->device->policy.install == FK_INSTALL_SWAP;
    s->previous = swapped ? s->running : (struct fk_image_info){0};
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

enum fk_status fk_install_run(struct fk_core *core)
{
    struct fk_st_header header;
    enum fk_status st = parse_header(core, &header);
    if (st == FK_OK && !core->log.fresh) {
        st = fk_state_write(core); /* rule 4: never go on from a cell that may be weak */
    }
    if (st != FK_OK) {
        return st;
    }
    bool plain = fk_st_header_is_plain(&header);
    if (!plain && !core->state.has_key) {
        return FK_E_NO_KEY; /* the key cannot be changed while installing */
    }
    struct fk_payload_cipher cipher = {
        .key = plain ? NULL : core->state.key,
        .nonce = header.nonce,
    };
    uint32_t steps = step_count(core);
    while (core->state.step < steps) {
        struct step step = step_at(core, core->state.step);
        st = do_step(core, step, &cipher);
        if (st == FK_OK) {
            st = fk_state_step(core);
        }
        if (st == FK_E_FLASH) {
            st = give_up(core, step.sector + (step.save ? 0 : 1), FK_E_FLASH);
            break;
        }
        if (st != FK_OK) {
            break;
        }
    }
    fk_wipe(core->work, core->work_len);
    if (st != FK_OK || core->state.phase != FK_PHASE_INSTALLING) {
        return st;
    }
    struct fk_image_info image = {.size = core->state.update.payload_len};
    for (unsigned i = 0; i < sizeof image.sha256; i++) {
        image.sha256[i] = header.hash[i];
    }
    st = verify_primary(core, &image);
    if (st == FK_E_DIGEST) {
        return give_up(core, UINT32_MAX, FK_E_DIGEST);
    }
    return st == FK_OK ? finish(core, &image) : st;
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
