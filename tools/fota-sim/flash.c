/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/sim.h"

#include "fota-sim/goods.h"
#include "fotakit/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- init: the factory -------------------------------------------------- */

/* The device judges its first key set as it will judge the next ones. */
static enum fk_status provision_keys(struct sim *sim, const struct goods *goods,
                                     struct fk_error *err)
{
    const struct sim_options *o = sim->o;
    const struct fk_slice set = {goods->key_set.ptr, goods->key_set.len};
    struct fk_trust_secrets secrets = {.kek = {NULL, 0}};
    if (o->kek != NULL) {
        secrets.kek = (struct fk_slice){goods->kek, sizeof goods->kek};
        secrets.kek_kid = (struct fk_slice){goods->kek_kid, sizeof goods->kek_kid};
    }
    if (o->device_key != NULL) {
        secrets.ecdh = (struct fk_slice){goods->ecdh, sizeof goods->ecdh};
        secrets.ecdh_kid = (struct fk_slice){goods->ecdh_kid, sizeof goods->ecdh_kid};
    }
    if (o->device_id != NULL) {
        secrets.device_id = (struct fk_slice){goods->device_id, sizeof goods->device_id};
    }
    enum fk_status st = fk_trust_provision(&sim->core, &sim->box, &secrets, set);
    if (st == FK_E_UNSUPPORTED) {
        return fk_fail(err, st, "--key-set: %s takes no signed envelopes", sim->device->name);
    }
    if (fk_status_class(st) == FK_CLASS_REJECTED) {
        return fk_fail(err, st, "'%s': the device refuses this key set: %s", sim->o->key_set,
                       fk_status_text(st));
    }
    return st == FK_OK ? sim_open_trust(sim, err) : sim_fail(sim, st, "storing the keys", err);
}

static enum fk_status provision(struct sim *sim, const struct goods *goods,
                                const struct fk_buffer *store, struct fk_error *err)
{
    enum fk_status st =
        fk_core_open(&sim->core, sim->device, &sim->flash, sim->work, sizeof sim->work);
    if (st == FK_E_NO_STATE) { /* as a new flash must be */
        st = fk_provision(&sim->core, goods->image.ptr, (uint32_t)goods->image.len);
    } else if (st == FK_OK) {
        st = FK_E_INTERNAL;
    }
    if (st == FK_OK && sim->o->key != NULL) {
        st = fk_update_set_key(&sim->core, goods->key);
    }
    if (st != FK_OK) {
        return sim_fail(sim, st, "provisioning", err);
    }
    if (store->len > 0) {
        st = sim_write_store(sim, store, err);
    }
    return st == FK_OK && sim->o->key_set != NULL ? provision_keys(sim, goods, err) : st;
}

static enum fk_status copy_out(struct sim *sim, struct fk_output *output, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (uint32_t at = 0; st == FK_OK && at < sim->device->map.size;) {
        uint32_t left = sim->device->map.size - at;
        uint32_t n = left < sizeof sim->work ? left : (uint32_t)sizeof sim->work;
        st = sim->flash.read(sim->flash.ctx, at, sim->work, n);
        if (st != FK_OK) {
            return sim_fail(sim, st, "reading the new flash", err);
        }
        st = fk_output_write(output, sim->work, n, err);
        at += n;
    }
    return st;
}

static enum fk_status make_flash(struct sim *sim, const struct goods *goods,
                                 const struct fk_buffer *store, struct fk_output *output,
                                 struct fk_error *err)
{
    FILE *scratch = tmpfile(); /* so that the flash file appears complete, or not at all */
    int fd = scratch != NULL ? dup(fileno(scratch)) : -1;
    enum fk_status st = FK_OK;
    if (fd < 0) {
        st = fk_fail(err, FK_E_IO, "cannot create a temporary file");
    } else {
        st = fk_sim_flash_create(&sim->file, sim->device, fd);
        sim->flash = fk_sim_flash_table(&sim->file);
        st = st == FK_OK ? FK_OK : sim_fail(sim, st, "creating the flash", err);
    }
    if (st == FK_OK) {
        st = provision(sim, goods, store, err);
    }
    if (st == FK_OK) {
        st = copy_out(sim, output, err);
    }
    if (scratch != NULL) {
        fclose(scratch);
    }
    return st;
}

