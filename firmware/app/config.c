/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include "crypto/crypto.h"
#include "wire/http_text.h"
#include "wire/text.h"

#include <string.h>

#define ENTRY "config"

/* "name=value" and a line feed for each */
_Static_assert(FK_VARIABLES_MAX *(FK_VARIABLE_NAME_MAX + FK_VARIABLE_VALUE_MAX + 2) <=
                   FK_CONFIG_SAVED_MAX,
               "everything fits");

static const struct fk_console_variable *variable(const struct fk_config *config, int index)
{
    return &config->words->variables[index];
}

static void note_uses(struct fk_config *config)
{
    int i = fk_config_find_use(config, FK_VARIABLE_SKIP_DATES);
    config->skip_dates = i >= 0 && strcmp(config->values[i], "1") == 0;
}

static void put(struct fk_config *config, int index, const char *value)
{
    fk_wipe(config->values[index], sizeof config->values[index]);
    memcpy(config->values[index], value, strlen(value));
    note_uses(config);
}

void fk_config_init(struct fk_config *config, const struct fk_device *device)
{
    memset(config, 0, sizeof *config);
    config->words = &device->console;
    for (int i = 0; i < config->words->n_variables; i++) {
        put(config, i, variable(config, i)->initial);
    }
}

int fk_config_find(const struct fk_config *config, const char *name)
{
    for (int i = 0; i < config->words->n_variables; i++) {
        if (strcmp(variable(config, i)->name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int fk_config_find_use(const struct fk_config *config, enum fk_variable_use use)
{
    for (int i = 0; i < config->words->n_variables; i++) {
        if (variable(config, i)->use == use) {
            return i;
        }
    }
    return -1;
}

const char *fk_config_value(const struct fk_config *config, int index)
{
    return config->values[index];
}

static enum fk_status check(const struct fk_console_variable *v, const char *value)
{
    size_t len = strlen(value);
    if (v->type == FK_VARIABLE_TEXT) {
        return len == 0 || (len >= v->min && len <= v->max) ? FK_OK : FK_E_LIMIT;
    }
    struct fk_slice s = {(const uint8_t *)value, len};
    uint64_t n = 0;
    if (!fk_http_take_number(&s, &n) || s.len > 0) {
        return FK_E_FORMAT;
    }
    bool plain = len == 1 || value[0] != '0'; /* one way to write a number */
    return plain && n >= v->min && n <= v->max ? FK_OK : FK_E_LIMIT;
}

enum fk_status fk_config_set(struct fk_config *config, int index, const char *value)
{
    enum fk_status st = check(variable(config, index), value);
    if (st == FK_OK) {
        put(config, index, value);
    }
    return st;
}

/* One line of the entry: taken if the device has such a variable, and such a value is good. */
static void take_line(struct fk_config *config, char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return;
    }
    *equals = '\0';
    int i = fk_config_find(config, line);
    if (i >= 0 && check(variable(config, i), equals + 1) == FK_OK) {
        put(config, i, equals + 1);
    }
}

static void take_lines(struct fk_config *config, char *text, size_t len)
{
    while (len > 0) {
        char *end = memchr(text, '\n', len);
        if (end == NULL) {
            return; /* what has no end is none of ours */
        }
        *end = '\0';
        take_line(config, text);
        len -= (size_t)(end + 1 - text);
        text = end + 1;
    }
}

enum fk_status fk_config_load(struct fk_config *config, const struct fk_certstore *store,
                              uint8_t buf[FK_CONFIG_SAVED_MAX])
{
    struct fk_store_entry entry;
    enum fk_status st = fk_certstore_find(store, FK_STORE_CONFIG, ENTRY, &entry);
    if (st == FK_OK) {
        st = fk_certstore_read(store, &entry, buf, FK_CONFIG_SAVED_MAX);
    }
    if (st == FK_OK) {
        take_lines(config, (char *)buf, entry.len);
    }
    fk_wipe(buf, FK_CONFIG_SAVED_MAX);
    return st == FK_E_STORE_ENTRY ? FK_OK : st;
}

enum fk_status fk_config_save(const struct fk_config *config, struct fk_certstore *store,
                              uint8_t buf[FK_CONFIG_SAVED_MAX])
{
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_CONFIG_SAVED_MAX);
    for (int i = 0; i < config->words->n_variables; i++) {
        fk_write_text(&w, variable(config, i)->name);
        fk_write_text(&w, "=");
        fk_write_text(&w, config->values[i]);
        fk_write_text(&w, "\n");
    }
    const struct fk_store_item item = {
        .set = FK_STORE_CONFIG,
        .role = FK_STORE_KEY, /* passwords are kept as keys are */
        .name = ENTRY,
        .data = {buf, w.len},
    };
    enum fk_status st = w.len > 0 ? fk_certstore_put(store, &item) : FK_OK;
    fk_wipe(buf, FK_CONFIG_SAVED_MAX);
    return st;
}
