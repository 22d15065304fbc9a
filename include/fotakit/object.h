/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_OBJECT_H
#define FOTAKIT_OBJECT_H

#include "fotakit/error.h"
#include "fotakit/pem.h"

/* What is in a credential file: the keys, certificates and other things it holds, told apart by
 * their structure and not by what the file or the PEM label says they are.
 *
 * A file is either one DER object or PEM text with any number of blocks. Files that people send
 * and that are neither are recognised and explained: UTF-16 text, base64 without its boundaries,
 * OpenSSH and PuTTY keys, JSON escapes, truncated DER, bytes behind the object.
 *
 * Order of calls: fk_objects_read(), look at the objects, open them with fk_key_open(),
 * fk_cert_open() or fk_p12_open(), fk_objects_release(). Everything in the structure lives until
 * the release, which wipes it.
 *
 * Not checked here: anything inside an object beyond its outermost elements. */

#define FK_OBJECT_FILE_MAX (1u << 20) /* bytes; the largest root store is a quarter of it */

enum fk_object_kind {
    FK_OBJECT_UNKNOWN,
    FK_OBJECT_PKCS1,           /* RSA private key, RFC 8017 A.1.2 */
    FK_OBJECT_SEC1,            /* EC private key, RFC 5915 */
    FK_OBJECT_PKCS8,           /* any private key, RFC 5958 */
    FK_OBJECT_PKCS8_ENCRYPTED, /* RFC 5958 section 3 */
    FK_OBJECT_PKCS1_ENCRYPTED, /* "traditional" PEM encryption, RFC 1421 headers */
    FK_OBJECT_SEC1_ENCRYPTED,
    FK_OBJECT_EC_PARAMETERS, /* RFC 5480 2.1.1; named or explicit */
    FK_OBJECT_PUBLIC_KEY,    /* SubjectPublicKeyInfo, or PKCS#1 RSAPublicKey */
    FK_OBJECT_CERTIFICATE,   /* RFC 5280 */
    FK_OBJECT_REQUEST,       /* PKCS#10 */
    FK_OBJECT_CRL,
    FK_OBJECT_PKCS12,
    FK_OBJECT_PKCS7,
    FK_OBJECT_OPENSSH_KEY,
};

struct fk_object {
    enum fk_object_kind kind;
    struct fk_slice der;        /* the object; ciphertext for *_ENCRYPTED of PEM */
    struct fk_slice parameters; /* SEC1: the EC PARAMETERS block right before it, or empty */
    const char *dek_info;       /* traditional encryption; otherwise NULL */
    const char *label;          /* of the PEM block; NULL in a DER file */
    bool mislabelled;           /* the label names another structure than the one found */
    unsigned line;              /* of the PEM block; 0 in a DER file */
};

struct fk_objects {
    struct fk_object *at;
    size_t n;
    bool is_pem;
    unsigned marks; /* enum fk_pem_mark: what was tolerated */
    struct fk_pem pem;
    struct fk_buffer file;
};

/* "-" reads standard input. */
enum fk_status fk_objects_read(const char *path, struct fk_objects *ret,
                               struct fk_error *err) FK_MUST_USE;
/* The same from memory; copies. */
enum fk_status fk_objects_parse(struct fk_slice bytes, struct fk_objects *ret,
                                struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed or released structure. */
void fk_objects_release(struct fk_objects *o);

bool fk_object_is_key(const struct fk_object *o); /* a private key, encrypted or not */
bool fk_object_is_encrypted(const struct fk_object *o);
/* "an RSA private key (PKCS#1)", "a certificate", ...: for messages. Static. */
const char *fk_object_kind_text(enum fk_object_kind kind);
/* The same, or the label of the PEM block when the kind is unknown. */
const char *fk_object_name(const struct fk_object *o);
/* "pkcs1", "certificate", ...: for JSON. Static. */
const char *fk_object_kind_word(enum fk_object_kind kind);
/* How many objects of a file are private keys; certificates. */
size_t fk_objects_count_keys(const struct fk_objects *o);
size_t fk_objects_count(const struct fk_objects *o, enum fk_object_kind kind);

#endif
