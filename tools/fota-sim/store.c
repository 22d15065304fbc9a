/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate store seen from outside: the key that its secrets are encrypted with, an image of
 * it that a programmer puts into a new device, and what `status` says. */
#include "fota-sim/sim.h"

#include "crypto/crypto.h"
#include "fota-sim/goods.h"
#include "fotakit/store_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fk_status sim_load_store_key(struct sim *sim, struct fk_error *err)
{
    if (sim->o->store_key == NULL) {
        return FK_OK;
    }
    enum fk_status st = goods_key(sim->o->store_key, sim->store_key, err);
    sim->has_store_key = st == FK_OK;
    return fk_wrap(err, st, "--store-key");
}

const uint8_t *sim_store_key(const struct sim *sim)
{
    return sim->has_store_key ? sim->store_key : NULL;
}

/* ---- init: an image ----------------------------------------------------- */

static enum fk_status refuse_entry(const struct sim *sim, const struct fk_store_entry *entry,
                                   enum fk_status st, struct fk_error *err)
{
    if (st == FK_E_STORE_LOCKED) {
        return fk_fail(err, st, "'%s': '%s' is encrypted %s", sim->o->store, entry->name,
                       sim->has_store_key ? "with another key than that of --store-key"
                                          : "with the device's key, which --store-key has to name");
    }
    return fk_fail(err, st, "'%s': '%s': %s", sim->o->store, entry->name, fk_status_text(st));
}

/* Every entry can be read. */
static enum fk_status read_entries(const struct sim *sim, const struct fk_certstore *store,
                                   struct fk_error *err)
{
    const uint32_t size = sim->device->map.store.size;
    struct fk_store_entry entry;
    uint8_t *buf = malloc(size);
    uint32_t at = 0;
    if (buf == NULL) {
        return fk_fail(err, FK_E_MEMORY, "no memory for an entry of %" PRIu32 " bytes", size);
    }
    enum fk_status st = fk_certstore_next(store, &at, &entry);
    while (st == FK_OK) {
        st = fk_certstore_read(store, &entry, buf, size);
        if (st != FK_OK) {
            st = refuse_entry(sim, &entry, st, err);
            break;
        }
        st = fk_certstore_next(store, &at, &entry);
    }
    fk_wipe(buf, size);
    free(buf);
    return st == FK_E_STORE_ENTRY ? FK_OK : st; /* behind the last one */
}

/* The image is judged, settled and, with a key, encrypted by the device's own code before any of it
 * is in the flash. */
