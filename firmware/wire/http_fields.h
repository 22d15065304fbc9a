/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_HTTP_FIELDS_H
#define FK_WIRE_HTTP_FIELDS_H

#include "wire/http_response.h"

/* The meaning of the header, for http_response.c, which knows its lines. */

/* One field line without its end, cut to FK_HTTP_KEPT_MAX bytes when cut is true. Notes what
 * matters in r; with r->status 1xx nothing does. */
enum fk_status fk_http_field_line(struct fk_http_response *r, struct fk_slice line,
                                  bool cut) FK_MUST_USE;

/* The header is complete: judges it against what was asked for and decides how the body ends. */
enum fk_status fk_http_fields_judge(struct fk_http_response *r) FK_MUST_USE;

#endif
