/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_HALL_H
#define FK_TESTS_HALL_H

#include "app/sockets.h"
#include "support/desk.h"
#include "support/fakelinks.h"

/* A desk with sockets: 3 clients, 2 servers with 2 clients each. */
struct hall {
    struct desk desk;
    struct fakelinks links;
    struct fk_net net;
    struct fk_sockets sockets;
};

void hall_begin(struct hall *h);
/* Everything must be closed by then that the console may close. */
void hall_end(struct hall *h);
/* This line is answered so. */
void assert_says(struct hall *h, const char *line, const char *want);

#endif
