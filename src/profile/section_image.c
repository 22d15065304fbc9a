/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#include <inttypes.h>
#include <string.h>

enum { UNIT_MAX = 4096 };
static const uint64_t ADDRESS_END = UINT64_C(1) << 32;

static void check_region(struct fk_fields *f, const struct fk_image_rules *rules,
                         const struct fk_image_region *r)
{
    if (r->start >= r->end) {
        fk_fields_refuse(f, "end",
                         "expected an address above start, 0x%" PRIx64
                         "; end is the address behind the last byte",
                         r->start);
        return;
    }
    for (size_t i = 0; i < rules->n_regions; i++) {
        const struct fk_image_region *other = &rules->regions[i];
        if (strcmp(other->name, r->name) == 0) {
            fk_fields_refuse(f, "name", "'%s' names two regions", r->name);
        }
        if (r->start < other->end && other->start < r->end) {
            fk_fields_refuse(f, "start",
                             "0x%" PRIx64 "-0x%" PRIx64 " overlaps with '%s', 0x%" PRIx64
                             "-0x%" PRIx64,
                             r->start, r->end, other->name, other->start, other->end);
        }
    }
}

static void load_region(struct fk_fields *f, struct fk_image_rules *rules)
{
    struct fk_image_region r = {0};
    const char *name = fk_field_text(f, "name", sizeof r.name - 1);
    memcpy(r.name, name, strlen(name));
    r.start = fk_field_address(f, "start", ADDRESS_END);
    r.end = fk_field_address(f, "end", ADDRESS_END);
    r.application = fk_field_bool(f, "application");
    fk_fields_end(f);
    if (fk_fields_ok(f)) {
        check_region(f, rules, &r);
        rules->regions[rules->n_regions++] = r;
    }
}

/* The update is one span; what the regions allow must fit the slot. */
static void check_span(struct fk_fields *f, const struct fk_image_rules *rules, uint32_t slot)
{
    uint64_t low = ADDRESS_END, high = 0;
    for (size_t i = 0; i < rules->n_regions; i++) {
        const struct fk_image_region *r = &rules->regions[i];
        if (r->application) {
            low = r->start < low ? r->start : low;
            high = r->end > high ? r->end : high;
        }
    }
    if (high == 0) {
        fk_fields_refuse(f, "regions",
                         "no region has 'application: true'; nothing could be updated");
    } else if (high - low > slot) {
        fk_fields_refuse(f, "regions",
                         "application regions span 0x%" PRIx64 " bytes, the primary slot has 0x%x",
                         high - low, (unsigned)slot);
    }
}

void fk_section_image(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_image_rules *rules = &p->image;
    rules->unit = fk_field_size(f, "unit", 1, UNIT_MAX);
    p->device.image_unit = rules->unit;
    rules->gap_value = p->device.map.erased;
    if (fk_fields_has(f, "gap_value")) {
        rules->gap_value = (uint8_t)fk_field_number(f, "gap_value", 0, 255);
    }
    rules->any_base = fk_field_bool(f, "any_base");
    if (!fk_fields_has(f, "regions")) {
        if (fk_fields_ok(f) && !rules->any_base) {
            fk_fields_refuse(f, "any_base", "false needs a list 'regions' of permitted addresses");
        }
        return;
    }
    if (fk_fields_ok(f) && rules->any_base) {
        fk_fields_refuse(f, "regions",
                         "with 'any_base: true' there are no regions; drop one of both");
    }
    struct fk_items items = fk_field_list(f, "regions", 1, FK_PROFILE_REGIONS_MAX);
    struct fk_fields region;
    while (fk_items_map(&items, &region)) {
        load_region(&region, rules);
    }
    if (fk_fields_ok(f)) {
        check_span(f, rules, fk_device_slot_size(&p->device));
    }
}
