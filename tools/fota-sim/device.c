/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/sim.h"

#include "cli.h"
#include "core/slot.h"
#include "crypto/crypto.h"
#include "fotakit/profile.h"
#include "fotakit_fw/devices.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *cut_name(enum fk_sim_cut cut)
{
    switch (cut) {
    case FK_SIM_CUT_BEFORE:
        return "before it";
    case FK_SIM_CUT_AFTER:
        return "after it";
    case FK_SIM_CUT_TORN:
        return "half-way";
    case FK_SIM_CUT_NONE:
        break;
    }
    return "never";
}

/* N[:before|after|torn] */
static enum fk_status parse_cut(const char *text, uint64_t *ret_operation, enum fk_sim_cut *ret_cut,
                                struct fk_error *err)
{
    static const struct {
        const char *word;
        enum fk_sim_cut cut;
    } words[] = {{"", FK_SIM_CUT_TORN},
                 {":before", FK_SIM_CUT_BEFORE},
                 {":after", FK_SIM_CUT_AFTER},
                 {":torn", FK_SIM_CUT_TORN}};
    size_t digits = strspn(text, "0123456789");
    uint64_t n = digits > 0 && digits < 19 ? strtoull(text, NULL, 10) : 0;
    for (size_t i = 0; n > 0 && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text + digits, words[i].word) == 0) {
            *ret_operation = n;
            *ret_cut = words[i].cut;
            return FK_OK;
        }
    }
    return fk_fail(err, FK_E_USAGE,
                   "--power-cut: expected N, N:before, N:after or N:torn with N from 1, found '%s' "
                   "(see fota-sim --help)",
                   text);
}

enum fk_status sim_prepare(struct sim *sim, const struct sim_options *o, struct fk_error *err)
{
    const char *name = o->profile != NULL ? o->profile : FK_PROFILE_DEFAULT;
    *sim = (struct sim){.o = o, .device = fk_device_find(name), .file = {.fd = -1}};
    if (sim->device == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "there is no simulated device '%s'; expected the name of a profile that "
                       "describes firmware, such as " FK_PROFILE_DEFAULT,
                       name);
    }
    int n = o->flash != NULL ? snprintf(sim->path, sizeof sim->path, "%s", o->flash)
                             : snprintf(sim->path, sizeof sim->path, "%s.flash", name);
    if (n < 0 || (size_t)n >= sizeof sim->path) {
        return fk_fail(err, FK_E_USAGE, "--flash: the path is too long");
    }
    return sim_load_store_key(sim, err);
}

static enum fk_status open_failed(const struct sim *sim, enum fk_status st, struct fk_error *err)
{
    switch (st) {
    case FK_E_NOT_FOUND:
        return fk_fail(err, st, "there is no flash file '%s'; make one with: fota-sim init",
                       sim->path);
    case FK_E_BUSY:
        return fk_fail(err, st, "flash file '%s' is in use by another process", sim->path);
    case FK_E_NOT_REGULAR:
        return fk_fail(err, st, "flash file '%s' is not a regular file", sim->path);
    case FK_E_GEOMETRY:
        return fk_fail(err, st, "'%s' is not a flash of %s: expected a file of %" PRIu32 " bytes",
                       sim->path, sim->device->name, sim->device->map.size);
    case FK_E_IO:
        return fk_fail(err, st, "cannot open flash file '%s': %s", sim->path,
                       strerror(sim->file.error));
    default:
        return fk_fail(err, st, "cannot open flash file '%s': %s", sim->path, fk_status_text(st));
    }
}

enum fk_status sim_open(struct sim *sim, const struct sim_options *o, bool writable,
                        struct fk_error *err)
{
    uint64_t operation = 0;
    enum fk_sim_cut cut = FK_SIM_CUT_NONE;
    enum fk_status st = sim_prepare(sim, o, err);
    if (st == FK_OK && o->power_cut != NULL) {
        st = parse_cut(o->power_cut, &operation, &cut, err);
    }
    if (st != FK_OK) {
        return st;
    }
    st = fk_sim_flash_open(&sim->file, sim->device, sim->path, writable);
    if (st != FK_OK) {
        return open_failed(sim, st, err);
    }
    fk_sim_flash_cut(&sim->file, operation, cut);
    sim->flash = fk_sim_flash_table(&sim->file);
    return FK_OK;
}