static enum fk_status check_image(const struct sim *sim, uint8_t *bytes, struct fk_error *err)
{
    struct fk_store_image image;
    enum fk_status st = fk_store_image_open(&image, sim->device, bytes, sim_store_key(sim), err);
    if (st != FK_OK) {
        return fk_wrap(err, st, "'%s'", sim->o->store);
    }
    if (!image.store.found) {
        return fk_fail(err, FK_E_FORMAT, "'%s' holds no certificate store of %s", sim->o->store,
                       sim->device->name);
    }
    st = read_entries(sim, &image.store, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_certstore_settle(&image.store);
    if (st == FK_OK) {
        st = fk_certstore_apply(&image.store, NULL, 0);
    }
    return st == FK_OK ? FK_OK : fk_fail(err, st, "'%s': %s", sim->o->store, fk_status_text(st));
}

enum fk_status sim_load_store(const struct sim *sim, struct fk_buffer *ret, struct fk_error *err)
{
    const uint32_t size = sim->device->map.store.size;
    if (size == 0) {
        return fk_fail(err, FK_E_UNSUPPORTED, "--store: %s has no certificate store",
                       sim->device->name);
    }
    enum fk_status st = fk_file_read(sim->o->store, sim->device->map.size, ret, err);
    if (st == FK_OK && ret->len != size) {
        st = fk_fail(err, FK_E_GEOMETRY,
                     "'%s' is not a certificate store of %s: expected %" PRIu32 " bytes, found %zu",
                     sim->o->store, sim->device->name, size, ret->len);
    }
    return st == FK_OK ? check_image(sim, ret->ptr, err) : st;
}

/* Like a programmer: what looks erased is left alone, so that the device may write there. */
enum fk_status sim_write_store(struct sim *sim, const struct fk_buffer *image, struct fk_error *err)
{
    const struct fk_flash *flash = &sim->flash;
    const uint32_t unit = flash->prog_size;
    enum fk_status st = FK_OK;
    for (uint32_t at = 0; st == FK_OK && at < image->len; at += unit) {
        bool erased = true;
        for (uint32_t i = 0; i < unit; i++) {
            erased = erased && image->ptr[at + i] == flash->erased;
        }
        if (!erased) {
            st = fk_flash_program(flash, sim->device->map.store.off + at, image->ptr + at, unit);
        }
    }
    return st == FK_OK ? FK_OK : sim_fail(sim, st, "writing the certificate store", err);
}

/* ---- status ------------------------------------------------------------- */

static bool is_locked(const struct fk_certstore *store, const struct fk_store_entry *entry)
{
    if (!entry->encrypted || store->key == NULL) {
        return entry->encrypted;
    }
    uint8_t *secret = malloc(entry->len);
    enum fk_status st = FK_E_STORE_LOCKED; /* without memory, too, it is not unlocked */
    if (secret != NULL) {
        st = fk_certstore_read(store, entry, secret, entry->len);
        fk_wipe(secret, entry->len);
    }
    free(secret);
    return st == FK_E_STORE_LOCKED;
}

enum fk_status sim_look_at_store(struct sim *sim, struct sim_store *ret, struct fk_error *err)
{
    struct fk_certstore store;
    struct fk_store_entry entry;
    uint32_t at = 0;
    *ret = (struct sim_store){.there = sim->device->map.store.size > 0};
    if (!ret->there) {
        return FK_OK;
    }
    ret->opens = fk_certstore_open(&store, sim->device, &sim->flash, sim_store_key(sim));
    if (ret->opens != FK_OK && ret->opens != FK_E_CHECKSUM) {
        return sim_fail(sim, ret->opens, "reading the certificate store", err);
    }
    ret->bytes = fk_certstore_capacity(&store);
    ret->used = ret->bytes - fk_certstore_room(&store);
    while (fk_certstore_next(&store, &at, &entry) == FK_OK) {
        ret->entries++;
        if (entry.role == FK_STORE_KEY) {
            ret->secrets++;
            ret->encrypted += entry.encrypted;
            ret->locked += is_locked(&store, &entry);
        }
    }
    return FK_OK;
}

void sim_print_store(const struct sim_store *s)
{
    if (!s->there) {
        return;
    }
    printf("store     %u entries, %" PRIu32 " of %" PRIu32 " bytes%s\n", s->entries, s->used,
           s->bytes, s->opens == FK_OK ? "" : ", damaged");
    if (s->secrets == 0) {
        return;
    }
    printf("secrets   %u encrypted, %u readable in the flash file", s->encrypted,
           s->secrets - s->encrypted);
    if (s->locked > 0) {
        printf("; %u need another --store-key", s->locked);
    }
    printf("\n");
}

void sim_json_store(struct fk_json *j, const struct sim_store *s)
{
    if (!s->there) {
        fk_json_null(j, "store");
        return;
    }
    fk_json_object(j, "store");
    fk_json_bool(j, "damaged", s->opens != FK_OK);
    fk_json_u64(j, "entries", s->entries);
    fk_json_u64(j, "bytes_used", s->used);
    fk_json_u64(j, "bytes", s->bytes);
    fk_json_u64(j, "secrets", s->secrets);
    fk_json_u64(j, "secrets_encrypted", s->encrypted);
    fk_json_u64(j, "secrets_locked", s->locked);
    fk_json_object_end(j);
}
