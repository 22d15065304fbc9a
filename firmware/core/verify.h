/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_VERIFY_H
#define FK_CORE_VERIFY_H

#include "fotakit_fw/device.h"
#include "crypto/crypto.h"
#include "wire/st_packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The device's judgement of a packet, also run at the desk by ota-info.
 *
 * Reads the payload once through a source (flash, or a file), decrypts into the caller's work
 * buffer and throws the plaintext away: nothing reaches a bootable slot here. What runs on the
 * device later is checked once more against the same digest.
 *
 * Not checked, because the ST packet does not carry it: who made the image, for which product, and
 * which version it is. */

struct fk_source {
    void *ctx;
    /* Bytes off to off + len of the payload, all of them or a failure. */
    enum fk_status (*read)(void *ctx, uint32_t off, void *buf, size_t len);
};

/* Verdict of one check: it starts as NOT_REACHED and only evidence makes it PASSED. */
enum fk_check { FK_CHECK_NOT_REACHED, FK_CHECK_NOT_NEEDED, FK_CHECK_PASSED, FK_CHECK_FAILED };

struct fk_st_report {
    bool plain;
    enum fk_check size;   /* not empty, fits the slot, multiple of the unit */
    enum fk_check policy; /* plain allowed or encrypted */
    enum fk_check key;    /* a key is there when one is needed */
    enum fk_check tag;    /* AES-128-GCM tag over the body */
    enum fk_check digest; /* SHA-256 of the plaintext image */
};

/* key: FK_AES_KEY_SIZE bytes, or NULL when the device has none. work: work_len bytes, a multiple
 * of FK_AES_BLOCK, wiped before return. FK_OK only when every check that applies has passed;
 * otherwise FK_E_EMPTY, FK_E_IMAGE_TOO_BIG, FK_E_IMAGE_ALIGN, FK_E_PLAIN_REFUSED, FK_E_NO_KEY,
 * FK_E_TAG, FK_E_DIGEST, or what the source or the crypto library failed with.
 * *ret_report (may be NULL) is written in every case. */
enum fk_status fk_verify_st(const struct fk_device *device, const struct fk_st_header *header,
                            const uint8_t *key, const struct fk_source *source,
                            uint32_t payload_len, uint8_t *work, size_t work_len,
                            struct fk_st_report *ret_report) FK_MUST_USE;

/* A counter block some blocks further on: one big-endian number of 128 bits (SP 800-38A). */
void fk_counter_add(uint8_t counter[FK_AES_BLOCK], uint32_t blocks);

/* SHA-256 of what len bytes of a source decrypt to; gcm is begun before and finished after. */
enum fk_status fk_digest_gcm(const struct fk_source *source, uint32_t len, struct fk_gcm *gcm,
                             uint8_t ret[32], uint8_t *work, size_t work_len) FK_MUST_USE;

/* SHA-256 of len bytes of a source. */
enum fk_status fk_digest_source(const struct fk_source *source, uint32_t len, uint8_t ret[32],
                                uint8_t *work, size_t work_len) FK_MUST_USE;

/* The same against expected: FK_OK or FK_E_DIGEST. */
enum fk_status fk_verify_digest(const struct fk_source *source, uint32_t len,
                                const uint8_t expected[32], uint8_t *work,
                                size_t work_len) FK_MUST_USE;

#endif
