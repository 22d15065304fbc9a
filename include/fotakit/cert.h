/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_CERT_H
#define FOTAKIT_CERT_H

#include "fotakit/error.h"
#include "fotakit/key.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X.509 certificates (RFC 5280), decoded into plain facts. The bytes of a certificate are never
 * re-encoded: info.der is what was read, and what every output is made of.
 *
 * A malformed or repeated extension among those listed here refuses the certificate. Not checked:
 * signatures (ask fk_cert_signed_by), chains, dates, names, or any other extension; a decoded
 * certificate is not a trusted one. */

/* RFC 5280 4.2.1.3, by bit number */
enum fk_key_usage {
    FK_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    FK_USAGE_NON_REPUDIATION = 1 << 1,
    FK_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    FK_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    FK_USAGE_KEY_AGREEMENT = 1 << 4,
    FK_USAGE_KEY_CERT_SIGN = 1 << 5,
    FK_USAGE_CRL_SIGN = 1 << 6,
};

struct fk_cert_info {
    struct fk_slice der;
    const char *subject; /* "C = IL, O = StartCom Ltd., CN = ...": UTF-8, controls escaped */
    const char *issuer;
    const char *serial;    /* lower-case hexadecimal, "-" in front when negative */
    const char *signature; /* "sha256WithRSAEncryption" */
    unsigned version;      /* 1 to 3 */
    int64_t not_before;    /* seconds since 1970, UTC */
    int64_t not_after;
    struct fk_public_info key;
    struct fk_slice spki;     /* SubjectPublicKeyInfo, DER */
    struct fk_slice key_bits; /* content of its BIT STRING */
    bool self_issued;         /* subject and issuer are the same name */

    bool has_ski; /* Subject Key Identifier; may be of length 0 */
    struct fk_slice ski;
    bool has_aki;        /* Authority Key Identifier extension present */
    bool has_aki_keyid;  /* with a key identifier */
    bool has_aki_issuer; /* with issuer name and serial number */
    struct fk_slice aki_keyid;

    bool has_basic_constraints;
    bool basic_constraints_critical;
    bool is_ca;
    long path_len; /* -1: no limit */
    bool has_key_usage;
    unsigned key_usage; /* enum fk_key_usage */
};

struct fk_cert;

enum fk_status fk_cert_open(struct fk_slice der, struct fk_cert **ret,
                            struct fk_error *err) FK_MUST_USE;
void fk_cert_free(struct fk_cert *cert);                             /* accepts NULL */
const struct fk_cert_info *fk_cert_info(const struct fk_cert *cert); /* lives as long as cert */

/* The private key belongs to the certificate's public key. */
bool fk_cert_has_key(const struct fk_cert *cert, const struct fk_key *key);
/* The certificate's signature verifies with the issuer's key; says nothing about names. */
bool fk_cert_signed_by(const struct fk_cert *cert, const struct fk_cert *issuer);
/* The issuer's subject is the name that the certificate gives as its issuer; says nothing about
 * signatures. */
bool fk_cert_names_issuer(const struct fk_cert *cert, const struct fk_cert *issuer);
/* "2031-05-07T11:22:33Z"; needs 32 bytes. */
void fk_time_text(int64_t seconds, char text[32]);

/* ---- details, for those who judge certificates --------------------------------------------- */

/* RFC 5280 4.2.1.12 */
enum fk_eku {
    FK_EKU_SERVER_AUTH = 1 << 0,
    FK_EKU_CLIENT_AUTH = 1 << 1,
    FK_EKU_CODE_SIGNING = 1 << 2,
    FK_EKU_ANY = 1 << 3,
    FK_EKU_OTHER = 1 << 4, /* purposes that nobody here knows */
};

enum fk_cert_name_kind { FK_CERT_NAME_CN, FK_CERT_NAME_DNS, FK_CERT_NAME_IP };

struct fk_cert_name {
    enum fk_cert_name_kind kind;
    char *text; /* UTF-8; a NUL inside is written "\0". IP: "192.0.2.1", "2001:db8::1" */
};
#define FK_CERT_NAMES_MAX 1024

struct fk_cert_details {
    struct fk_cert_name *names; /* common names in their order, then alternative names */
    size_t n_names;
    bool has_alt_names; /* Subject Alternative Name is there, maybe with other kinds */
    bool has_eku;
    unsigned eku;              /* enum fk_eku */
    char digest[32];           /* of the signature: "SHA256"; "" when the algorithm has its own */
    enum fk_key_type signer;   /* kind of key that made the signature */
    uint64_t rsa_exponent;     /* 0: no RSA key; UINT64_MAX: larger */
    bool times_as_rfc;         /* UTCTime through 2049, GeneralizedTime later (4.1.2.5) */
    char critical_unknown[80]; /* a critical extension that is not handled here; "" for none */
};

/* FK_E_FORMAT when one of these extensions is malformed, FK_E_LIMIT for too many names. */
enum fk_status fk_cert_details(const struct fk_cert *cert, struct fk_cert_details *ret,
                               struct fk_error *err) FK_MUST_USE;
void fk_cert_details_release(struct fk_cert_details *d); /* accepts a zeroed structure */

#endif
