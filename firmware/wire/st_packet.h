/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_ST_PACKET_H
#define FK_WIRE_ST_PACKET_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The header of an ST update packet: nonce, tag and SHA-256 of the plaintext image, then the body.
 * Source: SPWF04S security application note 3.3. The note names the fields but not their order,
 * so where each one stands comes from the device's profile.
 *
 * Encrypted (AES-128-GCM, no AAD): fresh random nonce and the tag. Plain: both all zero, and then
 * nothing authenticates the packet. Which of the two a device accepts is its policy; the header
 * only says what the sender did. */

#define FK_ST_NONCE_SIZE 12
#define FK_ST_TAG_SIZE   16 /* storage; a layout may use 12 to 16 of it */
#define FK_ST_HASH_SIZE  32
#define FK_ST_HEADER_MAX 64

struct fk_st_header {
    uint8_t nonce[FK_ST_NONCE_SIZE];
    uint8_t tag[FK_ST_TAG_SIZE];
    uint8_t hash[FK_ST_HASH_SIZE];
};

/* bytes must be exactly layout->size long. FK_E_TRUNCATED, FK_E_TRAILING, or FK_E_GEOMETRY when
 * the layout itself is impossible. */
enum fk_status fk_st_header_parse(const struct fk_st_layout *layout, struct fk_slice bytes,
                                  struct fk_st_header *ret) FK_MUST_USE;

/* Writes layout->size bytes to buf. */
enum fk_status fk_st_header_write(const struct fk_st_layout *layout,
                                  const struct fk_st_header *header, uint8_t *buf, size_t cap,
                                  size_t *ret_len) FK_MUST_USE;

/* Nonce and tag are all zero: the sender did not encrypt. */
bool fk_st_header_is_plain(const struct fk_st_header *header);

/* FK_OK when the fields have usable sizes, lie within the header and fill it without overlap. */
enum fk_status fk_st_layout_check(const struct fk_st_layout *layout) FK_MUST_USE;

#endif
