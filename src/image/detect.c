/* SPDX-License-Identifier: Apache-2.0 */
#include "image/detect.h"

#include <string.h>

static const struct {
    const char *word;
    const char *text;
} names[] = {
    [FK_IMAGE_AUTO] = {"auto", "unknown"},
    [FK_IMAGE_HEX] = {"hex", "Intel HEX"},
    [FK_IMAGE_ELF] = {"elf", "ELF"},
    [FK_IMAGE_BIN] = {"bin", "raw binary"},
};

const char *fk_image_format_text(enum fk_image_format format)
{
    return names[format].text;
}

const char *fk_image_format_word(enum fk_image_format format)
{
    return names[format].word;
}

enum fk_status fk_image_format_parse(const char *word, enum fk_image_format *ret,
                                     struct fk_error *err)
{
    static const enum fk_image_format known[] = {FK_IMAGE_HEX, FK_IMAGE_ELF, FK_IMAGE_BIN};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(word, names[known[i]].word) == 0) {
            *ret = known[i];
            return FK_OK;
        }
    }
    return fk_fail(err, FK_E_USAGE, "input format '%s' is not known, expected hex, elf or bin",
                   word);
}

/* How many of n bytes are not printable text. */
static size_t count_binary(const uint8_t *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool text = (p[i] >= 0x20 && p[i] <= 0x7e) || p[i] == '\t' || p[i] == '\r' || p[i] == '\n';
        count += !text;
    }
    return count;
}

/* Begins with ':' and looks like text, but for some damage: a record that is bent at its start must
 * be refused as a bad record, not packed as if it were code. A packet has a random nonce in front
 * and so begins with ':' now and then, but goes on with bytes of all kinds. */
static bool is_hex(const uint8_t *p, size_t n)
{
    size_t looked_at = n < 64 ? n : 64;
    return n > 0 && p[0] == ':' && count_binary(p, looked_at) <= looked_at / 4;
}

enum fk_status fk_image_detect(struct fk_input *in, enum fk_image_format wanted,
                               enum fk_image_format *ret, struct fk_error *err)
{
    enum fk_status st = fk_input_need(in, FK_INPUT_AHEAD, err);
    if (st != FK_OK) {
        return st;
    }
    const uint8_t *p = in->buf + in->at;
    size_t n = fk_input_left(in);
    if (n == 0) {
        return fk_fail(err, FK_E_EMPTY, "'%s' is empty", in->path);
    }
    if (wanted != FK_IMAGE_AUTO) {
        *ret = wanted;
        return FK_OK;
    }
    size_t first = 0;
    while (first < n && (p[first] == '\r' || p[first] == '\n')) {
        first++;
    }
    if (n >= 4 && memcmp(p, "\x7f" "ELF", 4) == 0) {
        *ret = FK_IMAGE_ELF;
    } else if (is_hex(p + first, n - first)) {
        *ret = FK_IMAGE_HEX;
    } else if (count_binary(p, n < FK_INPUT_AHEAD ? n : FK_INPUT_AHEAD) > 0) {
        *ret = FK_IMAGE_BIN;
    } else if (p[first] == 'S' && n - first > 1 && p[first + 1] >= '0' && p[first + 1] <= '9') {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s' is a Motorola S-record file; convert it with "
                       "objcopy -I srec -O ihex",
                       in->path);
    } else {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s' looks like text, but not like Intel HEX; if it is an image as it "
                       "stands, say --input bin",
                       in->path);
    }
    return FK_OK;
}
