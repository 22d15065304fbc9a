/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_OTA_H
#define FOTAKIT_OTA_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/image.h"
#include "fotakit/profile.h"
#include "fotakit_fw/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes an ST update packet: header {nonce, tag, SHA-256 of the plaintext image} and body.
 * Source: SPWF04S security application note, 3.3; the header's layout comes from the profile.
 *
 *     fk_packet_key_load()   the key file, when the packet is to be encrypted
 *     fk_image_open()        the image, judged by the profile
 *     fk_output_open()       the packet's file
 *     fk_ota_write()         hash, encrypt and write chunk by chunk; the header comes last
 *     fk_output_commit()     only now the file appears under its name
 *
 * With a key the body is AES-128-GCM without associated data under a fresh random nonce. Without
 * one, nonce and tag are zero and nothing authenticates the packet.
 *
 * What the format cannot say, and so nobody can check: who made the image, for which product, and
 * which version it is. Whoever has the key can make packets, and an old packet stays valid. */

/* Loads the profile of a device that takes firmware updates; NULL: the default one. What
 * fk_profile_load() fails with, or FK_E_UNSUPPORTED when the profile describes no firmware. */
enum fk_status fk_ota_profile_load(const char *name_or_path, struct fk_profile **ret,
                                   struct fk_error *err) FK_MUST_USE;

#define FK_PACKET_KEY_SIZE 16

struct fk_packet_key {
    uint8_t bytes[FK_PACKET_KEY_SIZE];
    bool exposed; /* the file may be read by its group or by others */
};

/* The file must hold exactly 16 bytes. FK_E_KEY_SIZE otherwise; a file of 32 hexadecimal digits is
 * refused with the command that converts it. Wipe the result with fk_packet_key_wipe(). */
enum fk_status fk_packet_key_load(const char *path, struct fk_packet_key *ret,
                                  struct fk_error *err) FK_MUST_USE;
void fk_packet_key_wipe(struct fk_packet_key *key);

struct fk_ota_options {
    const struct fk_device *device;
    const struct fk_packet_key *key; /* NULL: a plain packet */
    bool pad;                        /* fill up to the unit instead of refusing */
    uint8_t gap_value;               /* what it is filled with */
    /* 12 bytes, not all zero. Only for tests with known answers: two packets with one nonce under
     * one key give the key stream away. NULL: random. */
    const uint8_t *fixed_nonce;
    struct fk_progress progress;
};

struct fk_ota_result {
    bool encrypted;
    uint64_t image_size; /* with padding */
    uint64_t padded;     /* bytes of padding in it */
    uint64_t packet_size;
    uint8_t header_size;
    uint8_t sha256[32]; /* of the plaintext image with its padding */
};

/* Reads the image to its end and writes the packet, neither committed nor closed. FK_E_IMAGE_ALIGN
 * when the length is not a multiple of the device's unit, FK_E_IMAGE_TOO_BIG when padding goes
 * beyond the slot, and what reading, writing and the crypto library fail with. */
enum fk_status fk_ota_write(struct fk_image *image, const struct fk_ota_options *options,
                            struct fk_output *output, struct fk_ota_result *ret,
                            struct fk_error *err) FK_MUST_USE;

#endif
