/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

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
        fk_fields_end(&files);
    }
    read_errors(f, words);
}
