/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_KEYSET_H
#define FOTAKIT_KEYSET_H

#include "core/keyset.h"
#include "fotakit/envelope.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/profile.h"
#include "fotakit/signer.h"

/* Signed key sets: the keys that a device trusts and what each may sign, replaced as a whole
 * (firmware/FORMAT.md, "Key set"). Written with the device's codec, judged by its code.
 *
 *     fk_keyset_create()         a new set, signed by old keys and new ones as far as they are here
 *     fk_keyset_tbs()            the bytes for a key that is elsewhere
 *     fk_keyset_attach()         its signature
 *     fk_keyset_file_open()      reading
 *     fk_keyset_file_verify()    would a device with these keys take it?
 *
 * Deterministic but for the ECDSA signatures. */

struct fk_keyset_entry {
    struct fk_public_key key; /* P-256 */
    uint8_t algorithms;       /* FK_SIGN_ESP256 | FK_SIGN_ES256 */
    uint8_t components;       /* FK_SUIT_MAY_IMAGE | FK_SUIT_MAY_PACKET */
    bool key_sets;
};

/* "FILE", which may sign everything, or "FILE=WORD,WORD…" with image, packet, keys, esp256, es256.
 * Without an algorithm among the words, both. FK_E_USAGE for other words. */
enum fk_status fk_keyset_entry_read(const char *text, struct fk_keyset_entry *ret,
                                    struct fk_error *err) FK_MUST_USE;

struct fk_keyset_options {
    const struct fk_profile *profile;
    uint64_t sequence;
    unsigned threshold;
    const struct fk_keyset_entry *keys;
    size_t n_keys;
    const struct fk_signer *const *signers;
    size_t n_signers;
    bool es256;
};

struct fk_keyset_result {
    size_t size;
    uint8_t sha256[32]; /* what is signed */
    bool complete;      /* signed by its own threshold; by the old one only a device can tell */
};

/* Refuses sets that no device would take: FK_E_PROFILE with what is wrong, FK_E_USAGE, FK_E_LIMIT.
 */
enum fk_status fk_keyset_create(const struct fk_keyset_options *options, struct fk_output *output,
                                struct fk_keyset_result *ret, struct fk_error *err) FK_MUST_USE;

/* As fk_suit_tbs(). */
enum fk_status fk_keyset_tbs(const uint8_t sha256[32], int32_t alg, uint8_t ret[FK_COSE_TBS_MAX],
                             size_t *ret_len) FK_MUST_USE;

/* As fk_suit_attach(). */
enum fk_status fk_keyset_attach(const char *path, const struct fk_public_key *key, bool es256,
                                struct fk_slice signature, struct fk_output *output,
                                struct fk_error *err) FK_MUST_USE;

/* A key set in memory; set points into bytes. Release accepts a zeroed one. */
struct fk_keyset_file {
    const char *path; /* borrowed */
    struct fk_buffer bytes;
    struct fk_keyset set;
};
enum fk_status fk_keyset_file_open(struct fk_keyset_file *f, const char *path,
                                   struct fk_error *err) FK_MUST_USE;
void fk_keyset_file_close(struct fk_keyset_file *f);
/* True when a file begins like a key set. */
bool fk_keyset_file_looks_like_one(const char *path);

/* Would the device take the set in exchange for what it trusts? sequence: of the set in use.
 * device NULL: as the first set of a device, in the factory; profile counts in every case. The
 * statuses of fk_keyset_judge() and fk_keyset_judge_first(), with who signed and who is trusted.
 * *ret (may be NULL) is written in every case. */
enum fk_status fk_keyset_file_verify(const struct fk_keyset_file *f,
                                     const struct fk_profile *profile,
                                     const struct fk_suit_device *device, uint64_t sequence,
                                     struct fk_keyset_report *ret,
                                     struct fk_error *err) FK_MUST_USE;

#endif
