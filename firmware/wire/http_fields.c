/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_fields.h"

#include "wire/http_text.h"

#include <string.h>

/* Content-Length = 1*DIGIT. A list of equal lengths, which RFC 9110 8.6 lets a reader accept, is
 * refused: whoever sends one has merged two messages. */
static enum fk_status on_length(struct fk_http_response *r, struct fk_slice value)
{
    bool once = !r->fields.has_length;
    r->fields.has_length = true;
    bool number = fk_http_take_number(&value, &r->fields.length) && value.len == 0;
    return once && number ? FK_OK : FK_E_HTTP_SYNTAX;
}

static enum fk_status on_transfer_encoding(struct fk_http_response *r, struct fk_slice value)
{
    if (r->fields.has_coding) {
        return FK_E_HTTP_SYNTAX;
    }
    r->fields.has_coding = true;
    r->fields.other_coding = r->fields.other_coding || !fk_http_same_word(value, "chunked");
    return FK_OK;
}

/* May repeat; each one must be harmless. */
static enum fk_status on_content_encoding(struct fk_http_response *r, struct fk_slice value)
{
    r->fields.other_coding = r->fields.other_coding || !fk_http_same_word(value, "identity");
    return FK_OK;
}

/* Content-Range = "bytes" SP ( first "-" last "/" ( total / "*" ) / "*" "/" total )
 * RFC 9110 14.4. The unsatisfied form belongs to 416, an unknown total is of no use to us. */
static enum fk_status on_range(struct fk_http_response *r, struct fk_slice value)
{
    struct fk_http_fields *f = &r->fields;
    if (f->has_range) {
        return FK_E_HTTP_SYNTAX;
    }
    f->has_range = true;
    if (r->status != 206) {
        return FK_OK; /* has no meaning there */
    }
    if (!fk_http_take(&value, "bytes ") || !fk_http_take_number(&value, &f->first) ||
        !fk_http_take(&value, "-") || !fk_http_take_number(&value, &f->last) ||
        !fk_http_take(&value, "/") || !fk_http_take_number(&value, &f->total) || value.len != 0) {
        return FK_E_HTTP_RANGE;
    }
    return f->first <= f->last && f->last < f->total ? FK_OK : FK_E_HTTP_SYNTAX;
}

