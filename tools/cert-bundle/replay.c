/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"

#include "fotakit/at_replay.h"
#include "fotakit/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tool[] = TOOL " replay";

/* cert-bundle replay: plays a script of cert-bundle to a module and waits for its answers. */

struct replay_options {
    const char *port, *exec, *tcp, *baud, *timeout, *pace, *retries, *time, *stream;
    bool flow, quiet, verbose, check;
    struct fk_texts operands;
};

enum { LONG_DATA = 256 }; /* bytes; below it nobody waits */

/* Progress: a line that is rewritten on a terminal, one line a step elsewhere. */
struct show {
    bool quiet, verbose, terminal, open_line;
    size_t percent; /* of the step's data, as shown last */
};

static void end_open_line(struct show *s)
{
    if (s->open_line) {
        fputc('\n', stderr);
        s->open_line = false;
    }
}

static void on_event(void *ctx, const struct fk_at_event *e)
{
    struct show *s = ctx;
    int digits = snprintf(NULL, 0, "%zu", e->steps);
    switch (e->kind) {
    case FK_AT_STEP:
        s->percent = 0;
        if (s->terminal && !s->quiet) {
            fprintf(stderr, "[%*zu/%zu] %s", digits, e->step + 1, e->steps, e->title);
            s->open_line = true;
        }
        break;
    case FK_AT_SENT:
        if (s->terminal && !s->quiet && e->total >= LONG_DATA &&
            100 * e->sent / e->total != s->percent) {
            s->percent = 100 * e->sent / e->total;
            fprintf(stderr, "\r[%*zu/%zu] %s  %3zu%%", digits, e->step + 1, e->steps, e->title,
                    s->percent);
            s->open_line = true;
        }
        break;
    case FK_AT_DONE:
        if (!s->quiet) {
            fprintf(stderr, "%s[%*zu/%zu] %s  ok  \n", s->terminal ? "\r" : "", digits, e->step + 1,
                    e->steps, e->title);
            s->open_line = false;
        }
        break;
    case FK_AT_LINE:
        if (s->verbose) {
            end_open_line(s);
            fprintf(stderr, "        %s\n", e->text);
        }
        break;
    case FK_AT_RESYNC:
        end_open_line(s);
        fk_cli_warn(tool, "step %zu (%s): %s; bringing the module back", e->step + 1, e->title,
                    e->text);
        break;
    case FK_AT_RESTART:
        fk_cli_warn(tool, "the module answers again; starting over");
        break;
    }
}

static enum fk_status number(const char *option, const char *text, uint64_t min, uint64_t max,
                             uint64_t *ret, struct fk_error *err)
{
    if (text == NULL) {
        return FK_OK;
    }
    enum fk_status st = fk_cli_u64(option, text, ret, err);
    if (st == FK_OK && (*ret < min || *ret > max)) {
        st = fk_fail(err, FK_E_USAGE, "%s: expected %" PRIu64 " to %" PRIu64 ", found %s", option,
                     min, max, text);
    }
    return st;
}

static enum fk_status read_numbers(const struct replay_options *o, struct fk_at_replay *how,
                                   unsigned *ret_baud, struct fk_error *err)
{
    uint64_t timeout = how->timeout_ms, pace = 0, retries = how->restarts, now = 0, baud = 115200;
    enum fk_status st = number("--timeout", o->timeout, 1, 3600000, &timeout, err);
    st = st == FK_OK ? number("--pace", o->pace, 1, 10000000, &pace, err) : st;
    st = st == FK_OK ? number("--retries", o->retries, 0, 100, &retries, err) : st;
    st = st == FK_OK ? number("--time", o->time, 0, UINT32_MAX, &now, err) : st;
    st = st == FK_OK ? number("--baud", o->baud, 9600, 921600, &baud, err) : st;
    how->timeout_ms = (uint32_t)timeout;
    how->bytes_per_s = (uint32_t)pace;
    how->restarts = (unsigned)retries;
    how->now = o->time != NULL ? (int64_t)now : -1;
    *ret_baud = (unsigned)baud;
    return st;
}

static enum fk_status load(const char *path, struct fk_at_script *ret, struct fk_error *err)
{
    struct fk_buffer text = {.ptr = NULL};
    struct stat s;
    enum fk_status st = fk_file_read(path, FK_AT_SCRIPT_MAX, &text, err);
    if (st == FK_OK && stat(path, &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & 077) != 0) {
        fk_cli_warn(tool, "'%s' may hold a private key and others can read it; chmod 600", path);
    }
    if (st == FK_OK) {
        st = fk_at_script_parse(path, (struct fk_slice){text.ptr, text.len}, ret, err);
    }
    fk_buffer_release(&text);
    return st;
}

static void print_steps(const struct fk_at_script *script)
{
    for (size_t i = 0; i < script->n; i++) {
        const struct fk_at_step *s = &script->steps[i];
        printf("%3zu  %s", i + 1, s->title);
        if (s->data.ptr != NULL) {
            printf("  (%zu bytes)", s->data.len);
        }
        printf("\n");
    }
}

/* The bytes alone, for a terminal program that sends a file. They may hold a key. */
static enum fk_status write_stream(const struct replay_options *o,
                                   const struct fk_at_script *script, int64_t now,
                                   struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    enum fk_status st = fk_at_script_stream(script, now, &bytes, err);
    if (st == FK_OK) {
        struct fk_new_file file = {
            .path = o->stream, .bytes = {bytes.ptr, bytes.len}, .mode = 0600};
        st = fk_files_write(&file, 1, false, err);
    }
    fk_buffer_release(&bytes);
    return st;
}

