/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_APPLICATION_H
#define FK_APP_APPLICATION_H

#include "app/config.h"
#include "app/console.h"
#include "app/download.h"
#include "app/ram_files.h"
#include "app/sockets.h"
#include "fotakit_fw/transport.h"

/* The application that every port runs once the boot stage has said that it may: the console, and
 * behind its FWUPDATE the download. A port brings bytes in, takes answers out, and resets when
 * console.reset is set.
 *
 *     fk_application_init(&app, &core, &transport, &clock, ctx, write);
 *     while (!app.console.reset) {
 *         fk_console_feed(&app.console, bytes, n);
 *         fk_console_poll(&app.console);
 *     } */

struct fk_application {
    struct fk_console console;

    /* Private. */
    struct fk_console_port port;
    struct fk_config config;
    struct fk_wall_clock wall; /* unset after each reset, as on the module */
    struct fk_core *core;
    const struct fk_transport *transport;
    const struct fk_transport *secure; /* NULL: no TLS */
    const struct fk_transport *udp;    /* NULL: no time server */
    bool *skip_dates;                  /* of secure; NULL: it has no such switch */
    const struct fk_clock *clock;
    void *ctx;
    void (*write)(void *ctx, const char *p, size_t len);
    struct fk_download download;
};

/* Everything that is passed in must outlive the application; core must be open. Statuses as of
 * fk_console_init(). */
enum fk_status fk_application_init(struct fk_application *app, struct fk_core *core,
                                   const struct fk_transport *transport,
                                   const struct fk_clock *clock, void *ctx,
                                   void (*write)(void *ctx, const char *p, size_t len)) FK_MUST_USE;

/* Gives the console the certificate store, and FWUPDATE its TLS, after fk_application_init(). store
 * is open, settled or damaged, and the saved configuration is read from it; secure is a transport
 * of scheme "https" that dates by app->wall, and *skip_dates its switch for not doing so, which
 * follows the configuration; key_id as in fk_console_port. All must outlive the application. */
void fk_application_use_tls(struct fk_application *app, struct fk_certstore *store,
                            const struct fk_transport *secure, bool *skip_dates,
                            enum fk_status (*key_id)(struct fk_slice certificate, bool alone,
                                                     uint8_t ret[32], size_t *ret_len));

/* Lets signed key sets that are fetched with FWUPDATE replace the keys that the device trusts. box:
 * core->trust's, from fk_trust_open(). Without this they are refused. */
void fk_application_use_keys(struct fk_application *app, struct fk_trust_box *box);

/* Gives AT+S.NTP a datagram transport (fk_transport over UDP), which must outlive the application.
 */
void fk_application_use_udp(struct fk_application *app, const struct fk_transport *udp);

/* Gives the console sockets, after fk_application_init(). sockets is memory for them; tls may be
 * NULL (app/sockets_tls.h). All must outlive the application. FK_E_GEOMETRY: as of
 * fk_sockets_init(). */
enum fk_status fk_application_use_net(struct fk_application *app, const struct fk_net *net,
                                      const struct fk_socket_tls *tls,
                                      struct fk_sockets *sockets) FK_MUST_USE;

/* Gives the console files in memory, after fk_application_init(), where the device has any. files
 * is memory for them; what is in it is forgotten. */
void fk_application_use_files(struct fk_application *app, struct fk_ram_files *files);

#endif
