/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_RIG_H
#define FK_TESTS_RIG_H

#include "app/download.h"
#include "boot/boot.h"
#include "support/device.h"
#include "support/fakenet.h"
#include "support/simflash.h"

/* A small device with an old image and a key, a packet with a new image for it, and a network in
 * memory to fetch it from. */

#define RIG_SECTOR  512u
#define RIG_SLOT    (8u * RIG_SECTOR)
#define RIG_OLD_LEN 1000u
#define RIG_NEW_LEN 3000u
#define RIG_ETAG    "\"v1\""

struct rig {
    struct fk_device device;
    struct simflash flash;
    struct fk_flash table;
    struct fk_core core;
    const struct fk_trust *trust; /* of the core, whenever it is opened; NULL at first */
    uint8_t work[4096];
    struct fk_download download;
    struct fk_download_report report;
    struct fk_download_from from;
    const char *scheme; /* of the transport */
    struct fakenet net;
    uint8_t key[16];
    uint8_t old_image[RIG_OLD_LEN];
    uint8_t new_image[RIG_NEW_LEN];
    uint8_t packet[FK_PACKET_HEADER_MAX + RIG_NEW_LEN];
    uint32_t packet_len;
};

/* The packet is encrypted; policy allows plain ones. */
void rig_begin(struct rig *rig);
void rig_release(struct rig *rig);

/* One download against these connections. */
enum fk_status rig_fetch(struct rig *rig, const struct fake_script *scripts, size_t n_scripts);

/* The packet from an honest server. */
struct fake_script rig_server(const struct rig *rig);

/* Reset: the boot stage, then the application's core. Fails the test when the device cannot. */
struct fk_boot_report rig_boot(struct rig *rig);

/* Is the whole packet staged, byte for byte? */
void rig_assert_staged(struct rig *rig);
/* Nothing but the state region differs from before, the old image boots, and no update is known. */
void rig_assert_untouched(struct rig *rig, const uint8_t *before);
/* A copy of the flash; free() it. */
uint8_t *rig_snapshot(const struct rig *rig);

#endif
