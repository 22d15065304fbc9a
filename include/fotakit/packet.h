/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_PACKET_H
#define FOTAKIT_PACKET_H

#include "core/verify.h"
#include "fotakit/error.h"
#include "fotakit/ota.h"
#include "fotakit_fw/device.h"
#include "wire/st_packet.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads an ST update packet back: its header by the profile's layout, and the verdict of the very
 * verifier that the device runs (firmware/core/verify.c with mbedTLS).
 *
 *     fk_packet_open()     header and sizes
 *     fk_packet_verify()   as often as wanted, with or without a key
 *     fk_packet_close()
 *
 * The format has no magic number: any file longer than the header parses. Only verification tells
 * a packet from other bytes. */

struct fk_packet {
    const struct fk_device *device; /* borrowed */
    const char *path;               /* borrowed */
    int fd;                         /* -1 when closed */
    uint64_t size;
    uint64_t body_size;
    struct fk_st_header header;
    bool plain; /* nonce and tag are zero */
};

#define FK_PACKET_INIT {.fd = -1}

/* FK_E_TRUNCATED when the file has no more than a header; FK_E_NOT_REGULAR, FK_E_NOT_FOUND, FK_E_IO,
 * FK_E_GEOMETRY for an impossible layout. */
enum fk_status fk_packet_open(struct fk_packet *packet, const char *path,
                              const struct fk_device *device, struct fk_error *err) FK_MUST_USE;
/* Accepts a packet that was never opened or is closed already. */
void fk_packet_close(struct fk_packet *packet);

/* key NULL: the device has none. *ret_report is written in every case; the message names the check
 * that failed. What can be returned is listed at fk_verify_st(). */
enum fk_status fk_packet_verify(const struct fk_packet *packet, const struct fk_packet_key *key,
                                struct fk_st_report *ret_report, struct fk_error *err) FK_MUST_USE;

/* What can be told without the key of a file that is to be wrapped in an envelope: it is no image
 * (HEX, ELF, or FK_E_FORMAT when it begins like code), has the size of a packet for this device, and
 * is plain only when the device takes that, with the digest that its header claims. Whether an
 * encrypted one is sound, fk_packet_verify() says with its key. */
enum fk_status fk_packet_check_wrap(const char *path, const struct fk_device *device,
                                    struct fk_error *err) FK_MUST_USE;

/* True when a file begins like the vector table of an Arm Cortex-M program: then it is more likely
 * a raw image than a packet (one packet in half a million looks like that by accident). */
bool fk_packet_looks_like_code(const struct fk_packet *packet);

#endif
