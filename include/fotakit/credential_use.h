/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_CREDENTIAL_USE_H
#define FOTAKIT_CREDENTIAL_USE_H

#include "fotakit/convert.h"
#include "fotakit/error.h"
#include "fotakit/key.h"
#include "fotakit/tls_suite.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one device takes in one place: the rules of a section `credentials.NAME` of its profile
 * (profiles/README.md). A device has several uses when it keeps credentials in several ways, such
 * as one store for TLS and another for WPA2-Enterprise.
 *
 * Loaded with the profile and lives as long as it does. Every group of rules knows its source, so
 * that a refusal can cite it. What the vendor leaves open is FK_UNKNOWN, 0 or an empty list, as
 * said with each member; what somebody had to guess is in fk_profile.unverified. */

enum fk_answer { FK_UNKNOWN, FK_NO, FK_YES };

enum fk_purpose { FK_PURPOSE_TLS, FK_PURPOSE_WPA_ENTERPRISE, FK_PURPOSE_FOTA };

enum fk_line_end { FK_LINE_END_ANY, FK_LINE_END_LF, FK_LINE_END_CRLF };

/* Files of one kind. Sizes in bytes, 0 when nothing is published. */
struct fk_file_rules {
    enum fk_line_end line_end; /* of PEM */
    bool line_end_made;        /* its build makes them from LF and from CR LF */
    uint32_t max_size;         /* up to here it is known to fit */
    uint32_t refused_above;    /* above here it is known not to fit; between both nobody knows */
    const char *size_source;
    bool final_nul; /* read as a C string: one more byte, 0, behind the text; not in the sizes */
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

/* ---- certificates --------------------------------------------------------------------------- */

enum fk_extension {
    FK_EXT_SUBJECT_KEY_ID,
    FK_EXT_AUTHORITY_KEY_ID,
    FK_EXT_BASIC_CONSTRAINTS,
    FK_EXT_KEY_USAGE,
    FK_EXT_EXTENDED_KEY_USAGE,
};

/* Bits: a certificate may be several of these. */
enum fk_cert_kind {
    FK_CERT_ROOT = 1,         /* loaded as a trust anchor */
    FK_CERT_INTERMEDIATE = 2, /* any other CA */
    FK_CERT_SERVER = 4,       /* of the server that the device talks to */
    FK_CERT_DEVICE = 8,       /* the device's own */
};

enum fk_ext_value {
    FK_EXT_ANY_VALUE,
    FK_EXT_CA,
    FK_EXT_KEY_ENCIPHERMENT,
    FK_EXT_SERVER_AUTH,
    FK_EXT_CLIENT_AUTH
};

/* Certificates of these kinds must carry the extension, with that value in it. */
struct fk_extension_rule {
    enum fk_extension extension;
    unsigned on; /* enum fk_cert_kind bits */
    enum fk_ext_value value;
    const char *source;
};

/* Bits: signature digests. */
enum fk_digest_bit {
    FK_DIGEST_MD5 = 1,
    FK_DIGEST_SHA1 = 2,
    FK_DIGEST_SHA224 = 4,
    FK_DIGEST_SHA256 = 8,
    FK_DIGEST_SHA384 = 16,
    FK_DIGEST_SHA512 = 32,
    FK_DIGEST_RIPEMD160 = 64,
};

/* Public keys that the device can check signatures with: of CAs and of its peers. What its own
 * key may be is in fk_key_rules. */
struct fk_public_rules {
    bool published; /* false: nothing is known, the rest is empty */
    bool rsa, ec, ed25519;
    uint32_t rsa_min_bits, rsa_max_bits;   /* 0: no RSA, or no limit published */
    const char *curves[FK_USE_CURVES_MAX]; /* as fk_public_info.curve */
    size_t n_curves;                       /* 0: no EC, or no list published */
    const char *source;
};

#define FK_EXTENSION_RULES_MAX 16

struct fk_cert_rules {
    struct fk_file_rules file;
    enum fk_form forms[2]; /* in the order of preference */
    size_t n_forms;
    struct fk_public_rules public_key;
    unsigned digests; /* enum fk_digest_bit; 0: no list published */
    const char *digests_source;
    uint32_t peer_max_size; /* of a certificate that the peer sends, DER; 0: none published */
    const char *peer_source;
    struct fk_extension_rule extensions[FK_EXTENSION_RULES_MAX];
    size_t n_extensions;
};

/* ---- chain and checks ----------------------------------------------------------------------- */

enum fk_root_lookup { FK_LOOKUP_UNKNOWN, FK_LOOKUP_SUBJECT, FK_LOOKUP_KEY_ID };

struct fk_chain_rules {
    enum fk_root_lookup root_found_by;
    bool has_intermediates_max;
    uint32_t intermediates_max;          /* between root and leaf */
    enum fk_answer intermediates_loaded; /* the device can send them beside its certificate */
    const char *source;
};

enum fk_name_check {
    FK_NAME_UNKNOWN,
    FK_NAME_NONE,      /* any certificate below a root is taken, whatever its name */
    FK_NAME_CN,        /* the common name alone, exactly */
    FK_NAME_SAN_OR_CN, /* subject alternative names, the common name when there are none */
};

enum fk_date_check {
    FK_DATES_UNKNOWN,
    FK_DATES_NONE,
    FK_DATES_CLOCK, /* against a clock that somebody has to set */
};

enum fk_chain_check {
    FK_CHAIN_UNKNOWN,
    FK_CHAIN_ALWAYS,
    FK_CHAIN_WITH_ROOT, /* only when a root is loaded */
    FK_CHAIN_ON_DEMAND, /* off until it is switched on */
};

struct fk_check_rules {
    enum fk_chain_check chain;
    enum fk_name_check name;
    enum fk_date_check dates;
    const char *chain_source, *name_source, *dates_source;
    bool clock_after_reset;    /* the clock is lost with each reset */
    const char *clock_command; /* with <seconds>, since 1970, UTC; NULL when there is none */
    const char *clock_read;    /* NULL when there is none */
    const char *skip_dates;    /* switches the check of dates off; NULL when there is none */
    const char *verify_on;     /* switches the check of the chain on; NULL when there is none */
};

/* ---- TLS ------------------------------------------------------------------------------------ */

enum fk_tls_version { FK_TLS_1_0 = 1, FK_TLS_1_1 = 2, FK_TLS_1_2 = 4, FK_TLS_1_3 = 8 };

#define FK_TLS_SUITES_MAX 64

struct fk_tls_rules {
    bool published;    /* false: nothing is known, the rest is empty */
    unsigned versions; /* enum fk_tls_version bits */
    const char *versions_source;
    const struct fk_tls_suite *suites[FK_TLS_SUITES_MAX]; /* in the order of the source */
    size_t n_suites;                                      /* 0: no list published */
    const char *suites_source;
    uint32_t flight_max; /* bytes of the server's first flight: hello, certificates and key
                          * exchange together; 0: none published */
    const char *flight_source;
    enum fk_answer sni; /* whether it sends the server's name (RFC 6066 3) */
    const char *sni_source;
};

/* ---- where things are put ------------------------------------------------------------------- */

enum fk_slot_role {
    FK_SLOT_CA,   /* trust anchors */
    FK_SLOT_CERT, /* the device's certificate, with or without its chain */
    FK_SLOT_KEY,
    FK_SLOT_AUTH, /* the raw key identifier of the peer's root, and nothing else */
};

/* One place. Texts may hold <name> (the file name), <size> (bytes, decimal), <ski> (lower-case
 * hex of the root's key identifier). The data follow the end of the command line of `write`. */
struct fk_slot {
    enum fk_slot_role role;
    const char *name;      /* file or slot name, or a pattern such as "<ski>.ca"; "<name>": free */
    uint32_t items_max;    /* files or records of this role; 0: no limit published */
    uint32_t certs_max;    /* certificates in one item; 0: no limit published */
    bool only_with_pem_ca; /* not needed when the root is loaded in DER */
    const char *area;      /* fk_area.name that it shares; NULL for none */
    const char *write;     /* command; NULL when there is none */
    const char *activate;  /* command that makes the device use it; NULL when there is none */
    const char *variable;  /* variable or macro that names or holds it; NULL when there is none */
};

/* Bytes that several items share. */
struct fk_area {
    const char *name;
    uint32_t size;
    uint32_t overhead; /* of each item, beside its bytes */
    bool der;          /* items are stored in DER, whatever form they are handed over in */
    const char *place; /* where it lies, for people; NULL: not said */
    const char *source;
};

/* Bits: forms that only this store takes, beside files, C arrays and, with a dialogue, scripts. */
enum fk_store_output {
    FK_OUTPUT_NODEMCU_PAGE = 1, /* the flash pages of app/modules/tls.c */
    FK_OUTPUT_LUA_STRINGS = 2,  /* tls.cert.auth and verify with PEM strings */
    FK_OUTPUT_LUA_CALLBACK = 4, /* the same with functions */
    FK_OUTPUT_WICED_DCT = 8,    /* the macros of generated_security_dct.h */
};

enum fk_update_effect { FK_UPDATE_UNKNOWN, FK_UPDATE_KEEPS, FK_UPDATE_ERASES };

#define FK_STORE_SLOTS_MAX  8
#define FK_STORE_AREAS_MAX  4
#define FK_STORE_ERASED_MAX 8

struct fk_store {
    const char *name; /* "command", "files" */
    const char *title;
    struct fk_slot slots[FK_STORE_SLOTS_MAX]; /* in the order in which they are written */
    size_t n_slots;
    struct fk_area areas[FK_STORE_AREAS_MAX];
    size_t n_areas;
    unsigned outputs;   /* enum fk_store_output bits */
    const char *clear;  /* commands; NULL when there is none */
    const char *remove; /* deletes the file <name> */
    const char *list;
    const char *save;
    const char *public_option; /* word in `write` that lets everybody read the file; or NULL */
    const char *whitelist;     /* file that names what its web server serves; NULL for none */
    uint32_t files_max;        /* 0: no limit published */
    uint32_t name_max;         /* bytes of a file name; 0: no limit published */
    enum fk_update_effect firmware_update;
    const char *update_source;
    const char *erased_by[FK_STORE_ERASED_MAX]; /* what else erases it, sentences */
    size_t n_erased_by;
};

/* ---- how it is used ------------------------------------------------------------------------- */

/* What the device needs to play a part, such as "client" or "mutual-client". */
#define FK_MODE_ROLES_MAX 4
#define FK_USE_MODES_MAX  8

struct fk_use_mode {
    const char *name;
    enum fk_slot_role needed[FK_MODE_ROLES_MAX];
    size_t n_needed;
    enum fk_slot_role optional[FK_MODE_ROLES_MAX];
    size_t n_optional;
};

/* Command lines in their order, with places such as <host>, for one job. */
#define FK_SEQUENCE_LINES_MAX 24
#define FK_USE_SEQUENCES_MAX  16

struct fk_sequence {
    const char *name; /* "connect", "eap-tls" */
    const char *lines[FK_SEQUENCE_LINES_MAX];
    size_t n_lines;
    const char *source;
};

enum fk_command_end { FK_COMMAND_CR, FK_COMMAND_LF, FK_COMMAND_CRLF };

struct fk_dialogue {
    bool published; /* false: it has no console, or none that is known */
    enum fk_command_end command_end;
    const char *done;   /* an answer that begins so ends a command that worked */
    const char *failed; /* the same for one that did not; a code follows */
    const char *key_id; /* an answer that begins so echoes the root's key identifier; or NULL */
    const char *probe;  /* a harmless command that is answered with done; NULL when none is known */
    const char *reset;  /* the command after which it starts again; NULL when there is none */
    const char *argument_not; /* characters that no argument can hold; "" for none */
    uint32_t line_max;        /* bytes of a line, without its end; 0: none published */
};

struct fk_credential_use {
    const char *name; /* "tls", "wpa-enterprise", "tls-callback" */
    const char *title;
    enum fk_purpose purpose;
    bool server; /* the device is the server */
    struct fk_key_rules key;
    struct fk_cert_rules cert;
    struct fk_chain_rules chain;
    struct fk_check_rules checks;
    struct fk_tls_rules tls;
    const struct fk_store *stores; /* the first one is what tools write without being told */
    size_t n_stores;
    struct fk_use_mode modes[FK_USE_MODES_MAX];
    size_t n_modes;
    struct fk_dialogue dialogue;
    const struct fk_sequence *sequences;
    size_t n_sequences;
};

struct fk_profile;

/* The use with that name; the first one when name is NULL. FK_E_UNSUPPORTED lists what there is. */
enum fk_status fk_use_find(const struct fk_profile *profile, const char *name,
                           const struct fk_credential_use **ret, struct fk_error *err) FK_MUST_USE;

/* NULL when there is none of that name. */
const struct fk_store *fk_use_store(const struct fk_credential_use *use, const char *name);
const struct fk_use_mode *fk_use_mode(const struct fk_credential_use *use, const char *name);
const struct fk_sequence *fk_use_sequence(const struct fk_credential_use *use, const char *name);
/* The slot of a role; NULL when the store has none. */
const struct fk_slot *fk_store_slot(const struct fk_store *store, enum fk_slot_role role);
/* "ca", "cert", "key", "auth". Static. */
const char *fk_slot_role_text(enum fk_slot_role role);

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