/* ETag = [ "W/" ] DQUOTE *( %x21 / %x23-7E / obs-text ) DQUOTE    RFC 9110 8.8.3 */
static bool is_strong_tag(struct fk_slice v)
{
    if (v.len < 2 || v.len > FK_VALIDATOR_MAX || v.ptr[0] != '"' || v.ptr[v.len - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i < v.len - 1; i++) {
        if (v.ptr[i] <= 0x20 || v.ptr[i] == '"' || v.ptr[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static enum fk_status on_etag(struct fk_http_response *r, struct fk_slice value)
{
    if (r->fields.has_etag) {
        return FK_E_HTTP_SYNTAX;
    }
    r->fields.has_etag = true;
    if (is_strong_tag(value)) {
        memcpy(r->validator, value.ptr, value.len);
        r->validator_len = (uint8_t)value.len;
    }
    return FK_OK;
}

/* Only the one form of a date that servers may send (RFC 9110 5.6.7) is of use; what the digits
 * mean does not matter, because the date is only ever given back. */
static bool is_date(struct fk_slice v)
{
    static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT";
    if (v.len != FK_HTTP_DATE_LEN) {
        return false;
    }
    for (size_t i = 0; i < v.len; i++) {
        char c = (char)v.ptr[i];
        bool digit = c >= '0' && c <= '9';
        bool fits = form[i] == 'a'   ? fk_http_is_alnum(c) && !digit
                    : form[i] == '0' ? digit
                                     : c == form[i];
        if (!fits) {
            return false;
        }
    }
    return true;
}

static enum fk_status keep_date(bool *seen, uint8_t to[FK_HTTP_DATE_LEN], struct fk_slice value)
{
    if (*seen) {
        return FK_E_HTTP_SYNTAX;
    }
    *seen = true;
    if (is_date(value)) {
        memcpy(to, value.ptr, FK_HTTP_DATE_LEN);
    }
    return FK_OK;
}

static enum fk_status on_modified(struct fk_http_response *r, struct fk_slice value)
{
    return keep_date(&r->fields.has_modified, r->fields.modified, value);
}

static enum fk_status on_date(struct fk_http_response *r, struct fk_slice value)
{
    return keep_date(&r->fields.has_date, r->fields.date, value);
}

static const struct {
    const char *name;
    enum fk_status (*on)(struct fk_http_response *r, struct fk_slice value);
} known[] = {
    {"content-length", on_length},
    {"transfer-encoding", on_transfer_encoding},
    {"content-range", on_range},
    {"content-encoding", on_content_encoding},
    {"etag", on_etag},
    {"last-modified", on_modified},
    {"date", on_date},
};

/* field-line = 1*tchar ":" OWS *( VCHAR / obs-text / SP / HTAB ) OWS    RFC 9112 5
 * Control characters were refused when the line was read. A line that begins with a space is the
 * obsolete folding, and a space before the colon hides a name from other readers; neither is a
 * token. */
enum fk_status fk_http_field_line(struct fk_http_response *r, struct fk_slice line, bool cut)
{
    size_t n = 0;
    while (n < line.len && fk_http_is_token((char)line.ptr[n])) {
        n++;
    }
    if (n == line.len && cut) {
        return FK_E_HTTP_LIMIT; /* a name without end */
    }
    if (n == 0 || n == line.len || line.ptr[n] != ':') {
        return FK_E_HTTP_SYNTAX;
    }
    struct fk_slice name = {line.ptr, n};
    struct fk_slice value = fk_http_trim((struct fk_slice){line.ptr + n + 1, line.len - n - 1});
    for (size_t i = 0; r->status >= 200 && i < sizeof known / sizeof known[0]; i++) {
        if (fk_http_same_word(name, known[i].name)) {
            return cut ? FK_E_HTTP_LIMIT : known[i].on(r, value);
        }
    }
    return FK_OK;
}

/* A date will do where the server gives no tag at all, not even a weak one, and says that the
 * answer is of another second than the last change. A server's clock that runs before the file's
 * date would pass too; the digest of the packet is the last word. */
static void choose_validator(struct fk_http_response *r)
{
    const struct fk_http_fields *f = &r->fields;
    if (!f->has_etag && f->modified[0] != 0 && f->date[0] != 0 &&
        memcmp(f->modified, f->date, FK_HTTP_DATE_LEN) != 0) {
        memcpy(r->validator, f->modified, FK_HTTP_DATE_LEN);
        r->validator_len = FK_HTTP_DATE_LEN;
    }
}

/* A 206 is of the file that we have the beginning of. It must repeat the entity tag (RFC 9110
 * 15.3.7); a date it may leave out after If-Range. */
static bool same_file(const struct fk_http_response *r)
{
    const struct fk_slice *asked = &r->asked.validator;
    if (asked->len > 0 && asked->ptr[0] == '"') {
        return r->validator_len == asked->len && memcmp(r->validator, asked->ptr, asked->len) == 0;
    }
    return !r->fields.has_modified ||
           (asked->len == FK_HTTP_DATE_LEN &&
            memcmp(r->fields.modified, asked->ptr, FK_HTTP_DATE_LEN) == 0);
}

static enum fk_status judge_range(struct fk_http_response *r)
{
    const struct fk_http_fields *f = &r->fields;
    if (r->asked.offset == 0 || !f->has_range || f->first != r->asked.offset ||
        f->last != f->total - 1) { /* on_range() made sure that last < total */
        return FK_E_HTTP_RANGE;
    }
    if (!same_file(r)) {
        return FK_E_HTTP_CHANGED;
    }
    if (f->total > r->max) {
        return FK_E_HTTP_TOO_BIG;
    }
    if (f->has_length && f->length != f->total - f->first) {
        return FK_E_HTTP_SYNTAX;
    }
    r->length_known = true;
    r->length = (uint32_t)(f->total - f->first); /* both at most max */
    return FK_OK;
}

static enum fk_status judge_whole(struct fk_http_response *r)
{
    const struct fk_http_fields *f = &r->fields;
    if (f->has_length && f->length > r->max) {
        return FK_E_HTTP_TOO_BIG;
    }
    r->length_known = f->has_length;
    r->length = f->has_length ? (uint32_t)f->length : 0;
    return FK_OK;
}

enum fk_status fk_http_fields_judge(struct fk_http_response *r)
{
    const struct fk_http_fields *f = &r->fields;
    if (f->has_coding && (f->has_length || r->minor_0)) {
        return FK_E_HTTP_SYNTAX; /* RFC 9112 6.1, 6.3: two ends of one body */
    }
    if (f->other_coding) {
        return FK_E_HTTP_ENCODING;
    }
    enum fk_status st = r->status == 206 ? judge_range(r) : judge_whole(r);
    choose_validator(r);
    return st;
}
