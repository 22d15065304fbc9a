/* SPDX-License-Identifier: Apache-2.0 */
#include "wwep-secure/device.h"

#include "cli.h"
#include "crypto/crypto.h"
#include "fotakit/profile.h"
#include "fotakit_fw/devices.h"
#include "port/sim/sim_random.h"
#include "port/sim/sim_tcp.h"

#include <string.h>
#include <time.h>

static uint8_t pool[64u * 1024]; /* one connection at a time */

/* A device without a battery has to be told; this one is told by its host. */
static enum fk_status set_clock(struct wwep_device *d, const char *text, struct fk_error *err)
{
    uint64_t seconds = (uint64_t)time(NULL);
    enum fk_status st = text != NULL ? fk_cli_u64("--time", text, &seconds, err) : FK_OK;
    if (st != FK_OK) {
        return st;
    }
    d->clock = fk_sim_clock();
    fk_wall_clock_init(&d->wall, &d->clock);
    return fk_wrap(err, fk_wall_clock_set(&d->wall, seconds, FK_TIME_COMMAND), "--time");
}

static enum fk_status open_store(struct wwep_device *d, const struct fk_device *device,
                                 struct fk_error *err)
{
    enum fk_status st = fk_crypto_init();
    if (st == FK_OK) {
        st = fk_certstore_open(&d->store, device, &d->flash, NULL);
    }
    if (st == FK_OK) {
        st = fk_certstore_settle(&d->store); /* what a power cut may have left to do */
    }
    return fk_wrap(err, st, "reading the certificate store");
}

enum fk_status wwep_device_open(struct wwep_device *d, const struct wwep_options *o,
                                struct fk_tls_setup *ret_setup, struct fk_error *err)
{
    const char *name = o->profile != NULL ? o->profile : FK_PROFILE_DEFAULT;
    const struct fk_device *device = fk_device_find(name);
    if (device == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED, "there is no simulated device '%s'", name);
    }
    fk_tls_pool_init(pool, sizeof pool); /* before there is a key in its memory */
    fk_crypto_use_random(&fk_sim_random);
    enum fk_status st = set_clock(d, o->time, err);
    if (st == FK_OK) {
        st = fk_sim_flash_open(&d->file, device, o->flash, true);
        st = fk_wrap(err, st, "flash file '%s' of %s", o->flash, device->name);
    }
    if (st == FK_OK) {
        d->flash = fk_sim_flash_table(&d->file);
        st = open_store(d, device, err);
    }
    *ret_setup = (struct fk_tls_setup){
        .clock = &d->clock,
        .wall = &d->wall,
        .store = &d->store,
        .set = FK_STORE_TLS,
        .policy = &device->tls,
    };
    return st;
}

enum fk_status wwep_device_tls(struct wwep_device *d, const struct fk_tls_setup *setup,
                               struct fk_error *err)
{
    return fk_wrap(err, fk_tls_init(&d->tls, setup), "starting TLS");
}

void wwep_device_close(struct wwep_device *d)
{
    fk_sim_flash_close(&d->file);
}

enum fk_status wwep_port(const char *option, const char *text, uint16_t fallback, uint16_t *ret,
                         struct fk_error *err)
{
    uint64_t port = fallback;
    enum fk_status st = text != NULL ? fk_cli_u64(option, text, &port, err) : FK_OK;
    if (st == FK_OK && (port == 0 || port > UINT16_MAX)) {
        st = fk_fail(err, FK_E_USAGE, "%s: expected a port from 1 to 65535, found '%s'", option,
                     text);
    }
    *ret = (uint16_t)port;
    return st;
}
