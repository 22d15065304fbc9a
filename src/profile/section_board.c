/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#define ADDRESS_END  (UINT64_C(1) << 32)
#define TLS_POOL_MIN 4096u /* less holds no handshake, however small its records */

static struct fk_image_budget load_budget(struct fk_fields *board, const char *key)
{
    struct fk_fields f = fk_field_map(board, key);
    struct fk_image_budget b = {0};
    b.text_max = fk_field_size(&f, "text_max", 1, UINT32_MAX);
    b.ram_max = fk_field_size(&f, "ram_max", 1, UINT32_MAX);
    b.stack = fk_field_size(&f, "stack", 256, UINT32_MAX);
    if (fk_fields_ok(&f) && b.stack % 8 != 0) { /* AAPCS: the stack is aligned to 8 */
        fk_fields_refuse(&f, "stack", "expected a multiple of 8, found %u", (unsigned)b.stack);
    }
    fk_fields_end(&f);
    return b;
}

static void load_range(struct fk_fields *board, const char *key, uint64_t *ret_start,
                       uint64_t *ret_end)
{
    struct fk_fields f = fk_field_map(board, key);
    uint64_t start = fk_field_address(&f, "start", ADDRESS_END - 1);
    uint64_t size = fk_field_address(&f, "size", ADDRESS_END);
    if (fk_fields_ok(&f) && (size == 0 || size > ADDRESS_END - start)) {
        fk_fields_refuse(&f, "size", "range is empty or ends behind 4 GiB");
    }
    fk_fields_end(&f);
    *ret_start = start;
    *ret_end = start + size;
}

static void check_fit(struct fk_fields *board, const char *key, const struct fk_image_budget *b,
                      uint64_t room, const struct fk_board_rules *r)
{
    uint64_t ram = (uint64_t)b->ram_max + b->stack;
    if (b->text_max > room) {
        fk_fields_refuse(board, key, "text_max 0x%x is more than the 0x%llx bytes there are",
                         (unsigned)b->text_max, (unsigned long long)room);
    } else if (ram > r->ram_end - r->ram_start) {
        fk_fields_refuse(board, key, "ram_max and stack, 0x%llx, are more than the RAM, 0x%llx",
                         (unsigned long long)ram,
                         (unsigned long long)(r->ram_end - r->ram_start));
    }
}

void fk_section_board(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_board_rules *r = &p->board;
    const struct fk_flash_map *m = &p->device.map;
    load_range(f, "ram", &r->ram_start, &r->ram_end);
    if (fk_fields_has(f, "code")) {
        load_range(f, "code", &r->code_start, &r->code_end);
    } else { /* from its region of the flash */
        r->code_start = (uint64_t)m->base + m->boot.off;
        r->code_end = r->code_start + m->boot.size;
    }
    r->watchdog_ms = fk_field_time_ms(f, "watchdog", 100, 3600000);
    if (fk_fields_has(f, "tls_pool")) {
        r->tls_pool = fk_field_size(f, "tls_pool", TLS_POOL_MIN, UINT32_MAX);
    }
    r->boot = load_budget(f, "boot");
    r->application = load_budget(f, "application");
    if (fk_fields_ok(f)) {
        check_fit(f, "boot", &r->boot, r->code_end - r->code_start, r);
    }
    if (fk_fields_ok(f)) {
        check_fit(f, "application", &r->application, fk_device_slot_size(&p->device), r);
    }
    p->has_board = fk_fields_ok(f);
}
