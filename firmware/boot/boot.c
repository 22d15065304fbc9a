/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

#include "boot/judge.h"
#include "core/install.h"
#include "core/state.h"

static enum fk_status on_staged(struct fk_core *core, struct fk_boot_report *report)
{
    enum fk_status st = fk_install_begin(core, &report->packet);
    if (st != FK_OK && core->state.phase != FK_PHASE_STAGED &&
        core->state.phase != FK_PHASE_INSTALLING) {
        report->refused = st; /* and forgotten: the old image runs */
        return FK_OK;
    }
    return st;
}

static enum fk_status on_installing(struct fk_core *core, struct fk_boot_report *report)
{
    if (report->began == FK_PHASE_INSTALLING) {
        report->resumed_step = core->state.step;
    }
    enum fk_status st = fk_install_run(core);
    report->installed = st == FK_OK && (core->state.phase == FK_PHASE_TRIAL ||
                                        core->state.phase == FK_PHASE_IDLE);
    return st;
}

static enum fk_status on_reverting(struct fk_core *core, struct fk_boot_report *report)
{
    if (report->began == FK_PHASE_REVERTING) {
        report->resumed_step = core->state.step;
    }
    enum fk_status st = fk_revert_run(core);
    report->reverted = st == FK_OK;
    return st;
}

/* One boot less, recorded before the image runs: a trial that hangs still uses it up. */
static enum fk_status on_trial(struct fk_core *core, bool just_installed)
{
    if (just_installed) {
        return FK_OK; /* this boot was counted when the trial was recorded */
    }
    if (core->state.boots_left == 0) {
        enum fk_status st = fk_revert_begin(core, FK_E_NOT_CONFIRMED);
        /* Nothing whole to go back to: an image on trial beats none. */
        return st == FK_E_NO_IMAGE ? FK_OK : st;
    }
    core->state.boots_left--;
    return fk_state_write(core);
}

/* Carries the update on until the state is one that an image can run in. Each turn of the loop
 * moves the phase forward; staged, installing, reverting, idle is the longest way. */
static enum fk_status settle_update(struct fk_core *core, struct fk_boot_report *report)
{
    for (unsigned turn = 0; turn < 6; turn++) {
        enum fk_status st = FK_OK;
        switch (core->state.phase) {
        case FK_PHASE_STAGED:
            st = on_staged(core, report);
            break;
        case FK_PHASE_INSTALLING:
            st = on_installing(core, report);
            break;
        case FK_PHASE_REVERTING:
            st = on_reverting(core, report);
            break;
        case FK_PHASE_TRIAL:
            st = on_trial(core, report->installed);
            if (core->state.phase == FK_PHASE_TRIAL) {
                return st;
            }
            break;
        case FK_PHASE_EMPTY:
        case FK_PHASE_IDLE:
        case FK_PHASE_RECEIVING:
        case FK_PHASE_COUNT:
            return FK_OK;
        }
        if (st != FK_OK) {
            return st;
        }
    }
    return FK_E_INTERNAL;
}

/* The image in primary is damaged: fall back if policy and state allow it. */
static enum fk_status recover(struct fk_core *core, struct fk_boot_report *report)
{
    enum fk_phase phase = core->state.phase;
    bool may = phase == FK_PHASE_TRIAL ||
               (phase == FK_PHASE_IDLE && core->device->policy.recover_previous);
    enum fk_status st = may ? fk_revert_begin(core, FK_E_DIGEST) : FK_E_NO_IMAGE;
    return st == FK_OK ? on_reverting(core, report) : st;
}

/* A finding about the images or the state, which a reset does not cure. */
static bool is_finding(enum fk_status st)
{
    return st == FK_OK || st == FK_E_NO_IMAGE || st == FK_E_NO_STATE;
}

enum fk_status fk_boot(struct fk_core *core, struct fk_boot_report *ret_report)
{
    struct fk_boot_report report = {
        .verdict = FK_VERDICT_STAY,
        .status = FK_E_NO_IMAGE,
        .began = core->state.phase,
    };
    enum fk_status st = core->log.found ? fk_state_settle(core) : FK_E_NO_STATE;
    if (st == FK_OK) {
        st = settle_update(core, &report);
    }
    if (st == FK_OK) {
        st = fk_judge_primary(core, &report.verdict);
    }
    if (st == FK_E_DIGEST) {
        st = recover(core, &report);
        if (st == FK_OK) {
            st = fk_judge_primary(core, &report.verdict);
        }
    }
    report.status = st == FK_E_DIGEST ? FK_E_NO_IMAGE : st;
    report.image = core->state.phase == FK_PHASE_REVERTING ? core->state.previous
                                                           : core->state.running;
    *ret_report = report;
    return is_finding(report.status) ? FK_OK : st;
}
