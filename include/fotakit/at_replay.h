/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_AT_REPLAY_H
#define FOTAKIT_AT_REPLAY_H

#include "fotakit/at_script.h"
#include "fotakit/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Plays a script (fotakit/at_script.h) to a module and reads its answers.
 *
 * A module that takes data behind a command line counts bytes: when one is lost on the way it
 * waits for it for ever, and takes the next command for data. So each step waits for its answer;
 * when none comes, or one comes that does not fit (before the data was sent, or twice), the module
 * is brought back: filler until it answers again, then the probe. Then the whole script starts
 * again, because what the module has stored is not known; scripts begin with a deletion. An error
 * that the module gives twice for the same step is meant, and ends the replay.
 *
 * Echo of what was sent may be on or off; lines that are neither ok nor error are passed over.
 *
 *     fk_at_link_open_...(), fk_at_replay(), fk_at_link_close() */

/* ---- the line to the module --------------------------------------------------------------------
 */
struct termios;
struct fk_at_link {
    int in, out;           /* non-blocking; the same descriptor when there is one */
    pid_t child;           /* of exec; 0 for none */
    struct termios *saved; /* settings of a serial port, put back by close */
};

/* path: a serial port, set to raw 8N1 at baud (9600, 115200, ...), RTS/CTS when flow. */
enum fk_status fk_at_link_open_port(const char *path, unsigned baud, bool flow,
                                    struct fk_at_link *ret, struct fk_error *err) FK_MUST_USE;
/* A command for the shell, whose standard input and output are the line. */
enum fk_status fk_at_link_open_exec(const char *command, struct fk_at_link *ret,
                                    struct fk_error *err) FK_MUST_USE;
/* "host:port" or "[v6]:port". FK_E_CONNECT within timeout_ms. */
enum fk_status fk_at_link_open_tcp(const char *host_port, uint32_t timeout_ms,
                                   struct fk_at_link *ret, struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed link. An exec child gets the end of its input, then two seconds. */
void fk_at_link_close(struct fk_at_link *link);

/* ---- the replay --------------------------------------------------------------------------------
 */
enum fk_at_event_kind {
    FK_AT_STEP,    /* a step begins */
    FK_AT_SENT,    /* some of its bytes are out: sent of total */
    FK_AT_LINE,    /* the module said something that is not an echo: text */
    FK_AT_DONE,    /* the step ended well */
    FK_AT_RESYNC,  /* the module is brought back: text says why */
    FK_AT_RESTART, /* the script starts again */
};

struct fk_at_event {
    enum fk_at_event_kind kind;
    size_t step, steps; /* from 0 */
    const char *title;
    size_t sent, total; /* bytes of the step */
    const char *text;   /* lines of the module: control characters are masked */
};

struct fk_at_replay {
    uint32_t timeout_ms;  /* for an answer, when the step does not say (default 5000) */
    uint32_t settle_ms;   /* between a command and its data, and after data (default 50) */
    uint32_t bytes_per_s; /* 0: as fast as the line takes them */
    unsigned restarts;    /* how often the script may start again */
    int64_t now;          /* for FK_AT_TIME_MARK; negative: the clock, when the line is sent */
    void (*event)(void *ctx, const struct fk_at_event *e); /* may be NULL */
    void *ctx;
};
#define FK_AT_REPLAY_INIT                                                                          \
    {                                                                                              \
        .timeout_ms = 5000, .settle_ms = 50, .restarts = 2, .now = -1                              \
    }

/* FK_E_ANSWER: the module refuses a step; err has the step and its words. FK_E_TIMEOUT: it does
 * not answer; FK_E_NETWORK: the line broke. *ret_step is the step that failed (from 0). */
enum fk_status fk_at_replay(const struct fk_at_script *script, const struct fk_at_link *link,
                            const struct fk_at_replay *how, size_t *ret_step,
                            struct fk_error *err) FK_MUST_USE;

#endif
