/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#include <string.h>

enum { COMMAND_MAX = 256, HOUR_MS = 3600 * 1000 };

enum header_field { NONCE, TAG, HASH, HEADER_FIELDS };

/* The lengths that the device's code can check; see struct fk_st_layout. */
static const struct {
    uint8_t min, max;
} field_sizes[HEADER_FIELDS] = {[NONCE] = {12, 12}, [TAG] = {12, 16}, [HASH] = {32, 32}};

/* A list of the three fields in the order in which they stand in the packet. */
static void load_header(struct fk_fields *f, struct fk_st_layout *ret)
{
    static const struct fk_word names[] = {{"nonce", NONCE}, {"tag", TAG}, {"hash", HASH}};
    struct fk_st_field fields[HEADER_FIELDS] = {{0, 0}};
    uint8_t off = 0;
    struct fk_items items = fk_field_list(f, "header", HEADER_FIELDS, HEADER_FIELDS);
    struct fk_fields item;
    while (fk_items_map(&items, &item)) {
        int which = fk_field_word(&item, "field", FK_WORDS(names));
        uint8_t size =
            (uint8_t)fk_field_number(&item, "size", field_sizes[which].min, field_sizes[which].max);
        fk_fields_end(&item);
        if (fk_fields_ok(f) && fields[which].size != 0) {
            fk_fields_refuse(&item, "field", "'%s' stands in the header twice", names[which].word);
        }
        fields[which] = (struct fk_st_field){off, size};
        off = (uint8_t)(off + size); /* at most three times 32 */
    }
    *ret = (struct fk_st_layout){fields[NONCE], fields[TAG], fields[HASH], off};
}

static const char *load_command(struct fk_fields *f, const char *key, const char *place)
{
    if (!fk_fields_has(f, key)) {
        return NULL;
    }
    const char *command = fk_field_text(f, key, COMMAND_MAX);
    if (fk_fields_ok(f) && strstr(command, place) == NULL) {
        fk_fields_refuse(f, key, "expected %s somewhere in the command, found '%s'", place,
                         command);
    }
    return command;
}

/* The name is typed on a console line between '=' and ','. */
static const char *load_variable(struct fk_fields *f)
{
    const char *name = fk_field_text(f, "key_variable", 32);
    if (fk_fields_ok(f) && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name)) {
        fk_fields_refuse(f, "key_variable",
                         "expected lower-case letters, digits and '_', found '%s'", name);
    }
    return name;
}

static void load_policy(struct fk_fields *f, struct fk_policy *p)
{
    static const struct fk_word install[] = {{"swap", FK_INSTALL_SWAP},
                                             {"overwrite", FK_INSTALL_OVERWRITE}};
    static const struct fk_word plain[] = {{"allowed", true}, {"refused", false}};
    static const struct fk_word checks[] = {{"always", FK_BOOT_CHECK_ALWAYS},
                                            {"after-update", FK_BOOT_CHECK_AFTER_UPDATE},
                                            {"signature", FK_BOOT_CHECK_SIGNATURE}};
    p->install = (enum fk_install_mode)fk_field_word(f, "install", FK_WORDS(install));
    p->plain_allowed = fk_field_word(f, "plain", FK_WORDS(plain)) != 0;
    p->trial_boots = (uint8_t)fk_field_number(f, "trial_boots", 0, 100);
    p->recover_previous = fk_field_bool(f, "recover_previous");
    p->boot_check = (enum fk_boot_check)fk_field_word(f, "boot_check", FK_WORDS(checks));
    if (!fk_fields_ok(f) || p->install == FK_INSTALL_SWAP) {
        return;
    }
    if (p->trial_boots != 0) {
        fk_fields_refuse(f, "trial_boots",
                         "expected 0: 'install: overwrite' keeps no image to go back to");
    }
    if (p->recover_previous) {
        fk_fields_refuse(f, "recover_previous",
                         "expected false: 'install: overwrite' keeps no image to go back to");
    }
}

void fk_section_fota(struct fk_fields *f, struct fk_profile *p)
{
    /* One cipher so far; the key makes sure that a profile for another one is refused here. */
    static const struct fk_word ciphers[] = {{"aes-128-gcm", 0}};
    struct fk_device *d = &p->device;
    load_header(f, &d->st);
    (void)fk_field_word(f, "cipher", FK_WORDS(ciphers));
    d->console.key_variable = load_variable(f);
    p->key_command = load_command(f, "key_command", "<hex>");
    p->update_command = load_command(f, "update_command", "<host>");
    load_policy(f, &d->policy);
    struct fk_fields timeouts = fk_field_map(f, "timeouts");
    d->connect_timeout_ms = fk_field_time_ms(&timeouts, "connect", 1, HOUR_MS);
    d->idle_timeout_ms = fk_field_time_ms(&timeouts, "idle", 1, HOUR_MS);
    if (fk_fields_has(&timeouts, "minimum_rate")) {
        d->minimum_rate = fk_field_number(&timeouts, "minimum_rate", 1, 1u << 20);
    }
    fk_fields_end(&timeouts);
}
