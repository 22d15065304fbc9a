/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/profile.h"

#include "fotakit/file.h"
#include "profile/search.h"
#include "profile/sections.h"

#include <string.h>

enum section_need { ALWAYS, FIRMWARE, FIRMWARE_OPTION, OPTIONAL };

/* In the order of loading: `image` needs the slots of `flash`. A profile has all sections of
 * FIRMWARE or none of them; a FIRMWARE_OPTION may stand beside them, an OPTIONAL one always. */
static const struct {
    const char *key;
    enum section_need need;
    void (*load)(struct fk_fields *f, struct fk_profile *p);
} sections[] = {
    {"device", ALWAYS, fk_section_device},
    {"flash", FIRMWARE, fk_section_flash},
    {"image", FIRMWARE, fk_section_image},
    {"fota", FIRMWARE, fk_section_fota},
    {"envelope", FIRMWARE_OPTION, fk_section_envelope},
    {"console", FIRMWARE, fk_section_console},
    {"board", FIRMWARE_OPTION, fk_section_board},
    {"credentials", OPTIONAL, fk_section_credentials},
    {"errors", OPTIONAL, fk_section_errors},
    {"errata", OPTIONAL, fk_section_errata},
};
enum { N_SECTIONS = sizeof sections / sizeof sections[0] };

/* "x/spwf04s.yaml" has the name "spwf04s". */
static char *name_of(struct fk_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t len = dot != NULL && strcmp(dot, ".yaml") == 0 ? (size_t)(dot - base) : strlen(base);
    return fk_arena_text(arena, base, len);
}

static void load_sections(struct fk_fields *top, struct fk_profile *p)
{
    for (size_t i = 0; i < N_SECTIONS; i++) {
        p->has_firmware |= sections[i].need == FIRMWARE && fk_fields_has(top, sections[i].key);
    }
    for (size_t i = 0; i < N_SECTIONS; i++) {
        enum section_need need = sections[i].need;
        bool firmware = need == FIRMWARE || need == FIRMWARE_OPTION;
        bool may_miss = need == FIRMWARE_OPTION || need == OPTIONAL;
        if ((firmware && !p->has_firmware) || (may_miss && !fk_fields_has(top, sections[i].key))) {
            continue;
        }
        struct fk_fields section = fk_field_map(top, sections[i].key);
        sections[i].load(&section, p);
        fk_fields_end(&section);
    }
    fk_fields_end(top);
    if (p->has_firmware) {
        fk_section_check_device(top, p);
    }
}

/* The list was built backwards. */
static void collect_unverified(struct fk_loader *ld, struct fk_profile *p)
{
    struct fk_unverified *all = fk_arena_take(ld->arena, ld->n_unverified * sizeof *all);
    if (all == NULL) {
        fk_loader_no_memory(ld);
        return;
    }
    size_t i = ld->n_unverified;
    for (const struct fk_unverified_item *u = ld->unverified; u != NULL; u = u->next) {
        all[--i] = u->fact;
    }
    p->unverified = all;
    p->n_unverified = ld->n_unverified;
}

enum fk_status fk_profile_parse(const char *path, const void *yaml, size_t len,
                                struct fk_profile **ret, struct fk_error *err)
{
    struct fk_arena *arena = fk_arena_new();
    struct fk_profile *p = arena != NULL ? fk_arena_take(arena, sizeof *p) : NULL;
    struct fk_loader ld = {.path = path, .arena = arena, .err = err, .st = FK_OK};
    struct fk_yaml_node *root = NULL;
    if (p == NULL) {
        fk_loader_no_memory(&ld);
        goto out;
    }
    p->memory = arena;
    p->name = name_of(arena, path);
    p->path = fk_arena_text(arena, path, strlen(path));
    if (p->name == NULL || p->path == NULL) {
        fk_loader_no_memory(&ld);
        goto out;
    }
    ld.st = fk_yaml_parse(path, yaml, len, arena, &root, err);
    if (ld.st != FK_OK) {
        goto out;
    }
    struct fk_fields top = fk_fields_root(&ld, root);
    fk_sources_take(&ld, root);
    load_sections(&top, p);
    fk_device_tls(p);
    collect_unverified(&ld, p);
    if (ld.st == FK_OK) {
        *ret = p;
        arena = NULL;
    }
out:
    fk_arena_free(arena);
    return ld.st;
}

enum fk_status fk_profile_load(const char *name_or_path, struct fk_profile **ret,
                               struct fk_error *err)
{
    struct fk_buffer file = {0};
    char path[4096];
    enum fk_status st = fk_profile_find(name_or_path, path, sizeof path, err);
    if (st == FK_OK) {
        st = fk_file_read(path, FK_YAML_BYTES_MAX, &file, err);
    }
    if (st == FK_OK) {
        st = fk_profile_parse(path, file.ptr, file.len, ret, err);
    }
    fk_buffer_release(&file);
    return st;
}

/* The mark "a.b" covers "a.b" and "a.b.c", not "a.bc". */
static bool covers(const char *mark, const char *key)
{
    size_t len = strlen(mark);
    return strncmp(mark, key, len) == 0 && (key[len] == '\0' || key[len] == '.');
}

const struct fk_unverified *fk_profile_unverified(const struct fk_profile *profile, const char *key)
{
    const struct fk_unverified *nearest = NULL;
    for (size_t i = 0; i < profile->n_unverified; i++) {
        const struct fk_unverified *u = &profile->unverified[i];
        if (covers(u->key, key) && (nearest == NULL || strlen(u->key) > strlen(nearest->key))) {
            nearest = u;
        }
    }
    return nearest;
}

void fk_profile_free(struct fk_profile *profile)
{
    if (profile != NULL) {
        fk_arena_free(profile->memory);
    }
}
