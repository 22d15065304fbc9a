/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/root_set.h"

#include "fotakit/convert.h"
#include "fotakit/file.h"
#include "fotakit/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fk_status fk_root_set_add(struct fk_root_set *set, const struct fk_root *root,
                               struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (set->n == FK_ROOT_SET_MAX) {
        st = fk_fail(err, FK_E_LIMIT, "more than %d certificates", FK_ROOT_SET_MAX);
    } else if (set->n == set->capacity) {
        size_t wanted = set->capacity > 0 ? 2 * set->capacity : 16;
        struct fk_root *grown = realloc(set->at, wanted * sizeof *grown);
        if (grown == NULL) {
            st = fk_fail(err, FK_E_MEMORY, "out of memory");
        } else {
            set->at = grown;
            set->capacity = wanted;
        }
    }
    if (st != FK_OK) {
        fk_cert_free(root->cert);
        return st;
    }
    set->at[set->n++] = *root;
    return FK_OK;
}

void fk_root_set_release(struct fk_root_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        fk_cert_free(set->at[i].cert);
    }
    free(set->at);
    *set = (struct fk_root_set){.n = 0};
}

static bool same_bytes(struct fk_slice a, struct fk_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool same_cert(const struct fk_cert *a, const struct fk_cert *b)
{
    return same_bytes(fk_cert_info(a)->der, fk_cert_info(b)->der);
}

const struct fk_root *fk_root_set_rival(const struct fk_root_set *set, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        const struct fk_root *other = &set->at[k];
        if (!other->dropped && strcmp(other->id.name, set->at[i].id.name) == 0 &&
            !same_cert(other->cert, set->at[i].cert)) {
            return other;
        }
    }
    return NULL;
}

/* Two different certificates want one name: who stays? */
static enum fk_status judge(const struct fk_root *first, const struct fk_root *second,
                            enum fk_collision policy, bool *ret_keep_second, struct fk_error *err)
{
    const struct fk_cert_info *a = fk_cert_info(first->cert);
    const struct fk_cert_info *b = fk_cert_info(second->cert);
    bool undecided = policy == FK_COLLISION_KEEP_LATEST && a->not_after == b->not_after;
    if (policy == FK_COLLISION_REFUSE || undecided) {
        char until_a[32];
        char until_b[32];
        fk_time_text(a->not_after, until_a);
        fk_time_text(b->not_after, until_b);
        return fk_fail(err, FK_E_COLLISION,
                       "%s (%.100s, until %s) and %s (%.100s, until %s) are different certificates "
                       "with the same name '%s'; %s",
                       first->source, a->subject, until_a, second->source, b->subject, until_b,
                       first->id.name,
                       undecided ? "both end at the same time: leave one out"
                                 : "choose with --on-collision keep-latest or keep-first");
    }
    *ret_keep_second = policy == FK_COLLISION_KEEP_LATEST && b->not_after > a->not_after;
    return FK_OK;
}

enum fk_status fk_root_set_resolve(struct fk_root_set *set, enum fk_collision policy,
                                   struct fk_error *err)
{
    for (size_t i = 0; i < set->n; i++) {
        struct fk_root *now = &set->at[i];
        for (size_t k = 0; k < i && !now->dropped; k++) {
            struct fk_root *before = &set->at[k];
            if (before->dropped || strcmp(before->id.name, now->id.name) != 0) {
                continue;
            }
            bool keep_now = false;
            if (!same_cert(before->cert, now->cert)) {
                enum fk_status st = judge(before, now, policy, &keep_now, err);
                if (st != FK_OK) {
                    return st;
                }
            }
            *(keep_now ? &before->dropped : &now->dropped) = true;
        }
    }
    return FK_OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* The one certificate of a file that is in the way, or NULL. */
static struct fk_cert *resident(struct fk_slice file)
{
    struct fk_objects objects = {.n = 0};
    struct fk_cert *cert = NULL;
    if (fk_objects_parse(file, &objects, NULL) == FK_OK) {
        if (objects.n == 1 && objects.at[0].kind == FK_OBJECT_CERTIFICATE &&
            fk_cert_open(objects.at[0].der, &cert, NULL) != FK_OK) {
            cert = NULL;
        }
        fk_objects_release(&objects);
    }
    return cert;
}

/* *ret_keep: what is there stays. */
static enum fk_status face_resident(const struct fk_root *r, const char *path,
                                    struct fk_slice bytes, const struct fk_root_copy *how,
                                    bool *ret_keep, struct fk_error *err)
{
    struct fk_buffer there = {.ptr = NULL};
    struct fk_root other = {.id = r->id};
    enum fk_status st = fk_file_read(path, FK_OBJECT_FILE_MAX, &there, err);
    if (st == FK_E_NOT_FOUND) {
        return FK_OK;
    }
    if (st != FK_OK) {
        goto out;
    }
    if (same_bytes((struct fk_slice){there.ptr, there.len}, bytes)) {
        *ret_keep = true;
        goto out;
    }
    if (how->replace) {
        goto out;
    }
    other.cert = resident((struct fk_slice){there.ptr, there.len});
    if (other.cert == NULL || same_cert(other.cert, r->cert)) {
        st = fk_fail(err, FK_E_EXISTS, "'%s' exists with %s; use --force to replace it", path,
                     other.cert == NULL ? "something else than a certificate"
                                        : "the same certificate in another form");
        goto out;
    }
    snprintf(other.source, sizeof other.source, "'%.190s'", path);
    bool replace = false;
    st = judge(&other, r, how->policy, &replace, err);
    *ret_keep = !replace;
out:
    fk_buffer_release(&there);
    fk_cert_free(other.cert);
    return st;
}

static enum fk_status copy_one(struct fk_root *r, const struct fk_root_copy *how, bool write,
                               size_t *written, struct fk_error *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", how->dir, r->id.name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return fk_fail(err, FK_E_IO, "cannot write into '%.60s...': path is too long", how->dir);
    }
    bool pem = how->form == FK_ROOT_PEM || (how->form == FK_ROOT_AS_FOUND && r->was_pem);
    const struct fk_cert_form form = {.form = pem ? FK_FORM_PEM : FK_FORM_DER};
    const struct fk_cert *cert = r->cert;
    struct fk_converted c = {.secret = false};
    enum fk_status st = fk_convert_certs(&cert, 1, &form, 1, 0, &c, err);
    struct fk_slice bytes = {c.bytes.ptr, c.bytes.len};
    if (st == FK_OK && !write) {
        st = face_resident(r, path, bytes, how, &r->dropped, err);
    } else if (st == FK_OK) {
        struct fk_new_file file = {.path = path, .bytes = bytes, .mode = 0644};
        st = fk_files_write(&file, 1, true, err);
        *written += st == FK_OK ? 1 : 0;
    }
    fk_converted_release(&c);
    return st;
}

enum fk_status fk_root_set_copy(struct fk_root_set *set, const struct fk_root_copy *how,
                                size_t *ret_written, struct fk_error *err)
{
    size_t written = 0;
    for (unsigned write = 0; write < 2; write++) {
        for (size_t i = 0; i < set->n; i++) {
            if (set->at[i].dropped) {
                continue;
            }
            enum fk_status st = copy_one(&set->at[i], how, write == 1, &written, err);
            if (st != FK_OK) {
                return st;
            }
        }
    }
    *ret_written = written;
    return FK_OK;
}
