/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#include "core/state.h"

#include <stdio.h>

static struct fk_region load_region(struct fk_fields *regions, enum fk_region_id id,
                                    uint32_t sector)
{
    struct fk_fields f = fk_field_map(regions, fk_region_name(id));
    struct fk_region r = {.sector = sector};
    r.off = fk_field_size(&f, "offset", 0, UINT32_MAX);
    r.size = fk_field_size(&f, "size", 1, UINT32_MAX);
    if (fk_fields_has(&f, "sector_size")) {
        r.sector = fk_field_size(&f, "sector_size", 1, UINT32_MAX);
    }
    fk_fields_end(&f);
    return r;
}

void fk_section_flash(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_flash_map *m = &p->device.map;
    m->base = fk_field_size(f, "base", 0, UINT32_MAX);
    m->size = fk_field_size(f, "size", 1, UINT32_MAX);
    m->prog_size = fk_field_size(f, "program_size", 1, 32);
    m->erased = (uint8_t)fk_field_number(f, "erased_value", 0, 255);
    uint32_t sector = fk_field_size(f, "sector_size", 1, UINT32_MAX);
    struct fk_fields regions = fk_field_map(f, "regions");
    m->boot = load_region(&regions, FK_REGION_BOOT, sector);
    m->state = load_region(&regions, FK_REGION_STATE, sector);
    m->store = load_region(&regions, FK_REGION_STORE, sector);
    m->primary = load_region(&regions, FK_REGION_PRIMARY, sector);
    m->staging = load_region(&regions, FK_REGION_STAGING, sector);
    if (fk_fields_has(&regions, fk_region_name(FK_REGION_ENVELOPE))) {
        m->envelope = load_region(&regions, FK_REGION_ENVELOPE, sector);
    }
    if (fk_fields_has(&regions, fk_region_name(FK_REGION_KEYS))) {
        m->keys = load_region(&regions, FK_REGION_KEYS, sector);
    }
    fk_fields_end(&regions);
}

static void describe_region(const struct fk_profile *p, enum fk_region_id id, char *text,
                            size_t size)
{
    const struct fk_region *r = fk_device_region(&p->device, id);
    snprintf(text, size, "%s: offset 0x%x, size 0x%x, sectors of 0x%x", fk_region_name(id),
             (unsigned)r->off, (unsigned)r->size, (unsigned)r->sector);
}

static void refuse_region(struct fk_fields *regions, const struct fk_profile *p,
                          const struct fk_device_fault *fault)
{
    char one[100], two[100] = "", more[60];
    describe_region(p, fault->region, one, sizeof one);
    snprintf(more, sizeof more, "flash size 0x%x", (unsigned)p->device.map.size);
    if (fault->other != FK_REGIONS) {
        describe_region(p, fault->other, two, sizeof two);
    }
    if (fault->region == FK_REGION_STATE && fault->other == FK_REGION_PRIMARY) {
        snprintf(more, sizeof more, "two banks of at least 0x%x bytes are needed",
                 (unsigned)fk_state_bank_need(&p->device));
    }
    fk_fields_refuse(regions, fk_region_name(fault->region), "%s (%s%s%s; %s)", fault->why, one,
                     two[0] != '\0' ? "; " : "", two, more);
}

void fk_section_check_device(struct fk_fields *top, const struct fk_profile *p)
{
    const struct fk_device *d = &p->device;
    struct fk_device_fault fault;
    if (!fk_fields_ok(top) || fk_device_find_fault(d, &fault) == FK_OK) {
        return;
    }
    struct fk_fields flash = fk_fields_child(top, "flash");
    struct fk_fields regions = fk_fields_child(&flash, "regions");
    struct fk_fields fota = fk_fields_child(top, "fota");
    struct fk_fields image = fk_fields_child(top, "image");
    switch (fault.part) {
    case FK_DEVICE_SIZE:
        fk_fields_refuse(&flash, "size", "%s (base 0x%x, size 0x%x)", fault.why,
                         (unsigned)d->map.base, (unsigned)d->map.size);
        break;
    case FK_DEVICE_PROGRAM:
        fk_fields_refuse(&flash, "program_size", "%s, found %u", fault.why,
                         (unsigned)d->map.prog_size);
        break;
    case FK_DEVICE_ERASED:
        fk_fields_refuse(&flash, "erased_value", "%s, found 0x%02x", fault.why,
                         (unsigned)d->map.erased);
        break;
    case FK_DEVICE_REGION:
        refuse_region(&regions, p, &fault);
        break;
    case FK_DEVICE_HEADER:
        fk_fields_refuse(&fota, "header", "%s", fault.why);
        break;
    case FK_DEVICE_UNIT:
        fk_fields_refuse(&image, "unit", "%s (slot 0x%x, unit %u)", fault.why,
                         (unsigned)fk_device_slot_size(d), (unsigned)d->image_unit);
        break;
    }
    top->ld->st = FK_E_GEOMETRY;
}
