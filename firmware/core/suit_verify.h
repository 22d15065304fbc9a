/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_SUIT_VERIFY_H
#define FK_CORE_SUIT_VERIFY_H

#include "core/verify.h"
#include "wire/cose.h"
#include "wire/suit.h"

/* The device's judgement of a signed envelope, also run at the desk by ota-info.
 *
 *   fk_suit_judge()           everything that can be said before a byte of payload is fetched:
 *                             digest, signatures, sequence, vendor, class, component, size, cipher
 *   fk_suit_unwrap()          the content key, when the payload is encrypted
 *   fk_suit_check_payload()   the payload: digest as fetched, tag, digest of the image
 *   fk_suit_read_image()      parts of the decrypted image, for whoever installs it
 *
 * Policy comes from the profile and from provisioning, never from the envelope. Nothing of the
 * manifest is looked at before its signature holds, and nothing has an effect before all of it was
 * read and judged.
 *
 * Memory: no heap. Slices in plan and report point into the caller's envelope bytes, which must not
 * change while they are used: keep the envelope in memory, or judge it again after loading it anew.
 *
 * Not checked: whether the image is good (that is what a trial boot is for), and how old a signed
 * envelope is beyond its sequence number. */

#define FK_TRUST_ANCHORS_MAX 8
#define FK_COMPONENTS_MAX    4

/* What a key may do. */
enum { FK_SIGN_ESP256 = 1, FK_SIGN_ES256 = 2, FK_SIGN_HMAC256 = 4 };

/* A key whose signatures count. Bind a key to as few algorithms and components as possible: the
 * envelope's header only says which of them was used. */
struct fk_trust_anchor {
    struct fk_slice kid; /* as in the envelope; empty: blocks with and without one are tried */
    struct fk_slice key; /* P-256: 65 bytes, 0x04 x y; HMAC: 32 to 64 bytes */
    uint8_t algorithms;  /* FK_SIGN_…; HMAC alone, or ECDSA */
    uint8_t components;  /* bit i: may sign for policy.components[i] */
    bool key_sets;       /* may sign key sets (core/keyset.h) */
};

enum fk_component_kind {
    FK_COMPONENT_IMAGE,     /* the firmware itself */
    FK_COMPONENT_ST_PACKET, /* an ST packet that holds it; judged again by fk_verify_st() */
    FK_COMPONENT_STAGING    /* where an encrypted payload waits; never a target */
};

struct fk_component {
    struct fk_slice id; /* encoded component identifier, such as 81 41 00 */
    enum fk_component_kind kind;
    uint32_t size_max; /* bytes that fit */
    uint32_t unit;     /* length must be a multiple */
};

struct fk_suit_policy {
    const struct fk_trust_anchor *anchors;
    size_t n_anchors;
    uint8_t threshold; /* so many different anchors must have signed; at least 1 */
    const struct fk_component *components;
    size_t n_components;
    uint8_t vendor[FK_SUIT_UUID_SIZE];
    uint8_t class_id[FK_SUIT_UUID_SIZE];
    struct fk_slice device_id; /* 16 bytes, or empty: envelopes for one device are not accepted */
    uint64_t counter;          /* lowest sequence number that is accepted */
    uint32_t manifest_max;     /* bytes of manifest and severed parts */
    bool encryption_required;
    uint8_t ciphers;    /* FK_CONTENT_… */
    uint8_t deliveries; /* FK_DELIVERY_… */
};

/* FK_OK, or FK_E_PROFILE for a policy that cannot protect anything: no anchor, a threshold of 0 or
 * above the number of anchors, one key listed twice, a key without algorithm or component. */
enum fk_status fk_suit_policy_check(const struct fk_suit_policy *policy) FK_MUST_USE;

/* One authentication block and what became of it. */
struct fk_suit_block {
    enum fk_status verdict; /* FK_OK: signed by the anchor */
    size_t anchor;          /* index in the policy */
    enum fk_cose_kind kind; /* these three are as claimed, when the block could be read */
    int32_t alg;
    struct fk_slice kid;
};

