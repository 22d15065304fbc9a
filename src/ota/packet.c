/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/ota.h"

#include "crypto/hasher.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ota/padding.h"
#include "wire/st_packet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK (256u * 1024u)

static enum fk_status choose_nonce(const struct fk_ota_options *options, struct fk_st_header *h,
                                   struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (options->fixed_nonce != NULL) {
        memcpy(h->nonce, options->fixed_nonce, sizeof h->nonce);
    } else {
        st = fk_random_bytes(h->nonce, sizeof h->nonce, err);
    }
    static const uint8_t zero[FK_ST_NONCE_SIZE];
    if (st == FK_OK && memcmp(h->nonce, zero, sizeof zero) == 0) {
        st = fk_fail(err, FK_E_RANDOM, "a nonce of zero marks plain packets and is not used");
    }
    return st;
}

static enum fk_status process(uint8_t *chunk, size_t n, struct fk_hasher *hasher,
                              struct fk_seal *seal, struct fk_output *output, struct fk_error *err)
{
    enum fk_status st = fk_hasher_update(hasher, chunk, n, err);
    if (st == FK_OK && seal->ctx != NULL) {
        st = fk_seal_update(seal, chunk, n, err);
    }
    return st == FK_OK ? fk_output_write(output, chunk, n, err) : st;
}

static enum fk_status write_body(struct fk_image *image, const struct fk_ota_options *options,
                                 uint64_t padding, struct fk_hasher *hasher, struct fk_seal *seal,
                                 struct fk_output *output, struct fk_error *err)
{
    const struct fk_progress *progress = &options->progress;
    uint64_t size = fk_image_info(image)->size;
    enum fk_status st = FK_OK;
    uint8_t *chunk = malloc(CHUNK);
    if (chunk == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    for (uint64_t done = 0;;) {
        size_t n = 0;
        st = fk_image_read(image, chunk, CHUNK, &n, err);
        if (st != FK_OK || n == 0) {
            break;
        }
        done += n;
        st = process(chunk, n, hasher, seal, output, err);
        if (st != FK_OK) {
            break;
        }
        if (progress->tick != NULL) {
            progress->tick(progress->ctx, done, size);
        }
    }
    while (st == FK_OK && padding > 0) {
        size_t n = padding < CHUNK ? (size_t)padding : CHUNK;
        memset(chunk, options->gap_value, n);
        st = process(chunk, n, hasher, seal, output, err);
        padding -= n;
    }
    free(chunk);
    return st;
}

enum fk_status fk_ota_write(struct fk_image *image, const struct fk_ota_options *options,
                            struct fk_output *output, struct fk_ota_result *ret,
                            struct fk_error *err)
{
    const struct fk_st_layout *layout = &options->device->st;
    struct fk_st_header header = {0};
    struct fk_hasher hasher = {0};
    struct fk_seal seal = {0};
    uint8_t bytes[FK_ST_HEADER_MAX] = {0};
    size_t header_size = 0;
    uint64_t padding = 0;

    /* Holds the header's place until the tag and the digest are known, and checks the layout. */
    enum fk_status st = fk_st_header_write(layout, &header, bytes, sizeof bytes, &header_size);
    if (st != FK_OK) {
        return fk_fail(err, st, "profile %s: fota.header is not usable", options->device->name);
    }
    st = fk_ota_padding(image, options, &padding, err);
    if (st == FK_OK) {
        st = fk_output_write(output, bytes, header_size, err);
    }
    if (st == FK_OK) {
        st = fk_hasher_begin(&hasher, err);
    }
    if (st == FK_OK && options->key != NULL) {
        st = choose_nonce(options, &header, err);
        if (st == FK_OK) {
            st = fk_seal_begin(&seal, options->key->bytes, header.nonce, err);
        }
    }
    if (st == FK_OK) {
        st = write_body(image, options, padding, &hasher, &seal, output, err);
    }
    if (st == FK_OK) {
        st = fk_hasher_finish(&hasher, header.hash, err);
    }
    if (st == FK_OK && options->key != NULL) {
        st = fk_seal_finish(&seal, header.tag, layout->tag.size, err);
    }
    if (st == FK_OK) {
        st = fk_st_header_write(layout, &header, bytes, sizeof bytes, &header_size);
    }
    if (st == FK_OK) {
        st = fk_output_write_at(output, 0, bytes, header_size, err);
    }
    if (st == FK_OK) {
        *ret = (struct fk_ota_result){
            .encrypted = options->key != NULL,
            .image_size = fk_image_info(image)->size + padding,
            .padded = padding,
            .packet_size = header_size + fk_image_info(image)->size + padding,
            .header_size = (uint8_t)header_size,
        };
        memcpy(ret->sha256, header.hash, sizeof ret->sha256);
    }
    fk_seal_release(&seal);
    fk_hasher_release(&hasher);
    return st;
}
