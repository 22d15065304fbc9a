/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_LWIP_RANDOM_H
#define FK_PORT_LWIP_RANDOM_H

#include <stdint.h>

/* Port and transaction numbers for lwIP: different from one start to the next, not secret. */
uint32_t fk_lwip_random(void);

#endif
