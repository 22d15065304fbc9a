/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include "bundle/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    fk_emit_fn *fn;
    unsigned output; /* enum fk_store_output that a store must have; 0: none */
} forms[FK_EMIT_FORMS] = {
    [FK_EMIT_FILES] = {"files", fk_emit_files, 0},
    [FK_EMIT_AT] = {"at-script", fk_emit_at, 0},
    [FK_EMIT_C] = {"c-array", fk_emit_c, 0},
    [FK_EMIT_NODEMCU_PAGE] = {"nodemcu-page", fk_emit_nodemcu_page, FK_OUTPUT_NODEMCU_PAGE},
    [FK_EMIT_LUA_STRINGS] = {"lua-strings", fk_emit_lua_strings, FK_OUTPUT_LUA_STRINGS},
    [FK_EMIT_LUA_CALLBACK] = {"lua-callback", fk_emit_lua_callback, FK_OUTPUT_LUA_CALLBACK},
    [FK_EMIT_WICED_DCT] = {"wiced-dct", fk_emit_wiced_dct, FK_OUTPUT_WICED_DCT},
    [FK_EMIT_STORE] = {"store-image", fk_emit_store, 0},
};

/* see fotakit/emit.h */
const char *fk_emit_form_word(enum fk_emit_form form)
{
    return (unsigned)form < FK_EMIT_FORMS ? forms[form].word : NULL;
}

/* see fotakit/emit.h */
bool fk_emit_form_find(const char *word, enum fk_emit_form *ret)
{
    for (int i = 0; i < FK_EMIT_FORMS; i++) {
        if (strcmp(forms[i].word, word) == 0) {
            *ret = (enum fk_emit_form)i;
            return true;
        }
    }
    return false;
}

/* ---- items and slots ----------------------------------------------------------------------- */

static bool slot_role(enum fk_bundle_role role, enum fk_slot_role *ret)
{
    switch (role) {
    case FK_BUNDLE_CA:
        *ret = FK_SLOT_CA;
        return true;
    case FK_BUNDLE_CERT:
        *ret = FK_SLOT_CERT;
        return true;
    case FK_BUNDLE_KEY:
        *ret = FK_SLOT_KEY;
        return true;
    case FK_BUNDLE_AUTH:
        *ret = FK_SLOT_AUTH;
        return true;
    case FK_BUNDLE_SERVER:
    case FK_BUNDLE_ANY:
        break;
    }
    return false;
}

static const struct fk_slot *find_slot(const struct fk_store *store, enum fk_bundle_role role)
{
    enum fk_slot_role wanted = FK_SLOT_CA;
    return store != NULL && slot_role(role, &wanted) ? fk_store_slot(store, wanted) : NULL;
}

const struct fk_slot *fk_emit_slot(const struct fk_emit_job *job, const struct fk_bundle_item *item)
{
    return find_slot(job->store, item->role);
}

size_t fk_emit_count(const struct fk_emit_job *job, enum fk_bundle_role role)
{
    size_t n = 0;
    for (size_t i = 0; i < job->repaired->n_items; i++) {
        n += job->repaired->items[i].role == role;
    }
    return n;
}

size_t fk_emit_number(const struct fk_emit_job *job, const struct fk_bundle_item *item)
{
    size_t n = 0;
    for (const struct fk_bundle_item *i = job->repaired->items; i != item; i++) {
        n += i->role == item->role;
    }
    return n;
}

/* An item that the store has no slot for is refused, but for auth, which only some stores need; so
 * are more items than a slot takes. */
static enum fk_status check_slots(const struct fk_emit_job *job, struct fk_error *err)
{
    for (size_t i = 0; job->store != NULL && i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        const struct fk_slot *slot = fk_emit_slot(job, item);
        if (slot == NULL && item->role != FK_BUNDLE_AUTH) {
            return fk_fail(err, FK_E_UNSUPPORTED, "the store '%s' (%s) has no place for a %s",
                           job->store->name, job->store->title, fk_bundle_role_text(item->role));
        }
        size_t n = fk_emit_count(job, item->role);
        if (slot != NULL && slot->items_max > 0 && n > slot->items_max) {
            return fk_fail(err, FK_E_LIMIT, "the store '%s' (%s) holds %u of these: %s; found %zu",
                           job->store->name, job->store->title, (unsigned)slot->items_max,
                           fk_bundle_role_text(item->role), n);
        }
    }
    return FK_OK;
}

bool fk_emit_is_pem(const struct fk_bundle_item *item)
{
    return item->role != FK_BUNDLE_AUTH && item->form == FK_FORM_PEM;
}

size_t fk_emit_text_len(const struct fk_bundle_item *item)
{
    size_t len = item->bytes.len;
    return len > 0 && item->bytes.ptr[len - 1] == '\0' && fk_emit_is_pem(item) ? len - 1 : len;
}

/* ---- names --------------------------------------------------------------------------------- */

