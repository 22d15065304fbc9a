/* SPDX-License-Identifier: Apache-2.0 */
/* modes, dialogue and sequences: what a device needs for a job, and what is said to it. */
#include "profile/section_credentials.h"

#include <string.h>

/* A role stands in one of the two lists, and once; seen has a bit for each. */
static size_t load_roles(struct fk_fields *f, const char *key, unsigned *seen,
                         enum fk_slot_role roles[FK_MODE_ROLES_MAX])
{
    struct fk_items items = fk_field_list(f, key, 1, FK_MODE_ROLES_MAX);
    int role = 0;
    size_t n = 0;
    while (fk_items_word(&items, FK_ROLE_WORDS, &role)) {
        if ((*seen & 1u << role) != 0) {
            fk_fields_refuse(f, key, "the role '%s' stands there twice", fk_role_words[role].word);
            return 0;
        }
        *seen |= 1u << role;
        roles[n++] = (enum fk_slot_role)role;
    }
    return n;
}

void fk_credentials_modes(struct fk_fields *f, struct fk_credential_use *use)
{
    struct fk_fields map = fk_field_map(f, "modes");
    for (const char *name = fk_fields_next(&map); name != NULL; name = fk_fields_next(&map)) {
        struct fk_fields one = fk_field_map(&map, name);
        if (use->n_modes == FK_USE_MODES_MAX) {
            fk_fields_refuse(&map, name, "more than %d modes", FK_USE_MODES_MAX);
            return;
        }
        struct fk_use_mode *mode = &use->modes[use->n_modes++];
        unsigned seen = 0;
        mode->name = name;
        if (fk_fields_has(&one, "needed")) {
            mode->n_needed = load_roles(&one, "needed", &seen, mode->needed);
        }
        if (fk_fields_has(&one, "optional")) {
            mode->n_optional = load_roles(&one, "optional", &seen, mode->optional);
        }
        fk_fields_end(&one);
    }
    fk_fields_end(&map);
}

static void load_sequence(struct fk_fields *map, const char *name, struct fk_sequence *s)
{
    struct fk_items items = fk_field_list(map, name, 1, FK_SEQUENCE_LINES_MAX);
    const char *line = "";
    s->name = name;
    while (fk_items_text(&items, FK_COMMAND_TEXT_MAX, &line)) {
        s->lines[s->n_lines++] = line;
    }
    s->source = fk_field_source(map, name);
}

void fk_credentials_sequences(struct fk_fields *f, struct fk_credential_use *use)
{
    struct fk_sequence *all = fk_arena_take(f->ld->arena, FK_USE_SEQUENCES_MAX * sizeof *all);
    if (all == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    struct fk_fields map = fk_field_map(f, "sequences");
    for (const char *name = fk_fields_next(&map); name != NULL; name = fk_fields_next(&map)) {
        if (use->n_sequences == FK_USE_SEQUENCES_MAX) {
            fk_fields_refuse(&map, name, "more than %d sequences", FK_USE_SEQUENCES_MAX);
            return;
        }
        load_sequence(&map, name, &all[use->n_sequences++]);
    }
    fk_fields_end(&map);
    use->sequences = all;
}

void fk_credentials_dialogue(struct fk_fields *f, struct fk_dialogue *d)
{
    static const struct fk_word ends[] = {
        {"cr", FK_COMMAND_CR}, {"lf", FK_COMMAND_LF}, {"crlf", FK_COMMAND_CRLF}};
    d->command_end = (enum fk_command_end)fk_field_word(f, "command_end", FK_WORDS(ends));
    d->done = fk_field_text(f, "done", 64);
    d->failed = fk_field_text(f, "failed", 64);
    d->key_id = fk_credentials_text(f, "key_id", 64);
    d->probe = fk_credentials_text(f, "probe", 64);
    d->reset = fk_credentials_text(f, "reset", 64);
    d->argument_not = fk_credentials_text(f, "argument_not", 32);
    if (d->argument_not == NULL) {
        d->argument_not = "";
    }
    if (fk_fields_has(f, "line_max")) {
        d->line_max = fk_field_size(f, "line_max", 16, 65536);
    }
    d->published = true;
}
