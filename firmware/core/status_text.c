/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/status.h"

#include <stddef.h>

struct status_row {
    enum fk_status st;
    enum fk_class cls;
    const char *symbol;
    const char *text;
};

static const struct status_row rows[] = {
#define STATUS_ROW(sym, num, cls, text) {sym, FK_CLASS_##cls, #sym, text},
    FK_STATUS_MAP(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row unknown = {FK_E_INTERNAL, FK_CLASS_BUG, "FK_E_?", "unknown status"};

static const struct status_row *find(enum fk_status st)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].st == st) {
            return &rows[i];
        }
    }
    return &unknown;
}

const char *fk_status_text(enum fk_status st)
{
    return find(st)->text;
}

const char *fk_status_symbol(enum fk_status st)
{
    return find(st)->symbol;
}

enum fk_class fk_status_class(enum fk_status st)
{
    return find(st)->cls;
}
