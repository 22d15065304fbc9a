/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX  100u /* bytes that the file may have in these tests */
#define H200 "HTTP/1.1 200 OK\r\n"
#define H206 "HTTP/1.1 206 Partial Content\r\n"
#define END  "\r\n"

static const struct fk_http_range whole = {.offset = 0};
static const struct fk_http_range from_10 = {
    .offset = 10,
    .validator = {(const uint8_t *)"\"v1\"", 4},
};

/* What came out of one response. */
struct outcome {
    enum fk_status st;
    struct fk_http_response r;
    char body[256];
    size_t body_len;
};

/* Feeds text in pieces: the first of `first` bytes, all others of `step`; then the peer closes. */
static struct outcome answer(const char *text, size_t len, const struct fk_http_range *asked,
                             size_t first, size_t step)
{
    struct outcome o = {.st = FK_OK};
    fk_http_response_init(&o.r, asked, MAX);
    size_t at = 0;
    size_t piece = first;
    while (o.st == FK_OK && at < len && o.r.stage != FK_HTTP_DONE) {
        size_t n = len - at < piece ? len - at : piece;
        struct fk_slice in = {(const uint8_t *)text + at, n};
        while (o.st == FK_OK && in.len > 0 && o.r.stage != FK_HTTP_DONE) {
            size_t used = 0;
            struct fk_slice body = {NULL, 0};
            o.st = fk_http_response_feed(&o.r, in, &used, &body);
            if (o.st != FK_OK) {
                break;
            }
            assert_true(used > 0 && used <= in.len);
            assert_true(body.len <= used && o.body_len + body.len <= sizeof o.body);
            assert_true(body.len == 0 || o.r.stage != FK_HTTP_HEAD);
            memcpy(o.body + o.body_len, body.ptr, body.len);
            o.body_len += body.len;
            in.ptr += used;
            in.len -= used;
        }
        at += n;
        piece = step;
    }
    if (o.st == FK_OK) {
        o.st = fk_http_response_end(&o.r);
    }
    return o;
}

static struct outcome answer_at_once(const char *text, const struct fk_http_range *asked)
{
    return answer(text, strlen(text), asked, SIZE_MAX, 1);
}

struct row {
    const char *why;
    const char *text;
    const struct fk_http_range *asked;
    enum fk_status st;
    uint16_t status;
    const char *body;      /* NULL: no byte of the file may have come out */
    const char *validator; /* NULL: none; not final, and not looked at, inside the header */
};

