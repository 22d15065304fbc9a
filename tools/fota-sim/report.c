/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/sim.h"

#include "fotakit/hex.h"
#include "fotakit/json.h"

#include <inttypes.h>
#include <stdio.h>

static const char *check_name(enum fk_check check)
{
    switch (check) {
    case FK_CHECK_NOT_REACHED:
        return "not reached";
    case FK_CHECK_NOT_NEEDED:
        return "not needed";
    case FK_CHECK_PASSED:
        return "passed";
    case FK_CHECK_FAILED:
        return "failed";
    }
    return "unknown";
}

/* ---- checks ------------------------------------------------------------- */

struct check_row {
    const char *name;
    enum fk_check check;
};

#define CHECKS_MAX 17
struct check_list {
    struct check_row rows[CHECKS_MAX];
    size_t n; /* 0: nothing was checked */
};

static struct check_list packet_checks(const struct fk_st_report *r)
{
    struct check_list list = {
        .rows = {{"size", r->size},
                 {"policy", r->policy},
                 {"key", r->key},
                 {"tag", r->tag},
                 {"digest", r->digest}},
        .n = r->size != FK_CHECK_NOT_REACHED ? 5 : 0,
    };
    return list;
}

static struct check_list envelope_checks(const struct fk_suit_report *r)
{
    struct check_list list = {
        .rows = {{"envelope", r->envelope},
                 {"digest", r->digest},
                 {"signature", r->signature},
                 {"version", r->version},
                 {"sequence", r->sequence},
                 {"severed", r->severed},
                 {"commands", r->commands},
                 {"vendor", r->vendor},
                 {"class", r->class_id},
                 {"device", r->device},
                 {"component", r->component},
                 {"encryption", r->encryption},
                 {"size", r->size},
                 {"key", r->key},
                 {"payload", r->payload},
                 {"tag", r->tag},
                 {"image", r->image}},
        .n = r->envelope != FK_CHECK_NOT_REACHED ? CHECKS_MAX : 0,
    };
    return list;
}

static void print_checks(const char *what, struct check_list list)
{
    for (size_t i = 0; i < list.n; i++) {
        printf("%s%s %s %s", i > 0 ? "," : "boot: checked the ", i > 0 ? "" : what,
               list.rows[i].name, check_name(list.rows[i].check));
    }
    if (list.n > 0) {
        printf("\n");
    }
}

static void json_checks(struct fk_json *j, const char *key, struct check_list list)
{
    if (list.n == 0) {
        fk_json_null(j, key);
        return;
    }
    fk_json_object(j, key);
    for (size_t i = 0; i < list.n; i++) {
        fk_json_string(j, list.rows[i].name, check_name(list.rows[i].check));
    }
    fk_json_object_end(j);
}

static void print_image(const char *label, const struct fk_image_info *image)
{
    char sha256[2 * sizeof image->sha256 + 1];
    fk_hex_encode(image->sha256, sizeof image->sha256, sha256);
    if (image->size > 0) {
        printf("%s%" PRIu32 " bytes, sha256 %s\n", label, image->size, sha256);
    } else {
        printf("%snone\n", label);
    }
}

/* ---- boots -------------------------------------------------------------- */

