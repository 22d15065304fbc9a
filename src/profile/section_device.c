/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#include <string.h>

/* The name becomes part of file names and, with '-' as '_', of a C symbol. */
static bool is_name(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s) && s[0] != '-';
}

void fk_section_device(struct fk_fields *f, struct fk_profile *p)
{
    const char *name = fk_field_text(f, "name", 32);
    p->title = fk_field_text(f, "title", 100);
    p->vendor = fk_field_text(f, "vendor", 64);
    if (!fk_fields_ok(f)) {
        return;
    }
    if (!is_name(name)) {
        fk_fields_refuse(f, "name", "expected lower-case letters, digits and '-', found '%s'",
                         name);
    } else if (strcmp(name, p->name) != 0) {
        fk_fields_refuse(f, "name", "expected the name of the file, '%.40s', found '%s'", p->name,
                         name);
    }
    if (strchr(p->vendor, '.') == NULL) {
        fk_fields_refuse(f, "vendor", "expected a domain such as st.com, found '%s'", p->vendor);
    }
    p->device.name = p->name;
}
