/* SPDX-License-Identifier: Apache-2.0 */
#include "support/device.h"

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
static enum fk_status set_clock(struct example_device *d, const char *text, struct fk_error *err)
{
    uint64_t seconds = 0;
    enum fk_status st =
        example_number("time", text, (uint64_t)time(NULL), 0, FK_TIME_MAX, &seconds, err);
    if (st != FK_OK) {
        return st;
    }
    d->clock = fk_sim_clock();
    fk_wall_clock_init(&d->wall, &d->clock);
    return seconds > 0
               ? fk_wrap(err, fk_wall_clock_set(&d->wall, seconds, FK_TIME_COMMAND), "--time")
               : FK_OK; /* a device that has not learnt it */
}

static enum fk_status open_store(struct example_device *d, const struct fk_device *device,
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

static enum fk_status open_failed(const char *path, const struct fk_device *device,
                                  enum fk_status st, struct fk_error *err)
{
    switch (st) {
    case FK_E_NOT_FOUND:
        return fk_fail(err, st, "there is no flash file '%s'; make one with: fota-sim init", path);
    case FK_E_BUSY:
        return fk_fail(err, st, "flash file '%s' is in use by another program", path);
    case FK_E_GEOMETRY:
        return fk_fail(err, st, "'%s' is not a flash of %s; --profile names another device", path,
                       device->name);
    default:
        return fk_fail(err, st, "cannot open flash file '%s': %s", path, fk_status_text(st));
    }
}

enum fk_status example_device_open(struct example_device *d, const struct example_options *o,
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
        st = st == FK_OK ? st : open_failed(o->flash, device, st, err);
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

enum fk_status example_device_tls(struct example_device *d, const struct fk_tls_setup *setup,
                                  struct fk_error *err)
{
    return fk_wrap(err, fk_tls_init(&d->tls, setup), "starting TLS");
}

void example_device_close(struct example_device *d)
{
    fk_tls_release(&d->tls);
    fk_sim_flash_close(&d->file);
}

enum fk_status example_number(const char *option, const char *text, uint64_t fallback, uint64_t min,
                              uint64_t max, uint64_t *ret, struct fk_error *err)
{
    uint64_t value = fallback;
    enum fk_status st = text != NULL ? fk_cli_u64(option, text, &value, err) : FK_OK;
    if (st == FK_OK && (value < min || value > max)) {
        st = fk_fail(err, FK_E_USAGE, "--%s: expected a number from %llu to %llu, found '%s'",
                     option, (unsigned long long)min, (unsigned long long)max, text);
    }
    *ret = value;
    return st;
}

enum fk_status example_port(const char *option, const char *text, uint16_t fallback, uint16_t *ret,
                            struct fk_error *err)
{
    uint64_t port = fallback;
    enum fk_status st = example_number(option, text, fallback, 1, UINT16_MAX, &port, err);
    *ret = (uint16_t)port;
    return st;
}
