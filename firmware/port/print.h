/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_PRINT_H
#define FK_PORT_PRINT_H

#include <stddef.h>
#include <stdint.h>

/* Words and numbers on the board's console, for reports of the boot stage. Never secrets. */
void fk_print(const char *text);
void fk_print_u32(uint32_t n);                  /* decimal */
void fk_print_hex(const uint8_t *p, size_t len); /* two digits for each byte */

#endif
