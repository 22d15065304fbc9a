/* SPDX-License-Identifier: Apache-2.0 */
/* Vector table, start and faults. Interrupts stay disabled for good (PRIMASK): they only wake the
 * processor from WFI, so there is one thread of control and nothing to lock. */
#include "port/cortex-m/cortex_m.h"

#include "port/board.h"
#include "port/print.h"

#include <string.h>

#define PAINT         0xa5a5a5a5u
#define EXCEPTION_NMI 2u

extern uint32_t fk_data_start[], fk_data_end[], fk_data_load[], fk_bss_start[], fk_ram_end[];

int main(void);
_Noreturn void fk_cortex_m_reset(void);
void fk_cortex_m_fault(void);
_Noreturn void fk_cortex_m_report(uint32_t exception, const uint32_t *frame);

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    vector system[15];
} vectors = {
    fk_stack_top,
    {fk_cortex_m_reset, fk_cortex_m_fault, fk_cortex_m_fault, fk_cortex_m_fault,
     fk_cortex_m_fault, fk_cortex_m_fault, 0, 0, 0, 0, fk_cortex_m_fault, fk_cortex_m_fault, 0,
     fk_cortex_m_fault, fk_cortex_m_fault},
};

/* Fills the stack: nothing of the stage before is left there, and its depth can be measured. */
static inline void paint_stack(void)
{
    register uint32_t *at = fk_stack_limit;
    register uint32_t *end;
    __asm volatile("mov %0, sp" : "=r"(end));
    while (at < end) {
        *(volatile uint32_t *)at++ = PAINT;
    }
}

/* Variables start as zero; and what lies behind them is no longer read, but a reset, a fault or the
 * watchdog may have come while keys were there. */
static inline void clear_memory(void)
{
    uint32_t *at = fk_bss_start;
    __asm volatile("movs r2, #0\n\t"
                   "movs r3, #0\n\t"
                   "movs r4, #0\n\t"
                   "movs r5, #0\n"
                   "1: stmia %0!, {r2-r5}\n\t" /* both ends are multiples of 16 */
                   "cmp %0, %1\n\t"
                   "blo 1b"
                   : "+r"(at)
                   : "r"(fk_ram_end)
                   : "r2", "r3", "r4", "r5", "cc", "memory");
}

_Noreturn void fk_cortex_m_reset(void)
{
    __asm volatile("cpsid i" ::: "memory");
    paint_stack();
    memcpy(fk_data_start, fk_data_load,
           (size_t)((uintptr_t)fk_data_end - (uintptr_t)fk_data_start));
    clear_memory();
    FK_REG(SCB_VTOR) = (uint32_t)(uintptr_t)&vectors;
    fk_cortex_m_barrier();
    (void)main();
    fk_board_reset();
}

uint32_t fk_board_stack_used(void)
{
    const volatile uint32_t *at = fk_stack_limit;
    while (at < fk_stack_top && *at == PAINT) {
        at++;
    }
    return (uint32_t)((uintptr_t)fk_stack_top - (uintptr_t)at);
}

/* The stack may be what went wrong, so a fault takes the whole of it anew; it does not return. The
 * watchdog's warning comes here as NMI; its second expiry would reset the board anyway. */
__attribute__((naked)) void fk_cortex_m_fault(void)
{
    __asm volatile("mrs r0, ipsr\n\t"
                   "mrs r1, msp\n\t"
                   "ldr r2, =fk_stack_top\n\t"
                   "msr msp, r2\n\t"
                   "b fk_cortex_m_report\n\t"
                   ".ltorg");
}

static void print_word(const char *name, uint32_t word)
{
    const uint8_t bytes[] = {(uint8_t)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8),
                             (uint8_t)word};
    fk_print(name);
    fk_print_hex(bytes, sizeof bytes);
}

/* frame: what the processor put on the stack, B1.5.6; only read where there is stack. */
__attribute__((used)) _Noreturn void fk_cortex_m_report(uint32_t exception, const uint32_t *frame)
{
    bool readable = frame >= fk_stack_limit && frame + 8 <= fk_stack_top;
    fk_print(exception == EXCEPTION_NMI ? "fault: watchdog" : "fault:");
    print_word(" pc=", readable ? frame[6] : 0);
    print_word(" cfsr=", FK_REG(SCB_CFSR));
    print_word(" hfsr=", FK_REG(SCB_HFSR));
    print_word(" address=", FK_REG(SCB_MMFAR));
    fk_print("\r\n");
    fk_board_reset();
}
