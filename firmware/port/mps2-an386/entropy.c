/* SPDX-License-Identifier: Apache-2.0 */
/* STAND-IN. The board has no source of random numbers, and neither has its emulation. Until a port
 * has one, nothing that needs secrets may run: every request is refused. */
#include "port/board.h"

enum fk_status fk_board_random(void *p, size_t len)
{
    (void)p, (void)len;
    return FK_E_CRYPTO;
}
