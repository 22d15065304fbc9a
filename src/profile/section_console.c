/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

/* The words of enum fk_console_error. */
static const char *const error_names[FK_CONSOLE_ERRORS] = {
    [FK_CONSOLE_COMMAND] = "command",   [FK_CONSOLE_MISSING] = "missing",
    [FK_CONSOLE_VARIABLE] = "variable", [FK_CONSOLE_TOO_MANY] = "too_many",
    [FK_CONSOLE_INVALID] = "invalid",   [FK_CONSOLE_TOO_LONG] = "too_long",
    [FK_CONSOLE_OPEN] = "open",         [FK_CONSOLE_REQUEST] = "request",
    [FK_CONSOLE_FLASH] = "flash",
};

void fk_section_console(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_console_words *words = &p->device.console;
    words->line_max = (uint16_t)fk_field_size(f, "line_max", 64, 4096);
    struct fk_fields errors = fk_field_map(f, "errors");
    for (size_t i = 0; i < FK_CONSOLE_ERRORS; i++) {
        struct fk_fields e = fk_field_map(&errors, error_names[i]);
        words->errors[i].code = (uint16_t)fk_field_number(&e, "code", 0, UINT16_MAX);
        words->errors[i].text = fk_field_text(&e, "text", 100);
        fk_fields_end(&e);
    }
    fk_fields_end(&errors);
}
