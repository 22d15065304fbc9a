/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of an envelope: read, hashed, encrypted, hashed again and written in one pass. */
#include "ota/suit_maker.h"

#include "crypto/hasher.h"
#include "crypto/seal.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 * 1024 };

struct streams {
    struct fk_hasher image, payload;
    struct fk_seal seal;
};

static enum fk_status begin_streams(struct fk_suit_maker *k, struct streams *s,
                                    struct fk_error *err)
{
    uint8_t aad[FK_COSE_ENC_MAX];
    size_t aad_len = 0;
    static const uint8_t header[] = {0xa1, 0x01, 0x01}; /* {1: 1} */
    enum fk_status st = fk_hasher_begin(&s->image, err);
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_hasher_begin(&s->payload, err);
    }
    if (st == FK_OK && k->o->cipher == FK_COSE_A128CTR) {
        st = fk_seal_begin_ctr(&s->seal, k->key, k->iv, err);
    } else if (st == FK_OK && k->o->cipher == FK_COSE_A128GCM) {
        st = fk_cose_enc_structure((struct fk_slice){header, sizeof header}, aad, &aad_len);
        if (st == FK_OK) {
            st = fk_seal_begin(&s->seal, k->key, k->iv, err);
        }
        if (st == FK_OK) {
            st = fk_seal_aad(&s->seal, aad, aad_len, err);
        }
    }
    return st;
}

static enum fk_status process(struct fk_suit_maker *k, struct streams *s, uint8_t *p, size_t n,
                              struct fk_error *err)
{
    enum fk_status st = fk_hasher_update(&s->image, p, n, err);
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_seal_update(&s->seal, p, n, err);
        if (st == FK_OK) {
            st = fk_hasher_update(&s->payload, p, n, err);
        }
    }
    return st == FK_OK ? fk_output_write(k->payload, p, n, err) : st;
}

static enum fk_status end_streams(struct fk_suit_maker *k, struct streams *s, struct fk_error *err)
{
    uint8_t tag[FK_SUIT_TAG_SIZE];
    enum fk_status st = fk_hasher_finish(&s->image, k->image_digest, err);
    if (st == FK_OK && k->o->cipher == FK_COSE_A128GCM) {
        st = fk_seal_finish(&s->seal, tag, sizeof tag, err);
        if (st == FK_OK) {
            st = fk_hasher_update(&s->payload, tag, sizeof tag, err);
        }
        if (st == FK_OK) {
            st = fk_output_write(k->payload, tag, sizeof tag, err);
        }
    }
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_hasher_finish(&s->payload, k->payload_digest, err);
        k->m.payload.size = k->m.payload_size;
    }
    return st;
}

enum fk_status fk_suit_maker_payload(struct fk_suit_maker *k, struct fk_error *err)
{
    const struct fk_progress *progress = &k->o->progress;
    struct streams s = {.image = {.ctx = NULL}};
    uint64_t done = 0, padding = k->padding;
    size_t n = 0;
    uint8_t *chunk = malloc(CHUNK);
    enum fk_status st =
        chunk != NULL ? begin_streams(k, &s, err) : fk_fail(err, FK_E_MEMORY, "out of memory");
    while (st == FK_OK) {
        st = fk_image_read(k->image, chunk, CHUNK, &n, err);
        if (st != FK_OK || n == 0) {
            break;
        }
        done += n;
        st = process(k, &s, chunk, n, err);
        if (st == FK_OK && progress->tick != NULL) {
            progress->tick(progress->ctx, done, k->m.image.size);
        }
    }
    while (st == FK_OK && padding > 0) {
        n = padding < CHUNK ? (size_t)padding : CHUNK;
        memset(chunk, k->o->profile->image.gap_value, n);
        st = process(k, &s, chunk, n, err);
        done += n;
        padding -= n;
    }
    if (st == FK_OK && done != k->m.image.size) {
        st = fk_fail(err, FK_E_IO, "'%s' changed while it was read", fk_image_path(k->image));
    }
    if (st == FK_OK) {
        st = end_streams(k, &s, err);
    }
    fk_seal_release(&s.seal);
    fk_hasher_release(&s.image);
    fk_hasher_release(&s.payload);
    free(chunk);
    return st;
}
