/* SPDX-License-Identifier: Apache-2.0 */
/* Every store of a power-up of the emulated board as a power cut: the flash as it was after each one
 * is given to the boot stage, which must start one of the two images. A store that leaves the flash as
 * it was (most of those that erase) is the cut before once more, and is passed over.
 *
 *     replay PROFILE FLASH-BEFORE TRACE OLD-SHA256 NEW-SHA256 [EVERY [FORECAST]]
 *
 * TRACE is what the plugin stores.c wrote during one power-up of the board. Prints how many cuts
 * there were and how they ended; exit 1 at the first one that left no verified image. FORECAST gets a
 * line for each cut, with what the boot after it does:
 *
 *     STORE FOUND AFTER SIZE SHA256 STORES SECOND
 *
 * FOUND and AFTER are phases, STORES the stores of that boot, SECOND the number of one among them
 * that changes the flash (0: there is none), another one from line to line. */
#include "boot/boot.h"
#include "core/trust.h"
#include "crypto/crypto.h"
#include "fotakit_fw/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE        4096u
#define WORD        4u
#define CHANGES_MAX 65536u

/* The flash after some stores; pages that a boot changes are put aside and come back. */
struct memory {
    uint8_t *bytes;
    uint8_t *saved;     /* contents of the pages below */
    bool *touched;      /* by page */
    const struct fk_device *device;
    /* Of the boot that is tried: the words that it stored, and which of them made a difference. */
    uint32_t stores;
    uint32_t changing;
    uint32_t changes[CHANGES_MAX];
};

static void count_store(struct memory *m, const uint8_t *is, const void *becomes)
{
    m->stores++;
    if (memcmp(is, becomes, WORD) != 0 && m->changing < CHANGES_MAX) {
        m->changes[m->changing++] = m->stores;
    }
}

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
    if (!inside(m, off, len) || len % WORD != 0) {
        return FK_E_FLASH_RULE;
    }
    for (size_t i = 0; i < len; i += WORD) {
        save_page(m, (off + (uint32_t)i) / PAGE);
        count_store(m, m->bytes + off + i, (const uint8_t *)buf + i);
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
    uint8_t blank[WORD];
    memset(blank, m->device->map.erased, sizeof blank);
    for (uint32_t at = 0; at < len; at += WORD) {
        count_store(m, m->bytes + off + at, blank);
    }
    memset(m->bytes + off, m->device->map.erased, len);
    return FK_OK;
}

/* One power-up. NULL: no verdict to start anything; else the digest of what would run. */
static const uint8_t *boot(struct memory *m, struct fk_boot_report *report, enum fk_phase *after)
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
    m->stores = m->changing = 0;
    enum fk_status st = fk_core_open(&core, m->device, &flash, work, sizeof work);
    if (st == FK_OK) {
        st = fk_trust_open(&core, &box, envelope, sizeof envelope);
    }
    if (st == FK_OK) {
        st = fk_boot(&core, report);
    }
    *after = core.state.phase;
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

/* 7919: a prime, so that neighbours are cut at places far apart. */
static void write_forecast(FILE *to, const struct memory *m, unsigned long n,
                           const struct fk_boot_report *r, enum fk_phase after)
{
    fprintf(to, "%lu %s %s %u ", n, fk_phase_name(r->began), fk_phase_name(after), r->image.size);
    for (unsigned i = 0; i < FK_SHA256_SIZE; i++) {
        fprintf(to, "%02x", r->image.sha256[i]);
    }
    fprintf(to, " %u %u\n", m->stores,
            m->changing > 0 ? m->changes[n * 7919 % m->changing] : 0);
}

struct wanted {
    const char *old;
    const char *new;
    unsigned long every;
    FILE *forecast; /* or NULL */
};

static int replay(struct memory *m, FILE *trace, const struct wanted *w)
{
    unsigned long cuts = 0, olds = 0, news = 0, n = 0, changed = 0;
    uint32_t record[3]; /* offset, word, instruction */
    while (fread(record, sizeof record, 1, trace) == 1) {
        struct fk_boot_report report;
        enum fk_phase after;
        if (!inside(m, record[0], sizeof record[1])) {
            fprintf(stderr, "replay: store %lu is outside the flash\n", n);
            return 1;
        }
        bool changes = memcmp(m->bytes + record[0], &record[1], sizeof record[1]) != 0;
        memcpy(m->bytes + record[0], &record[1], sizeof record[1]);
        n++;
        changed += changes;
        if (!changes || changed % w->every != 0) {
            continue;
        }
        const uint8_t *runs = boot(m, &report, &after);
        bool is_old = runs != NULL && is_digest(runs, w->old);
        bool is_new = runs != NULL && is_digest(runs, w->new);
        if (!is_old && !is_new) {
            fprintf(stderr, "replay: cut after store %lu: %s (status %d)\n", n,
                    runs == NULL ? "nothing would start" : "a stranger would start",
                    (int)report.status);
            return 1;
        }
        cuts++, olds += is_old, news += is_new;
        if (w->forecast != NULL) {
            write_forecast(w->forecast, m, n, &report, after);
        }
        restore(m);
    }
    printf("%lu stores, %lu of them change the flash, %lu cuts: %lu old, %lu new\n", n, changed,
           cuts, olds, news);
    return cuts > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct fk_device *device = argc >= 6 ? fk_device_find(argv[1]) : NULL;
    struct wanted wanted = {.every = argc > 6 ? strtoul(argv[6], NULL, 10) : 1};
    if (device == NULL || wanted.every == 0 || fk_crypto_init() != FK_OK) {
        fprintf(stderr, "usage: replay PROFILE FLASH-BEFORE TRACE OLD-SHA256 NEW-SHA256 "
                        "[EVERY [FORECAST]]\n");
        return 2;
    }
    static struct memory m;
    m.bytes = malloc(device->map.size);
    m.saved = malloc(device->map.size);
    m.touched = calloc(device->map.size / PAGE, sizeof(bool));
    m.device = device;
    wanted.old = argv[4];
    wanted.new = argv[5];
    wanted.forecast = argc > 7 ? fopen(argv[7], "w") : NULL;
    FILE *trace = fopen(argv[3], "rb");
    int rc = 3;
    if (m.bytes != NULL && m.saved != NULL && m.touched != NULL && trace != NULL &&
        (argc <= 7 || wanted.forecast != NULL) && read_file(argv[2], m.bytes, device->map.size)) {
        rc = replay(&m, trace, &wanted);
    } else {
        fprintf(stderr, "replay: cannot read the flash or the trace, or write the forecast\n");
    }
    if (wanted.forecast != NULL && fclose(wanted.forecast) != 0) {
        rc = 3;
    }
    if (trace != NULL) {
        fclose(trace);
    }
    free(m.bytes);
    free(m.saved);
    free(m.touched);
    return rc;
}
