/* SPDX-License-Identifier: Apache-2.0 */
#include "port/app_tls.h"

#include "app/sockets_tls.h"
#include "crypto/crypto.h"
#include "port/board.h"
#include "port/print.h"
#include "profile_board.h"
#include "tls/tls.h"

static _Alignas(8) uint8_t pool[FK_BOARD_TLS_POOL];
static struct fk_certstore store;
static struct fk_tls tls;
static struct fk_transport secure;
static struct fk_sockets_tls sockets;

static enum fk_status board_entropy(void *ctx, void *p, size_t len)
{
    (void)ctx;
    return fk_board_entropy(p, len);
}

void fk_app_crypto(void)
{
    static const struct fk_random entropy = {NULL, board_entropy};
    fk_tls_pool_init(pool, sizeof pool);
    enum fk_status st = fk_crypto_seed(&entropy);
    fk_print("application: entropy: ");
    fk_print(fk_board_entropy_name());
    if (st != FK_OK) {
        fk_print(", no random numbers, status ");
        fk_print_u32((uint32_t)st);
    }
    fk_print("\r\n");
}

static enum fk_status open_store(const struct fk_device *device, const struct fk_flash *flash)
{
    enum fk_status st = fk_certstore_open(&store, device, flash, NULL);
    if (st == FK_OK) {
        st = fk_certstore_settle(&store);
    }
    if (st != FK_OK) {
        fk_print("application: certificate store, status ");
        fk_print_u32((uint32_t)st);
        fk_print("\r\n");
    }
    return st == FK_E_CHECKSUM ? FK_OK : st;
}

enum fk_status fk_app_tls(struct fk_application *app, const struct fk_device *device,
                          const struct fk_flash *flash, const struct fk_transport *lower)
{
    enum fk_status st = open_store(device, flash);
    const struct fk_tls_setup setup = {
        .lower = lower,
        .clock = app->clock,
        .wall = &app->wall,
        .store = &store,
        .set = FK_STORE_TLS,
        .policy = &device->tls,
    };
    if (st == FK_OK) {
        st = fk_tls_init(&tls, &setup);
    }
    if (st == FK_OK) {
        secure = fk_tls_transport(&tls);
        fk_application_use_tls(app, &store, &secure, &tls.setup.skip_dates, fk_tls_key_id);
    }
    return st;
}

const struct fk_socket_tls *fk_app_socket_tls(struct fk_application *app)
{
    fk_sockets_tls_init(&sockets, &tls.setup, &app->config.skip_dates);
    return &sockets.table;
}

void fk_app_tls_end(void)
{
    if (secure.close != NULL) {
        secure.close(secure.ctx);
        fk_tls_release(&tls);
    }
    fk_print("application: TLS pool ");
    fk_print_u32((uint32_t)fk_tls_pool_peak());
    fk_print("\r\n");
}
