/* SPDX-License-Identifier: Apache-2.0 */
/* stores: where a device keeps its credentials, and how they get there. */
#include "profile/section_credentials.h"

#include <string.h>

enum { STORES_MAX = 8, AREA_MAX = 1024 * 1024, ITEMS_MAX = 10000, CERTS_MAX = 64, TEXT_MAX = 200 };

static void load_area(struct fk_fields *f, struct fk_store *s)
{
    struct fk_area a = {.name = fk_field_text(f, "name", 32)};
    a.size = fk_field_size(f, "size", 1, AREA_MAX);
    a.source = fk_field_source(f, "size");
    if (fk_fields_has(f, "overhead")) {
        a.overhead = fk_field_size(f, "overhead", 0, 4096);
    }
    if (fk_fields_has(f, "holds")) {
        a.der = fk_field_word(f, "holds", fk_form_words, 2) == FK_FORM_DER;
    }
    if (fk_fields_has(f, "place")) {
        a.place = fk_field_text(f, "place", 100);
    }
    fk_fields_end(f);
    for (size_t i = 0; fk_fields_ok(f) && i < s->n_areas; i++) {
        if (strcmp(s->areas[i].name, a.name) == 0) {
            fk_fields_refuse(f, "name", "the area '%s' stands there twice", a.name);
        }
    }
    if (fk_fields_ok(f)) {
        s->areas[s->n_areas++] = a;
    }
}

static const char *load_area_name(struct fk_fields *f, const struct fk_store *s)
{
    struct fk_word words[FK_STORE_AREAS_MAX];
    if (!fk_fields_has(f, "area")) {
        return NULL;
    }
    for (size_t i = 0; i < s->n_areas; i++) {
        words[i] = (struct fk_word){s->areas[i].name, (int)i};
    }
    if (s->n_areas == 0) {
        fk_fields_refuse(f, "area", "the store has no areas");
        return NULL;
    }
    return s->areas[fk_field_word(f, "area", words, s->n_areas)].name;
}

static void load_slot(struct fk_fields *f, struct fk_store *s)
{
    static const struct fk_word conditions[] = {{"pem-ca", true}};
    struct fk_slot slot = {.role = FK_SLOT_CA};
    slot.role = (enum fk_slot_role)fk_field_word(f, "role", FK_ROLE_WORDS);
    slot.name = fk_field_text(f, "name", 64);
    if (fk_fields_has(f, "items_max")) {
        slot.items_max = fk_field_number(f, "items_max", 1, ITEMS_MAX);
    }
    if (fk_fields_has(f, "certs_max")) {
        slot.certs_max = fk_field_number(f, "certs_max", 1, CERTS_MAX);
    }
    if (fk_fields_has(f, "only_with")) {
        slot.only_with_pem_ca = fk_field_word(f, "only_with", FK_WORDS(conditions)) != 0;
    }
    slot.area = load_area_name(f, s);
    slot.write = fk_credentials_command(f, "write", "<size>");
    slot.activate = fk_credentials_command(f, "activate", NULL);
    slot.variable = fk_credentials_text(f, "variable", 64);
    fk_fields_end(f);
    for (size_t i = 0; fk_fields_ok(f) && i < s->n_slots; i++) {
        if (s->slots[i].role == slot.role) {
            fk_fields_refuse(f, "role", "the role '%s' stands there twice",
                             fk_role_words[slot.role].word);
        }
    }
    if (fk_fields_ok(f)) {
        s->slots[s->n_slots++] = slot;
    }
}

static void load_loss(struct fk_fields *f, struct fk_store *s)
{
    static const struct fk_word effects[] = {
        {"unknown", FK_UPDATE_UNKNOWN}, {"keeps", FK_UPDATE_KEEPS}, {"erases", FK_UPDATE_ERASES}};
    s->firmware_update =
        (enum fk_update_effect)fk_field_word(f, "firmware_update", FK_WORDS(effects));
    s->update_source = fk_field_source(f, "firmware_update");
    if (fk_fields_has(f, "erased_by")) {
        struct fk_items items = fk_field_list(f, "erased_by", 1, FK_STORE_ERASED_MAX);
        const char *text = "";
        while (fk_items_text(&items, TEXT_MAX, &text)) {
            s->erased_by[s->n_erased_by++] = text;
        }
    }
}

