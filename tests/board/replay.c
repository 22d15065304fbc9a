/* SPDX-License-Identifier: Apache-2.0 */
/* Every store of an install on the emulated board as a power cut: the flash as it was after each one
 * is given to the boot stage, which must start one of the two images.
 *
 *     replay PROFILE FLASH-BEFORE TRACE OLD-SHA256 NEW-SHA256 [EVERY]
 *
 * TRACE is what the plugin stores.c wrote during one power-up of the board. Prints how many cuts
 * there were and how they ended; exit 1 at the first one that left no verified image. */
#include "boot/boot.h"
#include "core/trust.h"
#include "crypto/crypto.h"
#include "fotakit_fw/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

/* The flash after some stores; pages that a boot changes are put aside and come back. */
struct memory {
    uint8_t *bytes;
    uint8_t *saved;     /* contents of the pages below */
    bool *touched;      /* by page */
    const struct fk_device *device;
};

static void save_page(struct memory *m, uint32_t page)
{
    if (!m->touched[page]) {
        m->touched[page] = true;
        memcpy(m->saved + page * PAGE, m->bytes + page * PAGE, PAGE);
    }
}

static void restore(struct memory *m)
{
    for (uint32_t page = 0; page < m->device->map.size / PAGE; page++) {
        if (m->touched[page]) {
            memcpy(m->bytes + page * PAGE, m->saved + page * PAGE, PAGE);
            m->touched[page] = false;
        }
    }
}

static bool inside(const struct memory *m, uint32_t off, size_t len)
{
    return off <= m->device->map.size && len <= m->device->map.size - off;
}

static enum fk_status mem_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct memory *m = ctx;
    if (!inside(m, off, len)) {
        return FK_E_FLASH_RULE;
    }
    memcpy(buf, m->bytes + off, len);
    return FK_OK;
}

static enum fk_status mem_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    struct memory *m = ctx;
    for (size_t i = 0; inside(m, off, len) && i < len; i++) {
        if (m->bytes[off + i] != m->device->map.erased) {
            return FK_E_FLASH_RULE;
        }
    }
    if (!inside(m, off, len)) {
        return FK_E_FLASH_RULE;
    }
    for (size_t i = 0; i < len; i++) {
        save_page(m, (off + (uint32_t)i) / PAGE);
    }
    memcpy(m->bytes + off, buf, len);
    return FK_OK;
}

static enum fk_status mem_erase(void *ctx, uint32_t off, uint32_t len)
{
    struct memory *m = ctx;
    if (!inside(m, off, len) || off % PAGE != 0 || len % PAGE != 0) {
        return FK_E_FLASH_RULE;
    }
    for (uint32_t at = 0; at < len; at += PAGE) {
        save_page(m, (off + at) / PAGE);
    }
    memset(m->bytes + off, m->device->map.erased, len);
    return FK_OK;
}

/* One power-up. NULL: no verdict to start anything; else the digest of what would run. */
static const uint8_t *boot(struct memory *m, struct fk_boot_report *report)
{
    static struct fk_core core;
    static struct fk_trust_box box;
    static uint8_t work[1024], envelope[8192];
    const struct fk_flash flash = {.ctx = m,
                                   .read = mem_read,
                                   .prog = mem_prog,
                                   .erase = mem_erase,
                                   .size = m->device->map.size,
                                   .prog_size = m->device->map.prog_size,
                                   .erased = m->device->map.erased};
    enum fk_status st = fk_core_open(&core, m->device, &flash, work, sizeof work);
    if (st == FK_OK) {
        st = fk_trust_open(&core, &box, envelope, sizeof envelope);
    }
    if (st == FK_OK) {
        st = fk_boot(&core, report);
    }
    return st == FK_OK && report->verdict == FK_VERDICT_BOOT ? report->image.sha256 : NULL;
}

static bool read_file(const char *path, uint8_t *to, size_t len)
{
    FILE *f = fopen(path, "rb");
    bool ok = f != NULL && fread(to, 1, len, f) == len && fgetc(f) == EOF;
    if (f != NULL) {
        fclose(f);
    }
    return ok;
}

static bool is_digest(const uint8_t *digest, const char *hex)
{
    char text[2 * FK_SHA256_SIZE + 1];
    for (unsigned i = 0; i < FK_SHA256_SIZE; i++) {
        snprintf(text + 2 * (size_t)i, 3, "%02x", digest[i]);
    }
    return strcmp(text, hex) == 0;
}

static int replay(struct memory *m, FILE *trace, const char *old, const char *new,
                  unsigned long every)
{
    unsigned long cuts = 0, olds = 0, news = 0, n = 0;
    uint32_t record[2];
    while (fread(record, sizeof record, 1, trace) == 1) {
        struct fk_boot_report report;
        if (!inside(m, record[0], sizeof record[1])) {
            fprintf(stderr, "replay: store %lu is outside the flash\n", n);
            return 1;
        }
        memcpy(m->bytes + record[0], &record[1], sizeof record[1]);
        if (++n % every != 0) {
            continue;
        }
        const uint8_t *runs = boot(m, &report);
        bool is_old = runs != NULL && is_digest(runs, old);
        bool is_new = runs != NULL && is_digest(runs, new);
        if (!is_old && !is_new) {
            fprintf(stderr, "replay: cut after store %lu: %s (status %d)\n", n,
                    runs == NULL ? "nothing would start" : "a stranger would start",
                    (int)report.status);
            return 1;
        }
        cuts++, olds += is_old, news += is_new;
        restore(m);
    }
    printf("%lu stores, %lu cuts: %lu old, %lu new\n", n, cuts, olds, news);
    return cuts > 0 && news > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct fk_device *device = argc >= 6 ? fk_device_find(argv[1]) : NULL;
    unsigned long every = argc > 6 ? strtoul(argv[6], NULL, 10) : 1;
    if (device == NULL || every == 0 || fk_crypto_init() != FK_OK) {
        fprintf(stderr, "usage: replay PROFILE FLASH-BEFORE TRACE OLD-SHA256 NEW-SHA256 [EVERY]\n");
        return 2;
    }
    struct memory m = {.bytes = malloc(device->map.size),
                       .saved = malloc(device->map.size),
                       .touched = calloc(device->map.size / PAGE, sizeof(bool)),
                       .device = device};
    FILE *trace = fopen(argv[3], "rb");
    int rc = 3;
    if (m.bytes != NULL && m.saved != NULL && m.touched != NULL && trace != NULL &&
        read_file(argv[2], m.bytes, device->map.size)) {
        rc = replay(&m, trace, argv[4], argv[5], every);
    } else {
        fprintf(stderr, "replay: cannot read the flash or the trace\n");
    }
    if (trace != NULL) {
        fclose(trace);
    }
    free(m.bytes);
    free(m.saved);
    free(m.touched);
    return rc;
}
