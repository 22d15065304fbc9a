/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_EMIT_H
#define FOTAKIT_EMIT_H

#include "fotakit/bundle.h"
#include "fotakit/credential_use.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/profile.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes what a device takes in the form in which it takes it: repaired items (fotakit/bundle.h)
 * become files under the device's names, a script for its console, a page of its flash, source for
 * its build. Names, commands, sizes and orders come from the profile.
 *
 *     fk_emit() for each form, fk_emitted_write(), fk_emitted_release()
 *
 * Same inputs, same bytes. Not checked here: whether the device accepts what is in the items; the
 * lint does that. Refused is what does not fit the store: too many roots, names that are too long,
 * a page that overflows. */

enum fk_emit_form {
    FK_EMIT_FILES,        /* one file an item, and steps.txt when a person has to do something */
    FK_EMIT_AT,           /* a script for cert-bundle replay (fotakit/at_script.h) */
    FK_EMIT_C,            /* arrays: credentials.c and .h */
    FK_EMIT_NODEMCU_PAGE, /* one 4096-byte image for each flash page */
    FK_EMIT_LUA_STRINGS,  /* tls-credentials.lua */
    FK_EMIT_LUA_CALLBACK, /* the same, and the files that it reads */
    FK_EMIT_WICED_DCT,    /* generated_security_dct.h */
    FK_EMIT_STORE,        /* store.bin, the certificate store's region of the flash */
    FK_EMIT_FORMS,
};
/* "files", "at-script", "c-array"... Static; NULL behind the last. */
const char *fk_emit_form_word(enum fk_emit_form form);
bool fk_emit_form_find(const char *word, enum fk_emit_form *ret);

/* What stands for <name> in a command line. */
struct fk_emit_place {
    const char *name;
    const char *value;
    bool used; /* set by fk_emit() */
};

struct fk_emit_job {
    const struct fk_profile *profile;
    const struct fk_credential_use *use;
    const struct fk_store *store;       /* of use; NULL when the profile names none */
    const struct fk_repaired *repaired; /* the items */
    const struct fk_sequence *sequence; /* of use, to be played after the upload; or NULL */
    struct fk_emit_place *places;       /* for its <...> */
    size_t n_places;
    const char *const *served; /* paths for the store's whitelist; none: no such file */
    size_t n_served;
};

struct fk_emit_file {
    char name[FK_BUNDLE_NAME_SIZE];
    struct fk_buffer bytes;
    bool secret;    /* holds a private key or a password: mode 0600 */
    char what[200]; /* for people */
};

struct fk_emitted {
    struct fk_emit_file *files;
    size_t n;
};

/* The first form of the list that a device takes when nobody chose: a script when it has a console
 * for it, else its own format, else files. */
enum fk_emit_form fk_emit_default(const struct fk_emit_job *job);

/* Appends the files of one form. FK_E_UNSUPPORTED when the store has no such form, with those it
 * has; FK_E_LIMIT, FK_E_USAGE (a place without value). A file that an earlier form has made with
 * the same bytes is not made twice. */
enum fk_status fk_emit(const struct fk_emit_job *job, enum fk_emit_form form,
                       struct fk_emitted *ret, struct fk_error *err) FK_MUST_USE;
void fk_emitted_release(struct fk_emitted *e); /* wipes; accepts a zeroed structure */

/* Writes all files into dir. A folder that does not exist is made, appears complete, and is
 * readable by its owner alone when anything in it is secret; one that exists gets the files, all or
 * none, and none that exists is replaced unless replace is set. durable: a new folder is on the
 * medium before it has its name; otherwise the caller syncs. */
enum fk_status fk_emitted_write(const struct fk_emitted *e, const char *dir, bool replace,
                                bool durable, struct fk_error *err) FK_MUST_USE;
/* Removes what a fk_emitted_write() that was killed has left in dir. For a caller that knows that
 * nobody else writes there. */
void fk_emitted_sweep(const char *dir);
/* The folder has all of the files with these very bytes. */
bool fk_emitted_is_there(const struct fk_emitted *e, const char *dir);

/* The name of an item in a store: <ski> from its certificate, <name> free. */
enum fk_status fk_emit_item_name(const struct fk_store *store, const struct fk_bundle_item *item,
                                 size_t number, char ret[FK_BUNDLE_NAME_SIZE],
                                 struct fk_error *err) FK_MUST_USE;

#endif
