/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_ENVELOPE_H
#define FOTAKIT_ENVELOPE_H

#include "core/suit_verify.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/profile.h"
#include "fotakit/signer.h"
#include "wire/keyset.h"
#include "wire/suit.h"

#include <stdbool.h>
#include <stdint.h>

/* Signed envelopes in files, and the verdict of the very verifier that the device runs
 * (firmware/core/suit_verify.c with mbedTLS).
 *
 *     fk_suit_file_open()     parts and sizes; nothing is verified
 *     fk_suit_file_verify()   as often as wanted
 *     fk_suit_file_close()
 */

/* The part in front of the payload is in memory, the payload stays on disk. */
struct fk_suit_file {
    const char *path; /* borrowed */
    int fd;           /* -1 when closed */
    uint64_t size;
    struct fk_buffer head; /* at least up to the payload, at most FK_SUIT_HEAD_MAX bytes */
    struct fk_suit_envelope env;
};
#define FK_SUIT_FILE_INIT                                                                          \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Opened and taken apart. The message says what is wrong with the file. */
enum fk_status fk_suit_file_open(struct fk_suit_file *f, const char *path,
                                 struct fk_error *err) FK_MUST_USE;
/* len bytes at an offset of the file. */
enum fk_status fk_suit_file_read(const struct fk_suit_file *f, uint64_t off, void *buf, size_t len,
                                 struct fk_error *err) FK_MUST_USE;
/* Accepts one that was never opened. */
void fk_suit_file_close(struct fk_suit_file *f);

/* The version of the image in the text of a manifest, for showing it: what is not printable ASCII
 * is masked with '?', the rest of a longer one is left out. Empty when there is none, or the text
 * has another form than fk_suit_create() writes. */
#define FK_SUIT_VERSION_MAX 100 /* bytes */
void fk_suit_text_version(struct fk_slice text, char ret[FK_SUIT_VERSION_MAX + 1]);

/* True when a file begins like an envelope. FK_E_IO and the like count as no. */
bool fk_suit_file_looks_like_one(const char *path);

/* What stands in for a provisioned device. */
struct fk_suit_device {
    const struct fk_profile *profile;
    const struct fk_public_key *trusted; /* P-256: what devices verify */
    size_t n_trusted;                    /* at most FK_TRUST_ANCHORS_MAX */
    const struct fk_keyset *trusted_set; /* instead of trusted: what its keys may sign counts */
    struct fk_slice device_id;           /* 16 bytes, or empty */
    uint64_t counter;
    struct fk_suit_keys keys; /* for decryption; empty: the payload stays closed */
    const char *payload;      /* file of a payload that travels apart; NULL: not at hand */
};

struct fk_suit_verdict {
    struct fk_suit_report report;
    bool has_plan; /* the envelope was accepted: plan is valid */
    struct fk_suit_plan plan;
    bool payload_checked; /* and so was its payload, to the last byte */
};

/* FK_OK when the device would accept the envelope, and its payload as far as it is at hand and can
 * be decrypted with the keys. Otherwise a status of fk_suit_judge(), fk_suit_unwrap() or
 * fk_suit_check_payload(), with a message that names what was expected and what was found; for
 * signatures the key identifiers that are present and those that are trusted. *ret is written in
 * every case and refers to bytes of f. */
enum fk_status fk_suit_file_verify(const struct fk_suit_file *f,
                                   const struct fk_suit_device *device, struct fk_suit_verdict *ret,
                                   struct fk_error *err) FK_MUST_USE;

#endif
