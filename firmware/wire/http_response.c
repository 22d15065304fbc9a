/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_response.h"

#include "wire/http_fields.h"
#include "wire/http_text.h"

enum line_kind { STATUS_LINE, FIELD_LINE, CHUNK_LINE, CHUNK_END, TRAILER_LINE };

void fk_http_response_init(struct fk_http_response *r, const struct fk_http_range *asked,
                           uint32_t max)
{
    *r = (struct fk_http_response){.asked = *asked, .max = max, .line_kind = STATUS_LINE};
}

static enum fk_status judge_status(const struct fk_http_response *r)
{
    uint16_t s = r->status;
    if (s == 101 || s < 100 || s > 599) {
        return FK_E_HTTP_SYNTAX; /* 101 would be the answer to a question that was not asked */
    }
    if (s == 200 || s == 206 || s < 200) {
        return FK_OK;
    }
    return s >= 300 && s < 400 && s != 304 ? FK_E_HTTP_REDIRECT : FK_E_HTTP_STATUS;
}

/* status-line = "HTTP/1." DIGIT SP 3DIGIT SP [ reason ]    RFC 9112 4
 * The last space is often forgotten when there is no reason; nothing depends on it. */
static enum fk_status on_status_line(struct fk_http_response *r, struct fk_slice line)
{
    struct fk_slice s = line;
    uint64_t status = 0;
    if (!fk_http_take(&s, "HTTP/1.") || s.len < 5 || s.ptr[0] < '0' || s.ptr[0] > '9' ||
        s.ptr[1] != ' ') {
        return FK_E_HTTP_SYNTAX;
    }
    r->minor_0 = s.ptr[0] == '0';
    struct fk_slice number = {s.ptr + 2, 3};
    struct fk_slice rest = {s.ptr + 5, s.len - 5};
    if (!fk_http_take_number(&number, &status) || number.len != 0 ||
        (rest.len > 0 && rest.ptr[0] != ' ')) {
        return FK_E_HTTP_SYNTAX;
    }
    r->status = (uint16_t)status; /* three digits */
    r->line_kind = FIELD_LINE;
    return judge_status(r);
}

static void expect_data(struct fk_http_response *r, uint32_t len)
{
    r->in_data = true;
    r->data_left = len;
}

/* The empty line behind the header. */
static enum fk_status on_head_end(struct fk_http_response *r)
{
    if (r->status < 200) {
        r->line_kind = STATUS_LINE;
        return ++r->interim > FK_HTTP_INTERIM_MAX ? FK_E_HTTP_LIMIT : FK_OK;
    }
    enum fk_status st = fk_http_fields_judge(r);
    if (st != FK_OK) {
        return st;
    }
    r->stage = FK_HTTP_BODY;
    if (r->fields.has_coding) {
        r->line_kind = CHUNK_LINE;
    } else if (r->length_known) {
        expect_data(r, r->length);
        r->stage = r->length == 0 ? FK_HTTP_DONE : FK_HTTP_BODY;
    } else {
        r->until_close = true;
        expect_data(r, r->max);
    }
    return FK_OK;
}

static enum fk_status on_field_line(struct fk_http_response *r, struct fk_slice line, bool cut)
{
    if (line.len == 0) {
        return on_head_end(r);
    }
    if (++r->n_fields > FK_HTTP_FIELDS_MAX) {
        return FK_E_HTTP_LIMIT;
    }
    return fk_http_field_line(r, line, cut);
}

/* chunk = 1*HEXDIG *( BWS ";" … ) CRLF data CRLF    RFC 9112 7.1
 * What follows the size is not looked at, but it must begin like an extension. */
static enum fk_status on_chunk_line(struct fk_http_response *r, struct fk_slice line)
{
    uint32_t room = r->length_known ? r->length - r->received : r->max - r->received;
    uint32_t size = 0;
    size_t n = 0;
    for (; n < line.len && fk_http_hex_digit((char)line.ptr[n]) >= 0; n++) {
        uint32_t digit = (uint32_t)fk_http_hex_digit((char)line.ptr[n]);
        if (size > (UINT32_MAX - digit) / 16) {
            return FK_E_HTTP_TOO_BIG;
        }
        size = size * 16 + digit;
    }
    struct fk_slice rest = fk_http_trim((struct fk_slice){line.ptr + n, line.len - n});
    if (n == 0 || (rest.len > 0 && rest.ptr[0] != ';')) {
        return FK_E_HTTP_SYNTAX;
    }
    if (size > room) {
        return r->length_known ? FK_E_HTTP_RANGE : FK_E_HTTP_TOO_BIG;
    }
    if (size == 0) {
        r->line_kind = TRAILER_LINE;
        return r->length_known && room > 0 ? FK_E_HTTP_RANGE : FK_OK;
    }
    r->line_kind = CHUNK_END;
    expect_data(r, size);
    return FK_OK;
}

