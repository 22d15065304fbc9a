/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONFIG_H
#define FK_APP_CONFIG_H

#include "fotakit_fw/certstore.h"
#include "fotakit_fw/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The configuration variables of a device: names, ranges and defaults are the profile's.
 *
 * Setting one takes effect at once and lasts until the reset; fk_config_save() makes all of them
 * last. They are one entry of the certificate store, so that they change all at once, whatever the
 * power does, and are encrypted where keys are. What the entry says of variables that the device
 * does not have, or in values that it does not take, is passed over: an update of the firmware may
 * have changed them.
 *
 * Memory: struct fk_config, 65 bytes for each variable. It may hold passwords: fk_wipe() it where it
 * does not stay. */

#ifndef FK_CONFIG_VARIABLES /* a board takes as many as its profile names */
#define FK_CONFIG_VARIABLES FK_VARIABLES_MAX
#endif
#define FK_CONFIG_SAVED_MAX 3072u /* bytes of the entry, and of the buffer for it */

struct fk_config {
    bool skip_dates; /* what the variable with this use says */

    /* Private. */
    const struct fk_console_words *words;
    char values[FK_CONFIG_VARIABLES][FK_VARIABLE_VALUE_MAX + 1];
};

/* Every variable has its default; there are at most FK_CONFIG_VARIABLES. device must outlive the
 * configuration. */
void fk_config_init(struct fk_config *config, const struct fk_device *device);

/* Index of the variable with this name, or with this use; -1: there is none. */
int fk_config_find(const struct fk_config *config, const char *name);
int fk_config_find_use(const struct fk_config *config, enum fk_variable_use use);
/* Never NULL. */
const char *fk_config_value(const struct fk_config *config, int index);

/* FK_E_FORMAT: not a number; FK_E_LIMIT: out of range, too long or too short. Then it is as before.
 * An empty text is always good: it unsets the variable. */
enum fk_status fk_config_set(struct fk_config *config, int index, const char *value) FK_MUST_USE;

/* Reads what was saved; buf is scratch memory, wiped afterwards. Nothing saved is FK_OK. Statuses
 * of fk_certstore_read(); then every variable has its default. */
enum fk_status fk_config_load(struct fk_config *config, const struct fk_certstore *store,
                              uint8_t buf[FK_CONFIG_SAVED_MAX]) FK_MUST_USE;
/* Statuses of fk_certstore_put(). */
enum fk_status fk_config_save(const struct fk_config *config, struct fk_certstore *store,
                              uint8_t buf[FK_CONFIG_SAVED_MAX]) FK_MUST_USE;

#endif