static const struct row accepted[] = {
    {"length", H200 "Content-Length: 5" END END "hello", &whole, FK_OK, 200, "hello", NULL},
    {"length 0", H200 "Content-Length: 0" END END, &whole, FK_OK, 200, "", NULL},
    {"length with zeros", H200 "content-length: 0005" END END "hello", &whole, FK_OK, 200, "hello",
     NULL},
    {"bytes behind the body are not ours", H200 "Content-Length: 5" END END "helloHTTP/1.1", &whole,
     FK_OK, 200, "hello", NULL},
    {"no reason", "HTTP/1.1 200 " END "Content-Length: 1" END END "x", &whole, FK_OK, 200, "x",
     NULL},
    {"no space for no reason", "HTTP/1.1 200" END "Content-Length: 1" END END "x", &whole, FK_OK,
     200, "x", NULL},
    {"HTTP/1.0 to the end", "HTTP/1.0 200 OK" END END "all of it", &whole, FK_OK, 200, "all of it",
     NULL},
    {"HTTP/1.1 to the end", H200 END "all", &whole, FK_OK, 200, "all", NULL},
    {"empty to the end", H200 END, &whole, FK_OK, 200, "", NULL},
    {"chunked",
     H200 "Transfer-Encoding: chunked" END END "5" END "hello" END "6" END " world" END "0" END END,
     &whole, FK_OK, 200, "hello world", NULL},
    {"chunked, any case, extensions, trailer",
     H200 "TRANSFER-ENCODING:Chunked" END END "00a ;x=\"y\"" END "0123456789" END "1;z" END "A" END
          "0" END "Digest: x" END "ETag: \"late\"" END END,
     &whole, FK_OK, 200, "0123456789A", NULL},
    {"empty and chunked", H200 "Transfer-Encoding: chunked" END END "0" END END, &whole, FK_OK, 200,
     "", NULL},
    {"exactly what may be",
     H200 "Content-Length: 100" END END
          "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
          "890123456789",
     &whole, FK_OK, 200,
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
     "890123456789",
     NULL},
    {"spaces around a value", H200 "Content-Length: \t 1 \t" END END "x", &whole, FK_OK, 200, "x",
     NULL},
    {"interim answers",
     "HTTP/1.1 100 Continue" END END "HTTP/1.1 103 Early Hints" END "Content-Length: 9" END
     "Transfer-Encoding: x" END END H200 "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"strong tag", H200 "ETag: \"a-1\"" END "Content-Length: 1" END END "x", &whole, FK_OK, 200,
     "x", "\"a-1\""},
    {"empty tag", H200 "ETag: \"\"" END "Content-Length: 1" END END "x", &whole, FK_OK, 200, "x",
     "\"\""},
    {"weak tag is none", H200 "ETag: W/\"a\"" END "Content-Length: 1" END END "x", &whole, FK_OK,
     200, "x", NULL},
    {"weak tag keeps a date from being used",
     H200 "ETag: W/\"a\"" END "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END
          "Date: Mon, 07 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"tag without quotes is none", H200 "ETag: abc" END "Content-Length: 1" END END "x", &whole,
     FK_OK, 200, "x", NULL},
    {"tag with a quote inside is none", H200 "ETag: \"a\"b\"" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"half a tag is none", H200 "ETag: \"" END "Content-Length: 1" END END "x", &whole, FK_OK, 200,
     "x", NULL},
    {"longest tag",
     H200 "ETag: \"12345678901234567890123456789012345678901234567890123456789012\"" END
          "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", "\"12345678901234567890123456789012345678901234567890123456789012\""},
    {"tag that is too long is none",
     H200 "ETag: \"123456789012345678901234567890123456789012345678901234567890123\"" END
          "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"date",
     H200 "Date: Mon, 07 Nov 1994 08:49:37 GMT" END
          "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", "Sun, 06 Nov 1994 08:49:37 GMT"},
    {"date of this very second is none",
     H200 "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END
          "Date: Sun, 06 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"date without the time of the answer is none",
     H200 "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"date in an old form is none",
     H200 "Last-Modified: Sunday, 06-Nov-94 08:49:37 GMT" END
          "Date: Mon, 07 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"date of the right length in another form is none",
     H200 "Last-Modified: Sun, 06-Nov-1994 08:49:37 GMT" END
          "Date: Mon, 07 Nov 1994 08:49:37 GMT" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"no encoding by name", H200 "Content-Encoding: identity" END "Content-Length: 1" END END "x",
     &whole, FK_OK, 200, "x", NULL},
    {"a range on 200 has no meaning",
     H200 "Content-Range: junk" END "Content-Length: 1" END END "x", &whole, FK_OK, 200, "x", NULL},

    {"range",
     H206 "Content-Range: bytes 10-14/15" END "ETag: \"v1\"" END "Content-Length: 5" END END
          "hello",
     &from_10, FK_OK, 206, "hello", "\"v1\""},
    {"range, chunked",
     H206 "Content-Range: bytes 10-14/15" END "ETag: \"v1\"" END
          "Transfer-Encoding: chunked" END END "2" END "he" END "3" END "llo" END "0" END END,
     &from_10, FK_OK, 206, "hello", "\"v1\""},
    {"range to the end of the stream",
     H206 "Content-Range: bytes 10-14/15" END "ETag: \"v1\"" END END "hello", &from_10, FK_OK, 206,
     "hello", "\"v1\""},
    {"the whole file instead of a range", H200 "ETag: \"v2\"" END "Content-Length: 3" END END "new",
     &from_10, FK_OK, 200, "new", "\"v2\""},
};

#define TEN     "0123456789"
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY
#define R206    H206 "ETag: \"v1\"" END

