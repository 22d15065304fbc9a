/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include <stdio.h>
#include <string.h>

/* One file an item, as the device stores it; and, where the profile knows no command that would
 * store it, the steps that a person has to do. */

static bool ends_in_nul(const struct fk_emit_job *job, const struct fk_bundle_item *item)
{
    const struct fk_file_rules *file =
        item->role == FK_BUNDLE_KEY ? &job->use->key.file : &job->use->cert.file;
    return file->final_nul && fk_emit_is_pem(item);
}

static enum fk_status add_item(const struct fk_emit_job *job, const struct fk_bundle_item *item,
                               struct fk_emitted *ret, struct fk_error *err)
{
    char name[FK_BUNDLE_NAME_SIZE];
    struct fk_text t = {.cap = 0};
    enum fk_status st = fk_emit_item_name(job->store, item, fk_emit_number(job, item), name, err);
    if (st != FK_OK) {
        return st;
    }
    fk_text_add(&t, item->bytes.ptr, fk_emit_text_len(item));
    fk_text_byte(&t, 0, ends_in_nul(job, item) ? 1 : 0);
    return fk_emitted_add_text(ret, name, &t, item->secret, item->what, err);
}

/* ---- steps.txt --------------------------------------------------------------------------------
 */

static void put_loss(struct fk_text *t, const struct fk_store *store)
{
    if (store->firmware_update == FK_UPDATE_ERASES) {
        fk_text_str(t, "\nA firmware update erases all of this. Keep this folder, and do the steps "
                       "again after\neach update, before the device is needed.\n");
    } else if (store->firmware_update == FK_UPDATE_UNKNOWN) {
        fk_text_str(t, "\nWhether a firmware update keeps this is not published. Look after the "
                       "first one, and\nkeep this folder.\n");
    }
    if (store->n_erased_by > 0) {
        fk_text_str(t, "\nIt is also erased by:\n");
    }
    for (size_t i = 0; i < store->n_erased_by; i++) {
        fk_text_fmt(t, "  - %s\n", store->erased_by[i]);
    }
}

/* What a root is loaded for does not come by itself on every device. */
static void put_checks(struct fk_text *t, const struct fk_check_rules *c, unsigned *number)
{
    if (c->chain == FK_CHAIN_ON_DEMAND) {
        fk_text_fmt(t, "%u. Switch the check of the server on, which is off until then%s%s.\n",
                    (*number)++, c->verify_on != NULL ? ": " : "",
                    c->verify_on != NULL ? c->verify_on : "");
    }
    if (c->name == FK_NAME_CN) {
        fk_text_fmt(t,
                    "%u. Enter the server's name exactly as the common name of its certificate "
                    "has it.\n",
                    (*number)++);
    }
}

static enum fk_status add_steps(const struct fk_emit_job *job, struct fk_emitted *ret,
                                struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    char name[FK_BUNDLE_NAME_SIZE];
    enum fk_status st = FK_OK;
    unsigned number = 1;
    fk_text_fmt(&t, "%s: %s\n\n", job->profile->title, job->store->title);
    if (job->use->checks.dates == FK_DATES_CLOCK) {
        fk_text_fmt(&t, "%u. Make sure that the device has the time: it checks dates.\n", number++);
    }
    for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        const struct fk_slot *slot = fk_emit_slot(job, item);
        if (slot == NULL) {
            continue;
        }
        st = fk_emit_item_name(job->store, item, fk_emit_number(job, item), name, err);
        const char *as = slot->variable != NULL ? slot->variable : slot->name;
        fk_text_fmt(&t, "%u. %s: load %s", number++, fk_bundle_role_text(item->role), name);
        if (as[0] != '<') { /* a name of one's own choice needs no telling */
            fk_text_fmt(&t, " as '%s'", as);
        }
        fk_text_fmt(&t, " (%s).\n", item->what);
    }
    if (fk_emit_count(job, FK_BUNDLE_CA) > 0) {
        put_checks(&t, &job->use->checks, &number);
    }
    put_loss(&t, job->store);
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    return fk_emitted_add_text(ret, "steps.txt", &t, false, "what to do with the files", err);
}

/* ---- commands.txt -----------------------------------------------------------------------------
 */

static void put_command(struct fk_text *t, const char *pattern, const char *name, size_t size)
{
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "<");
        fk_text_add(t, pattern, plain);
        pattern += plain;
        if (strncmp(pattern, "<name>", 6) == 0) {
            fk_text_str(t, name);
            pattern += 6;
        } else if (strncmp(pattern, "<size>", 6) == 0) {
            fk_text_fmt(t, "%zu", size);
            pattern += 6;
        } else if (*pattern != '\0') {
            fk_text_add(t, pattern++, 1);
        }
    }
    fk_text_str(t, "\n");
}

/* For a console whose answers are not published: a person or a script of the user sends these. */
static enum fk_status add_commands(const struct fk_emit_job *job, struct fk_emitted *ret,
                                   struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    char name[FK_BUNDLE_NAME_SIZE];
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        const struct fk_slot *slot = fk_emit_slot(job, item);
        if (slot == NULL || slot->write == NULL) {
            continue;
        }
        st = fk_emit_item_name(job->store, item, fk_emit_number(job, item), name, err);
        size_t len = fk_emit_text_len(item) + (ends_in_nul(job, item) ? 1 : 0);
        fk_text_fmt(&t, "# then send the file %s\n", name);
        put_command(&t, slot->write, name, len);
        if (slot->activate != NULL) {
            put_command(&t, slot->activate, name, len);
        }
    }
    for (size_t i = 0; job->n_served > 0 && i < ret->n; i++) {
        const struct fk_emit_file *file = &ret->files[i];
        if (strcmp(file->name, job->store->whitelist) == 0) {
            fk_text_fmt(&t, "# then send the file %s\n", file->name);
            put_command(&t, job->store->slots[0].write, file->name, file->bytes.len);
        }
    }
    if (job->store->save != NULL) {
        put_command(&t, job->store->save, "", 0);
    }
    if (job->store->list != NULL) {
        fk_text_str(&t, "# what is there now\n");
        put_command(&t, job->store->list, "", 0);
    }
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    return fk_emitted_add_text(ret, "commands.txt", &t, false, "commands for the console", err);
}

enum fk_status fk_emit_files(const struct fk_emit_job *job, struct fk_emitted *ret,
                             struct fk_error *err)
{
    enum fk_status st = FK_OK;
    bool by_hand = false, by_command = false;
    for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        const struct fk_slot *slot = fk_emit_slot(job, item);
        if (slot == NULL && job->store != NULL) {
            continue; /* auth, in a store that needs none */
        }
        by_hand |= slot != NULL && slot->write == NULL;
        by_command |= slot != NULL && slot->write != NULL && !job->use->dialogue.published;
        st = add_item(job, item, ret, err);
    }
    st = st == FK_OK && job->n_served > 0 ? fk_emit_whitelist(job, ret, err) : st;
    st = st == FK_OK && by_command ? add_commands(job, ret, err) : st;
    return st == FK_OK && by_hand ? add_steps(job, ret, err) : st;
}
