/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "fota-sim/sim.h"

#include <stdio.h>
#include <string.h>

static enum fk_status run_boot(const struct sim_options *o, struct fk_error *err)
{
    struct fk_boot_report report = {.verdict = FK_VERDICT_STAY};
    struct sim sim;
    enum fk_status st = sim_open(&sim, o, true, err);
    if (st != FK_OK) {
        return st;
    }
    st = sim_boot(&sim, &report, err);
    enum fk_status verdict = st == FK_OK ? sim_verdict(&report, err) : st;
    if (verdict == FK_OK && o->confirm) {
        verdict = sim_start(&sim, err);
    }
    if (o->json) {
        sim_print_boot_json(&sim, &report);
    } else {
        sim_print_boot(&sim, &report);
        if (verdict == FK_OK && o->confirm) {
            printf("running: confirmed\n");
        }
    }
    fflush(stdout); /* before what stderr has to say */
    sim_note_cut(&sim);
    sim_close(&sim);
    return verdict;
}

static enum fk_status run_status(const struct sim_options *o, struct fk_error *err)
{
    struct sim sim;
    enum fk_status st = sim_open(&sim, o, false, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_core_open(&sim.core, sim.device, &sim.flash, sim.work, sizeof sim.work);
    st = st == FK_OK ? FK_OK : sim_fail(&sim, st, "reading the state", err);
    if (st == FK_OK) {
        st = sim_open_trust(&sim, err);
    }
    if (st == FK_OK) {
        struct sim_store store;
        bool sound = false;
        st = sim_image_sound(&sim, &sound, err);
        if (st == FK_OK) {
            st = sim_look_at_store(&sim, &store, err);
        }
        if (st == FK_OK && o->json) {
            sim_print_state_json(&sim, sound, &store);
        } else if (st == FK_OK) {
            sim_print_state(&sim, sound);
            sim_print_store(&store);
        }
    }
    sim_close(&sim);
    return st;
}

/* Options belong to verbs; one that would have no effect is refused. */
enum {
    BOOT = 1,
    CONSOLE = 2,
    INIT = 4,
    STATUS = 8,
    DUMP = 16,
};

struct verb {
    unsigned bit;
    const char *words[2]; /* the second may be NULL */
    enum fk_status (*run)(const struct sim_options *o, struct fk_error *err);
};

static const struct verb verbs[] = {
    {INIT, {"init", NULL}, sim_init},          {BOOT, {"boot", NULL}, run_boot},
    {CONSOLE, {"console", NULL}, sim_console}, {STATUS, {"status", NULL}, run_status},
    {DUMP, {"flash", "dump"}, sim_flash_dump},
};

static const struct verb *find_verb(const struct fk_texts *words)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        const struct verb *v = &verbs[i];
        size_t n = v->words[1] != NULL ? 2 : 1;
        if (words->n == n && strcmp(words->at[0], v->words[0]) == 0 &&
            (n == 1 || strcmp(words->at[1], v->words[1]) == 0)) {
            return v;
        }
    }
    return NULL;
}

static enum fk_status check_options(const struct sim_options *o, const struct verb *verb,
                                    struct fk_error *err)
{
    const struct {
        const char *name;
        bool given;
        unsigned verbs;
    } rows[] = {
        {"image", o->image != NULL, INIT},
        {"key", o->key != NULL, INIT},
        {"key-set", o->key_set != NULL, INIT},
        {"kek", o->kek != NULL, INIT},
        {"device-key", o->device_key != NULL, INIT},
        {"passin", o->passin != NULL, INIT},
        {"device-id", o->device_id != NULL, INIT},
        {"store", o->store != NULL, INIT},
        {"store-key", o->store_key != NULL, INIT | CONSOLE | STATUS},
        {"only-region", o->only_region != NULL, INIT},
        {"input", o->input != NULL, INIT},
        {"force", o->force, INIT | DUMP},
        {"confirm", o->confirm, BOOT | CONSOLE},
        {"power-cut", o->power_cut != NULL, BOOT | CONSOLE},
        {"region", o->region != NULL, DUMP},
        {"output", o->output != NULL, DUMP},
        {"json", o->json, BOOT | STATUS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].given && (rows[i].verbs & verb->bit) == 0) {
            return fk_fail(err, FK_E_USAGE, "--%s has no meaning for '%s' (see fota-sim --help)",
                           rows[i].name, verb->words[0]);
        }
    }
    if (o->image == NULL && (o->only_region != NULL || o->input != NULL)) {
        return fk_fail(err, FK_E_USAGE,
                       "--only-region and --input need --image (see fota-sim --help)");
    }
    if (o->key_set == NULL && (o->kek != NULL || o->device_key != NULL || o->device_id != NULL)) {
        return fk_fail(err, FK_E_USAGE,
                       "--kek, --device-key and --device-id need --key-set (see fota-sim --help)");
    }
    if (verb->bit == INIT && o->store_key != NULL && o->store == NULL) {
        return fk_fail(err, FK_E_USAGE,
                       "--store-key needs --store: without it there is nothing to encrypt (see "
                       "fota-sim --help)");
    }
    if (o->passin != NULL && o->device_key == NULL) {
        return fk_fail(err, FK_E_USAGE, "--passin needs --device-key (see fota-sim --help)");
    }
    return FK_OK;
}

