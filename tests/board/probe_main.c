/* SPDX-License-Identifier: Apache-2.0 */
/* A small application for the board's tests: says which version it is, and does what one letter on
 * the console tells it, most of which the board must not let it do. */
#include "crypto/crypto.h"
#include "fotakit_fw/update.h"
#include "port/board.h"
#include "port/cortex-m/cortex_m.h"
#include "port/device.h"
#include "port/print.h"
#include "profile_board.h"

static _Alignas(8) uint8_t work[1024];

static void confirm(void)
{
    static struct fk_core core;
    static struct fk_flash flash;
    flash = fk_board_flash(&FK_PORT_DEVICE, FK_BOARD_APPLICATION);
    enum fk_status st = fk_core_open(&core, &FK_PORT_DEVICE, &flash, work, sizeof work);
    if (st == FK_OK) {
        st = fk_update_confirm(&core);
    }
    fk_print("probe: confirm ");
    fk_print_u32((uint32_t)st);
    fk_print("\r\n");
}

/* The driver must refuse both. */
static void break_rules(void)
{
    const struct fk_flash flash = fk_board_flash(&FK_PORT_DEVICE, FK_BOARD_APPLICATION);
    const struct fk_flash_map *m = &FK_PORT_DEVICE.map;
    const uint32_t word = 0;
    fk_print("probe: own slot ");
    fk_print_u32((uint32_t)flash.erase(flash.ctx, m->primary.off, m->primary.sector));
    fk_print(", boot ");
    fk_print_u32((uint32_t)flash.erase(flash.ctx, m->boot.off, m->boot.sector));
    fk_print(", not erased ");
    fk_print_u32((uint32_t)flash.prog(flash.ctx, m->state.off, &word, sizeof word));
    fk_print(", half a sector ");
    fk_print_u32((uint32_t)flash.erase(flash.ctx, m->staging.off, m->staging.sector / 2));
    fk_print("\r\n");
}

static uint32_t deeper(volatile uint32_t n)
{
    volatile uint8_t room[256];
    room[n % sizeof room] = 1;
    return n == 0 ? room[0] : deeper(n - 1) + room[n % sizeof room];
}

/* Memory that only this looks at: behind all variables, so nothing else writes there. */
static volatile uint32_t *far_memory(void)
{
    return (volatile uint32_t *)(uintptr_t)(FK_BOARD_RAM_START + FK_BOARD_RAM_SIZE - 4u);
}

#define LEFT_BEHIND 0x5ec2e755u

static void do_letter(char letter)
{
    const struct fk_flash_map *m = &FK_PORT_DEVICE.map;
    /* bx lr, in memory for data */
    static uint16_t code[2] = {0x4770, 0x4770};
    switch (letter) {
    case 'c':
        confirm();
        break;
    case 'r':
        fk_board_reset();
    case 'l': /* leave a key behind */
        *far_memory() = LEFT_BEHIND;
        fk_board_reset();
    case 'f': /* flash, past the driver */
        FK_REG(m->base + m->staging.off) = 0;
        break;
    case 'p': /* its own code */
        FK_REG(m->base + m->primary.off) = 0;
        break;
    case 'x': /* execute data */
        ((void (*)(void))((uintptr_t)code | 1u))();
        break;
    case 'b': /* the boot stage's code */
        (void)FK_REG(FK_BOARD_CODE_START);
        break;
    case 's': /* run out of stack */
        fk_print_u32(deeper(100000));
        break;
    case 'd':
        break_rules();
        break;
    case 'w': /* hang: the watchdog has to help */
        for (;;) {
            fk_board_idle();
        }
    default:
        return;
    }
    if (letter != 'c' && letter != 'd') {
        fk_print("probe: nobody stopped it\r\n");
    }
}

int main(void)
{
    fk_board_init();
    fk_board_watchdog_start(FK_BOARD_WATCHDOG_MS);
    enum fk_status st = fk_board_guard(&FK_PORT_DEVICE, FK_BOARD_APPLICATION);
    fk_print("probe: version " FK_APP_VERSION "\r\n");
    fk_print(*far_memory() == LEFT_BEHIND ? "probe: a key of before\r\n" : "probe: nothing of before\r\n");
    while (st == FK_OK) {
        char letter = 0;
        fk_board_watchdog_kick();
        if (fk_board_read(&letter, 1) == 1) {
            do_letter(letter);
        } else {
            fk_board_idle();
        }
    }
    fk_board_reset();
}
