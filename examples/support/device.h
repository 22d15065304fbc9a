/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_EXAMPLES_DEVICE_H
#define FK_EXAMPLES_DEVICE_H

#include "fotakit/error.h"
#include "port/sim/sim_flash_file.h"
#include "tls/tls.h"

/* What every program on the device core begins with: a simulated device with its certificate store
 * and its clock, and TLS from them, in the order that tls/tls.h asks for. */

struct example_options {
    const char *flash;   /* file of the device, made by fota-sim */
    const char *profile; /* NULL: the default of all tools */
    const char *time;    /* seconds since 1970 for its clock, 0: unset; NULL: the host's clock */
};

struct example_device {
    struct fk_sim_flash file;
    struct fk_flash flash;
    struct fk_certstore store;
    struct fk_clock clock;
    struct fk_wall_clock wall;
    struct fk_tls tls;
};

#define EXAMPLE_DEVICE_INIT                                                                        \
    {                                                                                              \
        .file = {.fd = -1 }                                                                        \
    }

/* Opens store and clock; *ret_setup, which points into d, is for example_device_tls() once the
 * caller has put in the transport below and what it wants else. */
enum fk_status example_device_open(struct example_device *d, const struct example_options *o,
                                   struct fk_tls_setup *ret_setup,
                                   struct fk_error *err) FK_MUST_USE;
enum fk_status example_device_tls(struct example_device *d, const struct fk_tls_setup *setup,
                                  struct fk_error *err) FK_MUST_USE;
/* Forgets kept sessions and closes the flash; accepts EXAMPLE_DEVICE_INIT. */
void example_device_close(struct example_device *d);

/* --option as a number from min to max; text NULL: the fallback. */
enum fk_status example_number(const char *option, const char *text, uint64_t fallback, uint64_t min,
                              uint64_t max, uint64_t *ret, struct fk_error *err) FK_MUST_USE;
enum fk_status example_port(const char *option, const char *text, uint16_t fallback, uint16_t *ret,
                            struct fk_error *err) FK_MUST_USE;

#endif
