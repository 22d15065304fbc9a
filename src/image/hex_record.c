/* SPDX-License-Identifier: Apache-2.0 */
#include "image/hex_record.h"

#include <string.h>

/* The value of a digit with DIGIT set; 0 for every other character. */
#define DIGIT 0x80u
#define D(value) (DIGIT | (value))
static const uint8_t digits[256] = {
    ['0'] = D(0),  ['1'] = D(1),  ['2'] = D(2),  ['3'] = D(3),  ['4'] = D(4),  ['5'] = D(5),
    ['6'] = D(6),  ['7'] = D(7),  ['8'] = D(8),  ['9'] = D(9),  ['A'] = D(10), ['B'] = D(11),
    ['C'] = D(12), ['D'] = D(13), ['E'] = D(14), ['F'] = D(15), ['a'] = D(10), ['b'] = D(11),
    ['c'] = D(12), ['d'] = D(13), ['e'] = D(14), ['f'] = D(15),
};

bool fk_hex_is_digit(uint8_t c)
{
    return digits[c] != 0;
}

/* One byte from two digits; *good loses DIGIT when one of them is none. */
static inline uint8_t one_byte(const uint8_t *text, unsigned *good)
{
    unsigned high = digits[text[0]];
    unsigned low = digits[text[1]];
    *good &= high & low;
    return (uint8_t)(high << 4 | (low & 15));
}

/* Sixteen digits at a time without a branch, in vectors: a notation of gcc and clang for what each
 * of them translates to the vector unit of whatever processor it builds for, or to plain code where
 * there is none. */
typedef uint8_t vec __attribute__((vector_size(16)));

#define BLOCK 16u /* bytes of data, from two vectors of digits */

/* Code reviewers: reads 16 bytes. */
static inline vec load(const uint8_t *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Values of sixteen digits; a lane of *good becomes 0 where there is none, and stays all ones
 * otherwise. */
static inline vec digit_values(vec c, vec *good)
{
    vec decimal = c - '0';
    vec letter = (c | 0x20) - 'a'; /* the bit that tells upper from lower case */
    vec is_decimal = (vec)(decimal <= 9);
    vec is_letter = (vec)(letter <= 5);
    *good &= is_decimal | is_letter;
    return (decimal & is_decimal) | ((letter + 10) & is_letter);
}

/* Sixteen bytes from the values of 32 digits. */
static inline vec join(vec a, vec b)
{
    vec high = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
                                       30);
    vec low = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
                                      31);
    return high * 16 + low;
}

/* Sum of the lanes, modulo 256. */
static inline uint8_t lane_sum(vec v)
{
    uint64_t w[2];
    memcpy(w, &v, sizeof w);
    const uint64_t even = 0x00ff00ff00ff00ffu;
    uint64_t sum = (w[0] & even) + (w[0] >> 8 & even) + (w[1] & even) + (w[1] >> 8 & even);
    return (uint8_t)(sum * 0x0001000100010001u >> 48);
}

static inline bool all_ones(vec v)
{
    uint64_t w[2];
    memcpy(w, &v, sizeof w);
    return (w[0] & w[1]) == UINT64_MAX;
}

/* The fingerprint need not resist an adversary: any odd constant with bits all over. */
#define ODD 0x9e3779b97f4a7c15u

static inline uint64_t print_block(uint64_t print, const uint8_t *data)
{
    uint64_t w[2];
    memcpy(w, data, sizeof w);
    print = (print ^ w[0] ^ (w[1] << 23 | w[1] >> 41)) * ODD;
    return print ^ print >> 32;
}

static inline uint64_t print_byte(uint64_t print, uint8_t byte)
{
    return (print ^ byte) * ODD;
}

