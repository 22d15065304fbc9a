/* SPDX-License-Identifier: Apache-2.0 */
#include "support/hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

void hall_begin(struct hall *h)
{
    memset(h, 0, sizeof *h);
    desk_begin(&h->desk);
    struct fk_console_words *words = &h->desk.rig.device.console;
    words->data_max = 100;
    words->data_timeout_ms = 10000;
    words->sockets = (struct fk_socket_limits){
        .clients = 3, .secure_clients = 2, .servers = 2, .server_clients = 2};
    h->net = fakelinks_net(&h->links);
    assert_int_equal(fk_sockets_init(&h->sockets, &h->desk.rig.device, &h->net, NULL), FK_OK);
    h->desk.port.sockets = &h->sockets;
}

void hall_end(struct hall *h)
{
    fk_sockets_close_all(&h->sockets);
    for (unsigned i = 0; i < FAKE_LINKS; i++) {
        assert_false(h->links.links[i].open);
    }
    for (unsigned i = 0; i < FAKE_LISTENERS; i++) {
        assert_int_equal(h->links.listening[i], 0);
    }
    desk_end(&h->desk);
}

void assert_says(struct hall *h, const char *line, const char *want)
{
    assert_string_equal(desk_say(&h->desk, line), want);
}
