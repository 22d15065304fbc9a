/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/device.h"

#include "core/state.h"
#include "wire/key_file.h"

uint32_t fk_device_slot_size(const struct fk_device *device)
{
    return device->map.primary.size;
}

bool fk_device_takes_bare(const struct fk_device *device)
{
    return !device->envelope.supported || device->envelope.bare_allowed;
}

const struct fk_region *fk_device_region(const struct fk_device *device, enum fk_region_id id)
{
    const struct fk_flash_map *m = &device->map;
    switch (id) {
    case FK_REGION_BOOT:
        return &m->boot;
    case FK_REGION_STATE:
        return &m->state;
    case FK_REGION_STORE:
        return &m->store;
    case FK_REGION_PRIMARY:
        return &m->primary;
    case FK_REGION_STAGING:
        return &m->staging;
    case FK_REGION_ENVELOPE:
        return &m->envelope;
    case FK_REGION_KEYS:
        return &m->keys;
    default:
        return NULL;
    }
}

static bool prog_size_ok(uint32_t prog_size)
{
    return prog_size != 0 && prog_size <= 32 && (prog_size & (prog_size - 1)) == 0;
}

static bool erased_ok(uint8_t erased)
{
    return erased == 0xff || erased == 0x00;
}

enum fk_status fk_flash_check(const struct fk_flash *flash)
{
    bool complete = flash->read != NULL && flash->prog != NULL && flash->erase != NULL;
    bool possible = flash->size != 0 && prog_size_ok(flash->prog_size) &&
                    flash->size % flash->prog_size == 0 && erased_ok(flash->erased);
    return complete && possible ? FK_OK : FK_E_GEOMETRY;
}

static enum fk_status fault_in(struct fk_device_fault *ret, enum fk_device_part part,
                               const char *why)
{
    *ret = (struct fk_device_fault){why, part, FK_REGIONS, FK_REGIONS};
    return FK_E_GEOMETRY;
}

static enum fk_status fault_of(struct fk_device_fault *ret, enum fk_region_id region,
                               enum fk_region_id other, const char *why)
{
    *ret = (struct fk_device_fault){why, FK_DEVICE_REGION, region, other};
    return FK_E_GEOMETRY;
}

static enum fk_status check_flash(const struct fk_flash_map *m, struct fk_device_fault *ret)
{
    if (m->size == 0 || m->size - 1 > UINT32_MAX - m->base) {
        return fault_in(ret, FK_DEVICE_SIZE, "flash is empty or ends behind 4 GiB");
    }
    if (!prog_size_ok(m->prog_size)) {
        return fault_in(ret, FK_DEVICE_PROGRAM, "program size is not 1, 2, 4, 8, 16 or 32");
    }
    if (!erased_ok(m->erased)) {
        return fault_in(ret, FK_DEVICE_ERASED, "erased value is neither 0x00 nor 0xff");
    }
    return FK_OK;
}

/* Sizes come from a profile: compare, never add, until a region is known to lie inside. */
static const char *region_fault(const struct fk_flash_map *m, const struct fk_region *r)
{
    if (r->sector == 0 || r->sector % m->prog_size != 0 || r->sector % 16 != 0) {
        return "sector is not a multiple of the program size and of 16 bytes";
    }
    if (r->size == 0 || r->off % r->sector != 0 || r->size % r->sector != 0) {
        return "region is empty or not whole sectors";
    }
    if (r->size > m->size || r->off > m->size - r->size) {
        return "region ends outside the flash";
    }
    return NULL;
}

static bool overlap(const struct fk_region *a, const struct fk_region *b)
{
    return a->off < b->off + b->size && b->off < a->off + a->size; /* both lie in the flash */
}

/* Regions that a device may do without; their size is 0 then. */
static bool absent(const struct fk_device *d, enum fk_region_id id)
{
    return (id == FK_REGION_ENVELOPE || id == FK_REGION_KEYS) && fk_device_region(d, id)->size == 0;
}

static enum fk_status check_regions(const struct fk_device *d, struct fk_device_fault *ret)
{
    for (enum fk_region_id i = FK_REGION_BOOT; i < FK_REGIONS; i++) {
        if (absent(d, i)) {
            continue;
        }
        const char *why = region_fault(&d->map, fk_device_region(d, i));
        if (why != NULL) {
            return fault_of(ret, i, FK_REGIONS, why);
        }
        for (enum fk_region_id k = FK_REGION_BOOT; k < i; k++) {
            if (!absent(d, k) && overlap(fk_device_region(d, k), fk_device_region(d, i))) {
                return fault_of(ret, i, k, "region overlaps with another one");
            }
        }
    }
    return FK_OK;
}

