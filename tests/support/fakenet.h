/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_FAKENET_H
#define FK_TESTS_FAKENET_H

#include "fotakit_fw/transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A network in memory with a clock that only moves when somebody waits: each connection plays the
 * next script. Time-outs take no time. */

enum fake_end {
    FAKE_CLOSES, /* in order */
    FAKE_STALLS, /* says nothing more: the wait times out */
    FAKE_BREAKS, /* FK_E_NETWORK */
    FAKE_REPEATS /* the body again, for ever */
};

struct fake_script {
    enum fk_status open; /* anything but FK_OK: the connection is not there */
    /* What the server sends: head and body, or, when head is NULL, what an honest server answers
     * for the file (body, with etag), ranges included. */
    const char *head;
    const uint8_t *body;
    size_t body_len;
    const char *etag; /* of the honest server; NULL: it gives none */
    bool no_ranges;   /* it sends the whole file always */
    size_t stop;      /* ends after so many bytes; 0: after all */
    enum fake_end end;
    size_t piece;          /* bytes a time; 0: as many as are asked for */
    uint32_t delay_ms;     /* passes before each piece */
    uint32_t elsewhere_ms; /* passes each time somebody looks at the clock: slow flash */
};

#define FAKE_REQUESTS_MAX 4

struct fakenet {
    const struct fake_script *scripts;
    size_t n_scripts;
    unsigned opened; /* connections asked for so far */
    bool is_open;
    char requests[FAKE_REQUESTS_MAX][2048]; /* as sent, NUL-terminated */
    uint64_t now_ms;
    size_t sent; /* bytes on this connection */
    size_t total_sent;
    char host[256];
    uint16_t port;
    char answer_head[512];
    const uint8_t *answer_body;
    size_t answer_body_len;
};

void fake_init(struct fakenet *net, const struct fake_script *scripts, size_t n_scripts);
struct fk_transport fake_transport(struct fakenet *net);
struct fk_clock fake_clock(struct fakenet *net);

#endif
