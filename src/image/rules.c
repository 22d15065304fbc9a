/* SPDX-License-Identifier: Apache-2.0 */
#include "image/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SPAN "0x%08" PRIx64 "-0x%08" PRIx64

/* A hole of at least this size parts two areas; smaller ones are padding inside one. */
#define PART_GAP 4096u

/* The number at *at, decimal or with 0x; moves behind it. False when there is none or it exceeds
 * the 4 GiB of addresses. */
static bool read_number(const char **at, uint64_t *ret)
{
    const char *s = *at;
    unsigned base = 10;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    static const char digits[] = "0123456789abcdef";
    const char *first = s;
    uint64_t n = 0;
    for (; *s != '\0'; s++) {
        char c = (char)(*s >= 'A' && *s <= 'F' ? *s + ('a' - 'A') : *s);
        const char *d = strchr(digits, c);
        if (d == NULL || (unsigned)(d - digits) >= base) {
            break;
        }
        n = n * base + (unsigned)(d - digits);
        if (n > FK_ADDRESS_END) {
            return false;
        }
    }
    *at = s;
    *ret = n;
    return s > first;
}

static bool read_span(const char *text, struct fk_span *ret)
{
    struct fk_span s = {0};
    if (!read_number(&text, &s.start) || *text != '-') {
        return false;
    }
    text++;
    if (!read_number(&text, &s.end) || *text != '\0') {
        return false;
    }
    *ret = s;
    return true;
}

enum fk_status fk_keep_parse(const char *text, const struct fk_image_rules *rules,
                             struct fk_keep *ret, struct fk_error *err)
{
    struct fk_keep keep = {.all = text == NULL, .text = text};
    if (keep.all) {
        *ret = keep;
        return FK_OK;
    }
    for (size_t i = 0; i < rules->n_regions; i++) {
        if (strcmp(rules->regions[i].name, text) == 0) {
            keep.span = (struct fk_span){rules->regions[i].start, rules->regions[i].end};
            *ret = keep;
            return FK_OK;
        }
    }
    if (!read_span(text, &keep.span)) {
        char names[512] = "";
        size_t n = 0;
        for (size_t i = 0; i < rules->n_regions && n < sizeof names; i++) {
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i > 0 ? ", " : "",
                                  rules->regions[i].name);
        }
        return fk_fail(err, FK_E_USAGE,
                       "--only-region '%s': expected START-END with addresses of 32 bits such as "
                       "0x8000-0x40000, END behind the last byte%s%s",
                       text, n > 0 ? ", or one of: " : "; the profile names no regions", names);
    }
    if (keep.span.start >= keep.span.end) {
        return fk_fail(err, FK_E_USAGE,
                       "--only-region '%s': END must be above START; it is the address behind the "
                       "last byte",
                       text);
    }
    *ret = keep;
    return FK_OK;
}

size_t fk_keep_clip(const struct fk_keep *keep, struct fk_piece *piece)
{
    if (keep->all) {
        return 0;
    }
    uint64_t start = piece->addr;
    uint64_t end = piece->addr + piece->len;
    start = start < keep->span.start ? keep->span.start : start;
    end = end > keep->span.end ? keep->span.end : end;
    if (start >= end) {
        piece->len = 0;
        return 0;
    }
    size_t skip = (size_t)(start - piece->addr);
    *piece = (struct fk_piece){.addr = start, .len = (size_t)(end - start)};
    return skip;
}

static bool contains(const struct fk_image_region *r, uint64_t addr)
{
    return addr >= r->start && addr < r->end;
}

static enum fk_status refuse_place(const struct fk_image_rules *rules, struct fk_piece piece,
                                   uint64_t addr, struct fk_error *err)
{
    const struct fk_image_region *app = NULL;
    const struct fk_image_region *other = NULL;
    for (size_t i = 0; i < rules->n_regions; i++) {
        const struct fk_image_region *r = &rules->regions[i];
        if (r->application && app == NULL) {
            app = r;
        }
        if (!r->application && contains(r, addr)) {
            other = r;
        }
    }
    if (app == NULL) {
        return fk_fail(err, FK_E_PROFILE, "the profile names no application region");
    }
    uint64_t end = piece.addr + piece.len;
    if (other != NULL) {
        return fk_fail(err, FK_E_IMAGE_RANGE,
                       "data at " SPAN " lies in region '%s' " SPAN ", which an update does not "
                       "replace; keep only '%s' " SPAN " with --only-region %s",
                       piece.addr, end, other->name, other->start, other->end, app->name,
                       app->start, app->end, app->name);
    }
    return fk_fail(err, FK_E_IMAGE_RANGE,
                   "data at " SPAN " lies outside region '%s' " SPAN "; move it there, or leave it "
                   "out with --only-region %s",
                   piece.addr, end, app->name, app->start, app->end, app->name);
}