static const struct row refused[] = {
    {"nothing at all", "", &whole, FK_E_HTTP_SHORT, 0, NULL, NULL},
    {"half a status line", "HTTP/1.1 20", &whole, FK_E_HTTP_SHORT, 0, NULL, NULL},
    {"half a header", H200 "Content-Length: 5" END, &whole, FK_E_HTTP_SHORT, 200, NULL, NULL},
    {"no body", H200 "Content-Length: 5" END END, &whole, FK_E_HTTP_SHORT, 200, NULL, NULL},
    {"half a body", H200 "Content-Length: 5" END END "hell", &whole, FK_E_HTTP_SHORT, 200, "hell",
     NULL},
    {"half a chunk", H200 "Transfer-Encoding: chunked" END END "5" END "hel", &whole,
     FK_E_HTTP_SHORT, 200, "hel", NULL},
    {"no last chunk", H200 "Transfer-Encoding: chunked" END END "5" END "hello" END, &whole,
     FK_E_HTTP_SHORT, 200, "hello", NULL},
    {"no end of the trailer", H200 "Transfer-Encoding: chunked" END END "0" END, &whole,
     FK_E_HTTP_SHORT, 200, NULL, NULL},
    {"half a range", R206 "Content-Range: bytes 10-14/15" END END "hell", &from_10, FK_E_HTTP_SHORT,
     206, "hell", "\"v1\""},

    {"another protocol", "SSH-2.0-x" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"HTTP/2", "HTTP/2 200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"HTTP/2.0", "HTTP/2.0 200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"small letters", "http/1.1 200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"no version", "HTTP/1. 200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"version with a letter", "HTTP/1.x 200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"two spaces", "HTTP/1.1  200 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"no status", "HTTP/1.1 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"status of two digits", "HTTP/1.1 20 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"status of four digits", "HTTP/1.1 2000 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"status with a sign", "HTTP/1.1 +20 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"empty first line", END H200 END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"status 0", "HTTP/1.1 000 OK" END, &whole, FK_E_HTTP_SYNTAX, 0, NULL, NULL},
    {"status 99", "HTTP/1.1 099 OK" END, &whole, FK_E_HTTP_SYNTAX, 99, NULL, NULL},
    {"status 600", "HTTP/1.1 600 OK" END, &whole, FK_E_HTTP_SYNTAX, 600, NULL, NULL},
    {"status 101", "HTTP/1.1 101 Switching Protocols" END END, &whole, FK_E_HTTP_SYNTAX, 101, NULL,
     NULL},
    {"status 201", "HTTP/1.1 201 Created" END END "x", &whole, FK_E_HTTP_STATUS, 201, NULL, NULL},
    {"status 204", "HTTP/1.1 204 No Content" END END, &whole, FK_E_HTTP_STATUS, 204, NULL, NULL},
    {"status 304", "HTTP/1.1 304 Not Modified" END END, &whole, FK_E_HTTP_STATUS, 304, NULL, NULL},
    {"status 404", "HTTP/1.1 404 Not Found" END "Content-Length: 3" END END "no!", &whole,
     FK_E_HTTP_STATUS, 404, NULL, NULL},
    {"status 416", "HTTP/1.1 416 Range Not Satisfiable" END END, &from_10, FK_E_HTTP_STATUS, 416,
     NULL, NULL},
    {"status 503", "HTTP/1.1 503 Busy" END END, &whole, FK_E_HTTP_STATUS, 503, NULL, NULL},
    {"redirect", "HTTP/1.1 301 Moved" END "Location: http://elsewhere/" END END, &whole,
     FK_E_HTTP_REDIRECT, 301, NULL, NULL},
    {"redirect 302", "HTTP/1.1 302 Found" END END, &whole, FK_E_HTTP_REDIRECT, 302, NULL, NULL},
    {"redirect 308", "HTTP/1.1 308 Moved" END END, &whole, FK_E_HTTP_REDIRECT, 308, NULL, NULL},
    {"five interim answers",
     "HTTP/1.1 100 Continue" END END "HTTP/1.1 100 Continue" END END "HTTP/1.1 100 Continue" END END
     "HTTP/1.1 100 Continue" END END "HTTP/1.1 100 Continue" END END H200 END "x",
     &whole, FK_E_HTTP_LIMIT, 100, NULL, NULL},

    {"bare line feed in the status line", "HTTP/1.1 200 OK\n\n", &whole, FK_E_HTTP_SYNTAX, 0, NULL,
     NULL},
    {"bare line feed in a field", H200 "A: b\nContent-Length: 1" END END "x", &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"bare carriage return", H200 "A: b\rContent-Length: 1" END END "x", &whole, FK_E_HTTP_SYNTAX,
     200, NULL, NULL},
    {"two carriage returns", H200 "A: b\r\r\n" END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"control character in a value", H200 "A: \x01" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"delete in a value", H200 "A: \x7f" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"folded line", H200 "A: b" END " c" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"line folded with a tab", H200 "A: b" END "\tc" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"no colon", H200 "Content-Length 1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"no name", H200 ": 1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"space before the colon", H200 "Content-Length : 1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"bracket in a name", H200 "Con(tent: 1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL,
     NULL},

    {"length repeated", H200 "Content-Length: 1" END "Content-Length: 1" END END "x", &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"lengths that differ", H200 "Content-Length: 1" END "Content-Length: 2" END END "xy", &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"length as a list", H200 "Content-Length: 1, 1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"no length behind the colon", H200 "Content-Length:" END END "x", &whole, FK_E_HTTP_SYNTAX,
     200, NULL, NULL},
    {"negative length", H200 "Content-Length: -1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL,
     NULL},
    {"length with a plus", H200 "Content-Length: +1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"length in hexadecimal", H200 "Content-Length: 0x1" END END "x", &whole, FK_E_HTTP_SYNTAX, 200,
     NULL, NULL},
    {"length with a fraction", H200 "Content-Length: 1.0" END END "x", &whole, FK_E_HTTP_SYNTAX,
     200, NULL, NULL},
    {"length with a space inside", H200 "Content-Length: 1 0" END END "x", &whole, FK_E_HTTP_SYNTAX,
     200, NULL, NULL},
    {"length of 2^64", H200 "Content-Length: 18446744073709551616" END END "x", &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"length of 2^64 + 1, ten times over", H200 "Content-Length: 184467440737095516161" END END "x",
     &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"length of 2^64 - 1", H200 "Content-Length: 18446744073709551615" END END "x", &whole,
     FK_E_HTTP_TOO_BIG, 200, NULL, NULL},
    {"length of 2^32 + 1", H200 "Content-Length: 4294967297" END END "x", &whole, FK_E_HTTP_TOO_BIG,
     200, NULL, NULL},
    {"one byte too long", H200 "Content-Length: 101" END END "x", &whole, FK_E_HTTP_TOO_BIG, 200,
     NULL, NULL},
    {"too long without a length", H200 END HUNDRED "x", &whole, FK_E_HTTP_TOO_BIG, 200, HUNDRED,
     NULL},

    {"length and chunks",
     H200 "Content-Length: 5" END "Transfer-Encoding: chunked" END END "0" END END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunks and length",
     H200 "Transfer-Encoding: chunked" END "Content-Length: 5" END END "0" END END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunks twice",
     H200 "Transfer-Encoding: chunked" END "Transfer-Encoding: chunked" END END "0" END END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunks in HTTP/1.0", "HTTP/1.0 200 OK" END "Transfer-Encoding: chunked" END END "0" END END,
     &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"transfer coding gzip", H200 "Transfer-Encoding: gzip, chunked" END END "0" END END, &whole,
     FK_E_HTTP_ENCODING, 200, NULL, NULL},
    {"transfer coding identity", H200 "Transfer-Encoding: identity" END END "x", &whole,
     FK_E_HTTP_ENCODING, 200, NULL, NULL},
    {"almost chunked", H200 "Transfer-Encoding: xchunked" END END "0" END END, &whole,
     FK_E_HTTP_ENCODING, 200, NULL, NULL},
    {"content coding gzip", H200 "Content-Encoding: gzip" END "Content-Length: 1" END END "x",
     &whole, FK_E_HTTP_ENCODING, 200, NULL, NULL},
    {"content coding behind a harmless one",
     H200 "Content-Encoding: identity" END "Content-Encoding: br" END "Content-Length: 1" END END
          "x",
     &whole, FK_E_HTTP_ENCODING, 200, NULL, NULL},
    {"tag twice", H200 "ETag: \"a\"" END "ETag: \"a\"" END "Content-Length: 1" END END "x", &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, "\"a\""},
    {"date of change twice",
     H200 "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END
          "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT" END END "x",
     &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"date twice", H200 "Date: x" END "Date: y" END END "x", &whole, FK_E_HTTP_SYNTAX, 200, NULL,
     NULL},

    {"chunk without a size", H200 "Transfer-Encoding: chunked" END END END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunk with a negative size", H200 "Transfer-Encoding: chunked" END END "-1" END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunk in 0x form", H200 "Transfer-Encoding: chunked" END END "0x5" END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"space before a chunk", H200 "Transfer-Encoding: chunked" END END " 5" END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"words behind a chunk's size", H200 "Transfer-Encoding: chunked" END END "5 x" END, &whole,
     FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"chunk size of 2^32", H200 "Transfer-Encoding: chunked" END END "100000000" END, &whole,
     FK_E_HTTP_TOO_BIG, 200, NULL, NULL},
    {"chunk size of 2^64 + 1", H200 "Transfer-Encoding: chunked" END END "10000000000000001" END,
     &whole, FK_E_HTTP_TOO_BIG, 200, NULL, NULL},
    {"chunk above the limit", H200 "Transfer-Encoding: chunked" END END "65" END, &whole,
     FK_E_HTTP_TOO_BIG, 200, NULL, NULL},
    {"chunks above the limit together",
     H200 "Transfer-Encoding: chunked" END END "32" END FIFTY END "33" END, &whole,
     FK_E_HTTP_TOO_BIG, 200, FIFTY, NULL},
    {"no line end behind a chunk", H200 "Transfer-Encoding: chunked" END END "1" END "xy", &whole,
     FK_E_HTTP_SYNTAX, 200, "x", NULL},
    {"half a line end behind a chunk", H200 "Transfer-Encoding: chunked" END END "1" END "x\n",
     &whole, FK_E_HTTP_SYNTAX, 200, "x", NULL},
    {"bare line feed behind a chunk's size", H200 "Transfer-Encoding: chunked" END END "1\nx",
     &whole, FK_E_HTTP_SYNTAX, 200, NULL, NULL},
    {"control character in a chunk extension",
     H200 "Transfer-Encoding: chunked" END END "1;\x02" END, &whole, FK_E_HTTP_SYNTAX, 200, NULL,
     NULL},
    {"endless chunk extension",
     H200 "Transfer-Encoding: chunked" END END "1;" HUNDRED FIFTY TEN END, &whole, FK_E_HTTP_LIMIT,
     200, NULL, NULL},

    {"range that was not asked for",
     R206 "Content-Range: bytes 0-0/1" END "Content-Length: 1" END END "x", &whole, FK_E_HTTP_RANGE,
     206, NULL, NULL},
    {"no range in the answer", R206 "Content-Length: 1" END END "x", &from_10, FK_E_HTTP_RANGE, 206,
     NULL, NULL},
    {"range from elsewhere", R206 "Content-Range: bytes 9-14/15" END END "hello!", &from_10,
     FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range behind the one asked for", R206 "Content-Range: bytes 11-14/15" END END "hell",
     &from_10, FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range that stops before the end", R206 "Content-Range: bytes 10-13/15" END END "hell",
     &from_10, FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range of an unknown total", R206 "Content-Range: bytes 10-14/*" END END "hello", &from_10,
     FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"no range, only a total", R206 "Content-Range: bytes */15" END END, &from_10, FK_E_HTTP_RANGE,
     206, NULL, NULL},
    {"range in another unit", R206 "Content-Range: pages 10-14/15" END END "hello", &from_10,
     FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range of several parts", R206 "Content-Type: multipart/byteranges; boundary=x" END END "--x",
     &from_10, FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range that ends before it begins", R206 "Content-Range: bytes 10-9/15" END END, &from_10,
     FK_E_HTTP_SYNTAX, 206, NULL, NULL},
    {"range behind the end", R206 "Content-Range: bytes 10-15/15" END END, &from_10,
     FK_E_HTTP_SYNTAX, 206, NULL, NULL},
    {"range twice",
     R206 "Content-Range: bytes 10-14/15" END "Content-Range: bytes 10-14/15" END END, &from_10,
     FK_E_HTTP_SYNTAX, 206, NULL, NULL},
    {"range with words behind it", R206 "Content-Range: bytes 10-14/15 x" END END, &from_10,
     FK_E_HTTP_RANGE, 206, NULL, NULL},
    {"range and length differ",
     R206 "Content-Range: bytes 10-14/15" END "Content-Length: 6" END END "hello!", &from_10,
     FK_E_HTTP_SYNTAX, 206, NULL, "\"v1\""},
    {"range of a file that is too big", R206 "Content-Range: bytes 10-100/101" END END, &from_10,
     FK_E_HTTP_TOO_BIG, 206, NULL, "\"v1\""},
    {"range that ends at 2^64",
     R206 "Content-Range: bytes 10-18446744073709551614/"
          "18446744073709551615" END END,
     &from_10, FK_E_HTTP_TOO_BIG, 206, NULL, "\"v1\""},
    {"range of another file",
     H206 "ETag: \"v2\"" END "Content-Range: bytes 10-14/15" END END "hello", &from_10,
     FK_E_HTTP_CHANGED, 206, NULL, "\"v2\""},
    {"range of a file without a tag", H206 "Content-Range: bytes 10-14/15" END END "hello",
     &from_10, FK_E_HTTP_CHANGED, 206, NULL, NULL},
    {"range of a file with a weak tag",
     H206 "ETag: W/\"v1\"" END "Content-Range: bytes 10-14/15" END END "hello", &from_10,
     FK_E_HTTP_CHANGED, 206, NULL, NULL},
    {"more chunks than the range",
     R206 "Content-Range: bytes 10-14/15" END "Transfer-Encoding: chunked" END END "6" END,
     &from_10, FK_E_HTTP_RANGE, 206, NULL, "\"v1\""},
    {"fewer chunks than the range",
     R206 "Content-Range: bytes 10-14/15" END "Transfer-Encoding: chunked" END END "1" END "h" END
          "0" END END,
     &from_10, FK_E_HTTP_RANGE, 206, "h", "\"v1\""},
};

static void assert_outcome(const struct row *row, const struct outcome *o, const char *how)
{
    const char *body = row->body != NULL ? row->body : "";
    size_t validator = row->validator != NULL ? strlen(row->validator) : 0;
    bool done = o->r.stage == FK_HTTP_DONE;
    if (o->st != row->st) {
        fail_msg("%s (%s): %s, expected %s", row->why, how, fk_status_symbol(o->st),
                 fk_status_symbol(row->st));
    }
    if (o->r.status != row->status || done != (row->st == FK_OK)) {
        fail_msg("%s (%s): status %u, done %d", row->why, how, (unsigned)o->r.status, done);
    }
    if (o->body_len != strlen(body) || memcmp(o->body, body, o->body_len) != 0) {
        fail_msg("%s (%s): body '%.*s'", row->why, how, (int)o->body_len, o->body);
    }
    if (o->r.stage != FK_HTTP_HEAD &&
        (o->r.validator_len != validator ||
         (validator > 0 && memcmp(o->r.validator, row->validator, validator) != 0))) {
        fail_msg("%s (%s): validator '%.*s'", row->why, how, (int)o->r.validator_len,
                 (const char *)o->r.validator);
    }
}

/* At once, byte by byte, and cut in two at every place: the pieces must not matter. */
static void assert_row(const struct row *row)
{
    char how[32];
    size_t len = strlen(row->text);
    struct outcome o = answer_at_once(row->text, row->asked);
    assert_outcome(row, &o, "at once");
    o = answer(row->text, len, row->asked, 1, 1);
    assert_outcome(row, &o, "byte by byte");
    for (size_t cut = 1; cut < len; cut++) {
        snprintf(how, sizeof how, "cut at %zu", cut);
        o = answer(row->text, len, row->asked, cut, SIZE_MAX);
        assert_outcome(row, &o, how);
    }
}

static void response_that_is_sound_gives_its_body_in_any_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        assert_row(&accepted[i]);
    }
}

