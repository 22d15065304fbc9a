/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_FOTA_SIM_GOODS_H
#define FK_TOOLS_FOTA_SIM_GOODS_H

#include "fota-sim/options.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit_fw/device.h"

/* What the factory puts into a new device, read with the host library. */
struct goods {
    struct fk_buffer image;   /* empty: none */
    uint8_t key[16];          /* only with options.key */
    struct fk_buffer key_set; /* signed; empty: the device takes no envelopes */
    uint8_t kek[16], kek_kid[8];
    uint8_t ecdh[32], ecdh_kid[8];
    uint8_t device_id[16];
};

#define GOODS_INIT                                                                                 \
    {                                                                                              \
        .image = {.len = 0 }                                                                       \
    }

/* Image and keys that the options name. The image keeps the rules of the device's profile.
 * Release in every case. */
enum fk_status goods_load(const struct sim_options *o, const struct fk_device *device,
                          struct goods *ret, struct fk_error *err);
void goods_release(struct goods *goods);
/* A key file of 16 bytes. */
enum fk_status goods_key(const char *path, uint8_t ret[16], struct fk_error *err);

#endif
