/* SPDX-License-Identifier: Apache-2.0 */
/* The boot stage of every board: runs after each reset, finishes what an update has begun, and
 * starts the image in the primary slot if, and only if, the verdict says so. */
#include "boot/boot.h"
#include "core/trust.h"
#include "crypto/crypto.h"
#include "port/board.h"
#include "port/device.h"
#include "port/print.h"
#include "port/recovery.h"
#include "profile_board.h"

#define WORK_SIZE 1024u

static struct fk_core core;
static struct fk_trust_box box;
static _Alignas(8) uint8_t work[WORK_SIZE];

static void print_number(const char *name, uint32_t n)
{
    fk_print(name);
    fk_print_u32(n);
}

static void print_status(const char *what, enum fk_status st)
{
    print_number(what, (uint32_t)st);
    fk_print("\r\n");
}

static void report_boot(const struct fk_boot_report *r)
{
    fk_print("boot: found ");
    fk_print(fk_phase_name(r->began));
    if (r->resumed_step > 0) {
        print_number(", resumed at step ", r->resumed_step);
    }
    if (r->refused != FK_OK) {
        print_number(", refused ", (uint32_t)r->refused);
    }
    if (r->installed) {
        fk_print(", installed");
    }
    if (r->reverted) {
        fk_print(", reverted");
    }
    fk_print("; ");
    fk_print(fk_phase_name(core.state.phase));
    print_number(", image ", r->image.size);
    fk_print(" ");
    fk_print_hex(r->image.sha256, 8);
    print_number(", stack ", fk_board_stack_used());
    fk_print("\r\n");
}

/* The last word, a number of fotakit_fw/status.h; the watchdog is fed or not. */
static _Noreturn void stay(enum fk_status why, bool for_good)
{
    print_status(for_good ? "boot: nothing to start, status " : "boot: failed, status ", why);
    for (;;) {
        if (for_good) {
            fk_board_watchdog_kick();
        }
        fk_board_idle(); /* otherwise the watchdog ends it, and the next boot tries again */
    }
}

static void forget(void)
{
    fk_trust_close(&core, &box);
    fk_wipe(&core, sizeof core); /* the packet key */
    fk_wipe(work, sizeof work);
}

/* Without usable keys nothing signed is accepted, but the image that is there may still start. */
static void open_trust(void)
{
    enum fk_status st = fk_trust_open(&core, &box, NULL, 0);
    if (st != FK_OK) {
        print_status("boot: no keys, status ", st);
    }
}

int main(void)
{
    const struct fk_device *device = &FK_PORT_DEVICE;
    struct fk_flash flash;
    struct fk_boot_report report = {.verdict = FK_VERDICT_STAY};
    fk_board_init();
    fk_board_watchdog_start(FK_BOARD_WATCHDOG_MS);
    enum fk_status st = fk_board_guard(device, FK_BOARD_BOOT);
    if (st == FK_OK) {
        st = fk_crypto_init();
    }
    if (st == FK_OK) {
        flash = fk_board_flash(device, FK_BOARD_BOOT);
        st = fk_core_open_generated(&core, device, &flash, work, sizeof work);
    }
    if (st == FK_OK || st == FK_E_NO_STATE) {
        open_trust();
        st = fk_boot(&core, &report);
        report_boot(&report);
        if (st == FK_OK && report.verdict != FK_VERDICT_BOOT) {
            fk_recovery_report(&core, &report);
        }
    }
    forget();
    if (st == FK_OK && report.verdict == FK_VERDICT_BOOT) {
        fk_board_watchdog_kick();
        if (report.verdict == FK_VERDICT_BOOT) { /* twice: one skipped branch is not enough */
            fk_board_start(device, device->map.base + device->map.primary.off);
        }
        report.status = FK_E_NO_IMAGE; /* verified, but no program */
        fk_recovery_report(&core, &report);
    }
    stay(st == FK_OK ? report.status : st, st == FK_OK);
}
