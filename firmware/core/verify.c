/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verify.h"

#include "crypto/crypto.h"

static enum fk_status check_size(const struct fk_device *device, uint32_t payload_len)
{
    if (payload_len == 0) {
        return FK_E_EMPTY;
    }
    if (payload_len > fk_device_slot_size(device)) {
        return FK_E_IMAGE_TOO_BIG;
    }
    return payload_len % device->image_unit == 0 ? FK_OK : FK_E_IMAGE_ALIGN;
}

static enum fk_check verdict(enum fk_status st)
{
    return st == FK_OK ? FK_CHECK_PASSED : FK_CHECK_FAILED;
}

/* Feeds the payload chunk by chunk through the optional cipher into the hash. */
static enum fk_status digest_payload(const struct fk_source *source, uint32_t len,
                                     struct fk_gcm *gcm, uint8_t ret[FK_SHA256_SIZE],
                                     uint8_t *work, size_t work_len)
{
    struct fk_sha256 hash;
    enum fk_status st = fk_sha256_begin(&hash);
    if (st != FK_OK) {
        return st;
    }
    for (uint32_t off = 0; st == FK_OK && off < len;) {
        size_t n = len - off < work_len ? len - off : work_len;
        st = source->read(source->ctx, off, work, n);
        if (st == FK_OK && gcm != NULL) {
            st = fk_gcm_update(gcm, work, work, n);
        }
        if (st == FK_OK) {
            st = fk_sha256_update(&hash, work, n);
        }
        off += (uint32_t)n;
    }
    if (st == FK_OK) {
        return fk_sha256_finish(&hash, ret);
    }
    fk_sha256_abort(&hash);
    return st;
}

static enum fk_status check_body(const struct fk_device *device, const struct fk_st_header *header,
                                 const uint8_t *key, const struct fk_source *source,
                                 uint32_t payload_len, uint8_t *work, size_t work_len,
                                 struct fk_st_report *report)
{
    uint8_t digest[FK_SHA256_SIZE] = {0};
    struct fk_gcm gcm;
    enum fk_status st = FK_E_INTERNAL;
    if (report->plain) {
        report->tag = FK_CHECK_NOT_NEEDED;
        st = digest_payload(source, payload_len, NULL, digest, work, work_len);
    } else {
        st = fk_gcm_begin(&gcm, key, header->nonce, device->st.tag.size);
        if (st != FK_OK) {
            return st;
        }
        st = digest_payload(source, payload_len, &gcm, digest, work, work_len);
        if (st != FK_OK) {
            fk_gcm_abort(&gcm);
            return st;
        }
        st = fk_gcm_finish(&gcm, header->tag, device->st.tag.size);
        report->tag = verdict(st);
    }
    if (st == FK_OK) {
        st = fk_equal(digest, header->hash, sizeof digest) ? FK_OK : FK_E_DIGEST;
        report->digest = verdict(st);
    }
    return st;
}

enum fk_status fk_verify_st(const struct fk_device *device, const struct fk_st_header *header,
                            const uint8_t *key, const struct fk_source *source,
                            uint32_t payload_len, uint8_t *work, size_t work_len,
                            struct fk_st_report *ret_report)
{
    struct fk_st_report report = {.plain = fk_st_header_is_plain(header)};
    if (work_len < FK_AES_BLOCK) {
        return FK_E_INTERNAL;
    }
    work_len -= work_len % FK_AES_BLOCK;

    enum fk_status st = check_size(device, payload_len);
    report.size = verdict(st);
    if (st == FK_OK) {
        st = report.plain && !device->policy.plain_allowed ? FK_E_PLAIN_REFUSED : FK_OK;
        report.policy = verdict(st);
    }
    if (st == FK_OK && report.plain) {
        report.key = FK_CHECK_NOT_NEEDED;
    } else if (st == FK_OK) {
        st = key == NULL ? FK_E_NO_KEY : FK_OK;
        report.key = verdict(st);
    }
    if (st == FK_OK) {
        st = check_body(device, header, key, source, payload_len, work, work_len, &report);
    }
    fk_wipe(work, work_len);
    if (ret_report != NULL) {
        *ret_report = report;
    }
    return st;
}

void fk_counter_add(uint8_t counter[FK_AES_BLOCK], uint32_t blocks)
{
    uint64_t carry = blocks;
    for (unsigned i = FK_AES_BLOCK; i > 0; i--) {
        carry += counter[i - 1];
        counter[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
}

enum fk_status fk_digest_gcm(const struct fk_source *source, uint32_t len, struct fk_gcm *gcm,
                             uint8_t ret[32], uint8_t *work, size_t work_len)
{
    return digest_payload(source, len, gcm, ret, work, work_len);
}

enum fk_status fk_digest_source(const struct fk_source *source, uint32_t len, uint8_t ret[32],
                                uint8_t *work, size_t work_len)
{
    return digest_payload(source, len, NULL, ret, work, work_len);
}

enum fk_status fk_verify_digest(const struct fk_source *source, uint32_t len,
                                const uint8_t expected[32], uint8_t *work, size_t work_len)
{
    uint8_t digest[FK_SHA256_SIZE] = {0};
    enum fk_status st = fk_digest_source(source, len, digest, work, work_len);
    if (st == FK_OK && !fk_equal(digest, expected, sizeof digest)) {
        st = FK_E_DIGEST;
    }
    return st;
}
