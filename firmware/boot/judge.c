/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/judge.h"

#include "boot/boot.h"
#include "core/plan.h"
#include "core/slot.h"
#include "core/verify.h"
#include "crypto/crypto.h"
#include "fotakit_fw/accepts.h"

/* The second comparison: other code, other order, no library. */
static uint32_t differences(const uint8_t *a, const uint8_t *b, unsigned n)
{
    volatile uint32_t bits = 0;
    for (unsigned i = n; i > 0; i--) {
        bits |= (uint32_t)(a[i - 1] ^ b[i - 1]);
    }
    return bits;
}

/* A confirmed image that policy does not want checked at every boot. */
static bool exempt(const struct fk_core *core)
{
    return core->device->policy.boot_check == FK_BOOT_CHECK_AFTER_UPDATE &&
           core->state.phase != FK_PHASE_TRIAL && core->log.found;
}

static bool signature_holds(const struct fk_core *core)
{
    if (core->device->policy.boot_check != FK_BOOT_CHECK_SIGNATURE) {
        return true;
    }
    return FK_BOOTS_BY_SIGNATURE &&
           fk_plan_check_installed(core, &core->state.running) == FK_OK;
}

/* Adds a half of the verdict for each of two looks at digest and signature. */
static enum fk_status compare_digest(struct fk_core *core, const struct fk_image_info *image,
                                     uint32_t *v)
{
    uint8_t digest[FK_SHA256_SIZE] = {0};
    struct fk_flash_source where = {
        .flash = core->flash,
        .off = core->device->map.primary.off,
        .tail_from = UINT32_MAX,
    };
    struct fk_source source = fk_flash_source(&where);
    enum fk_status st =
        fk_digest_source(&source, image->size, digest, core->work, core->work_len);
    if (st != FK_OK) {
        return st;
    }
    if (fk_equal(digest, image->sha256, sizeof digest) && signature_holds(core)) {
        *v |= FK_VERDICT_HALF_1;
    }
    if (differences(digest, image->sha256, sizeof digest) == 0 && signature_holds(core)) {
        *v |= FK_VERDICT_HALF_2;
    }
    return FK_OK;
}

enum fk_status fk_judge_primary(struct fk_core *core, uint32_t *verdict)
{
    const struct fk_image_info *image = &core->state.running;
    *verdict = FK_VERDICT_STAY;
    if (image->size == 0 || image->size > fk_device_slot_size(core->device)) {
        return FK_E_NO_IMAGE;
    }
    uint32_t v = FK_VERDICT_STAY;
    if (!exempt(core)) {
        enum fk_status st = compare_digest(core, image, &v);
        if (st != FK_OK) {
            return st;
        }
    } else {
        /* Asked again for each half: one wrong turn into this branch gains nothing. */
        if (exempt(core)) {
            v |= FK_VERDICT_HALF_1;
        }
        if (core->device->policy.boot_check == FK_BOOT_CHECK_AFTER_UPDATE) {
            v |= FK_VERDICT_HALF_2;
        }
    }
    *verdict = v;
    return v == FK_VERDICT_BOOT ? FK_OK : FK_E_DIGEST;
}
