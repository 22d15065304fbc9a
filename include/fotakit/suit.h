/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_SUIT_H
#define FOTAKIT_SUIT_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/image.h"
#include "fotakit/ota.h"
#include "fotakit/profile.h"
#include "fotakit/signer.h"
#include "core/suit_verify.h"
#include "wire/cose.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes signed envelopes: firmware/FORMAT.md, "Signed envelope", has every byte; the structures are
 * put together with the device's own codec and judged by its verifier (core/suit_verify.h).
 *
 *     fk_profile_load()     vendor, class, components, ciphers, limits
 *     fk_signer_open()      one key for each signature
 *     fk_image_open()       the image, or the ST packet that is wrapped (as raw binary)
 *     fk_output_open()      the envelope, and the payload when it travels apart
 *     fk_suit_create()      encrypts, hashes and signs in one pass over the image
 *     fk_output_commit()
 *
 * Without signers an envelope is not accepted by any device: it is the first half of signing with
 * an offline key (fk_suit_tbs, fk_suit_attach).
 *
 * What is random: the content key, its IV, the ephemeral keys of recipients, and ECDSA signatures.
 * Everything else is the same for the same inputs. */

#define FK_SUIT_SIGNERS_MAX    8
#define FK_SUIT_RECIPIENTS_MAX 16384
#define FK_SUIT_HEAD_MAX       (4u << 20) /* bytes of an envelope in front of its payload */

/* Who can decrypt: a P-256 public key, or a pre-shared key of 16 bytes. */
struct fk_suit_recipient {
    bool shared;
    uint8_t kek[16];
    uint8_t kid[FK_KID_SIZE];
    struct fk_public_key key; /* when not shared */
};
/* A file with a P-256 public key or certificate. */
enum fk_status fk_suit_recipient_read(const char *path, struct fk_suit_recipient *ret,
                                      struct fk_error *err) FK_MUST_USE;
/* A file of exactly 16 bytes. */
enum fk_status fk_suit_kek_read(const char *path, struct fk_suit_recipient *ret,
                                struct fk_error *err) FK_MUST_USE;

struct fk_suit_options {
    const struct fk_profile *profile;
    bool packet; /* the payload is an ST packet, not the image itself */
    uint64_t sequence;
    const char *version; /* of the image, for people; NULL: none */
    const char *uri;     /* of the payload; NULL: it is integrated */
    struct fk_slice device_id; /* 16 bytes: for this one device only; empty: for all of its class */
    const struct fk_signer *const *signers;
    size_t n_signers;
    bool es256;     /* P-256 keys sign ES256 instead of ESP256 */
    int32_t cipher; /* 0: not encrypted, FK_COSE_A128GCM, FK_COSE_A128CTR */
    const struct fk_suit_recipient *recipients;
    size_t n_recipients;
    bool pad;
    struct fk_progress progress;
};

struct fk_suit_result {
    uint64_t image_size, padded, payload_size, envelope_size;
    size_t manifest_size, n_recipients; /* of the envelope, those it had before included */
    char uri[FK_SUIT_URI_MAX + 1];      /* of a payload that travels apart, or empty */
    uint8_t image_sha256[32];
    uint8_t manifest_sha256[32]; /* what is signed */
};

/* payload: NULL when it is integrated. Refusals beside those of reading and writing:
 * FK_E_UNSUPPORTED (profile without envelopes), FK_E_CIPHER (not in the profile),
 * FK_E_ENCRYPTION_REQUIRED, FK_E_SUIT_TOO_BIG (too many recipients for the device),
 * FK_E_IMAGE_ALIGN, FK_E_IMAGE_TOO_BIG. */
enum fk_status fk_suit_create(struct fk_image *image, const struct fk_suit_options *options,
                              struct fk_output *envelope, struct fk_output *payload,
                              struct fk_suit_result *ret, struct fk_error *err) FK_MUST_USE;

/* Many recipients, each of which adds to the manifest that every device has to read: one payload,
 * encrypted once, and an envelope of its own for each group of per_group recipients (0: as many as
 * the profile's envelope.manifest_max lets a manifest hold). All groups have the same sequence
 * number and image. sink gets the envelopes one by one. */
struct fk_suit_group {
    size_t number, first, n; /* recipients first to first + n of the options */
};
struct fk_suit_sink {
    void *ctx;
    enum fk_status (*take)(void *ctx, const struct fk_suit_group *group, struct fk_slice envelope,
                           struct fk_error *err);
};
enum fk_status fk_suit_create_groups(struct fk_image *image, const struct fk_suit_options *options,
                                     size_t per_group, struct fk_output *payload,
                                     const struct fk_suit_sink *sink, struct fk_suit_result *ret,
                                     struct fk_error *err) FK_MUST_USE;

/* The bytes that a key of this kind signs for an envelope with this digest. context: empty; other
 * things than envelopes are signed with another one (fotakit/keyset.h). */
enum fk_status fk_suit_tbs(const uint8_t sha256[32], struct fk_slice context, int32_t alg,
                           uint8_t ret[FK_COSE_TBS_MAX], size_t *ret_len) FK_MUST_USE;
/* COSE number of what a key signs. */
int32_t fk_suit_algorithm(const struct fk_public_key *key, bool es256);
/* The name of a COSE algorithm that envelopes have, as IANA registers it; "unknown algorithm". */
const char *fk_cose_algorithm_text(int32_t alg);

/* Copies an envelope with one more signature, made elsewhere. It is verified before anything is
 * written: FK_E_SIGNATURE. FK_E_EXISTS when this key has signed already. */
enum fk_status fk_suit_attach(const char *path, const struct fk_public_key *key, bool es256,
                              struct fk_slice signature, struct fk_output *output,
                              struct fk_error *err) FK_MUST_USE;

/* Copies an envelope with more recipients of the same payload. own: the keys of a present recipient, with
 * which the content key is unwrapped. The manifest changes, so old signatures are
 * dropped and the signers sign anew. FK_E_SIGNER when none of them has signed the envelope before:
 * a stranger's envelope does not come out with our signature. FK_E_EXISTS when one of the
 * recipients can decrypt it already. */
enum fk_status fk_suit_add_recipients(const char *path, const struct fk_suit_options *options,
                                      const struct fk_suit_keys *own, struct fk_output *output,
                                      struct fk_suit_result *ret, struct fk_error *err) FK_MUST_USE;

/* Appends the recipients in a list: one file per line as for fk_suit_recipient_read(), relative to
 * the folder of the list; empty lines and lines that begin with '#' are passed over. *list grows by
 * realloc(); free() it. */
enum fk_status fk_suit_recipient_list(const char *path, struct fk_suit_recipient **list, size_t *n,
                                      struct fk_error *err) FK_MUST_USE;
/* FK_E_USAGE when two of them are the same key. */
enum fk_status fk_suit_recipients_check(const struct fk_suit_recipient *list, size_t n,
                                        struct fk_error *err) FK_MUST_USE;

#endif
