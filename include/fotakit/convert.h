/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_CONVERT_H
#define FOTAKIT_CONVERT_H

#include "fotakit/cert.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/key.h"
#include "fotakit/object.h"

#include <stdbool.h>
#include <stddef.h>

/* Keys and certificates as bytes of a file, in a form that a target takes. One key and one form
 * give one result, byte for byte.
 *
 * A target names the forms it takes in the order of preference and the size it has room for; the
 * conversion picks the first form that the key has and that fits, and says why it passed over the
 * others. */

enum fk_form { FK_FORM_PEM, FK_FORM_DER };
const char *fk_form_text(enum fk_form form, bool crlf); /* "PEM", "PEM, CRLF", "DER". Static. */

struct fk_key_form {
    enum fk_key_structure structure;
    enum fk_form form;
    bool curve_block; /* PEM of SEC1: an EC PARAMETERS block in front; ignored for other keys */
    bool crlf;        /* PEM: lines end in CR LF, else in LF */
};

/* "SEC1, PEM with EC PARAMETERS, CRLF" */
#define FK_KEY_FORM_TEXT_SIZE 64
void fk_key_form_text(const struct fk_key_form *f, char text[FK_KEY_FORM_TEXT_SIZE]);

/* FK_E_UNSUPPORTED when the key has no such form. ret is a new buffer. */
enum fk_status fk_key_write(const struct fk_key *key, const struct fk_key_form *f,
                            struct fk_buffer *ret, struct fk_error *err) FK_MUST_USE;

struct fk_converted {
    struct fk_buffer bytes;
    bool secret; /* holds a private key */
    enum fk_form form;
    char what[160];        /* "EC secp256r1 (P-256), SEC1, PEM with EC PARAMETERS" */
    char passed_over[200]; /* why an earlier form was not taken; "" when the first was */
};
void fk_converted_release(struct fk_converted *c); /* wipes; accepts a zeroed structure */

/* max_size in bytes, 0 for no limit. FK_E_LIMIT when no form fits. */
enum fk_status fk_convert_key(const struct fk_key *key, const struct fk_key_form *forms, size_t n,
                              size_t max_size, struct fk_converted *ret,
                              struct fk_error *err) FK_MUST_USE;

/* Certificates one after the other. DER holds exactly one: forms in the order of preference. */
struct fk_cert_form {
    enum fk_form form;
    bool crlf;
};
enum fk_status fk_convert_certs(const struct fk_cert *const *certs, size_t n_certs,
                                const struct fk_cert_form *forms, size_t n, size_t max_size,
                                struct fk_converted *ret, struct fk_error *err) FK_MUST_USE;

/* ---- what a file offers -----------------------------------------------------------------------
 */

/* The structure in which a key object was found, encrypted or not. */
enum fk_key_structure fk_object_structure(const struct fk_object *o);

/* The private key of a file: the only one, or number pick (from 1; 0 for none chosen). *ret is
 * NULL when the file has none. Several and no pick give FK_E_AMBIGUOUS with a list. */
enum fk_status fk_objects_pick_key(const struct fk_objects *objects, size_t pick,
                                   const struct fk_object **ret, struct fk_error *err) FK_MUST_USE;

/* All certificates of a file, opened, in their order. */
struct fk_cert_list {
    struct fk_cert **at;
    size_t n;
};
enum fk_status fk_cert_list_open(const struct fk_objects *objects, struct fk_cert_list *ret,
                                 struct fk_error *err) FK_MUST_USE;
void fk_cert_list_release(struct fk_cert_list *list); /* accepts a zeroed list */

/* The first certificate of a file belongs to the key. FK_E_KEY_MISMATCH names both. */
enum fk_status fk_check_pair(const char *key_name, const struct fk_key *key, const char *cert_path,
                             struct fk_error *err) FK_MUST_USE;

#endif