static void response_that_is_not_sound_is_refused_in_any_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_row(&refused[i]);
    }
}

static void range_after_a_date_may_leave_the_date_out_but_not_change_it(void **state)
{
    (void)state;
    static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    static const struct fk_http_range asked = {.offset = 10,
                                               .validator = {(const uint8_t *)date, 29}};
    struct outcome o = answer_at_once(H206 "Content-Range: bytes 10-14/15" END END "hello", &asked);
    assert_int_equal(o.st, FK_OK);
    o = answer_at_once(H206 "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" END
                            "Content-Range: bytes 10-14/15" END END "hello",
                       &asked);
    assert_int_equal(o.st, FK_OK);
    o = answer_at_once(H206 "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT" END
                            "Content-Range: bytes 10-14/15" END END "hello",
                       &asked);
    assert_int_equal(o.st, FK_E_HTTP_CHANGED);
    assert_int_equal(o.body_len, 0);
}

/* text = head, then unit n times, then tail. */
static struct outcome repeated(const char *head, const char *unit, size_t n, const char *tail)
{
    size_t each = strlen(unit);
    size_t len = strlen(head) + n * each + strlen(tail);
    char *text = malloc(len + 1);
    assert_non_null(text);
    char *at = text;
    memcpy(at, head, strlen(head));
    at += strlen(head);
    for (size_t i = 0; i < n; i++, at += each) {
        memcpy(at, unit, each);
    }
    memcpy(at, tail, strlen(tail) + 1);
    struct outcome o = answer(text, len, &whole, 97, 97);
    free(text);
    return o;
}

