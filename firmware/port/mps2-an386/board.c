/* SPDX-License-Identifier: Apache-2.0 */
/* Console, time, watchdog, and what the memory guard lets through. */
#include "profile_board.h"

#include "port/board.h"
#include "port/cortex-m/cortex_m.h"
#include "port/mps2-an386/registers.h"

#define BAUD     115200u
#define TICK_HZ  100u /* an idle processor wakes at least so often */
#define WAKE_IRQS (1u << UART0_RX_IRQ | 1u << ETHERNET_IRQ)

void fk_board_init(void)
{
    FK_REG(UART0_BAUDDIV) = CLOCK_HZ / BAUD;
    FK_REG(UART0_CTRL) = UART_TX_ON | UART_RX_ON | UART_RX_INT;
    FK_REG(TIMER0_RELOAD) = UINT32_MAX;
    FK_REG(TIMER0_VALUE) = UINT32_MAX;
    FK_REG(TIMER0_CTRL) = 1;
    FK_REG(SYST_RVR) = CLOCK_HZ / TICK_HZ - 1;
    FK_REG(SYST_CVR) = 0;
    FK_REG(SYST_CSR) = 7; /* processor clock, exception, on */
    FK_REG(NVIC_ISER0) = WAKE_IRQS;
}

void fk_board_write(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while ((FK_REG(UART0_STATE) & UART_TX_FULL) != 0) {
        }
        FK_REG(UART0_DATA) = (uint8_t)p[i];
    }
}

size_t fk_board_read(void *p, size_t cap)
{
    uint8_t *to = p;
    size_t n = 0;
    while (n < cap && (FK_REG(UART0_STATE) & UART_RX_FULL) != 0) {
        to[n++] = (uint8_t)FK_REG(UART0_DATA);
    }
    return n;
}

/* Interrupts are masked: a pending one ends WFI and is cleared here, nothing is called. */
void fk_board_idle(void)
{
    __asm volatile("dsb\n\twfi" ::: "memory");
    FK_REG(UART0_INT) = UART_INT_RX;
    FK_REG(SCB_ICSR) = 1u << 25; /* PENDSTCLR */
    FK_REG(NVIC_ICPR0) = WAKE_IRQS;
}

/* The counter runs down and around every 171 s; called more often, it misses nothing. */
uint64_t fk_board_now_ms(void)
{
    static uint64_t ticks;
    static uint32_t last = UINT32_MAX;
    uint32_t now = FK_REG(TIMER0_VALUE);
    ticks += last - now;
    last = now;
    return ticks / (CLOCK_HZ / 1000);
}

void fk_board_watchdog_start(uint32_t timeout_ms)
{
    FK_REG(WATCHDOG_LOCK) = WATCHDOG_KEY;
    FK_REG(WATCHDOG_LOAD) = timeout_ms * (CLOCK_HZ / 1000);
    FK_REG(WATCHDOG_CTRL) = 3; /* interrupt (NMI) at the first expiry, reset at the second */
    FK_REG(WATCHDOG_LOCK) = 0;
}

void fk_board_watchdog_kick(void)
{
    FK_REG(WATCHDOG_LOCK) = WATCHDOG_KEY;
    FK_REG(WATCHDOG_INTCLR) = 1; /* starts the counter anew */
    FK_REG(WATCHDOG_LOCK) = 0;
}

enum fk_status fk_board_guard(const struct fk_device *device, enum fk_board_image image)
{
    const struct fk_flash_map *m = &device->map;
    const struct fk_guard_range flash = {m->base, m->size};
    const struct fk_guard_range code = {FK_BOARD_CODE_START, FK_BOARD_CODE_SIZE};
    const struct fk_guard_range primary = {m->base + m->primary.off, m->primary.size};
    const struct fk_guard_range ram = {FK_BOARD_RAM_START, FK_BOARD_RAM_SIZE};
    const struct fk_guard_range registers = {PERIPHERALS_START, PERIPHERALS_SIZE};
    fk_guard_reset();
    enum fk_status st = fk_guard_add_flash(flash);
    if (st == FK_OK) { /* behind the flash: the driver cannot open it */
        st = fk_guard_add(image == FK_BOARD_BOOT ? code : primary, FK_GUARD_CODE);
    }
    if (st == FK_OK) {
        st = fk_guard_add(ram, FK_GUARD_DATA);
    }
    if (st == FK_OK) {
        st = fk_guard_add(registers, FK_GUARD_DEVICE);
    }
    if (st == FK_OK) {
        fk_guard_enable();
    }
    return st;
}
