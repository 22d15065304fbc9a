/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_OTA_SUIT_BUILD_H
#define FK_OTA_SUIT_BUILD_H

#include "fotakit/suit.h"
#include "wire/suit.h"

/* The parts of an envelope, written with the device's codec. Buffers are new and the caller's. */

/* Deterministic: the same claims give the same bytes. */
enum fk_status fk_suit_manifest_make(const struct fk_suit_manifest *m, struct fk_buffer *ret,
                                     struct fk_error *err) FK_MUST_USE;
/* {"en": {component: {6: version}}} */
enum fk_status fk_suit_text_make(struct fk_slice component, const char *version,
                                 struct fk_buffer *ret, struct fk_error *err) FK_MUST_USE;
/* COSE_Encrypt with one wrapped copy of the content key for each recipient; those of `old` (NULL:
 * none) come first, as they are. */
enum fk_status fk_suit_encryption_make(const struct fk_suit_options *options, const uint8_t key[16],
                                       struct fk_slice iv, const struct fk_cose_encrypt *old,
                                       struct fk_buffer *ret, struct fk_error *err) FK_MUST_USE;

/* Everything up to the payload's first byte, or the whole envelope when name is empty. */
struct fk_suit_head {
    struct fk_slice manifest;
    struct fk_slice auths[FK_SUIT_AUTHS_MAX]; /* encoded blocks */
    size_t n_auths;
    struct fk_slice install, text; /* items of severed elements as they stand, or empty */
    struct fk_slice payload_name;
    uint64_t payload_len;
};
enum fk_status fk_suit_head_make(const struct fk_suit_head *head, struct fk_buffer *ret,
                                 struct fk_error *err) FK_MUST_USE;

/* SHA-256 of the manifest in its byte string. */
enum fk_status fk_suit_manifest_digest(struct fk_slice manifest, uint8_t ret[32],
                                       struct fk_error *err) FK_MUST_USE;

/* Blocks of all signers, in their order. */
struct fk_suit_signed {
    uint8_t bytes[FK_SUIT_AUTHS_MAX][160];
    size_t len[FK_SUIT_AUTHS_MAX];
};
/* context: what the signatures are about; empty for envelopes (fk_suit_tbs()). */
struct fk_suit_signers {
    const struct fk_signer *const *at;
    size_t n;
    bool es256;
};
enum fk_status fk_suit_sign(const struct fk_suit_signers *by, const uint8_t digest[32],
                            struct fk_slice context, struct fk_suit_signed *ret,
                            struct fk_error *err) FK_MUST_USE;
/* One block around a signature. */
enum fk_status fk_suit_block_make(const struct fk_public_key *key, int32_t alg,
                                  const uint8_t signature[FK_SIGNATURE_SIZE], uint8_t ret[160],
                                  size_t *ret_len) FK_MUST_USE;

/* The element of digest and blocks. */
#define FK_SUIT_WRAPPER_MAX (FK_SUIT_AUTHS_MAX * 164 + 64)
enum fk_status fk_suit_wrapper_make(const uint8_t digest[32], const struct fk_slice *auths,
                                    size_t n, uint8_t ret[FK_SUIT_WRAPPER_MAX],
                                    size_t *ret_len) FK_MUST_USE;
/* A signature that was made elsewhere for these parts of a file: verified, and put into a block.
 * FK_E_SUIT_DIGEST, FK_E_EXISTS when the key has signed already, FK_E_LIMIT, FK_E_SIGNATURE. */
struct fk_suit_attachment {
    const char *path; /* for messages */
    const struct fk_public_key *key;
    bool es256;
    struct fk_slice signature;
};
enum fk_status fk_suit_attach_block(const struct fk_suit_attachment *a,
                                    const struct fk_suit_envelope *parts, uint8_t ret[160],
                                    size_t *ret_len, struct fk_error *err) FK_MUST_USE;

/* FK_E_USAGE for the last number there is: a device that has had it takes no other ever again. */
enum fk_status fk_suit_check_sequence(uint64_t sequence, struct fk_error *err) FK_MUST_USE;
/* FK_E_SUIT_TOO_BIG with what to do about it. */
enum fk_status fk_suit_check_limit(const struct fk_profile *profile, size_t manifest_len,
                                   size_t n_recipients, struct fk_error *err) FK_MUST_USE;

#endif
