/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_SUIT_MAKE_H
#define FK_TESTS_SUIT_MAKE_H

#include "core/suit_verify.h"
#include "support/crypto_make.h"

#include <stdint.h>

/* Envelopes for tests of the verifier, good ones and every kind of bad one: pieces of the manifest
 * are given as CBOR in hexadecimal, put together and really signed. It shares nothing with the
 * host's own writer but the CBOR heads. */

#define SUIT_VENDOR "fa6b4a53d5ad5fdfbe9de663e4d41ffe"
#define SUIT_CLASS  "1492af1425695e48bf429b2d51f2ab45"
/* "This is a real firmware image." */
#define SUIT_IMAGE        "This is a real firmware image."
#define SUIT_IMAGE_DIGEST "36921488fe6680712f734e11f58d87eeb66d4b21a8a1ad3441060814da16d50f"
/* override-parameters with vendor, class, digest and size, then both conditions */
#define SUIT_SHARED                                                                                \
    "86 14 a4 0150" SUIT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST               \
    "0e181e 010f 020f"
#define SUIT_INSTALL "86 14 a1 15 6a 23696d6167652e62696e 1502 030f" /* "#image.bin" */

/* One authentication block: signed by key, or with an HMAC key, or raw bytes. */
struct suit_auth {
    int32_t alg;
    const struct suit_key *key;
    struct fk_slice hmac;
    struct fk_slice kid;
    const char *raw;
};

struct suit_recipe {
    const char *version, *sequence, *components;             /* items; NULL: left out */
    const char *shared, *validate, *invoke, *install, *text; /* contents of byte strings */
    bool sever_install; /* a digest in the manifest, the element in the envelope */
    bool drop_install;  /* and then not in the envelope either */
    const char *common_extra, *manifest_extra; /* one more pair, encoded */
    const char *envelope_extra;
    const char *payload_name;
    struct fk_slice payload;
    struct suit_auth auths[10];
    size_t n_auths;
};

struct suit_made {
    uint8_t bytes[8192];
    size_t len;
    size_t manifest_off, install_off, auth_off; /* where the contents begin; 0: not there */
    size_t manifest_len;
    size_t payload_off;
};

/* A good envelope with an integrated payload, signed ESP256 by key. */
struct suit_recipe suit_recipe_good(const struct suit_key *key);
void suit_make(const struct suit_recipe *recipe, struct suit_made *ret);

/* The policy that accepts it: slot of 1 MiB, components 81 41 00 (image), 81 41 01 (staging) and
 * 81 42 7374 ("st", ST packets), counter 7. The structures are the caller's. */
struct suit_policy {
    struct fk_trust_anchor anchors[4];
    struct fk_component components[3];
    struct fk_suit_policy p;
};
void suit_policy_init(struct suit_policy *policy, const struct suit_key *key);
/* The same as the rules of a device: threshold 1, A128GCM, either way of delivery, 1 KiB of manifest. */
void suit_rules_init(struct fk_envelope_rules *rules);

#endif