int main(int argc, char **argv)
{
    struct sim_options o = {0};
    const struct fk_opt opts[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "NAME", "simulated device (default spwf04s)"},
        {0, "flash", FK_OPT_TEXT, &o.flash, "FILE",
         "its flash (default: NAME.flash in this folder)"},
        {0, "image", FK_OPT_TEXT, &o.image, "FILE",
         "init: image to begin with: HEX, ELF or binary"},
        {0, "key", FK_OPT_TEXT, &o.key, "FILE", "init: packet key, 16 bytes"},
        {0, "key-set", FK_OPT_TEXT, &o.key_set, "FILE", "init: signed key set: whose word counts"},
        {0, "kek", FK_OPT_TEXT, &o.kek, "FILE", "init: shared key to decrypt with, 16 bytes"},
        {0, "device-key", FK_OPT_TEXT, &o.device_key, "KEY.pem",
         "init: P-256 key of the device, to decrypt with"},
        {0, "passin", FK_OPT_TEXT, &o.passin, "SOURCE",
         "init: pass phrase of the device key: env:NAME, file:PATH or fd:N"},
        {0, "device-id", FK_OPT_TEXT, &o.device_id, "FILE",
         "init: identifier of the device, a UUID"},
        {0, "store", FK_OPT_TEXT, &o.store, "FILE",
         "init: image of the certificate store, as cert-bundle emits it"},
        {0, "store-key", FK_OPT_TEXT, &o.store_key, "FILE",
         "init, console, status: key for secrets in the store, 16 bytes"},
        {0, "only-region", FK_OPT_TEXT, &o.only_region, "NAME|START-END",
         "init: keep only these addresses of the image"},
        {0, "input", FK_OPT_TEXT, &o.input, "hex|elf|bin", "init: format of the image"},
        {0, "confirm", FK_OPT_FLAG, &o.confirm, NULL,
         "boot, console: the application keeps an image on trial"},
        {0, "power-cut", FK_OPT_TEXT, &o.power_cut, "N[:HOW]",
         "boot, console: cut it at flash operation N; HOW: before, after, torn"},
        {0, "region", FK_OPT_TEXT, &o.region, "NAME",
         "flash dump: boot, state, store, primary, staging, envelope or keys"},
        {'o', "output", FK_OPT_TEXT, &o.output, "FILE", "flash dump: raw bytes to FILE"},
        {'f', "force", FK_OPT_FLAG, &o.force, NULL, "init, flash dump: replace the file"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "boot, status: report as JSON"},
    };
    const struct fk_cli cli = {
        .tool = FK_SIM_TOOL,
        .usage = FK_SIM_TOOL " [options] init\n" FK_SIM_TOOL " [options] boot\n" FK_SIM_TOOL
                             " [options] console\n" FK_SIM_TOOL " [options] status\n" FK_SIM_TOOL
                             " [options] flash dump",
        .about =
            "A simulated device: boot stage and application of the firmware over a flash in a\n"
            "file, with strict flash rules and power cuts. The console reads AT commands from\n"
            "standard input.",
        .opts = opts,
        .n_opts = sizeof opts / sizeof opts[0],
        .min_operands = 1,
        .max_operands = 2,
    };
    struct fk_texts operands = {.n = 0};
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &operands, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    const struct verb *verb = find_verb(&operands);
    enum fk_status st =
        verb != NULL ? check_options(&o, verb, &err)
                     : fk_fail(&err, FK_E_USAGE,
                               "expected init, boot, console, status or flash dump, found '%s%s%s' "
                               "(see fota-sim --help)",
                               operands.at[0], operands.n > 1 ? " " : "",
                               operands.n > 1 ? operands.at[1] : "");
    if (st == FK_OK) {
        st = verb->run(&o, &err);
    }
    return fk_cli_done(FK_SIM_TOOL, st, &err);
}
