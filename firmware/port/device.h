/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_DEVICE_H
#define FK_PORT_DEVICE_H

#include "fotakit_fw/device.h"

/* The one device that an image is built for: the build says which table, fk_device_NAME. */
extern const struct fk_device FK_PORT_DEVICE;

#endif
