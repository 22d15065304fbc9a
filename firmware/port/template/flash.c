/* SPDX-License-Identifier: Apache-2.0 */
/* The flash of a new board. A table with holes is refused by fk_flash_check(): see flash.h for what
 * each operation owes, and port/mps2-an386/flash.c for the checks that belong in front of it. */
#include "port/board.h"

struct fk_flash fk_board_flash(const struct fk_device *device, enum fk_board_image image)
{
    (void)image; /* the application must not write its own slot */
    return (struct fk_flash){
        .read = NULL,
        .prog = NULL,
        .erase = NULL,
        .view = NULL, /* optional: when flash can be read like memory */
        .size = device->map.size,
        .prog_size = device->map.prog_size,
        .erased = device->map.erased,
    };
}
