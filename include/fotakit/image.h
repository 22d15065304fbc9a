/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_IMAGE_H
#define FOTAKIT_IMAGE_H

#include "fotakit/error.h"
#include "fotakit/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A firmware image, read from Intel HEX, ELF or raw binary as one flat run of bytes.
 *
 *     fk_image_open()   judges the whole input by the profile's rules before a byte is given out
 *     fk_image_info()   format, base address, size
 *     fk_image_read()   front to back; the image is complete only when it has returned FK_OK with
 *                       *ret_len 0, because only then the input was seen to its end a second time
 *     fk_image_close()
 *
 * Memory: HEX records in ascending order (what every linker writes) are decoded twice from the
 * file, once to judge and once to read, through one buffer of 256 KiB. Any other order, overlaps
 * and input from a pipe go into one buffer of the size of the image, plus a bit per byte; the size
 * is checked against options.max_size before anything of that size is allocated.
 *
 * Intel HEX (Intel "Hexadecimal Object File Format Specification", revision A, 1988): all record
 * types 00 to 05; LF or CRLF; empty lines; digits of either case. Type 02 addresses wrap at 64 KiB
 * inside a record as the specification says; an address beyond 4 GiB is refused. Overlaps are
 * refused unless the bytes are equal. Each refusal names the line.
 * ELF: 32-bit little endian, PT_LOAD segments at their physical addresses, regular files only.
 * Raw binary: has no addresses of its own; it starts at the application region, or at 0 where the
 * profile has none.
 *
 * Not checked: that the image is meant for the device. None of the formats says so.
 *
 * Address ranges are written START-END everywhere, END being the address behind the last byte. */

enum fk_image_format { FK_IMAGE_AUTO, FK_IMAGE_HEX, FK_IMAGE_ELF, FK_IMAGE_BIN };

/* "Intel HEX", "ELF", "raw binary"; and "hex", "elf", "bin". */
const char *fk_image_format_text(enum fk_image_format format);
const char *fk_image_format_word(enum fk_image_format format);
/* "hex", "elf", "bin" as on the command line; FK_E_USAGE for anything else. */
enum fk_status fk_image_format_parse(const char *word, enum fk_image_format *ret,
                                     struct fk_error *err) FK_MUST_USE;

struct fk_span {
    uint64_t start;
    uint64_t end; /* behind the last byte */
};

/* Called now and then while input is read or output written; total is 0 when it is unknown. */
struct fk_progress {
    void (*tick)(void *ctx, uint64_t done, uint64_t total); /* NULL: nobody listens */
    void *ctx;
};

struct fk_image_options {
    const struct fk_image_rules *rules; /* borrowed until close */
    uint64_t max_size;                  /* of the slot, in bytes */
    enum fk_image_format format;
    const char *only_region; /* NULL, a region's name, or START-END; borrowed until close */
    struct fk_progress progress;
};

struct fk_image_info {
    enum fk_image_format format;
    bool has_base; /* false for raw binary without an application region */
    uint64_t base;
    uint64_t size;
    uint64_t filled; /* bytes that no record holds: they read as the profile's gap value */
};

struct fk_image;

/* FK_E_IMAGE_RANGE, FK_E_IMAGE_TOO_BIG, FK_E_IMAGE_OVERLAP, FK_E_EMPTY, FK_E_CHECKSUM, FK_E_FORMAT,
 * FK_E_TRUNCATED, FK_E_TRAILING, FK_E_UNSUPPORTED, FK_E_NOT_REGULAR, FK_E_USAGE for an only_region
 * that cannot be understood, and what opening and reading the file fails with. */
enum fk_status fk_image_open(const char *path, const struct fk_image_options *options,
                             struct fk_image **ret, struct fk_error *err) FK_MUST_USE;
const struct fk_image_info *fk_image_info(const struct fk_image *image);
/* The name it was opened with, for messages. */
const char *fk_image_path(const struct fk_image *image);
/* Up to cap bytes; *ret_len is 0 at the end. FK_E_IO when the file changed since it was judged. */
enum fk_status fk_image_read(struct fk_image *image, uint8_t *buf, size_t cap, size_t *ret_len,
                             struct fk_error *err) FK_MUST_USE;
void fk_image_close(struct fk_image *image);

/* What an input holds, without any rules: for showing it. At most FK_SURVEY_SPANS areas of
 * contiguous data in ascending order; where a file has more, the closest neighbours are shown as
 * one. Intel HEX is checked in full. */
#define FK_SURVEY_SPANS 32
struct fk_image_survey {
    enum fk_image_format format;
    struct fk_span spans[FK_SURVEY_SPANS];
    size_t n_spans;
    uint64_t bytes; /* of data */
    uint64_t lines; /* Intel HEX only */
    bool has_start; /* start address: types 03 and 05, or the ELF entry point */
    uint32_t start;
};
enum fk_status fk_image_survey(const char *path, enum fk_image_format format,
                               struct fk_image_survey *ret, struct fk_error *err) FK_MUST_USE;

#endif
