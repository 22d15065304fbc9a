/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/goods.h"

#include "crypto/crypto.h"
#include "fotakit/image.h"
#include "fotakit/ota.h"
#include "fotakit/passphrase.h"
#include "fotakit/profile.h"
#include "fotakit/suit.h"

#include <stdlib.h>
#include <string.h>

#define UUID_SIZE   16u
#define KEY_SET_MAX 65536u /* of the file; what a key set may have is for the device to say */

_Static_assert(FK_KID_SIZE == sizeof((struct goods *)NULL)->kek_kid, "identifiers of keys");

static enum fk_status read_image(struct fk_image *image, struct fk_buffer *ret,
                                 struct fk_error *err)
{
    size_t size = (size_t)fk_image_info(image)->size; /* at most the slot */
    size_t got = 0;
    size_t n = 1;
    *ret = (struct fk_buffer){.ptr = malloc(size), .len = size};
    if (ret->ptr == NULL) {
        ret->len = 0;
        return fk_fail(err, FK_E_MEMORY, "no memory for an image of %zu bytes", size);
    }
    enum fk_status st = FK_OK;
    uint8_t end[1];
    while (st == FK_OK && n > 0) {
        bool full = got == size; /* once more, for the end of the input */
        st = fk_image_read(image, full ? end : ret->ptr + got, full ? sizeof end : size - got, &n,
                           err);
        got += st == FK_OK && !full ? n : 0;
    }
    return st;
}

/* The rules for images are the profile's; the device has no use for them. */
static enum fk_status load_image(const struct sim_options *o, const struct fk_device *device,
                                 struct fk_buffer *ret, struct fk_error *err)
{
    struct fk_profile *profile = NULL;
    struct fk_image *image = NULL;
    enum fk_image_format format = FK_IMAGE_AUTO;
    enum fk_status st = fk_profile_load(device->name, &profile, err);
    if (st == FK_OK && o->input != NULL) {
        st = fk_image_format_parse(o->input, &format, err);
        st = fk_wrap(err, st, "--input");
    }
    if (st == FK_OK) {
        const struct fk_image_options options = {
            .rules = &profile->image,
            .max_size = fk_device_slot_size(device),
            .format = format,
            .only_region = o->only_region,
        };
        st = fk_image_open(o->image, &options, &image, err);
    }
    if (st == FK_OK) {
        st = read_image(image, ret, err);
    }
    fk_image_close(image);
    fk_profile_free(profile);
    return st;
}

/* ---- keys for signed envelopes ------------------------------------------ */

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* 8-4-4-4-12 hexadecimal digits, and at most the end of a line behind them. */
static bool parse_uuid(const struct fk_buffer *text, uint8_t ret[UUID_SIZE])
{
    size_t at = 0;
    for (size_t i = 0; i < UUID_SIZE; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) &&
            (at >= text->len || text->ptr[at++] != '-')) {
            return false;
        }
        if (text->len - at < 2 || digit(text->ptr[at]) < 0 || digit(text->ptr[at + 1]) < 0) {
            return false;
        }
        ret[i] = (uint8_t)(digit(text->ptr[at]) << 4 | digit(text->ptr[at + 1]));
        at += 2;
    }
    return at == text->len || (at + 1 == text->len && text->ptr[at] == '\n');
}

static enum fk_status load_device_id(const char *path, uint8_t ret[UUID_SIZE], struct fk_error *err)
{
    struct fk_buffer b = {.ptr = NULL};
    enum fk_status st = fk_file_read(path, 64, &b, err);
    if (st == FK_OK && b.len == UUID_SIZE) {
        memcpy(ret, b.ptr, UUID_SIZE);
    } else if (st == FK_OK && !parse_uuid(&b, ret)) {
        st = fk_fail(err, FK_E_FORMAT,
                     "'%s': expected a device identifier, a UUID as text or its 16 bytes, found "
                     "%zu bytes that are neither",
                     path, b.len);
    }
    fk_buffer_release(&b);
    return st;
}

static enum fk_status load_device_key(const struct sim_options *o, struct goods *ret,
                                      struct fk_error *err)
{
    struct fk_buffer passphrase = {.ptr = NULL};
    struct fk_public_key public;
    enum fk_status st = FK_OK;
    if (o->passin != NULL) {
        st = fk_wrap(err, fk_passphrase_read(o->passin, &passphrase, err), "--passin");
    }
    if (st == FK_OK) {
        st = fk_secret_p256_read(o->device_key, o->passin != NULL ? &passphrase : NULL, ret->ecdh,
                                 &public, err);
    }
    if (st == FK_OK) {
        memcpy(ret->ecdh_kid, public.kid, sizeof ret->ecdh_kid);
    }
    fk_buffer_release(&passphrase);
    return st;
}

static enum fk_status load_kek(const char *path, struct goods *ret, struct fk_error *err)
{
    struct fk_suit_recipient r;
    enum fk_status st = fk_suit_kek_read(path, &r, err);
    if (st == FK_OK) {
        memcpy(ret->kek, r.kek, sizeof ret->kek);
        memcpy(ret->kek_kid, r.kid, sizeof ret->kek_kid);
        fk_wipe(&r, sizeof r);
    }
    return st;
}

static enum fk_status load_trust(const struct sim_options *o, struct goods *ret,
                                 struct fk_error *err)
{
    enum fk_status st = fk_file_read(o->key_set, KEY_SET_MAX, &ret->key_set, err);
    if (st == FK_OK && o->kek != NULL) {
        st = load_kek(o->kek, ret, err);
    }
    if (st == FK_OK && o->device_key != NULL) {
        st = load_device_key(o, ret, err);
    }
    if (st == FK_OK && o->device_id != NULL) {
        st = load_device_id(o->device_id, ret->device_id, err);
    }
    return st;
}

enum fk_status goods_key(const char *path, uint8_t ret[16], struct fk_error *err)
{
    struct fk_packet_key key;
    enum fk_status st = fk_packet_key_load(path, &key, err);
    if (st == FK_OK) {
        memcpy(ret, key.bytes, sizeof key.bytes);
    }
    fk_packet_key_wipe(&key);
    return st;
}

enum fk_status goods_load(const struct sim_options *o, const struct fk_device *device,
                          struct goods *ret, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->image != NULL) {
        st = load_image(o, device, &ret->image, err);
    }
    if (st == FK_OK && o->key != NULL) {
        st = goods_key(o->key, ret->key, err);
    }
    if (st == FK_OK && o->key_set != NULL) {
        st = load_trust(o, ret, err);
    }
    return st;
}

void goods_release(struct goods *goods)
{
    fk_buffer_release(&goods->image);
    fk_buffer_release(&goods->key_set);
    fk_wipe(goods, sizeof *goods);
}
