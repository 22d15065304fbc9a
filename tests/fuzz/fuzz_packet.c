/* SPDX-License-Identifier: Apache-2.0 */
/* ST packets: header by several layouts, written again to the same bytes, and the device's verdict,
 * which must be one for the same bytes whatever the size of the work buffer. */
#include "core/verify.h"
#include "crypto/crypto.h"
#include "wire/st_packet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum fk_status read_body(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_slice *body = ctx;
    if (off > body->len || len > body->len - off) {
        abort(); /* the verifier asks for what is not there */
    }
    memcpy(buf, body->ptr + off, len);
    return FK_OK;
}

static void judge(const struct fk_device *device, const struct fk_st_header *header,
                  struct fk_slice body)
{
    /* The key of the packets in the corpus. */
    static const uint8_t key[FK_AES_KEY_SIZE] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
                                                 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
    static uint8_t work[4096];
    static const size_t sizes[] = {sizeof work, 48};
    struct fk_source source = {.ctx = &body, .read = read_body};
    enum fk_status st[2];
    for (size_t i = 0; i < 2; i++) {
        struct fk_st_report r;
        st[i] = fk_verify_st(device, header, key, &source, (uint32_t)body.len, work, sizes[i], &r);
        bool all = r.size == FK_CHECK_PASSED && r.policy == FK_CHECK_PASSED &&
                   (r.plain ? r.tag == FK_CHECK_NOT_NEEDED : r.tag == FK_CHECK_PASSED) &&
                   r.digest == FK_CHECK_PASSED;
        if ((st[i] == FK_OK) != all) {
            abort(); /* accepted without every check, or refused without a failed one */
        }
    }
    if (st[0] != st[1]) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fk_st_layout layouts[] = {
        {.nonce = {0, 12}, .tag = {12, 16}, .hash = {28, 32}, .size = 60},
        {.hash = {0, 32}, .tag = {32, 12}, .nonce = {44, 12}, .size = 56},
    };
    struct fk_device device = {.map.primary = {.size = 32768, .sector = 4096}, .image_unit = 4};
    if (fk_crypto_init() != FK_OK) {
        abort();
    }
    for (size_t i = 0; i < 2; i++) {
        struct fk_st_header header;
        uint8_t again[FK_ST_HEADER_MAX];
        size_t len = 0;
        device.st = layouts[i];
        device.policy.plain_allowed = i == 0;
        size_t head = size < device.st.size ? size : device.st.size;
        enum fk_status st = fk_st_header_parse(&device.st, (struct fk_slice){data, head}, &header);
        if ((st == FK_OK) != (size >= device.st.size)) {
            abort();
        }
        if (st != FK_OK) {
            continue;
        }
        if (fk_st_header_write(&device.st, &header, again, sizeof again, &len) != FK_OK ||
            len != head || memcmp(again, data, len) != 0) {
            abort();
        }
        judge(&device, &header, (struct fk_slice){data + head, size - head});
    }
    return 0;
}
