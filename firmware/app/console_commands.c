/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_commands.h"

#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "core/plan.h"
#include "crypto/crypto.h"
#include "wire/http_text.h"
#include "wire/text.h"

#include <string.h>

/* ---- variables ---------------------------------------------------------- */

static void phase(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_text(w, fk_phase_name(core->state.phase));
}

static void image_size(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->state.running.size);
}

static void image_sha256(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_hex(w, core->state.running.sha256, sizeof core->state.running.sha256);
}

static void previous_size(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->state.previous.size);
}

/* Why the running image is there. */
static void image_origin(const struct fk_core *core, struct fk_writer *w)
{
    static const char *const words[FK_ORIGIN_COUNT] = {
        [FK_ORIGIN_BARE] = "bare",         [FK_ORIGIN_ENVELOPE] = "signed",
        [FK_ORIGIN_ENVELOPE_2] = "signed", [FK_ORIGIN_FACTORY] = "factory",
        [FK_ORIGIN_RECORDED] = "revoked", /* signed by keys that no longer count */
    };
    const struct fk_image_info *image = &core->state.running;
    fk_write_text(w, image->size > 0 ? words[image->origin] : "none");
}

static void image_sequence(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->state.running.sequence);
}

static void rollback_counter(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->state.counter);
}

static void trusted_keys(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->trust != NULL ? core->trust->policy.n_anchors : 0);
}

static void boots_left(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, core->state.boots_left);
}

static void last_status(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_decimal(w, (uint64_t)core->state.last.status);
}

static void last_text(const struct fk_core *core, struct fk_writer *w)
{
    fk_write_text(w, fk_status_text(core->state.last.status));
}

static void last_phase(const struct fk_core *core, struct fk_writer *w)
{
    bool refused = core->state.last.status != FK_OK;
    fk_write_text(w, refused ? fk_phase_name(core->state.last.phase) : "none");
}

struct variable {
    const char *name;
    void (*value)(const struct fk_core *core, struct fk_writer *w);
};

/* Of AT+S.STS. */
static const struct variable states[] = {
    {"update_phase", phase},
    {"image_size", image_size},
    {"image_sha256", image_sha256},
    {"image_origin", image_origin},
    {"image_sequence", image_sequence},
    {"rollback_counter", rollback_counter},
    {"trusted_keys", trusted_keys},
    {"previous_size", previous_size},
    {"trial_boots_left", boots_left},
    {"last_status", last_status},
    {"last_text", last_text},
    {"last_phase", last_phase},
};

static void print_variable(struct fk_console *c, const struct variable *v)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Var:");
    fk_write_text(&w, v->name);
    fk_write_text(&w, "=");
    v->value(c->core, &w);
    fk_answer_line(c, &w);
}

/* All of a table, or the one that is named. */
static void print_variables(struct fk_console *c, const struct variable *table, size_t n,
                            const struct fk_args *args)
{
    bool found = args->n == 0;
    if (args->n > 1) {
        fk_answer_error(c, FK_CONSOLE_TOO_MANY);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (args->n == 0 || strcmp(args->at[0], table[i].name) == 0) {
            print_variable(c, &table[i]);
            found = true;
        }
    }
    if (found) {
        fk_answer_ok(c);
    } else {
        fk_answer_error(c, FK_CONSOLE_VARIABLE);
    }
}

/* ---- commands ----------------------------------------------------------- */

static bool takes_none(struct fk_console *c, const struct fk_args *args)
{
    return fk_args_count(c, args, 0, 0);
}

static void on_sts(struct fk_console *c, const struct fk_args *args)
{
    print_variables(c, states, sizeof states / sizeof states[0], args);
}

/* e,<host>,<path>,<port>,<TLS>,<usn>,<pwd> */
static void on_fwupdate(struct fk_console *c, const struct fk_args *args)
{
    const char *a[7] = {"", "", "", "", "", "", ""};
    if (args->n > 7) {
        fk_answer_error(c, FK_CONSOLE_TOO_MANY);
        return;
    }
    for (size_t i = 0; i < args->n; i++) {
        a[i] = args->at[i];
    }
    if (a[0][0] == '\0' || a[1][0] == '\0' || a[2][0] == '\0') {
        fk_answer_error(c, FK_CONSOLE_MISSING);
        return;
    }
    struct fk_console_update what = {
        .host = a[1], .path = a[2], .port = 0, .user = a[5], .password = a[6]};
    if (strcmp(a[0], "e") != 0 || !fk_args_tls(a[4], &what.tls) ||
        !fk_args_port(a[3], what.tls, &what.port)) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
        return;
    }
    uint16_t http_status = 0;
    enum fk_status st = c->port->update(c->port->ctx, &what, &http_status);
    bool telling = st == FK_E_HTTP_STATUS || st == FK_E_HTTP_REDIRECT;
    fk_answer_conclude(c, st, telling ? http_status : 0);
}

