/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_AT_WIRE_H
#define FK_BUNDLE_AT_WIRE_H

#include "fotakit/at_replay.h"

/* One end of a serial line: bytes out with their pace, lines in without the echo. */

enum { WIRE_LINE_MAX = 255 };

enum wire_answer { WIRE_NONE, WIRE_OK, WIRE_ERROR };

struct wire {
    const struct fk_at_script *script;
    const struct fk_at_link *link;
    const struct fk_at_replay *how;
    const char *expect; /* of the present step; "" for none */
    bool expect_seen;
    enum wire_answer answer;            /* the first one since wire_begin() */
    unsigned answers;                   /* how many */
    char error_line[WIRE_LINE_MAX + 1]; /* the module's words */
    char line[WIRE_LINE_MAX + 1];       /* the line that is arriving; longer ones are cut */
    size_t line_len;
    const uint8_t *echo;                 /* bytes sent that may come back, in order */
    size_t echo_len, echo_at, echo_sure; /* matched so far; of which certainly echo */
    size_t step;                         /* for events */
};

/* Time that only goes forward, in milliseconds. */
int64_t wire_now_ms(void);

/* Forgets what came before. echo (borrowed until the next begin) is what will be sent. */
void wire_begin(struct wire *w, const uint8_t *echo, size_t echo_len, const char *expect);

/* Sends while it listens; stops early, with *ret_sent, at an answer when stop_at_answer. */
enum fk_status wire_send(struct wire *w, const uint8_t *p, size_t len, int64_t deadline,
                         bool stop_at_answer, size_t *ret_sent, struct fk_error *err) FK_MUST_USE;
/* Listens until an answer or the deadline; FK_E_NETWORK when the line ends. */
enum fk_status wire_listen(struct wire *w, int64_t deadline, bool stop_at_answer,
                           struct fk_error *err) FK_MUST_USE;

#endif
