/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_DESK_H
#define FK_TESTS_DESK_H

#include "app/console.h"
#include "support/rig.h"

/* A console over the rig's device, with a port that notes what it is asked for and a clock that the
 * test moves. Errors of the device have the codes 100, 101… in the order of enum fk_console_error.
 */
struct desk {
    struct rig rig;
    struct fk_console console;
    struct fk_console_port port; /* what it has beyond the required is the test's */
    struct fk_clock device_clock;
    struct fk_wall_clock wall;
    uint64_t now_ms;
    char out[16384]; /* NUL-terminated; may hold other NULs */
    size_t out_len;
    unsigned updates;
    char asked[1024]; /* of the last update */
    enum fk_status answer;
    uint16_t http_status;
};

void desk_begin(struct desk *d);
void desk_end(struct desk *d);
/* As the application's port. */
void desk_write(void *ctx, const char *p, size_t len);

/* What these bytes are answered with, given in pieces of this size. */
const char *desk_answer(struct desk *d, const char *p, size_t len, size_t piece);
const char *desk_say(struct desk *d, const char *line);
/* What the console says without being asked. */
const char *desk_poll(struct desk *d);

#define OK            "AT-S.OK\r\n"
#define ERR(n)        "AT-S.ERROR:" #n ":words\r\n"
#define E_COMMAND     ERR(100)
#define E_MISSING     ERR(101)
#define E_VARIABLE    ERR(102)
#define E_TOO_MANY    ERR(103)
#define E_INVALID     ERR(104)
#define E_TOO_LONG    ERR(105)
#define E_OPEN        ERR(106)
#define E_REQUEST     ERR(107)
#define E_FLASH       ERR(108)
#define E_ZERO        ERR(109)
#define E_FILE_OPEN   ERR(110)
#define E_FILE_READ   ERR(111)
#define E_FILE_DELETE ERR(112)
#define E_TIME        ERR(113)
#define E_CLOSED      ERR(114)
#define E_PORT_USED   ERR(115)
#define E_SOCKETS     ERR(116)
#define E_SOCKET_ID   ERR(117)
#define E_PENDING     ERR(118)
#define E_WRITE       ERR(119)
#define E_FILE_RENAME ERR(120)

#endif