/* Every byte must lie in an application region; a piece may cross from one into the next. */
static enum fk_status check_place(struct fk_judge *j, struct fk_piece piece, struct fk_error *err)
{
    const struct fk_image_rules *rules = j->rules;
    uint64_t at = piece.addr;
    const uint64_t end = piece.addr + piece.len;
    while (at < end) {
        size_t i = j->region;
        for (size_t tried = 0; tried < rules->n_regions; tried++) {
            const struct fk_image_region *r = &rules->regions[i];
            if (r->application && contains(r, at)) {
                break;
            }
            i = i + 1 < rules->n_regions ? i + 1 : 0;
        }
        if (rules->n_regions == 0 || !rules->regions[i].application ||
            !contains(&rules->regions[i], at)) {
            return refuse_place(rules, piece, at, err);
        }
        j->region = i;
        at = rules->regions[i].end;
    }
    return FK_OK;
}

enum fk_status fk_judge_add(struct fk_judge *j, struct fk_piece *piece, size_t *ret_skip,
                            struct fk_error *err)
{
    size_t skip = 0;
    if (!j->keep.all) {
        fk_extents_add(&j->all, piece->addr, piece->addr + piece->len);
        skip = fk_keep_clip(&j->keep, piece);
    }
    if (piece->len > 0) {
        if (!j->rules->any_base) {
            enum fk_status st = check_place(j, *piece, err);
            if (st != FK_OK) {
                return st;
            }
        }
        fk_extents_add(&j->kept, piece->addr, piece->addr + piece->len);
    }
    *ret_skip = skip;
    return FK_OK;
}

static enum fk_status refuse_empty(const struct fk_judge *j, const char *path,
                                   struct fk_error *err)
{
    if (j->all.n == 0) {
        return fk_fail(err, FK_E_EMPTY, "'%s' holds no image data", path);
    }
    return fk_fail(err, FK_E_EMPTY,
                   "'%s' holds nothing inside --only-region %s; its data lies at " SPAN "%s", path,
                   j->keep.text, j->all.at[0].start, j->all.at[0].end,
                   j->all.n > 1 ? " and above" : "");
}

/* Index of the area in front of which the image should be cut: the first one that is far from its
 * neighbour and no longer fits. 0 when no cut makes a whole part fit. */
static size_t find_cut(const struct fk_extents *e, uint64_t max_size)
{
    for (size_t i = 1; i < e->n; i++) {
        bool parted = e->at[i].start - e->at[i - 1].end >= PART_GAP;
        bool left_fits = e->at[i - 1].end - e->at[0].start <= max_size;
        bool next_fits = e->at[i].end - e->at[0].start <= max_size;
        if (parted && left_fits && !next_fits) {
            return i;
        }
    }
    return 0;
}

/* Index of the area behind the largest gap. */
static size_t largest_gap(const struct fk_extents *e)
{
    size_t best = 1;
    for (size_t i = 2; i < e->n; i++) {
        if (e->at[i].start - e->at[i - 1].end > e->at[best].start - e->at[best - 1].end) {
            best = i;
        }
    }
    return best;
}

static enum fk_status refuse_size(const struct fk_judge *j, const char *path, struct fk_span image,
                                  struct fk_error *err)
{
    const struct fk_extents *e = &j->kept;
    uint64_t size = image.end - image.start;
    size_t cut = find_cut(e, j->max_size);
    size_t gap = cut > 0 ? cut : e->n > 1 ? largest_gap(e) : 0;
    if (gap == 0 || e->at[gap].start - e->at[gap - 1].end < PART_GAP) {
        return fk_fail(err, FK_E_IMAGE_TOO_BIG,
                       "'%s': the image " SPAN " has %" PRIu64 " bytes, the slot holds %" PRIu64,
                       path, image.start, image.end, size, j->max_size);
    }
    char advice[80] = "";
    if (cut > 0) {
        snprintf(advice, sizeof advice,
                 "; keep the first with --only-region 0x%" PRIx64 "-0x%" PRIx64, e->at[0].start,
                 e->at[cut - 1].end);
    }
    return fk_fail(err, FK_E_IMAGE_TOO_BIG,
                   "'%s' spans %" PRIu64 " bytes, the slot holds %" PRIu64 ": the data lies in "
                   SPAN " and " SPAN " with a gap of %" PRIu64 " bytes between them%s",
                   path, size, j->max_size, e->at[0].start, e->at[gap - 1].end, e->at[gap].start,
                   fk_extents_end(e), e->at[gap].start - e->at[gap - 1].end, advice);
}

enum fk_status fk_judge_end(const struct fk_judge *j, const char *path, struct fk_span *ret,
                            struct fk_error *err)
{
    if (j->kept.n == 0) {
        return refuse_empty(j, path, err);
    }
    struct fk_span image = {j->kept.at[0].start, fk_extents_end(&j->kept)};
    for (size_t i = 0; i < j->rules->n_regions && !j->rules->any_base; i++) {
        const struct fk_image_region *r = &j->rules->regions[i];
        if (r->application && contains(r, j->kept.at[0].start)) {
            image.start = r->start;
        }
    }
    if (image.end - image.start > j->max_size) {
        return refuse_size(j, path, image, err);
    }
    *ret = image;
    return FK_OK;
}
