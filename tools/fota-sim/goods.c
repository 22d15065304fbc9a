/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/goods.h"

#include "crypto/crypto.h"
#include "fotakit/image.h"
#include "fotakit/ota.h"
#include "fotakit/profile.h"

#include <stdlib.h>
#include <string.h>

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

enum fk_status goods_load(const struct sim_options *o, const struct fk_device *device,
                          struct goods *ret, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->image != NULL) {
        st = load_image(o, device, &ret->image, err);
    }
    if (st == FK_OK && o->key != NULL) {
        struct fk_packet_key key;
        st = fk_packet_key_load(o->key, &key, err);
        if (st == FK_OK) {
            memcpy(ret->key, key.bytes, sizeof ret->key);
        }
        fk_packet_key_wipe(&key);
    }
    return st;
}

void goods_release(struct goods *goods)
{
    fk_buffer_release(&goods->image);
    fk_wipe(goods->key, sizeof goods->key);
}
