/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_ROOT_SET_H
#define FOTAKIT_ROOT_SET_H

#include "fotakit/cert.h"
#include "fotakit/error.h"
#include "fotakit/ski.h"

#include <stdbool.h>
#include <stddef.h>

/* Certificates with the file names that their key identifiers give them, and the rule for two
 * that want the same name: the same certificate twice is one; different ones (a renewed root keeps
 * its key and so its identifier) are refused unless the caller has chosen.
 *
 * Order of calls: fk_root_set_add() for each, fk_root_set_resolve(), fk_root_set_copy(). */

#define FK_ROOT_SET_MAX 4096

struct fk_root {
    struct fk_key_id id;
    struct fk_cert *cert; /* owned by the set */
    char source[200];     /* where it was read, for messages: "'ca.pem' line 12" */
    bool was_pem;
    bool dropped; /* by resolve: a duplicate, or the loser of a collision */
};

struct fk_root_set {
    struct fk_root *at;
    size_t n, capacity;
};

enum fk_collision {
    FK_COLLISION_REFUSE,
    FK_COLLISION_KEEP_LATEST, /* the later notAfter; refused when both are the same */
    FK_COLLISION_KEEP_FIRST,  /* the one added first, or already in the folder */
};

/* Takes over root->cert, also on failure. */
enum fk_status fk_root_set_add(struct fk_root_set *set, const struct fk_root *root,
                               struct fk_error *err) FK_MUST_USE;
void fk_root_set_release(struct fk_root_set *set); /* accepts a zeroed set */

/* An earlier, different certificate with the same name as entry i, or NULL. */
const struct fk_root *fk_root_set_rival(const struct fk_root_set *set, size_t i);

/* Marks what must not be written. FK_E_COLLISION names both certificates. */
enum fk_status fk_root_set_resolve(struct fk_root_set *set, enum fk_collision policy,
                                   struct fk_error *err) FK_MUST_USE;

enum fk_root_form { FK_ROOT_AS_FOUND, FK_ROOT_PEM, FK_ROOT_DER };

struct fk_root_copy {
    const char *dir; /* must exist */
    enum fk_root_form form;
    enum fk_collision policy; /* also for different certificates already in dir */
    bool replace;             /* replace whatever has the name */
};

/* Writes each root that was not dropped as dir/NAME, mode 0644. A file that is there already with
 * the same bytes is left alone. All names are looked at before the first file is written; a
 * failure of the medium in between leaves whole files only. *ret_written counts. */
enum fk_status fk_root_set_copy(struct fk_root_set *set, const struct fk_root_copy *how,
                                size_t *ret_written, struct fk_error *err) FK_MUST_USE;

#endif
