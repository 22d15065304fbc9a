/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_DEVICES_H
#define FOTAKIT_FW_DEVICES_H

#include "fotakit_fw/device.h"

#include <stddef.h>

/* The devices that this build knows: one constant table per profile that describes firmware,
 * generated from profiles/NAME.yaml by tools/internal/profile-gen. A single table can also be used
 * by its symbol, fk_device_NAME with '-' as '_', from a declaration of the user's own. */
extern const struct fk_device *const fk_devices[];
extern const size_t fk_devices_count;

/* NULL when there is no such profile. */
const struct fk_device *fk_device_find(const char *name);

#endif
