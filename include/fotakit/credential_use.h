/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_CREDENTIAL_USE_H
#define FOTAKIT_CREDENTIAL_USE_H

#include "fotakit/convert.h"
#include "fotakit/error.h"
#include "fotakit/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one device takes in one place: the rules of a section `credentials.NAME` of its profile
 * (profiles/README.md). A device has several uses when it keeps credentials in several ways, such
 * as one store for TLS and another for WPA2-Enterprise.
 *
 * Loaded with the profile and lives as long as it does. Every group of rules knows its source, so
 * that a refusal can cite it. */

enum fk_purpose { FK_PURPOSE_TLS, FK_PURPOSE_WPA_ENTERPRISE, FK_PURPOSE_FOTA };

enum fk_line_end { FK_LINE_END_ANY, FK_LINE_END_LF, FK_LINE_END_CRLF };

/* Files of one kind. Sizes in bytes, 0 when nothing is published. */
struct fk_file_rules {
    enum fk_line_end line_end; /* of PEM */
    uint32_t max_size;         /* up to here it is known to fit */
    uint32_t refused_above;    /* above here it is known not to fit; between both nobody knows */
    const char *size_source;
};

struct fk_key_rule {
    enum fk_key_type type;
    struct fk_key_form form;
};

#define FK_KEY_RULES_MAX  16
#define FK_USE_CURVES_MAX 16

struct fk_key_rules {
    struct fk_file_rules file;
    struct fk_key_rule forms[FK_KEY_RULES_MAX]; /* in the order of preference */
    size_t n_forms;
    const char *forms_source;
    uint32_t rsa_min_bits, rsa_max_bits; /* 0: no RSA, or no limit published */
    const char *rsa_source;
    const char *curves[FK_USE_CURVES_MAX]; /* as fk_public_info.curve */
    size_t n_curves;                       /* 0: no EC, or no list published */
    const char *curves_source;
    bool password_allowed; /* the device can decrypt its key */
};

struct fk_cert_rules {
    struct fk_file_rules file;
    enum fk_form forms[2]; /* in the order of preference */
    size_t n_forms;
};

struct fk_credential_use {
    const char *name; /* "tls", "wpa-enterprise", "tls-callback" */
    const char *title;
    enum fk_purpose purpose;
    struct fk_key_rules key;
    struct fk_cert_rules cert;
};

struct fk_profile;

/* The use with that name; the first one when name is NULL. FK_E_UNSUPPORTED lists what there is. */
enum fk_status fk_use_find(const struct fk_profile *profile, const char *name,
                           const struct fk_credential_use **ret, struct fk_error *err) FK_MUST_USE;

/* The device takes keys of this type, size and curve at all. */
enum fk_status fk_use_check_key(const struct fk_credential_use *use,
                                const struct fk_public_info *key, struct fk_error *err) FK_MUST_USE;

/* The key, or certificates, in the first form of the use that fits. only: PEM or DER alone, NULL
 * for both. */
enum fk_status fk_use_convert_key(const struct fk_credential_use *use, const struct fk_key *key,
                                  const enum fk_form *only, struct fk_converted *ret,
                                  struct fk_error *err) FK_MUST_USE;
enum fk_status fk_use_convert_certs(const struct fk_credential_use *use,
                                    const struct fk_cert *const *certs, size_t n,
                                    const enum fk_form *only, struct fk_converted *ret,
                                    struct fk_error *err) FK_MUST_USE;

#endif
