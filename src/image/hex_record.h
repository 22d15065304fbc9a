/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_HEX_RECORD_H
#define FK_IMAGE_HEX_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One Intel HEX record, text to bytes:
 *
 *     ':' LENGTH(2 digits) OFFSET(4) TYPE(2) DATA(2 * LENGTH) CHECKSUM(2)
 *
 * where the bytes from LENGTH to CHECKSUM add up to 0 modulo 256. Firmware is hundreds of thousands
 * of these lines, so this file is the one that is written for speed; what records mean is in hex.c. */

#define FK_HEX_DATA_MAX 255
/* The longest record, and two characters behind it for the line end. */
#define FK_HEX_TEXT_MAX (1 + 2 * (4 + FK_HEX_DATA_MAX + 1) + 2)

enum fk_hex_fault { FK_HEX_GOOD, FK_HEX_NO_COLON, FK_HEX_NOT_A_DIGIT, FK_HEX_BAD_CHECKSUM };

struct fk_hex_record {
    uint8_t len;
    uint8_t type;
    uint16_t offset;
    uint8_t checksum;  /* as found */
    uint8_t wanted;    /* as it should be */
    uint16_t text_len; /* characters, from the colon to the checksum */
};

/* text: FK_HEX_TEXT_MAX readable characters, the line end not looked at. data: room for FK_HEX_DATA_MAX bytes; what stands
 * there after a failure is undefined. *ret is written unless the fault is NO_COLON or NOT_A_DIGIT. */
enum fk_hex_fault fk_hex_record_decode(const uint8_t *text, uint8_t *data,
                                       struct fk_hex_record *ret);

bool fk_hex_is_digit(uint8_t c);

/* What nearly all of a file is: data records in upward order, each continuing the last. */
struct fk_hex_run {
    size_t text_len; /* characters consumed, always whole lines */
    size_t data_len; /* bytes decoded */
    uint64_t lines;
    uint64_t print; /* in and out: the fingerprint of the file so far */
};

/* Decodes records from text into data as long as they are good data records at the expected
 * offset, end in LF or CR LF, and neither text nor room for the longest possible record runs out.
 * Whatever stops it, damage included, is left for the caller to look at. The run does not go beyond
 * offset 0x10000. */
void fk_hex_run_decode(const uint8_t *text, size_t text_len, uint8_t *data, size_t room,
                       uint32_t offset, struct fk_hex_run *run);

/* Adds a record to the fingerprint of a file: same fingerprint, same records in the same order,
 * short of an accident. */
uint64_t fk_hex_print(uint64_t print, const struct fk_hex_record *r, const uint8_t *data);

#endif
