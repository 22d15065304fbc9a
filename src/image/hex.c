/* SPDX-License-Identifier: Apache-2.0 */
#include "image/hex.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    TYPE_DATA = 0,
    TYPE_END = 1,
    TYPE_SEGMENT = 2,       /* extended segment address: bits 4 to 19 */
    TYPE_START_SEGMENT = 3, /* CS:IP */
    TYPE_LINEAR = 4,        /* extended linear address: bits 16 to 31 */
    TYPE_START_LINEAR = 5   /* EIP */
};

#define SEGMENT_SIZE 0x10000u

void fk_hex_begin(struct fk_hex *h, struct fk_input *in)
{
    *h = (struct fk_hex){.in = in, .next = FK_ADDRESS_END};
}

static enum fk_status fail(const struct fk_hex *h, enum fk_status st, struct fk_error *err,
                           const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static enum fk_status fail(const struct fk_hex *h, enum fk_status st, struct fk_error *err,
                           const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return fk_fail(err, st, "'%s' line %" PRIu64 ": %s", h->in->path, h->line, text);
}

/* Says what a line is that is not a record of well-formed digits: a slow second look. */
static enum fk_status fail_syntax(const struct fk_hex *h, const uint8_t *text,
                                  struct fk_error *err)
{
    size_t left = fk_input_left(h->in);
    if (text[0] != ':') {
        return fail(h, FK_E_FORMAT, err, "starts with byte 0x%02x, expected ':'", text[0]);
    }
    size_t n = 1;
    while (n < left && fk_hex_is_digit(text[n])) {
        n++;
    }
    bool cut = n == left || text[n] == '\r' || text[n] == '\n';
    if (!cut) {
        return fail(h, FK_E_FORMAT, err,
                    "byte 0x%02x in column %zu, expected a hexadecimal digit", text[n], n + 1);
    }
    if (n < 3) {
        return fail(h, FK_E_TRUNCATED, err, "ends before the length of the record");
    }
    unsigned len = 0; /* of data bytes */
    char digits[3] = {(char)text[1], (char)text[2], '\0'};
    (void)sscanf(digits, "%2x", &len);
    return fail(h, FK_E_TRUNCATED, err,
                "ends after %zu digits, its length byte 0x%02x asks for %u", n - 1, len,
                2 * (len + 5));
}

/* Steps over the line end at p, which is in the window. */
static enum fk_status end_line(struct fk_hex *h, const uint8_t *p, struct fk_error *err)
{
    size_t left = (size_t)(h->in->buf + h->in->have - p);
    size_t n = 0;
    if (left >= 1 && p[0] == '\n') {
        n = 1;
    } else if (left >= 2 && p[0] == '\r' && p[1] == '\n') {
        n = 2;
    } else if (left > 0) {
        if (p[0] == '\r') {
            return fail(h, FK_E_FORMAT, err, "ends with CR alone, expected LF or CR LF");
        }
        return fail(h, FK_E_FORMAT, err, "byte 0x%02x behind the checksum, expected the line end",
                    p[0]);
    }
    h->in->at = (size_t)(p - h->in->buf) + n;
    return FK_OK;
}

static enum fk_status check_length(const struct fk_hex *h, const struct fk_hex_record *r,
                                   unsigned expected, struct fk_error *err)
{
    return r->len == expected ? FK_OK
                              : fail(h, FK_E_FORMAT, err,
                                     "record of type %02x has %u data byte%s, expected %u", r->type,
                                     r->len, fk_plural(r->len), expected);
}

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Records other than data. */
static enum fk_status take_special(struct fk_hex *h, const struct fk_hex_record *r,
                                   const uint8_t *data, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    switch (r->type) {
    case TYPE_END:
        /* The offset may be anything: compilers for 8-bit parts put the start address there. */
        st = check_length(h, r, 0, err);
        h->ended = st == FK_OK;
        return st;
    case TYPE_SEGMENT:
    case TYPE_LINEAR:
        st = check_length(h, r, 2, err);
        if (st == FK_OK && r->offset != 0) {
            st = fail(h, FK_E_FORMAT, err, "record of type %02x has offset 0x%04x, expected 0",
                      r->type, r->offset);
        }
        if (st == FK_OK) {
            h->segmented = r->type == TYPE_SEGMENT;
            h->base = (uint32_t)be16(data) << (h->segmented ? 4 : 16);
        }
        return st;
    case TYPE_START_SEGMENT:
    case TYPE_START_LINEAR:
        st = check_length(h, r, 4, err);
        if (st == FK_OK) {
            h->has_start = true;
            h->start = r->type == TYPE_START_LINEAR ? (uint32_t)be16(data) << 16 | be16(data + 2)
                                                    : ((uint32_t)be16(data) << 4) + be16(data + 2);
        }
        return st;
    default:
        return fail(h, FK_E_FORMAT, err, "record type %02x is not known, expected 00 to 05",
                    r->type);
    }
}

static enum fk_status take_data(struct fk_hex *h, const struct fk_hex_record *r,
                                const uint8_t *data, struct fk_piece *ret, struct fk_error *err)
{
    struct fk_piece piece = {.addr = (uint64_t)h->base + r->offset, .len = r->len};
    if (h->segmented && piece.len > SEGMENT_SIZE - r->offset) {
        size_t first = SEGMENT_SIZE - r->offset;
        h->wrapped = (struct fk_piece){.addr = h->base, .len = piece.len - first};
        memcpy(h->wrapped_data, data + first, h->wrapped.len);
        piece.len = first;
    }
    if (piece.len > FK_ADDRESS_END - piece.addr) { /* base + offset is less than 2^32 + 2^16 */
        return fail(h, FK_E_IMAGE_RANGE, err,
                    "record at 0x%08" PRIx64 " with %u bytes goes beyond the 4 GiB of addresses",
                    piece.addr, r->len);
    }
    *ret = piece;
    return FK_OK;
}

/* Joins the records that follow to a piece that continues the one before. A piece behind a gap
 * stays a single record. */
static void extend(struct fk_hex *h, const struct fk_hex_record *first, uint8_t *data, size_t room,
                   struct fk_piece *piece)
{
    if (piece->addr == h->next && h->wrapped.len == 0) {
        struct fk_hex_run run = {.print = h->print};
        fk_hex_run_decode(h->in->buf + h->in->at, fk_input_left(h->in), data + piece->len,
                          room - piece->len, (uint32_t)first->offset + first->len, &run);
        h->in->at += run.text_len;
        h->line += run.lines;
        h->print = run.print;
        piece->len += run.data_len;
    }
    h->next = piece->addr + piece->len;
}

static enum fk_status at_end(struct fk_hex *h, struct fk_error *err)
{
    if (!h->ended) {
        h->line += h->line == 0;
        return fail(h, FK_E_TRUNCATED, err,
                    "the file ends without an end-of-file record (:00000001FF), it is incomplete");
    }
    return FK_OK;
}

/* The record at text: its line, its digits, its checksum and its line end. */
static enum fk_status take_record(struct fk_hex *h, const uint8_t *text, uint8_t *data,
                                  struct fk_hex_record *ret, struct fk_error *err)
{
    enum fk_hex_fault fault = fk_hex_record_decode(text, data, ret);
    if (fault == FK_HEX_BAD_CHECKSUM) {
        return fail(h, FK_E_CHECKSUM, err,
                    "checksum is %02X, expected %02X; the record is damaged", ret->checksum,
                    ret->wanted);
    }
    if (fault != FK_HEX_GOOD) {
        return fail_syntax(h, text, err);
    }
    h->print = fk_hex_print(h->print, ret, data);
    return end_line(h, text + ret->text_len, err);
}

enum fk_status fk_hex_next(struct fk_hex *h, uint8_t *data, size_t room, struct fk_piece *ret,
                           struct fk_error *err)
{
    struct fk_piece piece = h->wrapped;
    if (piece.len > 0) {
        memcpy(data, h->wrapped_data, piece.len);
        h->wrapped.len = 0;
        h->next = piece.addr + piece.len;
    }
    while (piece.len == 0) {
        enum fk_status st = fk_input_need(h->in, FK_HEX_TEXT_MAX, err);
        if (st != FK_OK) {
            return st;
        }
        if (fk_input_left(h->in) == 0) {
            st = at_end(h, err);
            if (st != FK_OK) {
                return st;
            }
            break;
        }
        const uint8_t *text = h->in->buf + h->in->at;
        struct fk_hex_record r = {0};
        h->line++;
        if (text[0] == '\n' || text[0] == '\r') { /* an empty line */
            st = end_line(h, text, err);
        } else if (h->ended) {
            st = fail(h, FK_E_TRAILING, err, "data behind the end-of-file record");
        } else {
            st = take_record(h, text, data, &r, err);
            if (st == FK_OK && r.type != TYPE_DATA) {
                st = take_special(h, &r, data, err);
            } else if (st == FK_OK && r.len > 0) {
                st = take_data(h, &r, data, &piece, err);
                if (st == FK_OK) {
                    extend(h, &r, data, room, &piece);
                }
            }
        }
        if (st != FK_OK) {
            return st;
        }
    }
    *ret = piece;
    return FK_OK;
}
