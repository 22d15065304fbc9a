/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"
#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "crypto/crypto.h"
#include "wire/http_text.h"

#include <string.h>

_Static_assert(FK_CONSOLE_DATA_MAX >= FK_CONFIG_SAVED_MAX, "the data of a command is scratch here");

/* The packet key is not one of the variables: the boot stage reads it, from the update state. */

static void print_variable(struct fk_console *c, const char *name, const char *value)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Var:");
    fk_write_text(&w, name);
    fk_write_text(&w, "=");
    fk_write_text(&w, value);
    fk_answer_line(c, &w);
}

static const char *is_set(bool set)
{
    return set ? "<set>" : "<not set>";
}

static void print_key(struct fk_console *c)
{
    print_variable(c, c->core->device->console.key_variable, is_set(c->core->state.has_key));
}

static void print_value(struct fk_console *c, int i)
{
    const struct fk_console_variable *v = &c->core->device->console.variables[i];
    const char *value = fk_config_value(c->port->config, i);
    print_variable(c, v->name, v->secret ? is_set(value[0] != '\0') : value);
}

static int find(const struct fk_console *c, const char *name)
{
    return c->port->config != NULL ? fk_config_find(c->port->config, name) : -1;
}

/* [=<variable>] */
void fk_on_gcfg(struct fk_console *c, const struct fk_args *args)
{
    if (!fk_args_count(c, args, 0, 1)) {
        return;
    }
    bool all = args->n == 0;
    bool key = all || strcmp(args->at[0], c->core->device->console.key_variable) == 0;
    int only = all ? -1 : find(c, args->at[0]);
    int n = c->port->config != NULL ? c->core->device->console.n_variables : 0;
    if (!key && only < 0) {
        fk_answer_error(c, FK_CONSOLE_VARIABLE);
        return;
    }
    if (key) {
        print_key(c);
    }
    for (int i = 0; i < n; i++) {
        if (all || i == only) {
            print_value(c, i);
        }
    }
    fk_answer_ok(c);
}

static bool parse_key(const char *digits, uint8_t ret[FK_AES_KEY_SIZE])
{
    if (strlen(digits) != 2 * FK_AES_KEY_SIZE) {
        return false;
    }
    for (size_t i = 0; i < FK_AES_KEY_SIZE; i++) {
        int hi = fk_http_hex_digit(digits[2 * i]);
        int lo = fk_http_hex_digit(digits[2 * i + 1]);
        if (hi < 0 || lo < 0) {
            return false;
        }
        ret[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

static void set_key(struct fk_console *c, const char *digits)
{
    uint8_t key[FK_AES_KEY_SIZE] = {0};
    if (parse_key(digits, key)) {
        fk_answer_conclude(c, fk_update_set_key(c->core, key), 0);
    } else {
        fk_answer_error(c, FK_CONSOLE_INVALID);
    }
    fk_wipe(key, sizeof key);
}

static void set_variable(struct fk_console *c, int i, const char *value)
{
    enum fk_status st = fk_config_set(c->port->config, i, value);
    bool text = c->core->device->console.variables[i].type == FK_VARIABLE_TEXT;
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_error(c, text && value[0] != '\0' &&
                                   strlen(value) > c->core->device->console.variables[i].max
                               ? FK_CONSOLE_TOO_LONG
                               : FK_CONSOLE_INVALID);
    }
}

/* <variable>,<value> */
void fk_on_scfg(struct fk_console *c, const struct fk_args *args)
{
    if (args->n < 2) {
        fk_answer_error(c, FK_CONSOLE_MISSING);
        return;
    }
    bool key = strcmp(args->at[0], c->core->device->console.key_variable) == 0;
    int i = find(c, args->at[0]);
    if (!key && i < 0) {
        fk_answer_error(c, FK_CONSOLE_VARIABLE);
    } else if (args->n > 2) {
        fk_answer_error(c, FK_CONSOLE_TOO_MANY); /* a value holds no comma */
    } else if (key) {
        set_key(c, args->at[1]);
    } else {
        set_variable(c, i, args->at[1]);
    }
}

void fk_on_wcfg(struct fk_console *c, const struct fk_args *args)
{
    enum fk_status st = FK_OK;
    if (!fk_args_count(c, args, 0, 0)) {
        return;
    }
    if (c->port->config != NULL && c->port->store != NULL) {
        st = fk_config_save(c->port->config, c->port->store, c->core->work);
    }
    fk_answer_conclude(c, st, 0);
}

/* Defaults, until the next WCFG or reset. The packet key stays. */
void fk_on_fcfg(struct fk_console *c, const struct fk_args *args)
{
    if (fk_args_count(c, args, 0, 0)) {
        fk_config_init(c->port->config, c->core->device);
        fk_answer_ok(c);
    }
}

/* <0|1>: scripts switch the radio off and on around its variables; there is none here. */
void fk_on_wifi(struct fk_console *c, const struct fk_args *args)
{
    uint64_t on = 0;
    if (!fk_args_count(c, args, 1, 1)) {
        return;
    }
    if (fk_args_number(args->at[0], 1, &on)) {
        fk_answer_ok(c);
    } else {
        fk_answer_error(c, FK_CONSOLE_INVALID);
    }
}

/* [=<name>] of the network */
void fk_on_ssidtxt(struct fk_console *c, const struct fk_args *args)
{
    int i = fk_config_find_use(c->port->config, FK_VARIABLE_NETWORK);
    if (!fk_args_count(c, args, 0, 1)) {
        return;
    }
    if (i < 0) {
        fk_answer_error(c, FK_CONSOLE_VARIABLE);
    } else if (args->n == 1) {
        set_variable(c, i, args->at[0]);
    } else {
        print_value(c, i);
        fk_answer_ok(c);
    }
}
