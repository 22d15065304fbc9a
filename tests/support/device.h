/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_DEVICE_H
#define FK_TESTS_DEVICE_H

#include "fotakit_fw/device.h"

/* Small devices for tests, where a whole update takes some hundred flash operations. */
struct test_layout {
    const char *name;
    uint32_t sector;       /* of the slots, in bytes */
    uint32_t state_sector; /* of the state region */
    uint32_t slot_sectors;
    uint32_t prog_size;
    uint8_t erased;
    enum fk_install_mode install;
};

/* Boot, state (two banks as small as they may be), store (two sectors), primary, staging. Header
 * nonce, tag, hash; plain allowed; 3 trial boots when swapping; recovery and checks on. */
struct fk_device test_device(const struct test_layout *layout);

/* A packet in the device's layout. key NULL: plain. out: header and image_len bytes.
 * Written with OpenSSL, as the host tools do, and read by the device's mbedTLS. */
void test_packet(const struct fk_device *device, const uint8_t *image, uint32_t image_len,
                 const uint8_t *key, uint8_t *out);

/* Repeatable contents that do not look erased. */
void test_fill(uint8_t *p, uint32_t len, uint32_t seed);

#endif
