/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_KEY_FILE_H
#define FK_WIRE_KEY_FILE_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

/* What a slot of the keys region holds (firmware/FORMAT.md, "Key file"): the secrets of the device
 * and the key set that it trusts, in one piece, so that they change together or not at all. Holds
 * no checksum: the state record that names the slot has the mark of its contents. */

#define FK_KEY_FILE_HEAD 160u                                /* bytes before the key set */
#define FK_KEY_SET_MAX   992u                                /* bytes of the key set, unsigned */
#define FK_KEY_FILE_MAX  (FK_KEY_FILE_HEAD + FK_KEY_SET_MAX) /* a multiple of 32 */
#define FK_KEY_SLOT_MIN  (2u * FK_KEY_FILE_MAX)              /* a slot holds two copies */

#define FK_KEK_SIZE       16
#define FK_ECDH_KEY_SIZE  32
#define FK_DEVICE_ID_SIZE 16
#define FK_KEY_KID_MAX    32

/* All may be empty (len 0). Otherwise of the sizes above; identifiers up to FK_KEY_KID_MAX. */
struct fk_key_file {
    struct fk_slice kek;     /* A128KW key encryption key */
    struct fk_slice kek_kid; /* its identifier in envelopes */
    struct fk_slice ecdh;    /* P-256 secret key */
    struct fk_slice ecdh_kid;
    struct fk_slice device_id; /* UUID */
    struct fk_slice set;       /* key set as in wire/keyset.h, without its signatures */
};

/* Writes the head; the set follows it directly and is the caller's to put there. FK_E_KEY_SIZE for
 * a key or identifier of the wrong length, FK_E_LIMIT for a set that is too large. */
enum fk_status fk_key_file_write_head(const struct fk_key_file *file,
                                      uint8_t buf[FK_KEY_FILE_HEAD]) FK_MUST_USE;

/* Length of the set behind a head. FK_E_FORMAT, FK_E_LIMIT. */
enum fk_status fk_key_file_set_len(const uint8_t head[FK_KEY_FILE_HEAD], uint32_t *ret) FK_MUST_USE;

/* bytes: head and set, nothing else. Slices of *ret point into bytes. FK_E_FORMAT, FK_E_LIMIT,
 * FK_E_TRUNCATED, FK_E_TRAILING; then *ret is untouched. */
enum fk_status fk_key_file_parse(struct fk_slice bytes, struct fk_key_file *ret) FK_MUST_USE;

#endif
