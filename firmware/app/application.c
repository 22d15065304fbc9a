/* SPDX-License-Identifier: Apache-2.0 */
#include "app/application.h"

#include "app/sntp_client.h"

static void app_write(void *ctx, const char *p, size_t len)
{
    const struct fk_application *app = ctx;
    app->write(app->ctx, p, len);
}

/* NULL: there is no TLS, and never is anything sent in the clear instead. */
static const struct fk_transport *choose(struct fk_application *app, bool tls)
{
    if (app->skip_dates != NULL) {
        *app->skip_dates = app->config.skip_dates;
    }
    return tls ? app->secure : app->transport;
}

static enum fk_status app_update(void *ctx, const struct fk_console_update *what,
                                 uint16_t *ret_http_status)
{
    struct fk_application *app = ctx;
    *ret_http_status = 0;
    const struct fk_download_from from = {
        .host = what->host,
        .port = what->port,
        .path = what->path,
        .user = what->user,
        .password = what->password,
    };
    struct fk_download_report report = {0};
    const struct fk_transport *transport = choose(app, what->tls);
    if (transport == NULL) {
        return FK_E_UNSUPPORTED;
    }
    enum fk_status st =
        fk_download(&app->download, app->core, transport, app->clock, &from, &report);
    *ret_http_status = report.http_status;
    return st;
}

/* Any length: nothing of it is kept. */
#define FETCH_MAX INT32_MAX

/* In the memory of the download, of which there is none now. */
static enum fk_status app_fetch(void *ctx, const struct fk_console_update *what,
                                const struct fk_slice *post, const struct fk_http_sink *sink,
                                uint16_t *ret_http_status)
{
    struct fk_application *app = ctx;
    struct fk_http_get *get = &app->download.get;
    const struct fk_http_request request = {
        .host = what->host,
        .port = what->port,
        .path = what->path,
        .user = what->user,
        .password = what->password,
        .post = post != NULL,
        .body_len = post != NULL ? (uint32_t)post->len : 0,
    };
    *ret_http_status = 0;
    get->device = app->core->device;
    get->transport = choose(app, what->tls);
    get->clock = app->clock;
    get->body = post != NULL ? *post : (struct fk_slice){NULL, 0};
    if (get->transport == NULL) {
        return FK_E_UNSUPPORTED;
    }
    enum fk_status st = fk_http_get(get, &request, FETCH_MAX, sink);
    *ret_http_status = get->response.status;
    return st;
}

enum fk_status fk_application_init(struct fk_application *app, struct fk_core *core,
                                   const struct fk_transport *transport,
                                   const struct fk_clock *clock, void *ctx,
                                   void (*write)(void *ctx, const char *p, size_t len))
{
    *app = (struct fk_application){
        .port = {.ctx = app,
                 .write = app_write,
                 .update = app_update,
                 .fetch = app_fetch,
                 .clock = clock},
        .core = core,
        .transport = transport,
        .clock = clock,
        .ctx = ctx,
        .write = write,
    };
    fk_wall_clock_init(&app->wall, clock);
    app->port.wall = &app->wall;
    if (core->device->console.n_variables > FK_CONFIG_VARIABLES) {
        return FK_E_GEOMETRY;
    }
    fk_config_init(&app->config, core->device);
    app->port.config = core->device->console.n_variables > 0 ? &app->config : NULL;
    return write == NULL ? FK_E_INTERNAL : fk_console_init(&app->console, core, &app->port);
}

void fk_application_use_tls(struct fk_application *app, struct fk_certstore *store,
                            const struct fk_transport *secure, bool *skip_dates,
                            enum fk_status (*key_id)(struct fk_slice certificate, bool alone,
                                                     uint8_t ret[32], size_t *ret_len))
{
    app->secure = secure;
    app->skip_dates = skip_dates;
    app->port.store = store;
    app->port.key_id = key_id;
    if (fk_config_load(&app->config, store, app->core->work) != FK_OK) {
        fk_config_init(&app->config, app->core->device); /* the defaults are the strict ones */
    }
}

void fk_application_use_keys(struct fk_application *app, struct fk_trust_box *box)
{
    app->download.box = box;
}

static enum fk_status app_ask_time(void *ctx, const char *host, uint16_t port)
{
    struct fk_application *app = ctx;
    return fk_sntp_ask(app->udp, app->clock, host, port, &app->wall);
}

void fk_application_use_udp(struct fk_application *app, const struct fk_transport *udp)
{
    app->udp = udp;
    app->port.ask_time = app_ask_time;
}

enum fk_status fk_application_use_net(struct fk_application *app, const struct fk_net *net,
                                      const struct fk_socket_tls *tls, struct fk_sockets *sockets)
{
    enum fk_status st = fk_sockets_init(sockets, app->core->device, net, tls);
    if (st == FK_OK) {
        app->port.sockets = sockets;
    }
    return st;
}

void fk_application_use_files(struct fk_application *app, struct fk_ram_files *files)
{
    fk_ram_files_init(files, app->core->device);
    app->port.files = app->core->device->console.ram_files > 0 ? files : NULL;
}
