/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest application, for the power cuts: says which version it is and waits. The fewer bytes
 * an image has, the fewer stores an install takes; the guard is left out because the device's table,
 * which it wants, would be most of them. */
#include "port/board.h"
#include "port/print.h"
#include "profile_board.h"

int main(void)
{
    fk_board_init();
    fk_board_watchdog_start(FK_BOARD_WATCHDOG_MS);
    fk_print("probe: version " FK_APP_VERSION "\r\n");
    for (;;) {
        fk_board_watchdog_kick();
        fk_board_idle();
    }
}
