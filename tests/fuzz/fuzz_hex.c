/* SPDX-License-Identifier: Apache-2.0 */
/* Intel HEX: the way of files (run by run, twice) and the way of pipes (record by record, into
 * memory) must come to the same verdict and the same bytes. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/image_input.h"

#include "fotakit/hex.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_all_ways(const uint8_t *data, size_t size)
{
    static const struct fk_image_rules any = {.unit = 4, .gap_value = 0xff, .any_base = true};
    static const struct fk_image_rules mapped = {
        .unit = 4,
        .regions = {{.name = "boot", .start = 0, .end = 0x100},
                    {.name = "app", .start = 0x100, .end = 0x10000, .application = true}},
        .n_regions = 2,
    };
    static const struct {
        const struct fk_image_rules *rules;
        const char *only;
        size_t chunk;
    } ways[] = {{&any, NULL, SLOT}, {&any, "0x102-0x20000", 300}, {&mapped, "app", 7}};
    static struct flat from_file, from_pipe;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        const struct fk_image_options options = {.rules = ways[i].rules,
                                                 .max_size = SLOT,
                                                 .format = FK_IMAGE_HEX,
                                                 .only_region = ways[i].only};
        char path[32];
        int ends[2];
        int fd = memory_file(data, size, path);
        read_image(path, &options, ways[i].chunk, &from_file);
        close(fd);
        if (pipe(ends) != 0 || (size > 0 && write(ends[1], data, size) != (ssize_t)size)) {
            abort();
        }
        close(ends[1]);
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        read_image(path, &options, ways[i].chunk, &from_pipe);
        close(ends[0]);
        if ((from_file.st == FK_OK) != (from_pipe.st == FK_OK)) {
            abort();
        }
        if (from_file.st == FK_OK && (from_file.len != from_pipe.len ||
                                      memcmp(from_file.bytes, from_pipe.bytes, from_file.len) != 0)) {
            abort();
        }
    }
}

/* Gives each line of digits the length and checksum that it should have, so that the fuzzer gets
 * past them. */
static void repair(uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t record[260];
        char hex[3];
        size_t end = i + 1;
        while (end < size && text[end] != '\n' && text[end] != '\r') {
            end++;
        }
        size_t digits = end - i - 1;
        size_t len = digits / 2;
        if (text[i] == ':' && digits % 2 == 0 && len >= 5 && len <= sizeof record &&
            fk_hex_decode((const char *)text + i + 1, digits, record, len)) {
            uint8_t sum = 0;
            record[0] = (uint8_t)(len - 5);
            for (size_t k = 0; k + 1 < len; k++) {
                sum = (uint8_t)(sum - record[k]);
            }
            fk_hex_encode(&record[0], 1, hex);
            memcpy(text + i + 1, hex, 2);
            fk_hex_encode(&sum, 1, hex);
            memcpy(text + end - 2, hex, 2);
        }
        i = end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t repaired[60000]; /* a pipe holds 64 KiB */
    if (size > sizeof repaired) {
        return 0;
    }
    try_all_ways(data, size);
    memcpy(repaired, data, size);
    repair(repaired, size);
    if (memcmp(repaired, data, size) != 0) {
        try_all_ways(repaired, size);
    }
    return 0;
}
