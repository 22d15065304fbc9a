/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_SIGNED_H
#define FK_TESTS_SIGNED_H

#include "core/plan.h"
#include "support/suit_make.h"

/* A signed update for a test device: envelope with a payload of its own, and the trust that accepts
 * it. The structure must not move once it is made. */

enum signed_kind {
    SIGNED_PLAIN,     /* the image as it is */
    SIGNED_ENCRYPTED, /* COSE_Encrypt A128GCM, key wrapped with A128KW */
    SIGNED_PACKET     /* an ST packet, given as image */
};

struct signed_update {
    struct suit_key key;
    struct suit_policy policy;
    struct fk_trust trust;
    uint8_t envelope_memory[1024];
    struct suit_made envelope;
    const char *uri;  /* of the payload; NULL: "./payload." */
    bool integrated;  /* the payload is in the envelope, and uri is not used */
    uint64_t sequence;
    uint32_t payload_len;
    uint8_t payload[70 * 1024];
};

/* Makes a new signing key, then as signed_update_remake(), with uri and integrated as they are zero. */
void signed_update_make(struct signed_update *u, const struct fk_device *device, uint64_t sequence,
                        const uint8_t *image, uint32_t image_len, enum signed_kind kind);
/* Another envelope by the same key. */
void signed_update_remake(struct signed_update *u, const struct fk_device *device,
                          uint64_t sequence, const uint8_t *image, uint32_t image_len,
                          enum signed_kind kind);
void signed_update_free(struct signed_update *u);

struct fk_slice signed_update_head(const struct signed_update *u);
uint32_t signed_update_total(const struct signed_update *u);

#endif