void sim_print_boot(const struct sim *sim, const struct fk_boot_report *r)
{
    const struct fk_sim_flash *f = &sim->file;
    printf("boot: found the update state '%s'\n", fk_phase_name(r->began));
    if (sim->trust_status != FK_OK) {
        printf("boot: no envelope is accepted: %s (%d)\n", fk_status_text(sim->trust_status),
               (int)sim->trust_status);
    }
    print_checks("envelope:", envelope_checks(&r->packet.suit));
    print_checks("packet:", packet_checks(&r->packet.packet));
    if (r->refused != FK_OK) {
        printf("boot: refused the packet and erased it: %s (%d)\n", fk_status_text(r->refused),
               (int)r->refused);
    }
    if (r->began == FK_PHASE_INSTALLING || r->began == FK_PHASE_REVERTING) {
        printf("boot: resumed after %" PRIu32 " finished steps\n", r->resumed_step);
    }
    if (r->installed) {
        printf("boot: installed the new image and verified it in place\n");
    }
    if (r->reverted) {
        printf("boot: put the previous image back and verified it in place\n");
    }
    if (f->operations > 0) {
        printf("flash: %" PRIu64 " programs of %" PRIu64 " bytes, %" PRIu64
               " erases, at most %" PRIu32 " of one sector\n",
               f->programs, f->bytes_programmed, f->erases, f->most_erases);
    }
    if (f->power_lost) {
        return;
    }
    if (r->verdict != FK_VERDICT_BOOT) {
        printf("boot: stays in the boot stage: %s (%d)\n", fk_status_text(r->status),
               (int)r->status);
        return;
    }
    print_image("running: ", &r->image);
    if (sim->core.state.phase == FK_PHASE_TRIAL) {
        printf("running: on trial, %u more boots to confirm itself\n",
               (unsigned)sim->core.state.boots_left);
    }
}

static void json_status(struct fk_json *j, const char *key, enum fk_status st)
{
    if (st == FK_OK) {
        fk_json_null(j, key);
        return;
    }
    fk_json_object(j, key);
    fk_json_u64(j, "number", (uint64_t)st);
    fk_json_string(j, "symbol", fk_status_symbol(st));
    fk_json_string(j, "text", fk_status_text(st));
    fk_json_object_end(j);
}

static const char *origin_name(enum fk_origin origin)
{
    switch (origin) {
    case FK_ORIGIN_BARE:
        return "bare packet";
    case FK_ORIGIN_FACTORY:
        return "factory";
    case FK_ORIGIN_RECORDED:
        return "signed envelope, its signers revoked since";
    default:
        return "signed envelope";
    }
}

static void json_image(struct fk_json *j, const char *key, const struct fk_image_info *image)
{
    if (image->size == 0) {
        fk_json_null(j, key);
        return;
    }
    fk_json_object(j, key);
    fk_json_u64(j, "size", image->size);
    fk_json_string(j, "origin", origin_name(image->origin));
    fk_json_u64(j, "sequence", image->sequence);
    fk_json_hex(j, "sha256", image->sha256, sizeof image->sha256);
    fk_json_object_end(j);
}

static void json_flash(struct fk_json *j, const struct fk_sim_flash *f)
{
    fk_json_object(j, "flash");
    fk_json_u64(j, "operations", f->operations);
    fk_json_u64(j, "programs", f->programs);
    fk_json_u64(j, "bytes_programmed", f->bytes_programmed);
    fk_json_u64(j, "erases", f->erases);
    fk_json_u64(j, "most_erases_of_a_sector", f->most_erases);
    fk_json_object_end(j);
}

void sim_print_boot_json(const struct sim *sim, const struct fk_boot_report *r)
{
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", sim->device->name);
    fk_json_bool(&j, "power_lost", sim->file.power_lost);
    fk_json_bool(&j, "boots", !sim->file.power_lost && r->verdict == FK_VERDICT_BOOT);
    json_status(&j, "status", sim->file.power_lost ? FK_E_POWER : r->status);
    fk_json_string(&j, "found", fk_phase_name(r->began));
    fk_json_string(&j, "phase", fk_phase_name(sim->core.state.phase));
    json_checks(&j, "envelope_checks", envelope_checks(&r->packet.suit));
    json_checks(&j, "checks", packet_checks(&r->packet.packet));
    json_status(&j, "refused", r->refused);
    fk_json_u64(&j, "resumed_step", r->resumed_step);
    fk_json_bool(&j, "installed", r->installed);
    fk_json_bool(&j, "reverted", r->reverted);
    json_image(&j, "image", &r->image);
    json_flash(&j, &sim->file);
    fk_json_object_end(&j);
}

/* ---- state -------------------------------------------------------------- */

