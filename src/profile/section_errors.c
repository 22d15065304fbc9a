/* SPDX-License-Identifier: Apache-2.0 */
/* errors: the codes that a device reports, and why. errata: mistakes of its documents. */
#include "profile/sections.h"

#include "fotakit/error_table.h"

#include <string.h>

enum { CAUSES_MAX = 256, ERRATA_MAX = 64, NAME_MAX_LEN = 80, TEXT_MAX = 400, LOW_BITS_MAX = 16 };

/* Causes by name; which ones a code has named. */
struct causes {
    struct fk_error_cause *at;
    bool used[CAUSES_MAX];
    const char *names[CAUSES_MAX];
    size_t n;
};

static void load_rules(struct fk_fields *f, struct fk_error_cause *cause)
{
    struct fk_items items = fk_field_list(f, "rules", 1, FK_CAUSE_RULES_MAX);
    const char *rule = "";
    while (fk_items_text(&items, 64, &rule)) {
        cause->rules[cause->n_rules++] = rule;
    }
}

static void load_causes(struct fk_fields *f, struct causes *c)
{
    struct fk_fields map = fk_field_map(f, "causes");
    for (const char *name = fk_fields_next(&map); name != NULL; name = fk_fields_next(&map)) {
        struct fk_fields one = fk_field_map(&map, name);
        if (c->n == CAUSES_MAX) {
            fk_fields_refuse(&map, name, "more than %d causes", CAUSES_MAX);
            return;
        }
        struct fk_error_cause *cause = &c->at[c->n];
        c->names[c->n++] = name;
        cause->name = name;
        cause->text = fk_field_text(&one, "text", TEXT_MAX);
        if (fk_fields_has(&one, "rules")) {
            load_rules(&one, cause);
        }
        fk_fields_end(&one);
    }
    fk_fields_end(&map);
}

static void load_code_causes(struct fk_fields *f, struct fk_error_code *code, struct causes *c)
{
    struct fk_items items = fk_field_list(f, "causes", 1, FK_ERROR_CAUSES_MAX);
    const struct fk_yaml_node *at = items.next;
    const char *name = "";
    while (fk_items_text(&items, NAME_MAX_LEN, &name)) {
        size_t i = 0;
        while (i < c->n && strcmp(c->names[i], name) != 0) {
            i++;
        }
        if (i == c->n) {
            const char *near = fk_nearest(name, c->names, c->n);
            fk_loader_refuse(f->ld, at->at, at, "'%s' is not in the map 'causes'%s%s%s", name,
                             near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                             near != NULL ? "'?" : "");
            return;
        }
        c->used[i] = true;
        code->causes[code->n_causes++] = &c->at[i];
        at = items.next;
    }
}

static void load_code(struct fk_fields *f, struct fk_error_code *code, struct causes *c)
{
    code->code = fk_field_number(f, "code", 0, UINT32_MAX);
    code->name = fk_field_text(f, "name", NAME_MAX_LEN);
    code->meaning = fk_field_text(f, "meaning", TEXT_MAX);
    code->source = fk_field_source(f, "meaning");
    load_code_causes(f, code, c);
    fk_fields_end(f);
}

static void load_codes(struct fk_fields *f, struct fk_error_table *t, struct causes *c)
{
    struct fk_items items = fk_field_list(f, "codes", 1, 1000);
    struct fk_error_code *codes = fk_arena_take(f->ld->arena, (items.n + 1) * sizeof *codes);
    struct fk_fields one;
    if (codes == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    while (fk_items_map(&items, &one)) {
        load_code(&one, &codes[t->n_codes], c);
        if (fk_fields_ok(f) && t->n_codes > 0 &&
            codes[t->n_codes].code <= codes[t->n_codes - 1].code) {
            fk_fields_refuse(&one, "code", "expected codes in ascending order, each once");
        }
        t->n_codes++;
    }
    t->codes = codes;
}

static void load_table(struct fk_fields *f, struct fk_error_table *t, struct causes *c)
{
    static const struct fk_word notations[] = {{"decimal", false}, {"negative-hex", true}};
    t->title = fk_field_text(f, "title", 100);
    t->hex = fk_field_word(f, "notation", FK_WORDS(notations)) != 0;
    if (fk_fields_has(f, "low_bits")) {
        t->low_bits = fk_field_number(f, "low_bits", 1, LOW_BITS_MAX);
    }
    if (fk_fields_has(f, "prefixes")) {
        struct fk_items items = fk_field_list(f, "prefixes", 1, FK_ERROR_PREFIXES_MAX);
        const char *prefix = "";
        while (fk_items_text(&items, 64, &prefix)) {
            t->prefixes[t->n_prefixes++] = prefix;
        }
    }
    load_codes(f, t, c);
    fk_fields_end(f);
}

static void load_tables(struct fk_fields *f, struct fk_error_tables *all, struct causes *c)
{
    struct fk_fields map = fk_field_map(f, "tables");
    for (const char *name = fk_fields_next(&map); name != NULL; name = fk_fields_next(&map)) {
        struct fk_fields one = fk_field_map(&map, name);
        if (all->n == FK_ERROR_TABLES_MAX) {
            fk_fields_refuse(&map, name, "more than %d tables", FK_ERROR_TABLES_MAX);
            return;
        }
        all->at[all->n].name = name;
        load_table(&one, &all->at[all->n++], c);
    }
    if (fk_fields_ok(f) && all->n == 0) {
        fk_fields_refuse(f, "tables", "no table; leave the section out when none is known");
    }
    fk_fields_end(&map);
}

void fk_section_errors(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_error_tables *all = fk_arena_take(f->ld->arena, sizeof *all);
    struct causes *c = fk_arena_take(f->ld->arena, sizeof *c);
    struct fk_error_cause *at = fk_arena_take(f->ld->arena, CAUSES_MAX * sizeof *at);
    if (all == NULL || c == NULL || at == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    c->at = at;
    load_causes(f, c);
    load_tables(f, all, c);
    struct fk_fields map = fk_fields_child(f, "causes");
    for (size_t i = 0; fk_fields_ok(f) && i < c->n; i++) {
        if (!c->used[i]) {
            fk_fields_refuse(&map, c->names[i], "no code has this cause");
        }
    }
    p->errors = all;
}

void fk_section_errata(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_erratum *all = fk_arena_take(f->ld->arena, ERRATA_MAX * sizeof *all);
    if (all == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    for (const char *name = fk_fields_next(f); name != NULL; name = fk_fields_next(f)) {
        struct fk_fields one = fk_field_map(f, name);
        if (p->n_errata == ERRATA_MAX) {
            fk_fields_refuse(f, name, "more than %d errata", ERRATA_MAX);
            return;
        }
        struct fk_erratum *e = &all[p->n_errata++];
        e->name = name;
        e->says = fk_field_text(&one, "says", TEXT_MAX);
        e->source = fk_field_source(&one, "says");
        e->right = fk_field_text(&one, "right", TEXT_MAX);
        e->because = fk_field_text(&one, "because", TEXT_MAX);
        fk_fields_end(&one);
    }
    p->errata = all;
}