static void on_confirm(struct fk_console *c, const struct fk_args *args)
{
    if (takes_none(c, args)) {
        fk_answer_conclude(c, fk_update_confirm(c->core), 0);
    }
}

static void on_reset(struct fk_console *c, const struct fk_args *args)
{
    if (takes_none(c, args)) {
        fk_answer_ok(c);
        c->reset = true;
    }
}

/* ---- the line ----------------------------------------------------------- */

/* What a device must have, so that a command exists. */
static bool always(const struct fk_console_port *port)
{
    (void)port;
    return true;
}

static bool has_wall(const struct fk_console_port *port)
{
    return port->wall != NULL;
}

static bool has_config(const struct fk_console_port *port)
{
    return port->config != NULL;
}

static bool has_fetch(const struct fk_console_port *port)
{
    return port->fetch != NULL;
}

static bool has_time_server(const struct fk_console_port *port)
{
    return port->ask_time != NULL && port->config != NULL;
}

static bool has_store(const struct fk_console_port *port)
{
    return port->store != NULL && port->key_id != NULL;
}

static bool has_files(const struct fk_console_port *port)
{
    return has_store(port) && port->files != NULL;
}

static bool has_sockets(const struct fk_console_port *port)
{
    return port->sockets != NULL;
}

static const struct {
    const char *name;
    bool (*there)(const struct fk_console_port *port);
    void (*on)(struct fk_console *c, const struct fk_args *args);
} commands[] = {
    {"CONFIRM", always, on_confirm},
    {"FCFG", has_config, fk_on_fcfg},
    {"FSC", has_store, fk_on_fsc},
    {"FSD", has_store, fk_on_fsd},
    {"FSL", has_store, fk_on_fsl},
    {"FSP", has_store, fk_on_fsp},
    {"FSR", has_files, fk_on_fsr},
    {"FWUPDATE", always, on_fwupdate},
    {"GCFG", always, fk_on_gcfg},
    {"HTTPGET", has_fetch, fk_on_httpget},
    {"HTTPPOST", has_fetch, fk_on_httppost},
    {"NTP", has_time_server, fk_on_ntp},
    {"RESET", always, on_reset},
    {"SCFG", always, fk_on_scfg},
    {"SOCKC", has_sockets, fk_on_sockc},
    {"SOCKDC", has_sockets, fk_on_sockdc},
    {"SOCKDL", has_sockets, fk_on_sockdl},
    {"SOCKDON", has_sockets, fk_on_sockdon},
    {"SOCKDQ", has_sockets, fk_on_sockdq},
    {"SOCKDR", has_sockets, fk_on_sockdr},
    {"SOCKDW", has_sockets, fk_on_sockdw},
    {"SOCKL", has_sockets, fk_on_sockl},
    {"SOCKON", has_sockets, fk_on_sockon},
    {"SOCKQ", has_sockets, fk_on_sockq},
    {"SOCKR", has_sockets, fk_on_sockr},
    {"SOCKW", has_sockets, fk_on_sockw},
    {"SSIDTXT", has_config, fk_on_ssidtxt},
    {"STS", always, on_sts},
    {"TIME", has_wall, fk_on_time},
    {"TLSCERT", has_store, fk_on_tlscert},
    {"WCFG", always, fk_on_wcfg},
    {"WIFI", has_config, fk_on_wifi},
    {"WPAECERT", has_store, fk_on_wpaecert},
};

/* At each comma. */
static struct fk_args split(char *text)
{
    struct fk_args args = {.n = 0};
    while (text != NULL && args.n < FK_ARGS_MAX) {
        char *comma = strchr(text, ',');
        args.at[args.n++] = text;
        if (comma != NULL) {
            *comma++ = '\0';
        }
        text = comma;
    }
    return args;
}

/* line = "AT" [ "+S." name [ "=" argument *( "," argument ) ] ] */
void fk_console_execute(struct fk_console *c, char *line)
{
    struct fk_slice word = {(const uint8_t *)line, strlen(line)};
    if (fk_http_same_word(word, "AT")) {
        fk_answer_ok(c);
        return;
    }
    char *equals = strchr(line, '=');
    word.len = equals != NULL ? (size_t)(equals - line) : word.len;
    struct fk_slice prefix = {word.ptr, word.len < 5 ? word.len : 5};
    struct fk_slice name = {word.ptr + prefix.len, word.len - prefix.len};
    for (size_t i = 0;
         fk_http_same_word(prefix, "AT+S.") && i < sizeof commands / sizeof commands[0]; i++) {
        if (fk_http_same_word(name, commands[i].name) && commands[i].there(c->port)) {
            struct fk_args args = split(equals != NULL ? equals + 1 : NULL);
            commands[i].on(c, &args);
            return;
        }
    }
    fk_answer_error(c, FK_CONSOLE_COMMAND);
}