static enum fk_status open_link(const struct replay_options *o, unsigned baud, uint32_t timeout_ms,
                                struct fk_at_link *ret, struct fk_error *err)
{
    return o->port != NULL   ? fk_at_link_open_port(o->port, baud, o->flow, ret, err)
           : o->exec != NULL ? fk_at_link_open_exec(o->exec, ret, err)
                             : fk_at_link_open_tcp(o->tcp, timeout_ms, ret, err);
}

static enum fk_status check_usage(const struct replay_options *o, struct fk_error *err)
{
    int targets =
        (o->port != NULL) + (o->exec != NULL) + (o->tcp != NULL) + (o->stream != NULL) + o->check;
    if (targets != 1) {
        return usage(err, "expected one of --port, --exec, --tcp, --stream and --list");
    }
    if (o->port == NULL && (o->baud != NULL || o->flow)) {
        return usage(err, "--baud and --flow go with --port");
    }
    if (o->stream != NULL && o->time == NULL) {
        return usage(err, "--stream needs --time: what is written now is sent later");
    }
    return FK_OK;
}

static enum fk_status play(const struct replay_options *o, const struct fk_at_script *script,
                           const struct fk_at_replay *options, unsigned baud, struct fk_error *err)
{
    struct show show = {.quiet = o->quiet, .verbose = o->verbose, .terminal = isatty(2) == 1};
    struct fk_at_link link = {.in = 0};
    struct fk_at_replay how = *options;
    size_t step = 0;
    how.event = on_event;
    how.ctx = &show;
    enum fk_status st = open_link(o, baud, how.timeout_ms, &link, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_at_replay(script, &link, &how, &step, err);
    end_open_line(&show);
    fk_at_link_close(&link);
    if (st == FK_E_ANSWER && script->profile[0] != '\0') {
        char hint[FK_AT_WORD_MAX + 64];
        snprintf(hint, sizeof hint, " (see cert-bundle explain -p %s)", script->profile);
        struct fk_error with = *err;
        st = fk_fail(err, st, "%s%s", with.msg, hint);
    }
    return st;
}

int run_replay(int argc, char **argv)
{
    struct replay_options o = {.port = NULL};
    const struct fk_opt table[] = {
        {0, "port", FK_OPT_TEXT, &o.port, "TTY", "the module is at this serial port"},
        {0, "baud", FK_OPT_TEXT, &o.baud, "RATE", "of the serial port (default: 115200)"},
        {0, "flow", FK_OPT_FLAG, &o.flow, NULL, "with RTS/CTS flow control"},
        {0, "exec", FK_OPT_TEXT, &o.exec, "COMMAND",
         "the module is what this shell command reads and writes"},
        {0, "tcp", FK_OPT_TEXT, &o.tcp, "HOST:PORT", "the module is behind a terminal server"},
        {0, "pace", FK_OPT_TEXT, &o.pace, "BYTES", "send at most so many bytes a second"},
        {0, "timeout", FK_OPT_TEXT, &o.timeout, "MS", "wait so long for an answer (default: 5000)"},
        {0, "retries", FK_OPT_TEXT, &o.retries, "N",
         "start over so often when bytes were lost (default: 2)"},
        {0, "time", FK_OPT_TEXT, &o.time, "SECONDS",
         "since 1970, for the module's clock (default: now)"},
        {0, "stream", FK_OPT_TEXT, &o.stream, "FILE",
         "write the bytes to FILE instead, for a terminal program"},
        {'l', "list", FK_OPT_FLAG, &o.check, NULL, "check the script and list its steps"},
        {'v', "verbose", FK_OPT_FLAG, &o.verbose, NULL, "show what the module answers"},
        {'q', "quiet", FK_OPT_FLAG, &o.quiet, NULL, "show problems only"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "cert-bundle replay --port TTY [--baud RATE] [--flow] SCRIPT\n"
                 "cert-bundle replay --exec COMMAND | --tcp HOST:PORT SCRIPT\n"
                 "cert-bundle replay --stream FILE --time SECONDS SCRIPT\n"
                 "cert-bundle replay --list SCRIPT",
        .about =
            "Plays an AT script of cert-bundle to a module: each command with the exact bytes\n"
            "behind it, and waits for each answer. A module that lost bytes is brought back\n"
            "and gets the whole script again.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    int code = 0;
    usage_of(tool);
    if (!fk_cli_parse(&cli, argc, argv, &o.operands, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct fk_at_replay how = FK_AT_REPLAY_INIT;
    struct fk_at_script script = {.n = 0};
    unsigned baud = 0;
    enum fk_status st = check_usage(&o, &err);
    st = st == FK_OK ? read_numbers(&o, &how, &baud, &err) : st;
    st = st == FK_OK ? load(o.operands.at[0], &script, &err) : st;
    if (st == FK_OK && o.check) {
        print_steps(&script);
    } else if (st == FK_OK) {
        st = o.stream != NULL ? write_stream(&o, &script, how.now, &err)
                              : play(&o, &script, &how, baud, &err);
    }
    fk_at_script_release(&script);
    return fk_cli_done(tool, st, &err);
}
