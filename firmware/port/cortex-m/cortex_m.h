/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_CORTEX_M_H
#define FK_PORT_CORTEX_M_H

#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stdint.h>

/* What all ARMv7-M boards share: start, faults, memory guard, the jump into an image.
 * Source: ARMv7-M Architecture Reference Manual (DDI 0403E). */

#define FK_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* B3.2.2, B3.3.2, B3.5 */
#define SYST_CSR 0xe000e010u
#define SYST_RVR 0xe000e014u
#define SYST_CVR 0xe000e018u
#define NVIC_ISER0 0xe000e100u
#define NVIC_ICPR0 0xe000e280u
#define SCB_ICSR 0xe000ed04u
#define SCB_VTOR 0xe000ed08u
#define SCB_AIRCR 0xe000ed0cu
#define SCB_CFSR 0xe000ed28u
#define SCB_HFSR 0xe000ed2cu
#define SCB_MMFAR 0xe000ed34u
#define MPU_TYPE 0xe000ed90u
#define MPU_CTRL 0xe000ed94u
#define MPU_RNR 0xe000ed98u
#define MPU_RBAR 0xe000ed9cu
#define MPU_RASR 0xe000eda0u

static inline void fk_cortex_m_barrier(void)
{
    __asm volatile("dsb\n\tisb" ::: "memory");
}

/* Symbols of the linker script; only their addresses mean something. */
extern uint32_t fk_stack_limit[], fk_stack_top[];

/* ---- memory guard ---- */

struct fk_guard_range {
    uint32_t start;
    uint32_t size; /* bytes; start and size are multiples of 32 */
};

enum fk_guard_access {
    FK_GUARD_CODE,   /* read and execute */
    FK_GUARD_CONST,  /* read */
    FK_GUARD_DATA,   /* read and write */
    FK_GUARD_DEVICE, /* registers: read and write */
};

/* Adds a range; later ones win where two overlap. A range takes as many regions of the MPU as it
 * takes to cover it exactly. FK_E_GEOMETRY when they do not suffice. Begin with _reset. */
void fk_guard_reset(void);
enum fk_status fk_guard_add(struct fk_guard_range range, enum fk_guard_access access) FK_MUST_USE;
/* The region of the flash, which must be one power of two: read-only, and for the driver not. */
enum fk_status fk_guard_add_flash(struct fk_guard_range range) FK_MUST_USE;
void fk_guard_flash_writable(bool writable);
/* From here on what is in no range faults. */
void fk_guard_enable(void);

#endif