enum fk_status sim_init(const struct sim_options *o, struct fk_error *err)
{
    struct goods goods = GOODS_INIT;
    struct fk_buffer store = {.ptr = NULL};
    struct sim_store seen = {.there = false};
    struct fk_output output = FK_OUTPUT_INIT;
    struct sim sim;
    enum fk_status st = sim_prepare(&sim, o, err);
    if (st == FK_OK) {
        st = goods_load(o, sim.device, &goods, err);
    }
    if (st == FK_OK && o->store != NULL) {
        st = sim_load_store(&sim, &store, err);
    }
    if (st == FK_OK) {
        st = fk_output_open(&output, sim.path, 0600, o->force, err); /* it will hold the key */
    }
    if (st == FK_OK) {
        st = make_flash(&sim, &goods, &store, &output, err);
    }
    if (st == FK_OK) {
        st = sim_look_at_store(&sim, &seen, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, o->force, err);
    }
    if (st == FK_OK) {
        printf("flash     %s, %" PRIu32 " bytes, profile %s\n", sim.path, sim.device->map.size,
               sim.device->name);
        if (goods.image.len > 0) {
            printf("image     %s, %zu bytes\n", o->image, goods.image.len);
        } else {
            printf("image     none: the device stays in the boot stage\n");
        }
        printf("key       %s\n", o->key != NULL ? "set" : "not set");
        sim_print_trust(&sim);
        if (o->store != NULL) {
            sim_print_store(&seen);
        }
    }
    fk_output_abort(&output);
    sim_close(&sim);
    goods_release(&goods);
    fk_buffer_release(&store);
    return st;
}

/* ---- flash dump --------------------------------------------------------- */

static enum fk_status find_region(const struct sim_options *o, const struct fk_device *device,
                                  struct fk_region *ret, struct fk_error *err)
{
    *ret = (struct fk_region){.off = 0, .size = device->map.size};
    if (o->region == NULL) {
        return FK_OK;
    }
    for (enum fk_region_id i = FK_REGION_BOOT; i < FK_REGIONS; i++) {
        const struct fk_region *r = fk_device_region(device, i);
        if (r->size > 0 && strcmp(o->region, fk_region_name(i)) == 0) {
            *ret = *r;
            return FK_OK;
        }
    }
    return fk_fail(err, FK_E_USAGE,
                   "--region: expected boot, state, store, primary, staging%s%s, found '%s' (see "
                   "fota-sim --help)",
                   device->map.envelope.size > 0 ? ", envelope" : "",
                   device->map.keys.size > 0 ? ", keys" : "", o->region);
}

#define ROW 16u

/* Rows that repeat the one before are shown as one '*'. */
struct rows {
    uint8_t last[ROW];
    bool any, starred;
};

static void print_row(struct rows *rows, uint32_t address, const uint8_t *p, uint32_t n)
{
    if (rows->any && n == ROW && memcmp(rows->last, p, ROW) == 0) {
        if (!rows->starred) {
            printf("*\n");
        }
        rows->starred = true;
        return;
    }
    printf("%08" PRIx32 " ", address);
    for (uint32_t i = 0; i < n; i++) {
        printf(" %02x", p[i]);
    }
    printf("%*s", (int)(3 * (ROW - n) + 2), "");
    for (uint32_t i = 0; i < n; i++) {
        putchar(p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '.');
    }
    putchar('\n');
    memcpy(rows->last, p, n);
    rows->any = n == ROW;
    rows->starred = false;
}

static void print_rows(struct rows *rows, uint32_t address, const uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; i < len; i += ROW) {
        print_row(rows, address + i, p + i, len - i < ROW ? len - i : ROW);
    }
}

static enum fk_status dump(struct sim *sim, const struct fk_region *region,
                           struct fk_output *output, struct fk_error *err)
{
    struct rows rows = {.any = false};
    enum fk_status st = FK_OK;
    for (uint32_t at = 0; st == FK_OK && at < region->size;) {
        uint32_t left = region->size - at;
        uint32_t n = left < sizeof sim->work ? left : (uint32_t)sizeof sim->work;
        st = sim->flash.read(sim->flash.ctx, region->off + at, sim->work, n);
        if (st != FK_OK) {
            return sim_fail(sim, st, "reading the flash", err);
        }
        if (output != NULL) {
            st = fk_output_write(output, sim->work, n, err);
        } else {
            print_rows(&rows, sim->device->map.base + region->off + at, sim->work, n);
        }
        at += n;
    }
    if (output == NULL && st == FK_OK) {
        printf("%08" PRIx32 "\n", sim->device->map.base + region->off + region->size);
    }
    return st;
}

enum fk_status sim_flash_dump(const struct sim_options *o, struct fk_error *err)
{
    struct fk_output output = FK_OUTPUT_INIT;
    struct fk_region region = {0};
    struct sim sim;
    enum fk_status st = sim_open(&sim, o, false, err);
    if (st == FK_OK) {
        st = find_region(o, sim.device, &region, err);
    }
    if (st == FK_OK && o->output != NULL) {
        st = fk_output_open(&output, o->output, 0600, o->force, err); /* the state holds the key */
    }
    if (st == FK_OK) {
        st = dump(&sim, &region, o->output != NULL ? &output : NULL, err);
    }
    if (st == FK_OK && o->output != NULL) {
        st = fk_output_commit(&output, o->force, err);
    }
    fk_output_abort(&output);
    sim_close(&sim);
    return st;
}