/* What the device accepts, apart from secrets. */
void sim_print_trust(const struct sim *sim)
{
    const struct fk_trust *t = sim->core.trust;
    if (t == NULL) {
        printf("keys      %s\n", sim->trust_status == FK_OK ? "none: no envelope is accepted"
                                                            : fk_status_text(sim->trust_status));
        return;
    }
    printf("keys      set %" PRIu64 ": %zu trusted, %u must sign\n", sim->box.sequence,
           t->policy.n_anchors, (unsigned)t->policy.threshold);
    bool kek = t->keys.kek.len > 0;
    bool ecdh = t->keys.ecdh.len > 0;
    printf("decrypts  %s%s%s\n", kek ? "with a shared key" : "", kek && ecdh ? " and " : "",
           ecdh   ? "with a key of its own"
           : !kek ? "no payload of an envelope"
                  : "");
}

static void json_trust(struct fk_json *j, const struct sim *sim)
{
    const struct fk_trust *t = sim->core.trust;
    json_status(j, "keys_status", sim->trust_status);
    if (t == NULL) {
        fk_json_null(j, "keys");
        return;
    }
    fk_json_object(j, "keys");
    fk_json_u64(j, "set_sequence", sim->box.sequence);
    fk_json_u64(j, "trusted", t->policy.n_anchors);
    fk_json_u64(j, "threshold", t->policy.threshold);
    fk_json_bool(j, "has_kek", t->keys.kek.len > 0);
    fk_json_bool(j, "has_device_key", t->keys.ecdh.len > 0);
    fk_json_bool(j, "has_device_id", t->policy.device_id.len > 0);
    fk_json_object_end(j);
}

void sim_print_state(const struct sim *sim, bool image_sound)
{
    const struct fk_state *s = &sim->core.state;
    printf("profile   %s\nflash     %s\nphase     %s\n", sim->device->name, sim->path,
           fk_phase_name(s->phase));
    print_image("image     ", &s->running);
    if (s->running.size > 0) {
        printf("          %s\n", image_sound ? "its digest verifies" : "its digest differs");
        printf("origin    %s", origin_name(s->running.origin));
        if (s->running.sequence > 0) {
            printf(", sequence %" PRIu64, s->running.sequence);
        }
        printf("\n");
    }
    print_image("previous  ", &s->previous);
    if (s->phase == FK_PHASE_RECEIVING) {
        printf("received  %" PRIu32 " bytes\n",
               s->update.header_len + s->step * sim->device->map.staging.sector);
    }
    if (s->phase == FK_PHASE_STAGED) {
        printf("staged    %" PRIu32 " bytes\n", s->update.header_len + s->update.payload_len);
    }
    if (s->phase == FK_PHASE_TRIAL) {
        printf("trial     %u more boots\n", (unsigned)s->boots_left);
    }
    if (s->last.status == FK_OK) {
        printf("last      nothing was refused\n");
    } else {
        printf("last      %s (%d, while %s)\n", fk_status_text(s->last.status), (int)s->last.status,
               fk_phase_name(s->last.phase));
    }
    printf("counter   %" PRIu64 "\n", s->counter);
    printf("key       %s\n", s->has_key ? "set" : "not set");
    sim_print_trust(sim);
}

void sim_print_state_json(const struct sim *sim, bool image_sound, const struct sim_store *store)
{
    const struct fk_state *s = &sim->core.state;
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", sim->device->name);
    fk_json_string(&j, "flash", sim->path);
    fk_json_string(&j, "phase", fk_phase_name(s->phase));
    fk_json_u64(&j, "step", s->step);
    json_image(&j, "image", &s->running);
    fk_json_bool(&j, "image_verifies", image_sound);
    json_image(&j, "previous", &s->previous);
    fk_json_u64(&j, "trial_boots_left", s->boots_left);
    json_status(&j, "last", s->last.status);
    if (s->last.status == FK_OK) {
        fk_json_null(&j, "last_phase");
    } else {
        fk_json_string(&j, "last_phase", fk_phase_name(s->last.phase));
    }
    fk_json_bool(&j, "has_key", s->has_key);
    fk_json_u64(&j, "rollback_counter", s->counter);
    json_trust(&j, sim);
    sim_json_store(&j, store);
    fk_json_object_end(&j);
}
