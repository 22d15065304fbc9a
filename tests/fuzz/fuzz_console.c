/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on the console, data of commands included. The first one says into what pieces the rest is
 * cut, what an update or a page comes to, and whether there are peers. Without them the answers
 * must not depend on the pieces; with them, clients come, datagrams come, handshakes take their
 * time, and the clock goes on. In both cases what is said, without indications and without the
 * bytes that a length announces, must be whole lines of ours, one verdict a line at most, and must
 * not give the key away. */
#include "app/config.h"
#include "app/console.h"
#include "app/http_get.h"
#include "app/ram_files.h"
#include "app/sockets.h"
#include "fotakit/hex.h"
#include "fuzz/input.h"
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
    bool in_page; /* bytes of a page, and the line end behind them, are no lines */
    bool page_ended;
    size_t to_come; /* bytes that a line has announced; the line end comes first */
    size_t raw;
    bool peers;
    uint64_t now_ms;
};

static void session_write(void *ctx, const char *p, size_t len)
{
    static const char announces[] = "AT-S.Reading:";
    struct session *s = ctx;
    bool indication = len >= 6 && memcmp(p, "+WIND:", 6) == 0;
    bool dropped = indication || s->in_indication || s->in_page || s->raw > 0;
    require(s->raw == 0 || s->raw == len);
    s->raw = 0;
    s->in_indication = indication;          /* its line end is the next to come */
    s->in_page = s->page_ended && len == 0; /* that of a page is behind an empty line */
    s->page_ended = false;
    if (s->to_come > 0 && !dropped) {
        require(len == 2); /* the line's end */
        s->raw = s->to_come;
        s->to_come = 0;
    }
    if (len > sizeof announces && memcmp(p, announces, sizeof announces - 1) == 0 && !dropped) {
        s->to_come = strtoul(p + sizeof announces - 1, NULL, 10);
    }
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

/* The page is the path. */
static enum fk_status session_fetch(void *ctx, const struct fk_console_update *what,
                                    const struct fk_slice *post, const struct fk_http_sink *sink,
                                    uint16_t *ret_http_status)
{
    struct session *s = ctx;
    const struct fk_http_response response = {.status = 200};
    const struct fk_slice page = {(const uint8_t *)what->path, strlen(what->path)};
    enum fk_status st = session_update(ctx, what, ret_http_status);
    require(post == NULL || post->len <= FK_RAM_FILE_BYTES);
    if (st != FK_OK) {
        return st;
    }
    require(sink->begin(sink->ctx, &response) == FK_OK);
    for (unsigned i = 0; i < 9 && st == FK_OK; i++) {
        s->in_page = true;
        st = sink->body(sink->ctx, page);
    }
    s->in_page = false;
    s->page_ended = true;
    return st;
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

static uint64_t session_now(void *ctx)
{
    const struct session *s = ctx;
    return s->now_ms;
}

/* TLS that changes nothing; every other client of a server does not get through. */
static unsigned greetings;

static enum fk_status tls_client(void *ctx, const struct fk_transport *lower, const char *peer_name,
                                 struct fk_transport *ret)
{
    (void)ctx;
    require(is_text(peer_name));
    *ret = *lower;
    return FK_OK;
}

static enum fk_status tls_server(void *ctx, const struct fk_transport *lower, bool mutual,
                                 uint32_t timeout_ms, struct fk_transport *ret)
{
    (void)ctx, (void)mutual, (void)timeout_ms;
    *ret = *lower;
    return FK_OK;
}

static enum fk_status tls_greet(void *ctx, const struct fk_transport *transport, bool *ret_done)
{
    (void)ctx;
    *ret_done = ++greetings % 4 == 0;
    if (greetings % 8 == 7) {
        transport->close(transport->ctx);
        return FK_E_TLS_REFUSED;
    }
    return FK_OK;
}

static void tls_release(void *ctx, const struct fk_transport *transport)
{
    (void)ctx, (void)transport;
}

/* Somebody always wants something. */
static void peers_act(struct session *s, struct fakelinks *links, unsigned turn)
{
    s->now_ms += turn % 5 == 0 ? 1500 : 10;
    for (unsigned l = 0; l < FAKE_LISTENERS; l++) {
        links->waiting[l] = 1;
        if (links->listening[l] != 0 && links->of_datagrams[l]) {
            (void)fakelinks_datagram(links, l, turn % 4, 7, "datagram", turn % 9);
        }
    }
    for (unsigned i = turn % 3; i < FAKE_LINKS; i += 3) {
        if (links->links[i].open && links->links[i].in_len < 100) {
            fakelinks_say(links, i, "said by the peer", turn % 17);
            links->links[i].peer_closed = turn % 7 == 0;
        }
    }
}

static void run(struct session *s, const struct simflash *fresh, const uint8_t *p, size_t len,
                size_t piece)
{
    struct fk_console console;
    const struct fk_clock clock = {.ctx = s, .now_ms = session_now};
    static const struct fk_socket_tls tls = {
        .client = tls_client, .server = tls_server, .greet = tls_greet, .release = tls_release};
    static struct fk_ram_files files;
    static struct fakelinks links;
    static struct fk_sockets sockets;
    static struct fk_certstore store;
    static struct fk_config config;
    static uint8_t scratch[FK_CONFIG_SAVED_MAX];
    struct fk_wall_clock wall;
    memset(&links, 0, sizeof links);
    links.greeting = "said by the peer";
    greetings = 0;
    s->now_ms = 1000;
    fk_ram_files_init(&files, &s->rig->device);
    const struct fk_net net = fakelinks_net(&links);
    fk_wall_clock_init(&wall, &clock);
    const struct fk_console_port port = {
        .ctx = s,
        .write = session_write,
        .update = session_update,
        .fetch = session_fetch,
        .files = &files,
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
    require(fk_sockets_init(&sockets, &s->rig->device, &net, &tls) == FK_OK);
    require(fk_console_init(&console, &s->rig->core, &port) == FK_OK);
    while (s->used < len && !console.reset) {
        size_t n = len - s->used < piece ? len - s->used : piece;
        s->used += fk_console_feed(&console, p + s->used, n);
        if (s->peers) {
            peers_act(s, &links, (unsigned)s->used);
            fk_console_poll(&console);
        }
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

/* How many lines say OK or an error; all must be ours, and whole. */
static size_t verdicts(const char *p, size_t len)
{
    size_t n = 0;
    while (len > 0) {
        const char *end = memchr(p, '\n', len);
        require(end != NULL && end > p && end[-1] == '\r');
        size_t line = (size_t)(end - p) + 1;
        require(line > 7 && memcmp(p, "AT-S.", 5) == 0);
        n += (line == 9 && memcmp(p, "AT-S.OK", 7) == 0) ||
             (line > 11 && memcmp(p, "AT-S.ERROR:", 11) == 0);
        p += line;
        len -= line;
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
        rig.device.console.ram_files = 2;
        rig.device.console.ram_file_max = 90;
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
    struct session a = {
        .rig = &rig, .update = update, .out = out[0], .peers = (data[0] & 0x80) != 0};
    struct session b = {.rig = &rig, .update = update, .out = out[1]};
    size_t piece = 1 + (data[0] >> 2 & 31);
    run(&a, &fresh, data + 1, size - 1, a.peers ? piece : size);
    if (!a.peers) {
        run(&b, &fresh, data + 1, size - 1, piece);
        require(a.used == b.used && a.out_len == b.out_len);
        require(memcmp(a.out, b.out, a.out_len) == 0);
    }

    size_t ends = 0;
    for (size_t i = 1; i < size; i++) {
        ends += data[i] == '\r' || data[i] == '\n';
    }
    require(verdicts(a.out, a.out_len) <= ends);
    char key[33];
    fk_hex_encode(rig.core.state.key, 16, key);
    require(count(a.out, a.out_len, key) == 0);
    require(rig.flash.violations == 0);
    return 0;
}
