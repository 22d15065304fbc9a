/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_AT_SCRIPT_H
#define FOTAKIT_AT_SCRIPT_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A dialogue with a module over its serial console, as a text file: command lines, the exact bytes
 * that follow some of them, and what the module is expected to say. Data is in hexadecimal, so that
 * no editor, mail or version control can change a line end or a zero byte in it.
 *
 *     fotakit-at 1                      first line: format and version
 *     profile spwf04s                   for messages
 *     ok AT-S.OK                        an answer that begins so ends a step well
 *     error AT-S.ERROR                  and one that begins so ends it badly
 *     probe AT                          a harmless command that is answered with ok
 *     line-end cr                       of command lines: cr, lf or crlf
 *     # any text                        comment; empty lines are skipped, too
 *     step delete what is there         names what follows, for progress and errors
 *     send AT+S.TLSCERT=content,2       a command line; <unix-time> in it becomes the time
 *     step root certificate
 *     send AT+S.TLSCERT=ca,1239         the command
 *     expect AT-S.SubjectKeyId:7F:D3    a line that begins so must come before ok
 *     timeout 10000                     milliseconds to the end of the answer
 *     may-fail                          an error is as good as ok: deleting what is not there
 *     restarts                          the module starts again: it is probed until it answers
 *     data 1239                         bytes that follow its line end, in the lines below,
 *       2d2d2d2d2d424547…               each with blanks in front
 *
 * expect, timeout, may-fail, restarts and data belong to the one send of their step. The five lines after the
 * first are required, once, before the first step.
 *
 * A script may hold a private key or a password: files of it have mode 0600, and nothing but titles
 * of steps is ever shown. */

#define FK_AT_SCRIPT_MAX (1u << 20) /* bytes of the file */
#define FK_AT_STEPS_MAX  256
#define FK_AT_LINE_MAX   1023 /* characters of a command line */
#define FK_AT_WORD_MAX   63   /* of ok, error, probe, profile */
#define FK_AT_TITLE_MAX  79
#define FK_AT_EXPECT_MAX 255
#define FK_AT_DATA_MAX   65536

#define FK_AT_TIME_MARK "<unix-time>"

enum fk_at_line_end { FK_AT_CR, FK_AT_LF, FK_AT_CRLF };

struct fk_at_step {
    char title[FK_AT_TITLE_MAX + 1];
    char line[FK_AT_LINE_MAX + 1];
    char expect[FK_AT_EXPECT_MAX + 1]; /* "" for none */
    struct fk_buffer data;             /* ptr NULL: none follows */
    uint32_t timeout_ms;               /* 0: the default of the replay */
    bool may_fail, restarts;
};

struct fk_at_script {
    char profile[FK_AT_WORD_MAX + 1];
    char ok[FK_AT_WORD_MAX + 1], error[FK_AT_WORD_MAX + 1], probe[FK_AT_WORD_MAX + 1];
    enum fk_at_line_end line_end;
    struct fk_at_step *steps;
    size_t n;
};

/* Appends a step; copies. Its flags and timeout may be set afterwards, in steps[n - 1]. data.ptr NULL: none. FK_E_LIMIT, FK_E_FORMAT (a control character in the
 * line, a mark in a title), FK_E_MEMORY. */
enum fk_status fk_at_script_add(struct fk_at_script *s, const char *title, const char *line,
                                struct fk_slice data, const char *expect,
                                struct fk_error *err) FK_MUST_USE;
/* The file: one script, one text. */
enum fk_status fk_at_script_write(const struct fk_at_script *s, struct fk_buffer *ret,
                                  struct fk_error *err) FK_MUST_USE;
/* FK_E_FORMAT and FK_E_LIMIT name the line; name stands in front. */
enum fk_status fk_at_script_parse(const char *name, struct fk_slice text, struct fk_at_script *ret,
                                  struct fk_error *err) FK_MUST_USE;
/* Everything that goes over the wire, without waiting for anything: for terminals that send a
 * file. now replaces FK_AT_TIME_MARK. */
enum fk_status fk_at_script_stream(const struct fk_at_script *s, int64_t now, struct fk_buffer *ret,
                                   struct fk_error *err) FK_MUST_USE;
/* The bytes of one command line, with its line end and the time in it. */
enum fk_status fk_at_step_line(const struct fk_at_script *s, const struct fk_at_step *step,
                               int64_t now, struct fk_buffer *ret,
                               struct fk_error *err) FK_MUST_USE;
void fk_at_script_release(struct fk_at_script *s); /* wipes; accepts a zeroed structure */

#endif