static void load_outputs(struct fk_fields *f, struct fk_store *s)
{
    static const struct fk_word outputs[] = {{"nodemcu-page", FK_OUTPUT_NODEMCU_PAGE},
                                             {"lua-strings", FK_OUTPUT_LUA_STRINGS},
                                             {"lua-callback", FK_OUTPUT_LUA_CALLBACK},
                                             {"wiced-dct", FK_OUTPUT_WICED_DCT}};
    struct fk_items items = fk_field_list(f, "outputs", 1, sizeof outputs / sizeof outputs[0]);
    int bit = 0;
    while (fk_items_word(&items, FK_WORDS(outputs), &bit)) {
        s->outputs |= (unsigned)bit;
    }
}

/* A private key is never written so that everybody can read it. */
static void check_public(struct fk_fields *f, const struct fk_store *s)
{
    const struct fk_slot *key = fk_store_slot(s, FK_SLOT_KEY);
    const char *at = s->public_option != NULL && key != NULL ? key->write : NULL;
    size_t len = at != NULL ? strlen(s->public_option) : 0;
    while (at != NULL && (at = strstr(at, s->public_option)) != NULL) {
        if (at > key->write && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\0')) {
            fk_fields_refuse(f, "slots",
                             "the command that writes the private key has '%s', with "
                             "which everybody can read it",
                             s->public_option);
            return;
        }
        at += len;
    }
}

static void load_store(struct fk_fields *f, struct fk_store *s)
{
    struct fk_fields one;
    s->title = fk_field_text(f, "title", 100);
    if (fk_fields_has(f, "areas")) {
        struct fk_items areas = fk_field_list(f, "areas", 1, FK_STORE_AREAS_MAX);
        while (fk_items_map(&areas, &one)) {
            load_area(&one, s);
        }
    }
    struct fk_items slots = fk_field_list(f, "slots", 1, FK_STORE_SLOTS_MAX);
    while (fk_items_map(&slots, &one)) {
        load_slot(&one, s);
    }
    if (fk_fields_has(f, "outputs")) {
        load_outputs(f, s);
    }
    s->clear = fk_credentials_command(f, "clear", NULL);
    s->remove = fk_credentials_command(f, "remove", "<name>");
    s->list = fk_credentials_command(f, "list", NULL);
    s->save = fk_credentials_command(f, "save", NULL);
    if (fk_fields_has(f, "files_max")) {
        s->files_max = fk_field_number(f, "files_max", 1, ITEMS_MAX);
    }
    if (fk_fields_has(f, "name_max")) {
        s->name_max = fk_field_size(f, "name_max", 1, 255);
    }
    s->public_option = fk_credentials_text(f, "public_option", 16);
    s->whitelist = fk_credentials_text(f, "whitelist", 64);
    if (fk_fields_ok(f)) {
        check_public(f, s);
    }
    load_loss(f, s);
    fk_fields_end(f);
}

void fk_credentials_stores(struct fk_fields *f, struct fk_credential_use *use)
{
    struct fk_store *stores = fk_arena_take(f->ld->arena, STORES_MAX * sizeof *stores);
    if (stores == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    struct fk_fields map = fk_field_map(f, "stores");
    for (const char *name = fk_fields_next(&map); name != NULL; name = fk_fields_next(&map)) {
        struct fk_fields one = fk_field_map(&map, name);
        if (use->n_stores == STORES_MAX) {
            fk_fields_refuse(&map, name, "more than %d stores", STORES_MAX);
            return;
        }
        stores[use->n_stores].name = name;
        load_store(&one, &stores[use->n_stores++]);
    }
    if (fk_fields_ok(f) && use->n_stores == 0) {
        fk_fields_refuse(f, "stores", "no store; leave the key out when none is known");
    }
    fk_fields_end(&map);
    use->stores = stores;
}
