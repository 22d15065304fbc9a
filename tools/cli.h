/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CLI_H
#define FK_TOOLS_CLI_H

#include "fotakit/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The shell of every tool: an option table that parses and prints the help, and the exit codes.
 *
 * Conventions: results on stdout, everything else on stderr as "tool: message"; a usage error
 * names the option and points to --help. -- ends the options; options and operands may mix.
 * --help and --version are added to every table. */

#define FK_VERSION "0.1.0"

enum fk_opt_kind {
    FK_OPT_FLAG,  /* bool *: set to true */
    FK_OPT_TEXT,  /* const char **: the argument; given twice is a usage error */
    FK_OPT_TEXTS, /* struct fk_texts *: may be given many times */
};

#define FK_TEXTS_MAX 1024 /* a shell pattern over a folder of certificates */
struct fk_texts {
    const char *at[FK_TEXTS_MAX];
    size_t n;
};

struct fk_opt {
    char short_name; /* 0 when there is none */
    const char *long_name;
    enum fk_opt_kind kind;
    void *to;
    const char *arg;  /* word for the argument in the help; NULL for flags */
    const char *help; /* one line */
};

struct fk_cli {
    const char *tool;
    const char *usage; /* one or more lines behind "usage: " */
    const char *about; /* a short paragraph */
    const struct fk_opt *opts;
    size_t n_opts;
    size_t min_operands, max_operands;
};

/* Parses argv. Returns true to go on, with operands in *ret (borrowed from argv). Returns false
 * when the tool must exit with *ret_exit: after --help or --version (0), a usage error (2). */
bool fk_cli_parse(const struct fk_cli *cli, int argc, char **argv, struct fk_texts *ret_operands,
                  int *ret_exit);

/* Argument of --option as a number of 64 bits, decimal digits only; FK_E_USAGE. */
enum fk_status fk_cli_u64(const char *option, const char *text, uint64_t *ret,
                          struct fk_error *err) FK_MUST_USE;

/* Argument of --option as a UUID: 32 hexadecimal digits, with or without dashes; FK_E_USAGE. */
enum fk_status fk_cli_uuid(const char *option, const char *text, uint8_t ret[16],
                           struct fk_error *err) FK_MUST_USE;

/* 0 done, 1 input refused, 2 usage, 3 could not, 4 bug. */
int fk_cli_exit(enum fk_status st);

/* Prints "tool: message" to stderr (or the status text when there is no message) and returns the
 * exit code; FK_OK prints nothing. A stdout that could not be written turns success into 3, so
 * call it last: `return fk_cli_done("create_ota", st, &err);` */
int fk_cli_done(const char *tool, enum fk_status st, const struct fk_error *err);

/* "tool: warning: …" on stderr. */
void fk_cli_warn(const char *tool, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
