/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_FOTA_SIM_OPTIONS_H
#define FK_TOOLS_FOTA_SIM_OPTIONS_H

#include <stdbool.h>

#define FK_SIM_TOOL "fota-sim"

struct sim_options {
    const char *profile;
    const char *flash; /* NULL: NAME.flash */
    const char *image;
    const char *key;
    const char *key_set, *kek, *device_key, *passin, *device_id;
    const char *store, *store_key;
    const char *only_region;
    const char *input;
    const char *power_cut;
    const char *region;
    const char *output;
    bool confirm, force, json;
};

#endif