/* see fotakit/emit.h */
enum fk_status fk_emit_item_name(const struct fk_store *store, const struct fk_bundle_item *item,
                                 size_t number, char ret[FK_BUNDLE_NAME_SIZE], struct fk_error *err)
{
    const struct fk_slot *slot = find_slot(store, item->role);
    bool has_files = slot != NULL && strpbrk(slot->name, ".<") != NULL; /* or it is just a slot */
    enum fk_status st = fk_bundle_item_name(has_files ? slot : NULL, item, number, ret, err);
    if (st == FK_OK && store != NULL && store->name_max > 0 && strlen(ret) > store->name_max) {
        st = fk_fail(err, FK_E_LIMIT, "the file name '%s' has more than %u characters", ret,
                     (unsigned)store->name_max);
    }
    return st;
}

/* ---- files ---------------------------------------------------------------------------------- */

enum fk_status fk_emitted_add(struct fk_emitted *e, const char *name, struct fk_buffer *bytes,
                              bool secret, const char *what, struct fk_error *err)
{
    for (size_t i = 0; i < e->n; i++) {
        struct fk_emit_file *f = &e->files[i];
        if (strcmp(f->name, name) == 0) {
            bool same =
                f->bytes.len == bytes->len && memcmp(f->bytes.ptr, bytes->ptr, bytes->len) == 0;
            fk_buffer_release(bytes);
            return same ? FK_OK
                        : fk_fail(err, FK_E_COLLISION,
                                  "two different files would have the name '%s'", name);
        }
    }
    struct fk_emit_file *files = realloc(e->files, (e->n + 1) * sizeof *files);
    if (files == NULL) {
        fk_buffer_release(bytes);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    e->files = files;
    struct fk_emit_file *f = &files[e->n++];
    *f = (struct fk_emit_file){.bytes = *bytes, .secret = secret};
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->what, sizeof f->what, "%s", what);
    *bytes = (struct fk_buffer){.ptr = NULL};
    return FK_OK;
}

enum fk_status fk_emitted_add_text(struct fk_emitted *e, const char *name, struct fk_text *t,
                                   bool secret, const char *what, struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    enum fk_status st = fk_text_end(t, &bytes, err);
    return st == FK_OK ? fk_emitted_add(e, name, &bytes, secret, what, err) : st;
}

/* see fotakit/emit.h */
void fk_emitted_release(struct fk_emitted *e)
{
    for (size_t i = 0; i < e->n; i++) {
        fk_buffer_release(&e->files[i].bytes);
    }
    free(e->files);
    *e = (struct fk_emitted){.n = 0};
}

static bool can_script(const struct fk_emit_job *job)
{
    const struct fk_store *s = job->store;
    if (!job->use->dialogue.published || job->use->dialogue.probe == NULL || s == NULL) {
        return false;
    }
    for (size_t i = 0; i < s->n_slots; i++) {
        if (s->slots[i].write == NULL) {
            return false;
        }
    }
    return true;
}

static bool has_form(const struct fk_emit_job *job, enum fk_emit_form form)
{
    unsigned outputs = job->store != NULL ? job->store->outputs : 0;
    if (form == FK_EMIT_AT) {
        return can_script(job);
    }
    if (form == FK_EMIT_STORE) {
        return job->profile->has_firmware && job->store != NULL;
    }
    return forms[form].output == 0 || (outputs & forms[form].output) != 0;
}

/* see fotakit/emit.h */
enum fk_emit_form fk_emit_default(const struct fk_emit_job *job)
{
    if (can_script(job)) {
        return FK_EMIT_AT;
    }
    for (int i = FK_EMIT_C + 1; i < FK_EMIT_STORE; i++) {
        if (has_form(job, (enum fk_emit_form)i)) {
            return (enum fk_emit_form)i;
        }
    }
    return FK_EMIT_FILES;
}

/* see fotakit/emit.h */
enum fk_status fk_emit(const struct fk_emit_job *job, enum fk_emit_form form,
                       struct fk_emitted *ret, struct fk_error *err)
{
    if (!has_form(job, form)) {
        char list[200] = "";
        for (int i = 0; i < FK_EMIT_FORMS; i++) {
            if (has_form(job, (enum fk_emit_form)i)) {
                size_t len = strlen(list);
                snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ", " : "", forms[i].word);
            }
        }
        return fk_fail(err, FK_E_UNSUPPORTED, "%s%s%s has no output '%s'; it has %s",
                       job->use->title, job->store != NULL ? ", store " : "",
                       job->store != NULL ? job->store->name : "", forms[form].word, list);
    }
    if (job->n_served > 0 && (job->store == NULL || job->store->whitelist == NULL)) {
        return fk_fail(err, FK_E_UNSUPPORTED, "%s has no list of the files that it serves",
                       job->use->title);
    }
    enum fk_status st = check_slots(job, err);
    return st == FK_OK ? forms[form].fn(job, ret, err) : st;
}
