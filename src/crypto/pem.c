/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/pem.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

/* A line without its end and without the spaces around it. */
struct line {
    const char *at;
    size_t len;
    unsigned number;
};

struct scanner {
    const char *at;
    size_t left;
    unsigned number; /* of the last line taken */
    unsigned marks;
    bool trimmed; /* the last line had spaces around it */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

/* Code reviewers: this function does pointer arithmetic; left counts down with every step. */
static bool next_line(struct scanner *s, struct line *ret)
{
    if (s->left == 0) {
        return false;
    }
    size_t n = 0;
    while (n < s->left && s->at[n] != '\n' && s->at[n] != '\r') {
        n++;
    }
    struct line l = {.at = s->at, .len = n, .number = ++s->number};
    s->at += n;
    s->left -= n;
    if (s->left == 0) {
        s->marks |= FK_PEM_NO_FINAL_NEWLINE;
    } else {
        bool cr = s->at[0] == '\r';
        bool crlf = cr && s->left > 1 && s->at[1] == '\n';
        s->marks |= crlf ? (unsigned)FK_PEM_CRLF : cr ? (unsigned)FK_PEM_CR : 0;
        size_t end = crlf ? 2 : 1;
        s->at += end;
        s->left -= end;
    }
    while (l.len > 0 && is_blank(l.at[0])) {
        l.at++;
        l.len--;
    }
    while (l.len > 0 && is_blank(l.at[l.len - 1])) {
        l.len--;
    }
    s->trimmed = l.len != n;
    *ret = l;
    return true;
}

static bool starts_with(const struct line *l, const char *prefix)
{
    size_t n = strlen(prefix);
    return l->len >= n && memcmp(l->at, prefix, n) == 0;
}

static bool line_holds(const struct line *l, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; n <= l->len && i <= l->len - n; i++) {
        if (memcmp(l->at + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

/* "-----BEGIN LABEL-----" (RFC 7468, section 2). False when it is not such a line at all. */
static bool boundary(const struct line *l, const char *word, char label[FK_PEM_LABEL_MAX + 1])
{
    static const char dashes[] = "-----";
    size_t head = strlen(word);
    size_t tail = sizeof dashes - 1;
    if (!starts_with(l, word) || l->len < head + tail ||
        memcmp(l->at + l->len - tail, dashes, tail) != 0) {
        return false;
    }
    size_t n = l->len - head - tail;
    if (n == 0 || n > FK_PEM_LABEL_MAX) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (l->at[head + i] < 0x20 || l->at[head + i] > 0x7e) {
            return false;
        }
    }
    memcpy(label, l->at + head, n);
    label[n] = '\0';
    return true;
}

#define BEGIN_WORD "-----BEGIN "
#define END_WORD   "-----END "

/* OpenPGP and OpenSSH use the armour for other things than DER. */
static bool carries_der(const char *label)
{
    return strncmp(label, "PGP ", 4) != 0 && strncmp(label, "OPENSSH ", 8) != 0;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* The base64 characters of one block, gathered. */
struct body {
    struct fk_buffer text; /* capacity: the length of the file */
    size_t pads;
    bool short_line; /* a line was not 64 long; only the last may be so */
};

static enum fk_status gather(struct body *b, const struct line *l, unsigned *marks,
                             struct fk_error *err)
{
    if (l->len == 0) {
        return FK_OK;
    }
    if (b->short_line || l->len > 64) {
        *marks |= FK_PEM_LINE_LENGTH;
    }
    b->short_line = l->len != 64;
    for (size_t i = 0; i < l->len; i++) {
        char c = l->at[i];
        if (is_blank(c)) {
            *marks |= FK_PEM_SPACES;
            continue;
        }
        if (c == '=') {
            b->pads++;
        } else if (!is_base64(c)) {
            if (c == '\\' && i + 1 < l->len && (l->at[i + 1] == 'n' || l->at[i + 1] == 'r')) {
                return fk_fail(
                    err, FK_E_FORMAT,
                    "line %u: holds the characters '\\%c' where a line should end; it was "
                    "copied out of JSON or source text, replace them by line ends",
                    l->number, l->at[i + 1]);
            }
            return fk_fail(err, FK_E_FORMAT, "line %u: character %zu (0x%02x) is not base64",
                           l->number, i + 1, (unsigned char)c);
        } else if (b->pads > 0) {
            return fk_fail(err, FK_E_FORMAT, "line %u: base64 goes on after its padding '='",
                           l->number);
        }
        b->text.ptr[b->text.len++] = (uint8_t)c;
    }
    return FK_OK;
}

static enum fk_status decode(const struct body *b, const struct fk_pem_block *block,
                             struct fk_buffer *to, struct fk_slice *ret, struct fk_error *err)
{
    size_t chars = b->text.len;
    if (chars == 0) {
        return fk_fail(err, FK_E_EMPTY, "line %u: block %s is empty", block->line, block->label);
    }
    if (chars % 4 != 0 || b->pads > 2) {
        return fk_fail(err, FK_E_TRUNCATED,
                       "line %u: block %s has %zu base64 characters, not a multiple of 4; part of "
                       "it is missing",
                       block->line, block->label, chars);
    }
    uint8_t *at = to->ptr + to->len; /* room: 3/4 of the whole text */
    int n = EVP_DecodeBlock(at, b->text.ptr, (int)chars);
    if (n < 0 || (size_t)n < b->pads) {
        return fk_fail(err, FK_E_FORMAT, "line %u: block %s is not base64", block->line,
                       block->label);
    }
    *ret = (struct fk_slice){at, (size_t)n - b->pads};
    to->len += ret->len;
    return FK_OK;
}

/* "DEK-Info: CIPHER,IV" (RFC 1421, section 4.6.1.3); other header lines say nothing we need. */
static enum fk_status header_line(const struct line *l, struct fk_pem_block *block,
                                  struct fk_error *err)
{
    static const char name[] = "DEK-Info:";
    if (!starts_with(l, name)) {
        return FK_OK;
    }
    const char *value = l->at + sizeof name - 1;
    size_t n = l->len - (sizeof name - 1);
    while (n > 0 && is_blank(*value)) {
        value++;
        n--;
    }
    if (n == 0 || n > FK_PEM_LABEL_MAX || block->dek_info[0] != '\0') {
        return fk_fail(err, FK_E_FORMAT, "line %u: DEK-Info is repeated, empty or too long",
                       l->number);
    }
    memcpy(block->dek_info, value, n);
    block->dek_info[n] = '\0';
    return FK_OK;
}

/* Reads up to and with the END line. */
static enum fk_status read_block(struct scanner *s, struct body *b, struct fk_pem_block *block,
                                 struct fk_buffer *decoded, struct fk_error *err)
{
    struct line l;
    char label[FK_PEM_LABEL_MAX + 1];
    bool der = carries_der(block->label);
    b->text.len = 0;
    b->pads = 0;
    b->short_line = false;
    while (next_line(s, &l)) {
        if (s->trimmed) {
            s->marks |= FK_PEM_SPACES;
        }
        if (boundary(&l, END_WORD, label)) {
            if (strcmp(label, block->label) != 0) {
                return fk_fail(err, FK_E_FORMAT,
                               "line %u: 'END %s' closes the block 'BEGIN %s' of line %u", l.number,
                               label, block->label, block->line);
            }
            return der ? decode(b, block, decoded, &block->data, err) : FK_OK;
        }
        if (starts_with(&l, "----")) {
            return fk_fail(err, FK_E_FORMAT,
                           "line %u: block %s, begun in line %u, has no END line before this one",
                           l.number, block->label, block->line);
        }
        bool header = b->text.len == 0 && l.len > 0 && memchr(l.at, ':', l.len) != NULL;
        enum fk_status st = header ? header_line(&l, block, err)
                            : der  ? gather(b, &l, &s->marks, err)
                                   : FK_OK;
        if (st != FK_OK) {
            return st;
        }
    }
    return fk_fail(err, FK_E_TRUNCATED,
                   "block %s, begun in line %u, has no END line: the file is cut off", block->label,
                   block->line);
}

static enum fk_status add_block(struct fk_pem *pem, size_t *capacity, struct fk_error *err)
{
    if (pem->n == FK_PEM_BLOCKS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "more than %d PEM blocks", FK_PEM_BLOCKS_MAX);
    }
    if (pem->n == *capacity) {
        size_t wanted = *capacity > 0 ? *capacity * 2 : 8;
        struct fk_pem_block *grown = realloc(pem->blocks, wanted * sizeof *grown);
        if (grown == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        pem->blocks = grown;
        *capacity = wanted;
    }
    pem->blocks[pem->n++] = (struct fk_pem_block){.line = 0};
    return FK_OK;
}

/* A line outside the blocks; refuses one that was meant to begin a block. */
static enum fk_status outside_line(const struct line *l, unsigned *marks, struct fk_error *err)
{
    if (l->len == 0) {
        return FK_OK;
    }
    if (line_holds(l, "---BEGIN ") && line_holds(l, "\\n")) {
        return fk_fail(err, FK_E_FORMAT,
                       "line %u: holds the characters '\\n' where lines should end; it was copied "
                       "out of JSON or source text, replace them by line ends",
                       l->number);
    }
    if (starts_with(l, "--") && (line_holds(l, "-BEGIN ") || line_holds(l, "-END "))) {
        return fk_fail(
            err, FK_E_FORMAT,
            "line %u: damaged or unexpected PEM boundary; expected five dashes, BEGIN or "
            "END, a label, five dashes",
            l->number);
    }
    *marks |= FK_PEM_TEXT;
    if (starts_with(l, "Bag Attributes") || starts_with(l, "Key Attributes")) {
        *marks |= FK_PEM_BAG_ATTRIBUTES;
    }
    return FK_OK;
}

enum fk_status fk_pem_parse(struct fk_slice text, struct fk_pem *ret, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    struct fk_pem pem = {.blocks = NULL};
    struct body body = {.pads = 0};
    size_t capacity = 0;
    struct scanner s = {.at = (const char *)text.ptr, .left = text.len};
    struct line l;

    if (text.len > INT32_MAX / 2) {
        return fk_fail(err, FK_E_LIMIT, "PEM text is too long");
    }
    pem.decoded.ptr = malloc(text.len / 4 * 3 + 4);
    body.text.ptr = malloc(text.len + 1);
    if (pem.decoded.ptr == NULL || body.text.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0) {
        s.marks |= FK_PEM_BOM;
        s.at += 3;
        s.left -= 3;
    }
    while (next_line(&s, &l)) {
        char label[FK_PEM_LABEL_MAX + 1];
        if (!boundary(&l, BEGIN_WORD, label)) {
            st = outside_line(&l, &s.marks, err);
        } else if ((st = add_block(&pem, &capacity, err)) == FK_OK) {
            struct fk_pem_block *b = &pem.blocks[pem.n - 1];
            memcpy(b->label, label, sizeof label);
            b->line = l.number;
            s.marks |= s.trimmed ? (unsigned)FK_PEM_SPACES : 0;
            st = read_block(&s, &body, b, &pem.decoded, err);
        }
        if (st != FK_OK) {
            goto out;
        }
    }
    if (pem.n == 0) {
        st = fk_fail(err, FK_E_FORMAT, "no PEM block: no line '-----BEGIN ...-----'");
        goto out;
    }
    pem.marks = s.marks;
    *ret = pem;
    pem = (struct fk_pem){.blocks = NULL};
out:
    body.text.len = body.text.ptr != NULL ? text.len : 0; /* wipe earlier blocks as well */
    fk_buffer_release(&body.text);
    fk_pem_release(&pem);
    return st;
}

void fk_pem_release(struct fk_pem *pem)
{
    fk_buffer_release(&pem->decoded);
    free(pem->blocks);
    *pem = (struct fk_pem){.blocks = NULL};
}

/* Code reviewers: writes into a buffer whose size is computed in fk_pem_append(). */
static uint8_t *put_line(uint8_t *at, const void *text, size_t len, bool crlf)
{
    memcpy(at, text, len);
    at += len;
    if (crlf) {
        *at++ = '\r';
    }
    *at++ = '\n';
    return at;
}

enum fk_status fk_pem_append(struct fk_buffer *out, const char *label, struct fk_slice data,
                             bool crlf, struct fk_error *err)
{
    enum { LINE_BYTES = 48, LINE_CHARS = 64 };
    char boundary_line[sizeof BEGIN_WORD + FK_PEM_LABEL_MAX + 8];
    size_t label_len = strlen(label);
    if (label_len > FK_PEM_LABEL_MAX || data.len > INT32_MAX / 4) {
        return fk_fail(err, FK_E_LIMIT, "PEM label or data is too long");
    }
    size_t ends = crlf ? 2 : 1;
    size_t lines = data.len / LINE_BYTES + 1;
    size_t room = out->len + 2 * (sizeof boundary_line + ends) + lines * (LINE_CHARS + ends) + 1;
    uint8_t *bytes = malloc(room);
    if (bytes == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    uint8_t *at = bytes;
    if (out->len > 0) {
        memcpy(at, out->ptr, out->len);
        at += out->len;
    }
    static const char *const words[2] = {BEGIN_WORD, END_WORD};
    for (unsigned i = 0; i < 2; i++) {
        size_t n = strlen(words[i]);
        memcpy(boundary_line, words[i], n);
        memcpy(boundary_line + n, label, label_len);
        memcpy(boundary_line + n + label_len, "-----", 5);
        at = put_line(at, boundary_line, n + label_len + 5, crlf);
        for (size_t off = 0; i == 0 && off < data.len; off += LINE_BYTES) {
            size_t left = data.len - off;
            unsigned char line[LINE_CHARS + 1];
            int chars =
                EVP_EncodeBlock(line, data.ptr + off, (int)(left < LINE_BYTES ? left : LINE_BYTES));
            at = put_line(at, line, (size_t)chars, crlf);
            OPENSSL_cleanse(line, sizeof line);
        }
    }
    *at = '\0';
    fk_buffer_release(out);
    *out = (struct fk_buffer){.ptr = bytes, .len = (size_t)(at - bytes)};
    return FK_OK;
}
