/* SPDX-License-Identifier: Apache-2.0 */
/* Reset, and the jump into an image. */
#include "port/cortex-m/cortex_m.h"

#include "port/board.h"
#include "profile_board.h"

_Noreturn void fk_board_reset(void)
{
    fk_cortex_m_barrier();
    FK_REG(SCB_AIRCR) = 0x05fa0004u; /* VECTKEY, SYSRESETREQ */
    fk_cortex_m_barrier();
    for (;;) {
    }
}

/* Wipes the stack of this stage and everything on it, then goes. */
__attribute__((naked, noreturn)) static void jump(uint32_t stack, uint32_t entry, uint32_t *from,
                                                  uint32_t *to)
{
    __asm volatile("movs r4, #0\n"
                   "1: cmp r2, r3\n\t"
                   "it lo\n\t"
                   "strlo r4, [r2], #4\n\t"
                   "blo 1b\n\t"
                   "msr msp, r0\n\t"
                   "dsb\n\t"
                   "isb\n\t"
                   "bx r1");
    (void)stack, (void)entry, (void)from, (void)to;
}

void fk_board_start(const struct fk_device *device, uint32_t address)
{
    const volatile uint32_t *vectors = (const volatile uint32_t *)(uintptr_t)address;
    uint32_t stack = vectors[0];
    uint32_t entry = vectors[1];
    uint32_t begin = device->map.base + device->map.primary.off;
    uint32_t end = begin + device->map.primary.size;
    /* The bytes are verified; this is for images that were never a program. */
    if (stack <= FK_BOARD_RAM_START || stack - FK_BOARD_RAM_START > FK_BOARD_RAM_SIZE ||
        stack % 8 != 0 || entry % 2 == 0 || entry < begin || entry >= end) {
        return;
    }
    FK_REG(MPU_CTRL) = 0; /* the image sets up its own guard, first thing */
    FK_REG(SYST_CSR) = 0;
    FK_REG(SCB_VTOR) = address;
    fk_cortex_m_barrier();
    jump(stack, entry, fk_stack_limit, fk_stack_top);
}