void sim_close(struct sim *sim)
{
    fk_sim_flash_close(&sim->file);
    fk_trust_close(&sim->core, &sim->box);
    fk_wipe(&sim->core, sizeof sim->core); /* the packet key */
    fk_wipe(sim->work, sizeof sim->work);
    fk_wipe(sim->store_key, sizeof sim->store_key);
}

enum fk_status sim_fail(struct sim *sim, enum fk_status st, const char *doing, struct fk_error *err)
{
    const struct fk_sim_flash *f = &sim->file;
    if (f->power_lost) {
        return fk_fail(err, FK_E_POWER, "the power was cut at flash operation %" PRIu64 ", %s",
                       f->cut_at, cut_name(f->cut));
    }
    if (f->breach != NULL) {
        return fk_fail(err, FK_E_FLASH_RULE, "%s: flash was used against its rules: %s", doing,
                       f->breach);
    }
    if (f->error != 0) {
        return fk_fail(err, FK_E_IO, "%s: flash file '%s': %s", doing, sim->path,
                       strerror(f->error));
    }
    return fk_fail(err, st, "%s: %s", doing, fk_status_text(st));
}

void sim_note_cut(const struct sim *sim)
{
    const struct fk_sim_flash *f = &sim->file;
    if (f->fd >= 0 && f->cut != FK_SIM_CUT_NONE && !f->power_lost) {
        fk_cli_warn(FK_SIM_TOOL,
                    "the power was not cut: there were only %" PRIu64 " flash operations",
                    f->operations);
    }
}

enum fk_status sim_image_sound(struct sim *sim, bool *ret, struct fk_error *err)
{
    const struct fk_image_info *image = &sim->core.state.running;
    struct fk_flash_source where = {
        .flash = &sim->flash,
        .off = sim->device->map.primary.off,
        .tail_from = UINT32_MAX,
    };
    const struct fk_source source = fk_flash_source(&where);
    enum fk_status st = FK_E_DIGEST;
    if (image->size > 0 && image->size <= fk_device_slot_size(sim->device)) {
        st = fk_verify_digest(&source, image->size, image->sha256, sim->work, sizeof sim->work);
    }
    if (st != FK_OK && st != FK_E_DIGEST) {
        return sim_fail(sim, st, "reading the image", err);
    }
    *ret = st == FK_OK;
    return FK_OK;
}

enum fk_status sim_open_trust(struct sim *sim, struct fk_error *err)
{
    enum fk_status st = fk_trust_open(&sim->core, &sim->box, sim->envelope, sizeof sim->envelope);
    sim->trust_status = st;
    return st == FK_OK || st == FK_E_KEYS || st == FK_E_PROFILE
               ? FK_OK
               : sim_fail(sim, st, "reading the keys", err);
}

/* What every start begins with. *ret_state: FK_OK or FK_E_NO_STATE. */
static enum fk_status open_core(struct sim *sim, enum fk_status *ret_state, struct fk_error *err)
{
    *ret_state = fk_core_open(&sim->core, sim->device, &sim->flash, sim->work, sizeof sim->work);
    if (*ret_state == FK_OK) {
        return sim_open_trust(sim, err);
    }
    return *ret_state == FK_E_NO_STATE ? FK_OK
                                       : sim_fail(sim, *ret_state, "reading the state", err);
}

/* Without a state there is nothing to boot, and the boot stage says so. */
enum fk_status sim_boot(struct sim *sim, struct fk_boot_report *ret_report, struct fk_error *err)
{
    *ret_report = (struct fk_boot_report){.status = FK_E_INTERNAL};
    enum fk_status found = FK_OK;
    enum fk_status st = open_core(sim, &found, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_boot(&sim->core, ret_report);
    return st == FK_OK ? FK_OK : sim_fail(sim, st, "booting", err);
}

enum fk_status sim_start(struct sim *sim, struct fk_error *err)
{
    enum fk_status found = FK_OK;
    enum fk_status st = open_core(sim, &found, err);
    if (st != FK_OK) {
        return st;
    }
    if (found == FK_OK && sim->o->confirm) {
        found = fk_update_confirm(&sim->core);
    }
    return found == FK_OK ? FK_OK : sim_fail(sim, found, "starting the application", err);
}

enum fk_status sim_verdict(const struct fk_boot_report *report, struct fk_error *err)
{
    if (report->verdict == FK_VERDICT_BOOT) {
        return FK_OK;
    }
    return fk_fail(err, FK_E_NO_IMAGE, "the device stays in the boot stage: %s",
                   fk_status_text(report->status));
}
