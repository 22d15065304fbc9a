/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on the console, data of commands included. The first one says into what pieces the rest is
 * cut and what an update comes to. The answers, without the indications that come when there is
 * time, must not depend on the pieces, must be whole lines of ours, one verdict a line at most, and
 * must not give the key away. */
#include "app/config.h"
#include "app/console.h"
#include "app/sockets.h"
#include "fotakit/hex.h"
#include "support/fakelinks.h"
#include "support/rig.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct session {
    struct rig *rig;
    enum fk_status update;
    char *out;
    size_t out_len;
    size_t used;
    bool in_indication;
};

static void require(bool fact)
{
    if (!fact) {
        abort();
    }
}

static void session_write(void *ctx, const char *p, size_t len)
{
    struct session *s = ctx;
    bool indication = len >= 6 && memcmp(p, "+WIND:", 6) == 0;
    bool dropped = indication || s->in_indication;
    s->in_indication = indication; /* its line end is the next to come */
    if (dropped || len > OUT_MAX - s->out_len) {
        return;
    }
    memcpy(s->out + s->out_len, p, len);
    s->out_len += len;
}

static bool is_text(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == ',') {
            return false;
        }
    }
    return true;
}

static enum fk_status session_update(void *ctx, const struct fk_console_update *what,
                                     uint16_t *ret_http_status)
{
    const struct session *s = ctx;
    require(what->host[0] != '\0' && what->path[0] != '\0' && what->port != 0);
    require(is_text(what->host) && is_text(what->path) && is_text(what->user));
    *ret_http_status = 404;
    return s->update;
}

/* A certificate begins with 'C'; the byte behind it is its identifier. */
static enum fk_status key_id(struct fk_slice certificate, bool alone, uint8_t ret[32],
                             size_t *ret_len)
{
    (void)alone;
    if (certificate.len == 0 || certificate.ptr[0] != 'C') {
        return FK_E_FORMAT;
    }
    *ret_len = certificate.len > 1 ? 1 : 0;
    ret[0] = certificate.ptr[certificate.len > 1 ? 1 : 0];
    return FK_OK;
}

static enum fk_status ask_time(void *ctx, const char *host, uint16_t port)
{
    (void)ctx;
    require(host[0] != '\0' && port != 0);
    return FK_E_TIMEOUT;
}

static const struct fk_console_variable variables[] = {
    {.name = "mode", .type = FK_VARIABLE_NUMBER, .min = 0, .max = 3, .initial = "0"},
    {.name = "ssid",
     .type = FK_VARIABLE_TEXT,
     .use = FK_VARIABLE_NETWORK,
     .max = 32,
     .initial = ""},
    {.name = "password", .type = FK_VARIABLE_TEXT, .secret = true, .max = 63, .initial = ""},
    {.name = "server",
     .type = FK_VARIABLE_TEXT,
     .use = FK_VARIABLE_TIME_SERVER,
     .max = 64,
     .initial = "time.example"},
};

static uint64_t no_time_passes(void *ctx)
{
    (void)ctx;
    return 1000;
}

static void run(struct session *s, const struct simflash *fresh, const uint8_t *p, size_t len,
                size_t piece)
{
    struct fk_console console;
    const struct fk_clock clock = {.ctx = NULL, .now_ms = no_time_passes};
    static struct fakelinks links;
    static struct fk_sockets sockets;
    static struct fk_certstore store;
    static struct fk_config config;
    static uint8_t scratch[FK_CONFIG_SAVED_MAX];
    struct fk_wall_clock wall;
    memset(&links, 0, sizeof links);
    links.greeting = "said by the peer";
    const struct fk_net net = fakelinks_net(&links);
    fk_wall_clock_init(&wall, &clock);
    const struct fk_console_port port = {
        .ctx = s,
        .write = session_write,
        .update = session_update,
        .clock = &clock,
        .wall = &wall,
        .ask_time = ask_time,
        .config = &config,
        .sockets = &sockets,
        .store = &store,
        .key_id = key_id,
    };
    sim_copy(&s->rig->flash, fresh);
    require(fk_core_open(&s->rig->core, &s->rig->device, &s->rig->table, s->rig->work,
                         sizeof s->rig->work) == FK_OK);
    require(fk_certstore_open(&store, &s->rig->device, &s->rig->table, NULL) == FK_OK);
    require(fk_certstore_settle(&store) == FK_OK);
    fk_config_init(&config, &s->rig->device);
    require(fk_config_load(&config, &store, scratch) == FK_OK);
    require(fk_sockets_init(&sockets, &s->rig->device, &net, NULL) == FK_OK);
    require(fk_console_init(&console, &s->rig->core, &port) == FK_OK);
    while (s->used < len && !console.reset) {
        size_t n = len - s->used < piece ? len - s->used : piece;
        s->used += fk_console_feed(&console, p + s->used, n);
    }
    fk_sockets_close_all(&sockets);
    /* what is in flash is what the console left: a new session reads it */
    struct fk_certstore again;
    require(fk_certstore_open(&again, &s->rig->device, &s->rig->table, NULL) == FK_OK);
    require(again.count == store.count);
    fk_config_init(&config, &s->rig->device);
    require(fk_config_load(&config, &again, scratch) == FK_OK);
}

static size_t count(const char *p, size_t len, const char *word)
{
    size_t n = 0;
    for (size_t i = 0; i + strlen(word) <= len; i++) {
        n += memcmp(p + i, word, strlen(word)) == 0;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig rig;
    static struct simflash fresh;
    static char out[2][OUT_MAX];
    static const enum fk_status outcomes[] = {FK_OK, FK_E_HTTP_STATUS, FK_E_CONNECT, FK_E_FLASH};
    if (rig.packet_len == 0) {
        rig_begin(&rig);
        rig.device.console.data_max = 100;
        rig.device.console.data_timeout_ms = 1000;
        rig.device.console.file_max = 60;
        rig.device.console.variables = variables;
        rig.device.console.n_variables = sizeof variables / sizeof variables[0];
        rig.device.console.sockets = (struct fk_socket_limits){
            .clients = 3, .secure_clients = 2, .servers = 2, .server_clients = 2};
        sim_init(&fresh, &rig.device.map, 1);
        sim_copy(&fresh, &rig.flash);
    }
    if (size == 0 || size > 16384) {
        return 0;
    }
    enum fk_status update = outcomes[data[0] & 3];
    struct session a = {.rig = &rig, .update = update, .out = out[0]};
    struct session b = {.rig = &rig, .update = update, .out = out[1]};
    run(&a, &fresh, data + 1, size - 1, size);
    run(&b, &fresh, data + 1, size - 1, 1 + (data[0] >> 2));
    require(a.used == b.used && a.out_len == b.out_len);
    require(memcmp(a.out, b.out, a.out_len) == 0);

    size_t ends = 0;
    for (size_t i = 1; i < size; i++) {
        ends += data[i] == '\r' || data[i] == '\n';
    }
    size_t lines = count(a.out, a.out_len, "\r\n");
    require(lines == count(a.out, a.out_len, "AT-S."));
    require(count(a.out, a.out_len, "AT-S.OK\r\n") + count(a.out, a.out_len, "AT-S.ERROR:") <=
            ends);
    char key[33];
    fk_hex_encode(rig.core.state.key, 16, key);
    require(count(a.out, a.out_len, key) == 0);
    require(rig.flash.violations == 0);
    return 0;
}
