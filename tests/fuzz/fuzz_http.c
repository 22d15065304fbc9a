/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a hostile server. The first byte says whether a range was asked for and how the rest
 * is cut into pieces. Whatever the pieces, the outcome must be the same, and the body must never
 * be longer than allowed. */
#include "fuzz/input.h"
#include "wire/http_response.h"

#include <string.h>

#define MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum fk_status st;
    struct fk_http_response r;
    uint32_t body_len;
    uint32_t body_sum; /* position dependent */
};

/* pattern 0: all at once; otherwise pieces of 1 to 16 bytes, as its bits say. */
static struct outcome run(const uint8_t *p, size_t len, const struct fk_http_range *asked,
                          uint32_t pattern)
{
    struct outcome o = {.st = FK_OK};
    fk_http_response_init(&o.r, asked, MAX);
    while (o.st == FK_OK && len > 0 && o.r.stage != FK_HTTP_DONE) {
        pattern = pattern * 1103515245u + (pattern != 0 ? 12345u : 0);
        size_t piece = pattern != 0 ? 1 + (pattern >> 16) % 16 : len;
        struct fk_slice in = {p, piece < len ? piece : len};
        size_t used = 0;
        struct fk_slice body = {NULL, 0};
        o.st = fk_http_response_feed(&o.r, in, &used, &body);
        if (o.st == FK_OK) {
            require(used > 0 && used <= in.len && body.len <= used);
            for (size_t i = 0; i < body.len; i++) {
                o.body_sum = o.body_sum * 31 + body.ptr[i] + 1;
            }
            o.body_len += (uint32_t)body.len;
            p += used;
            len -= used;
        }
    }
    if (o.st == FK_OK) {
        o.st = fk_http_response_end(&o.r);
    }
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct fk_http_range asked = {
        .offset = data[0] & 1 ? 10 : 0,
        .validator = {(const uint8_t *)"\"v1\"", data[0] & 1 ? 4 : 0},
    };
    struct outcome a = run(data + 1, size - 1, &asked, 0);
    struct outcome b = run(data + 1, size - 1, &asked, (uint32_t)(data[0] >> 1) + 1);
    require(a.st == b.st && a.r.stage == b.r.stage && a.r.status == b.r.status);
    require(a.body_len == b.body_len && a.body_sum == b.body_sum && a.body_len <= MAX);
    require(a.r.validator_len == b.r.validator_len && a.r.validator_len <= FK_VALIDATOR_MAX);
    require(memcmp(a.r.validator, b.r.validator, a.r.validator_len) == 0);
    require(a.st != FK_OK || !a.r.length_known || a.r.length == a.body_len);
    require(a.st != FK_OK || a.r.stage == FK_HTTP_DONE);
    return 0;
}