/* Verdict of each check, in this order. The first that fails decides the status. */
struct fk_suit_report {
    enum fk_check envelope;  /* the parts are there, and not too large */
    enum fk_check digest;    /* of the manifest */
    enum fk_check signature; /* enough different trusted keys */
    enum fk_check version;   /* version and elements are known */
    enum fk_check sequence;  /* not older than the counter */
    enum fk_check severed;   /* severed elements are the signed ones */
    enum fk_check commands;  /* every command and parameter is in the profile */
    enum fk_check vendor;
    enum fk_check class_id;
    enum fk_check device;
    enum fk_check component;  /* exists here, and the signers may write it */
    enum fk_check encryption; /* present when required; cipher and key delivery allowed */
    enum fk_check size;       /* of payload and image, against each other and the slot */
    enum fk_check key;        /* content key unwrapped */
    enum fk_check payload;    /* digest of the payload as fetched */
    enum fk_check tag;        /* AES-GCM */
    enum fk_check image;      /* digest of the image */
    struct fk_suit_block blocks[FK_SUIT_AUTHS_MAX];
    size_t n_blocks;
    size_t n_valid; /* different anchors with a valid signature */
};

/* A manifest that was judged: only fk_suit_judge() makes one. */
struct fk_suit_plan {
    struct fk_suit_manifest manifest;
    enum fk_component_kind kind;
    uint32_t image_size;
    uint32_t payload_size;
    bool encrypted;
    bool integrated;
    uint32_t payload_off; /* integrated: place in the envelope */
    struct fk_cose_encrypt encryption;
    uint8_t deliveries;
};

/* head and total_len: see fk_suit_envelope_parse(). FK_OK only when every check up to `size` has
 * passed. *ret_report is written in every case, *ret_plan only with FK_OK. */
enum fk_status fk_suit_judge(const struct fk_suit_policy *policy, struct fk_slice head,
                             uint64_t total_len, struct fk_suit_plan *ret_plan,
                             struct fk_suit_report *ret_report) FK_MUST_USE;

/* What this device can unwrap content keys with. */
struct fk_suit_keys {
    struct fk_slice kek; /* 16 bytes, or empty */
    struct fk_slice kek_kid;
    struct fk_slice ecdh; /* P-256 secret key, 32 bytes, or empty */
    struct fk_slice ecdh_kid;
};

/* A recipient whose key identifier is known to be another one is passed over; one without is tried.
 * FK_E_NO_KEY when the device has no key, FK_E_RECIPIENT when none of the recipients is this
 * device, FK_E_UNWRAP when it is but the key does not come out. Wipe *ret after use. */
enum fk_status fk_suit_unwrap(const struct fk_suit_plan *plan, const struct fk_suit_keys *keys,
                              uint8_t ret[16], struct fk_suit_report *report) FK_MUST_USE;

/* Reads the payload once (twice when it is encrypted and its own digest is known), decrypts into
 * work and throws the plaintext away. key: NULL when the payload is not encrypted.
 * FK_E_CIPHERTEXT, FK_E_TAG, FK_E_DIGEST, or what source and crypto library fail with. */
enum fk_status fk_suit_check_payload(const struct fk_suit_plan *plan, const uint8_t *key,
                                     const struct fk_source *source, uint8_t *work, size_t work_len,
                                     struct fk_suit_report *report) FK_MUST_USE;

/* Counter block of the first byte of an encrypted payload, for decryption with CTR. */
void fk_suit_first_counter(const struct fk_suit_plan *plan, uint8_t ret[16]);

/* Image bytes off to off + len, decrypted; only after fk_suit_check_payload(), since nothing is
 * authenticated here. off is a multiple of 16. */
enum fk_status fk_suit_read_image(const struct fk_suit_plan *plan, const uint8_t *key,
                                  const struct fk_source *source, uint32_t off, void *buf,
                                  size_t len) FK_MUST_USE;

#endif