enum fk_hex_fault fk_hex_record_decode(const uint8_t *text, uint8_t *data,
                                       struct fk_hex_record *ret)
{
    if (text[0] != ':') {
        return FK_HEX_NO_COLON;
    }
    unsigned good = DIGIT;
    uint8_t head[4];
    for (size_t i = 0; i < sizeof head; i++) {
        head[i] = one_byte(text + 1 + 2 * i, &good);
    }
    if (good == 0) {
        return FK_HEX_NOT_A_DIGIT; /* before the length is believed */
    }
    size_t len = head[0];
    unsigned sum = (unsigned)head[0] + head[1] + head[2] + head[3];
    for (size_t i = 0; i < len; i++) {
        data[i] = one_byte(text + 9 + 2 * i, &good);
        sum += data[i];
    }
    uint8_t checksum = one_byte(text + 9 + 2 * len, &good);
    if (good == 0) {
        return FK_HEX_NOT_A_DIGIT;
    }
    *ret = (struct fk_hex_record){
        .len = head[0],
        .type = head[3],
        .offset = (uint16_t)(head[1] << 8 | head[2]),
        .checksum = checksum,
        .wanted = (uint8_t)(0u - sum),
        .text_len = (uint16_t)(1 + 2 * (4 + len + 1)),
    };
    return checksum == ret->wanted ? FK_HEX_GOOD : FK_HEX_BAD_CHECKSUM;
}

uint64_t fk_hex_print(uint64_t print, const struct fk_hex_record *r, const uint8_t *data)
{
    size_t i = 0;
    for (; r->len - i >= BLOCK; i += BLOCK) {
        print = print_block(print, data + i);
    }
    for (; i < r->len; i++) {
        print = print_byte(print, data[i]);
    }
    return print * ODD + r->type + r->offset;
}

/* Decodes one record if it is a data record at offset; returns the characters it takes with its
 * line end, or 0. text and data have room for the longest record. */
static inline size_t decode_next(const uint8_t *text, uint8_t *data, uint32_t offset,
                                 size_t *ret_len, uint64_t *print)
{
    const vec ones = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    vec good_head = ones;
    vec head_values = digit_values(load(text + 1), &good_head);
    vec head_bytes = join(head_values, head_values);
    uint8_t head[BLOCK]; /* of which four, from eight digits, are the header */
    uint64_t good_digits;
    memcpy(head, &head_bytes, sizeof head);
    memcpy(&good_digits, &good_head, sizeof good_digits);
    const size_t len = head[0];
    if (text[0] != ':' || good_digits != UINT64_MAX || head[3] != 0 ||
        (uint32_t)(head[1] << 8 | head[2]) != offset || len > 0x10000 - offset) {
        return 0;
    }

    const uint8_t *at = text + 9;
    vec good = ones;
    vec sums = {0}; /* modulo 256, which is all that the checksum needs */
    uint64_t mixed = *print;
    size_t i = 0;
    for (; len - i >= BLOCK; i += BLOCK, at += 2 * BLOCK) {
        vec first = digit_values(load(at), &good);
        vec second = digit_values(load(at + BLOCK), &good);
        vec bytes = join(first, second);
        memcpy(data + i, &bytes, BLOCK);
        sums += bytes;
        mixed = print_block(mixed, data + i);
    }
    unsigned sum = (unsigned)head[0] + head[1] + head[2] + lane_sum(sums);
    unsigned good_rest = DIGIT;
    for (; i < len; i++, at += 2) {
        data[i] = one_byte(at, &good_rest);
        sum += data[i];
        mixed = print_byte(mixed, data[i]);
    }
    sum += one_byte(at, &good_rest);
    at += 2;
    const size_t line_end = at[0] == '\n' ? 1 : at[0] == '\r' && at[1] == '\n' ? 2 : 0;
    if ((sum & 0xff) != 0 || good_rest == 0 || !all_ones(good) || line_end == 0) {
        return 0;
    }
    *ret_len = len;
    *print = mixed * ODD + offset;
    return (size_t)(at - text) + line_end;
}

void fk_hex_run_decode(const uint8_t *text, size_t text_len, uint8_t *data, size_t room,
                       uint32_t offset, struct fk_hex_run *run)
{
    size_t used = 0;
    size_t have = 0;
    uint64_t lines = 0;
    uint64_t print = run->print;
    /* Code reviewers: these two comparisons are what allows decode_next to look no further. */
    while (text_len - used >= FK_HEX_TEXT_MAX && room - have >= FK_HEX_DATA_MAX) {
        size_t len = 0;
        size_t n = decode_next(text + used, data + have, offset, &len, &print);
        if (n == 0) {
            break;
        }
        used += n;
        have += len;
        offset += (uint32_t)len;
        lines++;
    }
    *run = (struct fk_hex_run){.text_len = used, .data_len = have, .lines = lines, .print = print};
}