static void header_is_bounded_in_every_direction(void **state)
{
    (void)state;
    static const struct {
        const char *why, *head, *unit;
        size_t n;
        const char *tail;
        enum fk_status st;
    } rows[] = {
        {"64 fields", H200, "A: b" END, 64, END, FK_OK},
        {"65 fields", H200, "A: b" END, 65, END, FK_E_HTTP_LIMIT},
        {"a long line that does not matter", H200 "A:", "x", 8190, END END, FK_OK},
        {"a line that is too long", H200 "A:", "x", 8191, END END, FK_E_HTTP_LIMIT},
        {"a long reason", "HTTP/1.1 200 ", "x", 8000, END END, FK_OK},
        {"16 KiB in short fields", H200, "A:" TEN TEN TEN TEN TEN TEN TEN TEN TEN END, 60, END,
         FK_OK},
        {"more than 16 KiB", H200, "A:" HUNDRED HUNDRED HUNDRED END, 60, END, FK_E_HTTP_LIMIT},
        {"a name without end", H200, "x", 400, ": 1" END END, FK_E_HTTP_LIMIT},
        {"a length without end", H200 "Content-Length: ", "0", 400, "1" END END "x",
         FK_E_HTTP_LIMIT},
        {"a coding without end", H200 "Transfer-Encoding: chunked", " ", 400, END END,
         FK_E_HTTP_LIMIT},
        {"a line that never ends", H200 "A:", "x", 100000, "", FK_E_HTTP_LIMIT},
        {"a status line that never ends", "HTTP/1.1 200 ", "x", 100000, "", FK_E_HTTP_LIMIT},
        {"interim fields count too", "HTTP/1.1 103 Hints" END, "A: b" END, 40,
         END H200 "Content-Length: 0" END END, FK_OK},
        {"64 fields of a trailer", H200 "Transfer-Encoding: chunked" END END "0" END, "A: b" END,
         63, END, FK_OK},
        {"too many fields of a trailer", H200 "Transfer-Encoding: chunked" END END "0" END,
         "A: b" END, 64, END, FK_E_HTTP_LIMIT},
        {"a trailer that never ends", H200 "Transfer-Encoding: chunked" END END "0" END, "x",
         100000, "", FK_E_HTTP_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = repeated(rows[i].head, rows[i].unit, rows[i].n, rows[i].tail);
        if (o.st != rows[i].st || o.body_len != 0) {
            fail_msg("%s: %s", rows[i].why, fk_status_symbol(o.st));
        }
    }
}

static void failure_sticks_and_leaves_the_results_alone(void **state)
{
    (void)state;
    struct fk_http_response r;
    fk_http_response_init(&r, &whole, MAX);
    struct fk_slice bad = {(const uint8_t *)"nonsense\r\n", 10};
    struct fk_slice good = {(const uint8_t *)H200, sizeof H200 - 1};
    size_t used = 77;
    struct fk_slice body = {NULL, 77};
    assert_int_equal(fk_http_response_feed(&r, bad, &used, &body), FK_E_HTTP_SYNTAX);
    assert_int_equal(fk_http_response_feed(&r, good, &used, &body), FK_E_HTTP_SYNTAX);
    assert_int_equal(used, 77);
    assert_int_equal(body.len, 77);
    assert_int_equal(fk_http_response_end(&r), FK_E_HTTP_SYNTAX);
    assert_int_equal(r.stage, FK_HTTP_HEAD);
}

static void nul_bytes_are_refused(void **state)
{
    (void)state;
    static const char text[] = H200 "A: b\0c" END END;
    struct outcome o = answer(text, sizeof text - 1, &whole, 1, 1);
    assert_int_equal(o.st, FK_E_HTTP_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(response_that_is_sound_gives_its_body_in_any_pieces),
        cmocka_unit_test(response_that_is_not_sound_is_refused_in_any_pieces),
        cmocka_unit_test(range_after_a_date_may_leave_the_date_out_but_not_change_it),
        cmocka_unit_test(header_is_bounded_in_every_direction),
        cmocka_unit_test(failure_sticks_and_leaves_the_results_alone),
        cmocka_unit_test(nul_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
