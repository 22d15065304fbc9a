/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_MPS2_REGISTERS_H
#define FK_PORT_MPS2_REGISTERS_H

/* Peripherals of the MPS2 board with the AN386 image, as far as this port uses them. Source: Arm
 * DAI 0386 (AN386), chapter "Memory map"; Cortex-M System Design Kit (DDI 0479), chapters 4.3
 * (timer), 4.4 (UART) and 4.6 (watchdog). */

#define CLOCK_HZ 25000000u

#define TIMER0_CTRL   0x40000000u
#define TIMER0_VALUE  0x40000004u
#define TIMER0_RELOAD 0x40000008u

#define UART0_DATA    0x40004000u
#define UART0_STATE   0x40004004u
#define UART0_CTRL    0x40004008u
#define UART0_INT     0x4000400cu
#define UART0_BAUDDIV 0x40004010u
#define UART_TX_FULL  1u
#define UART_RX_FULL  2u
#define UART_INT_RX   2u
#define UART_TX_ON    1u
#define UART_RX_ON    2u
#define UART_RX_INT   8u
#define UART0_RX_IRQ  0u

#define WATCHDOG_LOAD   0x40008000u
#define WATCHDOG_CTRL   0x40008008u
#define WATCHDOG_INTCLR 0x4000800cu
#define WATCHDOG_LOCK   0x40008c00u
#define WATCHDOG_KEY    0x1acce551u

#define PERIPHERALS_START 0x40000000u
#define PERIPHERALS_SIZE  0x20000000u

#define ETHERNET_BASE 0x40200000u
#define ETHERNET_IRQ  13u

#endif
