/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include "fotakit/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fk_status fk_cli_uuid(const char *option, const char *text, uint8_t ret[16],
                           struct fk_error *err)
{
    char digits[32];
    size_t n = 0, at = 0;
    for (; text[at] != '\0' && n < sizeof digits; at++) {
        if (text[at] != '-' || (at != 8 && at != 13 && at != 18 && at != 23)) {
            digits[n++] = text[at];
        }
    }
    return text[at] == '\0' && fk_hex_decode(digits, n, ret, 16)
               ? FK_OK
               : fk_fail(err, FK_E_USAGE, "--%s '%s': expected a UUID, 32 hexadecimal digits",
                         option, text);
}

int fk_cli_exit(enum fk_status st)
{
    switch (fk_status_class(st)) {
    case FK_CLASS_DONE:
        return 0;
    case FK_CLASS_REJECTED:
        return 1;
    case FK_CLASS_USAGE:
        return 2;
    case FK_CLASS_ENVIRON:
        return 3;
    case FK_CLASS_BUG:
        break;
    }
    return 4;
}

int fk_cli_done(const char *tool, enum fk_status st, const struct fk_error *err)
{
    if (st != FK_OK) {
        bool has_message = err != NULL && err->msg[0] != '\0';
        fprintf(stderr, "%s: %s\n", tool, has_message ? err->msg : fk_status_text(st));
        return fk_cli_exit(st);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write to standard output\n", tool);
        return fk_cli_exit(FK_E_IO);
    }
    return 0;
}

void fk_cli_warn(const char *tool, const char *fmt, ...)
{
    struct fk_error line = FK_ERROR_INIT; /* masks control characters */
    char text[sizeof line.msg];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)fk_fail(&line, FK_OK, "%s", text);
    fprintf(stderr, "%s: warning: %s\n", tool, line.msg);
}

static void print_option(char short_name, const char *long_name, const char *arg,
                         const char *help)
{
    char left[64];
    char s[5] = "    ";
    if (short_name != 0) {
        snprintf(s, sizeof s, "-%c, ", short_name);
    }
    snprintf(left, sizeof left, "%s--%s%s%s", s, long_name, arg != NULL ? " " : "",
             arg != NULL ? arg : "");
    printf("  %-30s %s\n", left, help);
}

static void print_help(const struct fk_cli *cli)
{
    const char *label = "usage:";
    for (const char *line = cli->usage; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        printf("%s %.*s\n", label, (int)n, line);
        label = "      ";
        line += n + (line[n] == '\n' ? 1 : 0);
    }
    printf("\n%s\n\n", cli->about);
    for (size_t i = 0; i < cli->n_opts; i++) {
        const struct fk_opt *o = &cli->opts[i];
        print_option(o->short_name, o->long_name, o->arg, o->help);
    }
    print_option('h', "help", NULL, "show this help");
    print_option(0, "version", NULL, "show the version");
    printf("\nexit codes: 0 done, 1 input refused, 2 wrong usage, 3 could not, 4 internal error\n");
}

static bool usage_error(const struct fk_cli *cli, int *ret_exit, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool usage_error(const struct fk_cli *cli, int *ret_exit, const char *fmt, ...)
{
    struct fk_error err = FK_ERROR_INIT;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)fk_fail(&err, FK_E_USAGE, "%s (see %s --help)", text, cli->tool);
    *ret_exit = fk_cli_done(cli->tool, FK_E_USAGE, &err);
    return false;
}

static const struct fk_opt *find_long(const struct fk_cli *cli, const char *name, size_t n)
{
    for (size_t i = 0; i < cli->n_opts; i++) {
        if (strlen(cli->opts[i].long_name) == n && memcmp(cli->opts[i].long_name, name, n) == 0) {
            return &cli->opts[i];
        }
    }
    return NULL;
}

static const struct fk_opt *find_short(const struct fk_cli *cli, char c)
{
    for (size_t i = 0; i < cli->n_opts; i++) {
        if (cli->opts[i].short_name == c) {
            return &cli->opts[i];
        }
    }
    return NULL;
}

static bool store(const struct fk_cli *cli, const struct fk_opt *o, const char *arg, int *ret_exit)
{
    switch (o->kind) {
    case FK_OPT_FLAG:
        *(bool *)o->to = true;
        return true;
    case FK_OPT_TEXT: {
        const char **to = o->to;
        if (*to != NULL) {
            return usage_error(cli, ret_exit, "--%s is given twice", o->long_name);
        }
        *to = arg;
        return true;
    }
    case FK_OPT_TEXTS: {
        struct fk_texts *to = o->to;
        if (to->n == FK_TEXTS_MAX) {
            return usage_error(cli, ret_exit, "--%s is given more than %d times", o->long_name,
                               FK_TEXTS_MAX);
        }
        to->at[to->n++] = arg;
        return true;
    }
    }
    return false;
}

/* A tool that is started with one of the three closed must not get its number for a file of its own:
 * the report would go into it. What takes the place can be neither read nor written. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

bool fk_cli_parse(const struct fk_cli *cli, int argc, char **argv, struct fk_texts *ret_operands,
                  int *ret_exit)
{
    struct fk_texts operands = {.n = 0};
    bool options_end = false;
    keep_standard_streams();
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (options_end || a[0] != '-' || a[1] == '\0') {
            if (operands.n == cli->max_operands || operands.n == FK_TEXTS_MAX) {
                return usage_error(cli, ret_exit, "unexpected argument '%s'", a);
            }
            operands.at[operands.n++] = a;
            continue;
        }
        if (strcmp(a, "--") == 0) {
            options_end = true;
            continue;
        }
        if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
            print_help(cli);
            *ret_exit = fk_cli_done(cli->tool, FK_OK, NULL);
            return false;
        }
        if (strcmp(a, "--version") == 0) {
            printf("%s (fotakit) %s\n", cli->tool, FK_VERSION);
            *ret_exit = fk_cli_done(cli->tool, FK_OK, NULL);
            return false;
        }
        const struct fk_opt *o = NULL;
        const char *arg = NULL;
        if (a[1] == '-') {
            size_t n = strcspn(a + 2, "=");
            o = find_long(cli, a + 2, n);
            arg = a[2 + n] == '=' ? a + 2 + n + 1 : NULL;
        } else {
            o = find_short(cli, a[1]);
            arg = a[2] != '\0' ? a + 2 : NULL;
        }
        if (o == NULL) {
            return usage_error(cli, ret_exit, "unknown option '%s'", a);
        }
        if (o->kind == FK_OPT_FLAG && arg != NULL) {
            return usage_error(cli, ret_exit, "option '%s': --%s takes no argument", a,
                               o->long_name);
        }
        if (o->kind != FK_OPT_FLAG && arg == NULL) {
            if (i + 1 == argc) {
                return usage_error(cli, ret_exit, "--%s needs an argument (%s)", o->long_name,
                                   o->arg);
            }
            arg = argv[++i];
        }
        if (!store(cli, o, arg, ret_exit)) {
            return false;
        }
    }
    if (operands.n < cli->min_operands) {
        return usage_error(cli, ret_exit, "missing argument");
    }
    *ret_operands = operands;
    return true;
}

enum fk_status fk_cli_u64(const char *option, const char *text, uint64_t *ret,
                          struct fk_error *err)
{
    char *end = NULL;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0) {
        return fk_fail(err, FK_E_USAGE,
                       "--%s '%s': expected a number from 0 to 18446744073709551615", option, text);
    }
    *ret = v;
    return FK_OK;
}
