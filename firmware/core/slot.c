/* SPDX-License-Identifier: Apache-2.0 */
#include "core/slot.h"

#include "core/verify.h"
#include "crypto/crypto.h"

#include <string.h>

enum fk_status fk_flash_program(const struct fk_flash *flash, uint32_t off, const void *p,
                                uint32_t len)
{
    const uint8_t *want = p;
    enum fk_status st = flash->prog(flash->ctx, off, p, len);
    uint8_t found[64];
    for (uint32_t at = 0; st == FK_OK && at < len;) {
        uint32_t n = len - at < sizeof found ? len - at : (uint32_t)sizeof found;
        st = flash->read(flash->ctx, off + at, found, n);
        if (st == FK_OK && memcmp(found, want + at, n) != 0) {
            st = FK_E_FLASH;
        }
        at += n;
    }
    return st;
}

enum fk_status fk_flash_erase_range(const struct fk_flash *flash, const struct fk_region *region,
                                    uint32_t off, uint32_t len)
{
    uint32_t at = off - off % region->sector;
    enum fk_status st = FK_OK;
    for (; st == FK_OK && at < off + len; at += region->sector) {
        st = flash->erase(flash->ctx, region->off + at, region->sector);
    }
    return st;
}

static enum fk_status decrypt_at(const struct fk_payload_cipher *cipher, uint32_t payload_off,
                                 uint8_t *p, uint32_t len)
{
    uint8_t counter[FK_AES_BLOCK];
    memcpy(counter, cipher->counter, sizeof counter);
    fk_counter_add(counter, payload_off / FK_AES_BLOCK);
    return fk_ctr_xor(cipher->key, counter, p, p, len);
}

enum fk_status fk_sector_write(struct fk_core *core, const struct fk_region *to, uint32_t to_off,
                               uint32_t from, uint32_t len, const struct fk_payload_cipher *cipher,
                               uint32_t payload_off)
{
    const struct fk_flash *flash = core->flash;
    enum fk_status st = flash->erase(flash->ctx, to->off + to_off, to->sector);
    for (uint32_t at = 0; st == FK_OK && at < len;) {
        uint32_t n = len - at < core->work_len ? len - at : (uint32_t)core->work_len;
        st = flash->read(flash->ctx, from + at, core->work, n);
        if (st == FK_OK && cipher->key != NULL) {
            st = decrypt_at(cipher, payload_off + at, core->work, n);
        }
        if (st != FK_OK) {
            break;
        }
        uint32_t whole = n;
        while (whole % flash->prog_size != 0) { /* only the last piece of an image */
            core->work[whole++] = flash->erased;
        }
        st = fk_flash_program(flash, to->off + to_off + at, core->work, whole);
        at += n;
    }
    return st;
}

static enum fk_status source_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_flash_source *s = ctx;
    uint8_t *to = buf;
    size_t head = off >= s->tail_from          ? 0
                  : len < s->tail_from - off   ? len
                                               : s->tail_from - off;
    enum fk_status st = FK_OK;
    if (head > 0) {
        st = s->flash->read(s->flash->ctx, s->off + off, to, head);
    }
    if (st == FK_OK && len > head) {
        st = s->flash->read(s->flash->ctx, s->tail_off + off + (uint32_t)head, to + head,
                            len - head);
    }
    return st;
}

struct fk_source fk_flash_source(struct fk_flash_source *s)
{
    return (struct fk_source){.ctx = s, .read = source_read};
}
