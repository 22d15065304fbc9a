/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_EXAMPLES_WWEP_DEVICE_H
#define FK_EXAMPLES_WWEP_DEVICE_H

#include "fotakit/error.h"
#include "port/sim/sim_flash_file.h"
#include "tls/tls.h"

/* What client and server share: a simulated device with its certificate store and its clock, and
 * TLS from them, in the order that tls/tls.h asks for. */

#define WWEP_TIMEOUT_MS 10000u /* for a handshake, and for a message */

struct wwep_options {
    const char *flash;   /* file of the device; NULL: none, and no TLS */
    const char *profile; /* NULL: the default */
    const char *time;    /* seconds since 1970 for the device's clock; NULL: the host's clock */
};

struct wwep_device {
    struct fk_sim_flash file;
    struct fk_flash flash;
    struct fk_certstore store;
    struct fk_clock clock;
    struct fk_wall_clock wall;
    struct fk_tls tls;
};

/* Opens store and clock; *ret_setup, which points into d, is for wwep_device_tls() once the caller
 * has put in the transport below and what it wants else. Release with wwep_device_close(). */
enum fk_status wwep_device_open(struct wwep_device *d, const struct wwep_options *o,
                                struct fk_tls_setup *ret_setup, struct fk_error *err) FK_MUST_USE;
enum fk_status wwep_device_tls(struct wwep_device *d, const struct fk_tls_setup *setup,
                               struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed one with file.fd = -1. */
void wwep_device_close(struct wwep_device *d);

/* --option as a port, 1 to 65535; text NULL: the fallback. */
enum fk_status wwep_port(const char *option, const char *text, uint16_t fallback, uint16_t *ret,
                         struct fk_error *err) FK_MUST_USE;

#endif
