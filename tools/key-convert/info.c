/* SPDX-License-Identifier: Apache-2.0 */
#include "key-convert/key_convert.h"

#include "fotakit/facts.h"
#include "fotakit/json.h"
#include "fotakit/object.h"

#include <stdio.h>
#include <stdlib.h>

/* Facts of everything in all files, collected first: nothing is printed when one is refused. */
struct report {
    struct entry {
        const char *file;
        unsigned line;
        struct fk_facts facts;
    } * at;
    size_t n, capacity;
};

static struct fk_facts *next_entry(struct report *r, const char *file, unsigned line)
{
    if (r->n == r->capacity) {
        size_t wanted = r->capacity > 0 ? 2 * r->capacity : 8;
        struct entry *grown = realloc(r->at, wanted * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        r->at = grown;
        r->capacity = wanted;
    }
    struct entry *e = &r->at[r->n++];
    *e = (struct entry){.file = file, .line = line};
    return &e->facts;
}

static enum fk_status no_memory(struct fk_error *err)
{
    return fk_fail(err, FK_E_MEMORY, "out of memory");
}

/* The keys and certificates of a PKCS#12 file, as far as the pass phrase allows. */
static enum fk_status add_p12(struct report *r, const struct wish *w, const char *file,
                              const struct fk_object *o, struct fk_error *err)
{
    struct fk_p12 p12 = {.n = 0};
    enum fk_status st = fk_p12_open(o->der, passphrase(w), &p12, err);
    if (st == FK_E_PASSPHRASE_NEEDED) {
        fk_cli_warn(TOOL, "'%s' is protected; its contents are shown with --passin", file);
        return FK_OK;
    }
    for (size_t i = 0; i < p12.n && st == FK_OK; i++) {
        struct fk_facts *facts = next_entry(r, file, o->line);
        if (facts == NULL) {
            st = no_memory(err);
        } else if (p12.at[i].key != NULL) {
            fk_facts_add_key(facts, p12.at[i].key);
        } else {
            fk_facts_add_cert(facts, p12.at[i].cert);
        }
    }
    fk_p12_release(&p12);
    return st;
}

static enum fk_status add_file(struct report *r, const struct wish *w, const char *file,
                               struct fk_error *err)
{
    struct fk_objects objects = {.n = 0};
    enum fk_status st = fk_objects_read(file, &objects, err);
    if (st != FK_OK) {
        return st;
    }
    for (size_t i = 0; i < objects.n && st == FK_OK; i++) {
        const struct fk_object *o = &objects.at[i];
        struct fk_facts *facts = next_entry(r, file, o->line);
        st = facts != NULL ? fk_facts_add_object(facts, o, passphrase(w), err) : no_memory(err);
        if (st == FK_OK && o->kind == FK_OBJECT_PKCS12) {
            st = add_p12(r, w, file, o, err);
        }
        if (st != FK_OK) {
            st = o->line > 0 ? fk_wrap(err, st, "'%s' line %u", file, o->line)
                             : fk_wrap(err, st, "'%s'", file);
        }
    }
    fk_objects_release(&objects);
    return st;
}

static void print_text(const struct report *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct entry *e = &r->at[i];
        if (e->line > 0) {
            printf("'%s' line %u\n", e->file, e->line);
        } else {
            printf("'%s'\n", e->file);
        }
        for (size_t k = 0; k < e->facts.n; k++) {
            printf("  %-15s %s\n", e->facts.at[k].name, e->facts.at[k].text);
        }
    }
}

static void print_json(const struct report *r)
{
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_array(&j, NULL);
    for (size_t i = 0; i < r->n; i++) {
        const struct entry *e = &r->at[i];
        fk_json_object(&j, NULL);
        fk_json_string(&j, "file", e->file);
        if (e->line > 0) {
            fk_json_u64(&j, "line", e->line);
        }
        for (size_t k = 0; k < e->facts.n; k++) {
            const struct fk_fact *f = &e->facts.at[k];
            if (f->kind == FK_FACT_NUMBER) {
                fk_json_i64(&j, f->name, f->number);
            } else if (f->kind == FK_FACT_BOOL) {
                fk_json_bool(&j, f->name, f->number != 0);
            } else {
                fk_json_string(&j, f->name, f->text);
            }
        }
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
}

enum fk_status print_info(const struct options *o, const struct wish *w, struct fk_error *err)
{
    struct report r = {.n = 0};
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < o->operands.n && st == FK_OK; i++) {
        st = add_file(&r, w, o->operands.at[i], err);
    }
    if (st == FK_OK && o->json) {
        print_json(&r);
    } else if (st == FK_OK) {
        print_text(&r);
    }
    free(r.at);
    return st;
}
