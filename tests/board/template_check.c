/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever of a new board is not written yet must fail, and not by hanging. */
#include "port/board.h"

#include <stdio.h>

static int failures;

static void expect(const char *what, bool fails)
{
    printf("%s %s\n", fails ? "ok" : "not ok", what);
    failures += !fails;
}

int main(void)
{
    static const struct fk_device device = {
        .map = {.size = 4096, .prog_size = 4, .erased = 0xff}};
    const struct fk_transport *t = fk_board_transport();
    uint8_t byte = 0;
    size_t n = 0;
    fk_board_init();
    fk_board_watchdog_start(1);
    fk_board_watchdog_kick();
    fk_board_idle();
    fk_board_network_poll();
    fk_board_write("x", 1);
    expect("no memory guard", fk_board_guard(&device, FK_BOARD_BOOT) != FK_OK);
    for (enum fk_board_image i = FK_BOARD_BOOT; i <= FK_BOARD_APPLICATION; i++) {
        const struct fk_flash flash = fk_board_flash(&device, i);
        expect("no flash", flash.read == NULL && flash.prog == NULL && flash.erase == NULL);
    }
    expect("no console", fk_board_read(&byte, 1) == 0);
    expect("no entropy", fk_board_entropy(&byte, 1) != FK_OK);
    expect("no connection", t->open(t->ctx, "localhost", 80, 1) != FK_OK);
    expect("no sending", t->send(t->ctx, &byte, 1, 1) != FK_OK);
    expect("no receiving", t->recv(t->ctx, &byte, 1, &n, 1) != FK_OK);
    t->close(t->ctx);
    expect("no sockets", fk_board_net() == NULL);
    uint64_t before = fk_board_now_ms();
    expect("no wait for ever", fk_board_now_ms() > before);
    return failures == 0 ? 0 : 1;
}
