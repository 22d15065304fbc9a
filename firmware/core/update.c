/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/update.h"

#include "core/slot.h"
#include "core/stage.h"
#include "core/state.h"
#include "crypto/crypto.h"

#include <string.h>

static bool flash_matches(const struct fk_device *device, const struct fk_flash *flash)
{
    return flash->size == device->map.size && flash->prog_size == device->map.prog_size &&
           flash->erased == device->map.erased;
}

enum fk_status fk_core_open_generated(struct fk_core *core, const struct fk_device *device,
                                      const struct fk_flash *flash, void *work, size_t work_len)
{
    *core = (struct fk_core){.device = device, .flash = flash, .work = work};
    core->work_len = work_len - work_len % 64; /* whole AES blocks and program units */
    enum fk_status st = fk_flash_check(flash);
    if (st == FK_OK && (!flash_matches(device, flash) || work_len < FK_WORK_MIN)) {
        st = FK_E_GEOMETRY;
    }
    if (st == FK_OK) {
        st = fk_crypto_init();
    }
    return st == FK_OK ? fk_state_read(core) : st;
}

enum fk_status fk_core_open(struct fk_core *core, const struct fk_device *device,
                            const struct fk_flash *flash, void *work, size_t work_len)
{
    enum fk_status st = fk_device_check(device, NULL);
    if (st != FK_OK) {
        *core = (struct fk_core){.device = device, .flash = flash, .work = work};
        return st;
    }
    return fk_core_open_generated(core, device, flash, work, work_len);
}

enum fk_status fk_update_confirm(struct fk_core *core)
{
    struct fk_state *s = &core->state;
    if (s->phase != FK_PHASE_TRIAL) {
        return s->phase == FK_PHASE_IDLE || s->phase == FK_PHASE_RECEIVING ||
                       s->phase == FK_PHASE_STAGED
                   ? FK_OK
                   : FK_E_BUSY;
    }
    s->phase = FK_PHASE_IDLE;
    s->boots_left = 0;
    if (s->running.sequence > s->counter) {
        s->counter = s->running.sequence; /* only now: a reverted image must not raise it */
    }
    return fk_state_write(core);
}

enum fk_status fk_update_note(struct fk_core *core, enum fk_status reason)
{
    struct fk_state *s = &core->state;
    const struct fk_last_update last = {.status = reason, .phase = FK_PHASE_RECEIVING};
    if (fk_stage_possible(core) != FK_OK) {
        return FK_E_BUSY;
    }
    if (reason == FK_OK || (s->last.status == last.status && s->last.phase == last.phase)) {
        return FK_OK; /* a server that refuses again and again wears no flash */
    }
    s->last = last;
    return fk_state_write(core);
}

enum fk_status fk_update_cancel(struct fk_core *core, enum fk_status reason)
{
    struct fk_state *s = &core->state;
    struct fk_last_update last = {.status = reason, .phase = s->phase};
    if (s->phase == FK_PHASE_IDLE || s->phase == FK_PHASE_EMPTY) {
        return fk_update_note(core, reason); /* refused before there was anything to forget */
    }
    if (s->phase != FK_PHASE_RECEIVING && s->phase != FK_PHASE_STAGED) {
        return FK_E_BUSY;
    }
    s->last = last;
    s->update = (struct fk_candidate){0};
    s->step = 0;
    s->phase = s->running.size > 0 ? FK_PHASE_IDLE : FK_PHASE_EMPTY;
    return fk_state_write(core);
}

enum fk_status fk_update_set_key(struct fk_core *core, const uint8_t key[16])
{
    struct fk_state *s = &core->state;
    if (!core->log.found) {
        return FK_E_NO_STATE;
    }
    if (s->phase == FK_PHASE_INSTALLING) {
        return FK_E_BUSY; /* half of the image is decrypted with the present key */
    }
    s->has_key = key != NULL;
    if (key != NULL) {
        memcpy(s->key, key, sizeof s->key);
    } else {
        fk_wipe(s->key, sizeof s->key);
    }
    /* Twice: the second write erases the bank that still holds the old key. */
    enum fk_status st = fk_state_write(core);
    return st == FK_OK ? fk_state_write(core) : st;
}

/* RAM as a source, and then the slot that it was written to. */
static enum fk_status write_image(struct fk_core *core, const uint8_t *image, uint32_t len)
{
    const struct fk_region *to = &core->device->map.primary;
    enum fk_status st = fk_flash_erase_range(core->flash, to, 0, to->size);
    for (uint32_t at = 0; st == FK_OK && at < len;) {
        uint32_t n = len - at < core->work_len ? len - at : (uint32_t)core->work_len;
        memcpy(core->work, image + at, n);
        uint32_t whole = n;
        while (whole % core->flash->prog_size != 0) {
            core->work[whole++] = core->flash->erased;
        }
        st = fk_flash_program(core->flash, to->off + at, core->work, whole);
        at += n;
    }
    return st;
}

enum fk_status fk_provision(struct fk_core *core, const void *image, uint32_t image_len)
{
    if (image_len > fk_device_slot_size(core->device)) {
        return FK_E_IMAGE_TOO_BIG;
    }
    struct fk_image_info info = {.size = image_len, .origin = FK_ORIGIN_FACTORY};
    enum fk_status st = fk_state_format(core);
    const struct fk_region *keys = &core->device->map.keys;
    if (st == FK_OK && keys->size > 0) {
        st = fk_flash_erase_range(core->flash, keys, 0, keys->size);
    }
    if (st == FK_OK && image_len > 0) {
        st = fk_sha256_of(image, image_len, info.sha256);
    }
    if (st == FK_OK && image_len > 0) {
        st = write_image(core, image, image_len);
    }
    if (st == FK_OK) {
        core->state.running = info;
        core->state.phase = image_len > 0 ? FK_PHASE_IDLE : FK_PHASE_EMPTY;
        st = fk_state_write(core);
    }
    return st;
}
