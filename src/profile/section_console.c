/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/arena.h"
#include "profile/sections.h"

#include <stdlib.h>
#include <string.h>

/* The words of enum fk_console_error. */
static const char *const error_names[FK_CONSOLE_ERRORS] = {
    [FK_CONSOLE_COMMAND] = "command",
    [FK_CONSOLE_MISSING] = "missing",
    [FK_CONSOLE_VARIABLE] = "variable",
    [FK_CONSOLE_TOO_MANY] = "too_many",
    [FK_CONSOLE_INVALID] = "invalid",
    [FK_CONSOLE_TOO_LONG] = "too_long",
    [FK_CONSOLE_OPEN] = "open",
    [FK_CONSOLE_REQUEST] = "request",
    [FK_CONSOLE_FLASH] = "flash",
    [FK_CONSOLE_ZERO] = "zero",
    [FK_CONSOLE_FILE_OPEN] = "file_open",
    [FK_CONSOLE_FILE_READ] = "file_read",
    [FK_CONSOLE_FILE_DELETE] = "file_delete",
    [FK_CONSOLE_TIME] = "time",
    [FK_CONSOLE_CLOSED] = "closed",
    [FK_CONSOLE_PORT_USED] = "port_used",
    [FK_CONSOLE_SOCKETS] = "sockets",
    [FK_CONSOLE_SOCKET_ID] = "socket_id",
    [FK_CONSOLE_PENDING] = "pending",
    [FK_CONSOLE_WRITE] = "write",
    [FK_CONSOLE_FILE_RENAME] = "file_rename",
};

static void read_errors(struct fk_fields *f, struct fk_console_words *words)
{
    struct fk_fields errors = fk_field_map(f, "errors");
    for (size_t i = 0; i < FK_CONSOLE_ERRORS; i++) {
        if (i > FK_CONSOLE_FLASH && !fk_fields_has(&errors, error_names[i])) {
            continue;
        }
        struct fk_fields e = fk_field_map(&errors, error_names[i]);
        words->errors[i].code = (uint16_t)fk_field_number(&e, "code", 0, UINT16_MAX);
        words->errors[i].text = fk_field_text(&e, "text", 100);
        fk_fields_end(&e);
    }
    fk_fields_end(&errors);
}

static void read_data(struct fk_fields *f, struct fk_console_words *words)
{
    struct fk_fields data = fk_field_map(f, "data");
    words->data_max = (uint16_t)fk_field_size(&data, "max", 64, 4096);
    words->data_timeout_ms = fk_field_time_ms(&data, "timeout", 100, 600000);
    fk_fields_end(&data);
}

static void read_sockets(struct fk_fields *f, struct fk_console_words *words)
{
    struct fk_fields s = fk_field_map(f, "sockets");
    words->sockets = (struct fk_socket_limits){
        .clients = (uint8_t)fk_field_number(&s, "clients", 1, 16),
        .secure_clients = (uint8_t)fk_field_number(&s, "secure_clients", 0, 16),
        .servers = (uint8_t)fk_field_number(&s, "servers", 0, 4),
        .server_clients = (uint8_t)fk_field_number(&s, "server_clients", 1, 8),
    };
    if (fk_fields_ok(&s) && words->sockets.secure_clients > words->sockets.clients) {
        fk_fields_refuse(&s, "secure_clients", "there are %u clients at most",
                         (unsigned)words->sockets.clients);
    }
    fk_fields_end(&s);
}

static void read_number(struct fk_fields *f, struct fk_console_variable *v)
{
    v->min = fk_field_number(f, "min", 0, UINT32_MAX);
    v->max = fk_field_number(f, "max", v->min, UINT32_MAX);
    v->initial = fk_field_text(f, "default", 10);
    if (!fk_fields_ok(f)) {
        return;
    }
    char *end = NULL;
    unsigned long long n = strtoull(v->initial, &end, 10);
    if (v->initial[0] < '0' || v->initial[0] > '9' || *end != '\0' || n < v->min || n > v->max) {
        fk_fields_refuse(f, "default", "expected a number from %lu to %lu, found '%s'",
                         (unsigned long)v->min, (unsigned long)v->max, v->initial);
    }
}

static void read_text(struct fk_fields *f, struct fk_console_variable *v)
{
    v->min = fk_fields_has(f, "min") ? fk_field_number(f, "min", 0, FK_VARIABLE_VALUE_MAX) : 0;
    v->max = fk_field_number(f, "max", v->min > 0 ? v->min : 1, FK_VARIABLE_VALUE_MAX);
    v->initial = fk_fields_has(f, "default") ? fk_field_text(f, "default", v->max) : "";
    v->secret = fk_fields_has(f, "secret") && fk_field_bool(f, "secret");
}

static void read_variable(struct fk_fields *f, const char *name, struct fk_console_variable *v)
{
    static const struct fk_word types[] = {{"number", FK_VARIABLE_NUMBER},
                                           {"text", FK_VARIABLE_TEXT}};
    static const struct fk_word uses[] = {{"skip-dates", FK_VARIABLE_SKIP_DATES},
                                          {"time-server", FK_VARIABLE_TIME_SERVER},
                                          {"network-name", FK_VARIABLE_NETWORK}};
    struct fk_fields one = fk_field_map(f, name);
    v->name = name;
    v->type = (enum fk_variable_type)fk_field_word(&one, "type", FK_WORDS(types));
    v->use = fk_fields_has(&one, "use")
                 ? (enum fk_variable_use)fk_field_word(&one, "use", FK_WORDS(uses))
                 : FK_VARIABLE_STORED;
    if (v->type == FK_VARIABLE_NUMBER) {
        read_number(&one, v);
    } else {
        read_text(&one, v);
    }
    fk_fields_end(&one);
}

static void read_variables(struct fk_fields *f, struct fk_console_words *words)
{
    struct fk_fields all = fk_field_map(f, "variables");
    struct fk_console_variable *v = fk_arena_take(f->ld->arena, FK_VARIABLES_MAX * sizeof *v);
    const char *name = NULL;
    if (v == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    while (fk_fields_ok(&all) && (name = fk_fields_next(&all)) != NULL) {
        if (words->n_variables == FK_VARIABLES_MAX || strlen(name) > FK_VARIABLE_NAME_MAX) {
            fk_fields_refuse(&all, name, "expected at most %u variables, with names of %u bytes",
                             FK_VARIABLES_MAX, FK_VARIABLE_NAME_MAX);
            break;
        }
        read_variable(&all, name, &v[words->n_variables++]);
    }
    words->variables = v;
    fk_fields_end(&all);
}

void fk_section_console(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_console_words *words = &p->device.console;
    words->line_max = (uint16_t)fk_field_size(f, "line_max", 64, 4096);
    if (fk_fields_has(f, "data")) {
        read_data(f, words);
    }
    if (fk_fields_has(f, "sockets")) {
        read_sockets(f, words);
    }
    if (fk_fields_has(f, "files")) {
        struct fk_fields files = fk_field_map(f, "files");
        words->file_max = (uint16_t)fk_field_size(&files, "max", 64, words->data_max);
        if (fk_fields_has(&files, "ram")) {
            struct fk_fields ram = fk_field_map(&files, "ram");
            words->ram_files = (uint16_t)fk_field_number(&ram, "count", 1, 4);
            words->ram_file_max = (uint16_t)fk_field_size(&ram, "max", 64, 4096);
            fk_fields_end(&ram);
        }
        fk_fields_end(&files);
    }
    if (fk_fields_has(f, "variables")) {
        read_variables(f, words);
    }
    read_errors(f, words);
}