/* What the regions are used for, once all of them are known to be whole and apart. */
static enum fk_status check_roles(const struct fk_device *d, struct fk_device_fault *ret)
{
    const struct fk_flash_map *m = &d->map;
    uint32_t unit = m->primary.sector;
    /* First, as it keeps the arithmetic of fk_state_bank_need() within 32 bits. */
    if (m->primary.size / unit > FK_SLOT_SECTORS_MAX) {
        return fault_of(ret, FK_REGION_PRIMARY, FK_REGIONS,
                        "primary slot has more than 65536 sectors");
    }
    if (m->state.size / m->state.sector % 2 != 0) {
        return fault_of(ret, FK_REGION_STATE, FK_REGIONS,
                        "state is not two equal banks of whole sectors");
    }
    if (m->state.size / 2 < fk_state_bank_need(d)) {
        return fault_of(ret, FK_REGION_STATE, FK_REGION_PRIMARY,
                        "state bank has no room for the progress of the largest image");
    }
    if (m->store.size / m->store.sector < 2) {
        return fault_of(ret, FK_REGION_STORE, FK_REGIONS,
                        "certificate store has fewer than two sectors");
    }
    if (m->envelope.size > 0 && m->envelope.size / m->envelope.sector % 2 != 0) {
        return fault_of(ret, FK_REGION_ENVELOPE, FK_REGIONS,
                        "envelope region is not two equal slots of whole sectors");
    }
    if (m->keys.size > 0 && m->keys.size / m->keys.sector % 2 != 0) {
        return fault_of(ret, FK_REGION_KEYS, FK_REGIONS,
                        "keys region is not two equal slots of whole sectors");
    }
    if (m->keys.size > 0 && m->keys.size / 2 < FK_KEY_SLOT_MIN) {
        return fault_of(ret, FK_REGION_KEYS, FK_REGIONS,
                        "keys region has fewer than 2304 bytes for each of its two slots");
    }
    if (m->staging.sector != unit) {
        return fault_of(ret, FK_REGION_STAGING, FK_REGION_PRIMARY,
                        "slots have different sector sizes");
    }
    uint32_t more = d->policy.install == FK_INSTALL_SWAP ? unit : 0;
    if (m->staging.size < m->primary.size || m->staging.size - m->primary.size < more) {
        return fault_of(ret, FK_REGION_STAGING, FK_REGION_PRIMARY,
                        more != 0 ? "staging slot is not one sector larger than the primary slot"
                                  : "staging slot is smaller than the primary slot");
    }
    return FK_OK;
}

static bool field_inside(struct fk_st_field f, uint8_t size)
{
    return f.size <= size && f.off <= size - f.size;
}

static bool fields_apart(struct fk_st_field a, struct fk_st_field b)
{
    return a.off + a.size <= b.off || b.off + b.size <= a.off;
}

static const char *header_fault(const struct fk_st_layout *h)
{
    if (h->nonce.size != 12 || h->tag.size < 12 || h->tag.size > 16 || h->hash.size != 32) {
        return "header needs a nonce of 12, a tag of 12 to 16 and a hash of 32 bytes";
    }
    if (h->nonce.size + h->tag.size + h->hash.size != h->size) {
        return "header size is not the sum of its fields";
    }
    if (!field_inside(h->nonce, h->size) || !field_inside(h->tag, h->size) ||
        !field_inside(h->hash, h->size) || !fields_apart(h->nonce, h->tag) ||
        !fields_apart(h->nonce, h->hash) || !fields_apart(h->tag, h->hash)) {
        return "header fields overlap or end outside the header";
    }
    return NULL;
}

enum fk_status fk_device_find_fault(const struct fk_device *device, struct fk_device_fault *ret)
{
    enum fk_status st = check_flash(&device->map, ret);
    if (st == FK_OK) {
        st = check_regions(device, ret);
    }
    if (st == FK_OK) {
        st = check_roles(device, ret);
    }
    if (st != FK_OK) {
        return st;
    }
    const char *why = header_fault(&device->st);
    if (why != NULL) {
        return fault_in(ret, FK_DEVICE_HEADER, why);
    }
    if (device->image_unit == 0 || device->map.primary.size % device->image_unit != 0) {
        return fault_in(ret, FK_DEVICE_UNIT, "primary slot is not a multiple of the image unit");
    }
    return FK_OK;
}

enum fk_status fk_device_check(const struct fk_device *device, const char **ret_why)
{
    struct fk_device_fault fault = {0};
    enum fk_status st = fk_device_find_fault(device, &fault);
    if (st != FK_OK && ret_why != NULL) {
        *ret_why = fault.why;
    }
    return st;
}
