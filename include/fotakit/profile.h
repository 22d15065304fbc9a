/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_PROFILE_H
#define FOTAKIT_PROFILE_H

#include "fotakit/error.h"
#include "fotakit_fw/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A device profile: the YAML file that holds every fact about one device. profiles/README.md is
 * the schema. Loading refuses unknown, repeated and missing keys with file, line and column, checks
 * the flash map with fk_device_check(), and remembers which facts nobody could verify.
 *
 * What is not checked: that a fact is true. Each one names its source. */

#define FK_PROFILE_REGIONS_MAX 16

/* An address range of the firmware image; end is the address behind the last byte. */
struct fk_image_region {
    char name[32];
    uint64_t start;
    uint64_t end;
    bool application; /* goes into the update; others are refused by name */
};

struct fk_image_rules {
    uint32_t unit;     /* image length must be a multiple, in bytes */
    uint8_t gap_value; /* fills holes between the records of a HEX file */
    bool any_base;     /* the vendor publishes no map: take the image as the span it covers */
    struct fk_image_region regions[FK_PROFILE_REGIONS_MAX];
    size_t n_regions;
};

/* What one of the two images of a device may take, in bytes. */
struct fk_image_budget {
    uint32_t text_max; /* code, constants and the first values of variables */
    uint32_t ram_max;  /* static RAM, without the stack */
    uint32_t stack;    /* set aside for the stack */
};

/* Memory of a board beside its flash, for the build of its images; all zero: no board. */
struct fk_board_rules {
    uint64_t code_start, code_end; /* where the boot stage runs from */
    uint64_t ram_start, ram_end;
    uint32_t watchdog_ms; /* without a sign of life the board is reset */
    uint32_t tls_pool;    /* bytes of static RAM for TLS; 0: the application has none */
    struct fk_image_budget boot, application;
};

/* A fact, or a section with all its facts, marked `verified: false`; for the tools to mention. */
struct fk_unverified {
    const char *key;    /* dotted path, such as "fota.header" */
    const char *source; /* full citation and the place in it */
    const char *note;   /* what is not known, a sentence */
    unsigned line;
};

/* A mistake in what the vendor published, so that nobody "corrects" the profile back to it. */
struct fk_erratum {
    const char *name;
    const char *source; /* where the mistake stands: full citation and the place in it */
    const char *says;
    const char *right;
    const char *because; /* how one can see that it is a mistake */
};

struct fk_arena;
struct fk_credential_use; /* fotakit/credential_use.h */
struct fk_error_tables;   /* fotakit/error_table.h */

struct fk_profile {
    const char *name;   /* file name without .yaml */
    const char *path;   /* file it was read from */
    const char *title;  /* for people */
    const char *vendor; /* vendor domain, such as "st.com" */
    bool has_firmware;  /* the profile describes flash, image and fota; the next four are valid */
    struct fk_device device;
    struct fk_image_rules image;
    bool has_board; /* there is a board that runs this firmware; then board is valid, too */
    struct fk_board_rules board;
    const char *envelope_class; /* name behind envelope.class_id; NULL without signed envelopes */
    const char *update_command; /* with <host>, <path>… to be filled in; NULL when there is none */
    const char *key_command;    /* sets the packet key; <hex> to be filled in; NULL for none */
    const struct fk_credential_use *uses; /* what it takes where, in the order of the file */
    size_t n_uses;                        /* 0 when nothing is said about credentials */
    const struct fk_error_tables *errors; /* codes that it reports; NULL when nothing is said */
    const struct fk_erratum *errata;
    size_t n_errata;
    const struct fk_unverified *unverified; /* in the order of the sections */
    size_t n_unverified;
    struct fk_arena *memory; /* holds all of the above and the structure itself */
};

/* name_or_path: a path when it contains '/' or ends in ".yaml", otherwise the name of a profile. A
 * name is looked for in this order:
 *   1. the folder $FOTAKIT_PROFILES, when set;
 *   2. ../share/fotakit/profiles beside the folder of the program (an installed tool);
 *   3. the profiles/ of the source tree, when the program lies in build/VARIANT/FOLDER of it.
 * A name that is in none of them gives FK_E_NOT_FOUND, with the folders and the names there are.
 * FK_E_PROFILE and FK_E_GEOMETRY are refusals of the contents, FK_E_LIMIT a file over 1 MiB.
 * Everything in the result lives until fk_profile_free(). */
enum fk_status fk_profile_load(const char *name_or_path, struct fk_profile **ret,
                               struct fk_error *err) FK_MUST_USE;
/* The same from memory; path is for messages, and its last part is the name. For tests and
 * fuzzing. */
enum fk_status fk_profile_parse(const char *path, const void *yaml, size_t len,
                                struct fk_profile **ret, struct fk_error *err) FK_MUST_USE;
/* Accepts NULL. */
void fk_profile_free(struct fk_profile *profile);

/* The mark that covers the fact with this dotted key ("credentials.tls.private_key.max_size"): its
 * own or that of a map around it. NULL when the fact is verified. */
const struct fk_unverified *fk_profile_unverified(const struct fk_profile *profile,
                                                  const char *key);

/* The profile that the tools use without -p. */
#define FK_PROFILE_DEFAULT "spwf04s"

#endif