static enum fk_status on_trailer_line(struct fk_http_response *r, struct fk_slice line)
{
    if (line.len == 0) {
        r->stage = FK_HTTP_DONE;
        return FK_OK;
    }
    return ++r->n_fields > FK_HTTP_FIELDS_MAX ? FK_E_HTTP_LIMIT : FK_OK;
}

static enum fk_status on_line(struct fk_http_response *r)
{
    bool cut = r->line_len > FK_HTTP_KEPT_MAX;
    struct fk_slice line = {r->line, cut ? FK_HTTP_KEPT_MAX : r->line_len};
    switch ((enum line_kind)r->line_kind) {
    case STATUS_LINE:
        return on_status_line(r, line);
    case FIELD_LINE:
        return on_field_line(r, line, cut);
    case CHUNK_LINE:
        return cut ? FK_E_HTTP_LIMIT : on_chunk_line(r, line);
    case CHUNK_END:
        r->line_kind = CHUNK_LINE;
        return line.len == 0 ? FK_OK : FK_E_HTTP_SYNTAX;
    case TRAILER_LINE:
        return on_trailer_line(r, line);
    }
    return FK_E_INTERNAL;
}

/* One byte of a line. */
static enum fk_status take_line_byte(struct fk_http_response *r, uint8_t c)
{
    bool counted = r->line_kind != CHUNK_LINE && r->line_kind != CHUNK_END;
    if (counted && ++r->head_len > FK_HTTP_HEAD_MAX) {
        return FK_E_HTTP_LIMIT;
    }
    if (r->saw_cr) {
        if (c != '\n') {
            return FK_E_HTTP_SYNTAX;
        }
        r->saw_cr = false;
        enum fk_status st = on_line(r);
        r->line_len = 0;
        return st;
    }
    if (c == '\r') {
        r->saw_cr = true;
        return FK_OK;
    }
    if (fk_http_is_control((char)c) && c != '\t') {
        return FK_E_HTTP_SYNTAX;
    }
    if (r->line_len == FK_HTTP_LINE_MAX) {
        return FK_E_HTTP_LIMIT;
    }
    if (r->line_len < FK_HTTP_KEPT_MAX) {
        r->line[r->line_len] = c;
    }
    r->line_len++;
    return r->line_kind == CHUNK_END ? FK_E_HTTP_SYNTAX : FK_OK;
}

static enum fk_status take_data(struct fk_http_response *r, struct fk_slice in, size_t *ret_used,
                                struct fk_slice *ret_body)
{
    if (r->data_left == 0) { /* only when the peer's closing is to end the body */
        return FK_E_HTTP_TOO_BIG;
    }
    uint32_t n = in.len < r->data_left ? (uint32_t)in.len : r->data_left;
    r->data_left -= n;
    r->received += n;
    if (r->data_left == 0 && !r->until_close) {
        r->in_data = false;
        r->stage = r->fields.has_coding ? FK_HTTP_BODY : FK_HTTP_DONE;
    }
    *ret_used = n;
    *ret_body = (struct fk_slice){in.ptr, n};
    return FK_OK;
}

enum fk_status fk_http_response_feed(struct fk_http_response *r, struct fk_slice in,
                                     size_t *ret_used, struct fk_slice *ret_body)
{
    size_t used = 0;
    struct fk_slice body = {in.ptr, 0};
    if (r->st == FK_OK && r->stage != FK_HTTP_DONE && in.len > 0 && r->in_data) {
        r->st = take_data(r, in, &used, &body);
    } else {
        enum fk_http_stage began = r->stage;
        while (r->st == FK_OK && r->stage == began && r->stage != FK_HTTP_DONE && !r->in_data &&
               used < in.len) {
            r->st = take_line_byte(r, in.ptr[used++]);
        }
    }
    if (r->st == FK_OK) {
        *ret_used = used;
        *ret_body = body;
    }
    return r->st;
}

enum fk_status fk_http_response_end(struct fk_http_response *r)
{
    if (r->st == FK_OK && r->stage == FK_HTTP_BODY && r->until_close) {
        r->stage = FK_HTTP_DONE;
    }
    if (r->st == FK_OK && r->stage != FK_HTTP_DONE) {
        r->st = FK_E_HTTP_SHORT;
    }
    return r->st;
}
