/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/device.h"

const char *fk_region_name(enum fk_region_id id)
{
    switch (id) {
    case FK_REGION_BOOT:
        return "boot";
    case FK_REGION_STATE:
        return "state";
    case FK_REGION_STORE:
        return "store";
    case FK_REGION_PRIMARY:
        return "primary";
    case FK_REGION_STAGING:
        return "staging";
    case FK_REGION_ENVELOPE:
        return "envelope";
    case FK_REGION_KEYS:
        return "keys";
    case FK_REGIONS:
        break;
    }
    return "unknown";
}
