/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/update.h"

const char *fk_phase_name(enum fk_phase phase)
{
    switch (phase) {
    case FK_PHASE_EMPTY:
        return "empty";
    case FK_PHASE_IDLE:
        return "idle";
    case FK_PHASE_RECEIVING:
        return "receiving";
    case FK_PHASE_STAGED:
        return "staged";
    case FK_PHASE_INSTALLING:
        return "installing";
    case FK_PHASE_TRIAL:
        return "trial";
    case FK_PHASE_REVERTING:
        return "reverting";
    case FK_PHASE_COUNT:
        break;
    }
    return "unknown";
}
