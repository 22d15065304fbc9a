/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/object.h"
#include "fotakit/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define B       "-----BEGIN X-----\n"
#define E       "-----END X-----\n"
#define TEXT(s) ((struct fk_slice){(const uint8_t *)(s), strlen(s)})

static void blocks_are_read_as_they_come(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *text;
        unsigned marks;
    } cases[] = {
        {"plain", B "aGVsbG8h\n" E, 0},
        {"CRLF", "-----BEGIN X-----\r\naGVsbG8h\r\n-----END X-----\r\n", FK_PEM_CRLF},
        {"CR alone", "-----BEGIN X-----\raGVsbG8h\r-----END X-----\r", FK_PEM_CR},
        {"byte order mark", "\xef\xbb\xbf" B "aGVsbG8h\n" E, FK_PEM_BOM},
        {"no last line end", B "aGVsbG8h\n-----END X-----", FK_PEM_NO_FINAL_NEWLINE},
        {"spaces around", " -----BEGIN X-----\t\n aGVsbG8h \n" E, FK_PEM_SPACES},
        {"spaces within", B "aGVs bG8h\n" E, FK_PEM_SPACES},
        {"empty lines", "\n\n" B "\naGVsbG8h\n\n" E "\n", 0},
        {"text around", "Subject: a -----BEGIN\n" B "aGVsbG8h\n" E "bye\n", FK_PEM_TEXT},
        {"attributes",
         "Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n" B "aGVsbG8h\n" E,
         FK_PEM_TEXT | FK_PEM_BAG_ATTRIBUTES},
        {"short lines", B "aGVs\nbG8h\n" E, FK_PEM_LINE_LENGTH},
        {"header lines", B "Comment: x\nProc-Type: 4,CLEAR\n\naGVsbG8h\n" E, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_pem pem;
        struct fk_error err = FK_ERROR_INIT;
        if (fk_pem_parse(TEXT(cases[i].text), &pem, &err) != FK_OK) {
            fail_msg("%s: %s", cases[i].why, err.msg);
        }
        if (pem.n != 1 || strcmp(pem.blocks[0].label, "X") != 0 || pem.blocks[0].data.len != 6 ||
            memcmp(pem.blocks[0].data.ptr, "hello!", 6) != 0 || pem.marks != cases[i].marks) {
            fail_msg("%s: %zu blocks, marks %#x", cases[i].why, pem.n, pem.marks);
        }
        fk_pem_release(&pem);
    }
}

static void damaged_text_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum fk_status st;
        const char *message;
    } cases[] = {
        {"", FK_E_FORMAT, "no PEM block: no line '-----BEGIN ...-----'"},
        {"hello\n", FK_E_FORMAT, "no PEM block: no line '-----BEGIN ...-----'"},
        {B "aGVsbG8h\n", FK_E_TRUNCATED,
         "block X, begun in line 1, has no END line: the file is cut off"},
        {B, FK_E_TRUNCATED, "block X, begun in line 1, has no END line: the file is cut off"},
        {B "aGVsbG8h\n-----END Y-----\n", FK_E_FORMAT,
         "line 3: 'END Y' closes the block 'BEGIN X' of line 1"},
        {B B "aGVsbG8h\n" E, FK_E_FORMAT,
         "line 2: block X, begun in line 1, has no END line before this one"},
        {B "aGVsbG8h\n----END X-----\n", FK_E_FORMAT,
         "line 3: block X, begun in line 1, has no END line before this one"},
        {E, FK_E_FORMAT,
         "line 1: damaged or unexpected PEM boundary; expected five dashes, BEGIN or END, a label, "
         "five dashes"},
        {B E, FK_E_EMPTY, "line 1: block X is empty"},
        {B "aGVsbG8\n" E, FK_E_TRUNCATED,
         "line 1: block X has 7 base64 characters, not a multiple of 4; part of it is missing"},
        {B "aGVs-G8h\n" E, FK_E_FORMAT, "line 2: character 5 (0x2d) is not base64"},
        {B "aGV\xc3sbG8h\n" E, FK_E_FORMAT, "line 2: character 4 (0xc3) is not base64"},
        {B "aG==aGVs\n" E, FK_E_FORMAT, "line 2: base64 goes on after its padding '='"},
        {B "a===\n" E, FK_E_TRUNCATED,
         "line 1: block X has 4 base64 characters, not a multiple of 4; part of it is missing"},
        {B "DEK-Info:\n\naGVs\n" E, FK_E_FORMAT, "line 2: DEK-Info is repeated, empty or too long"},
        {B "DEK-Info: A,00\nDEK-Info: A,00\n\naGVs\n" E, FK_E_FORMAT,
         "line 3: DEK-Info is repeated, empty or too long"},
        {B "aGVs\\nbG8h\n" E, FK_E_FORMAT,
         "line 2: holds the characters '\\n' where a line should end; it was copied out of JSON or "
         "source text, replace them by line ends"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_pem pem = {.n = 77};
        struct fk_error err = FK_ERROR_INIT;
        enum fk_status st = fk_pem_parse(TEXT(cases[i].text), &pem, &err);
        if (st != cases[i].st || strcmp(err.msg, cases[i].message) != 0 || pem.n != 77) {
            fail_msg("case %zu: %d %s", i, (int)st, err.msg);
        }
    }
}

static void text_cut_anywhere_never_gives_a_different_block(void **state)
{
    (void)state;
    static const char whole[] = "junk\r\n-----BEGIN X-----\r\naGVsbG8gd29ybGQh\r\n-----END X-----";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct fk_pem pem;
        uint8_t *copy = malloc(n > 0 ? n : 1); /* exact, for AddressSanitizer */
        assert_non_null(copy);
        memcpy(copy, whole, n);
        assert_int_not_equal(fk_pem_parse((struct fk_slice){copy, n}, &pem, NULL), FK_OK);
        free(copy);
    }
}

static void more_blocks_than_the_limit_are_refused(void **state)
{
    (void)state;
    static const char block[] = B "aGVs\n" E;
    size_t len = sizeof block - 1;
    char *text = malloc((FK_PEM_BLOCKS_MAX + 1) * len);
    assert_non_null(text);
    for (size_t i = 0; i <= FK_PEM_BLOCKS_MAX; i++) {
        memcpy(text + i * len, block, len);
    }
    struct fk_pem pem;
    struct fk_error err = FK_ERROR_INIT;
    struct fk_slice all = {(const uint8_t *)text, (FK_PEM_BLOCKS_MAX + 1) * len};
    assert_int_equal(fk_pem_parse(all, &pem, &err), FK_E_LIMIT);
    assert_string_equal(err.msg, "more than 1024 PEM blocks");
    all.len -= len;
    assert_int_equal(fk_pem_parse(all, &pem, &err), FK_OK);
    assert_int_equal(pem.n, FK_PEM_BLOCKS_MAX);
    fk_pem_release(&pem);
    free(text);
}

static void written_block_has_lines_of_64_and_reads_back(void **state)
{
    (void)state;
    uint8_t data[200];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 1; len <= sizeof data; len++) {
        for (unsigned crlf = 0; crlf < 2; crlf++) {
            struct fk_buffer text = {.ptr = NULL};
            struct fk_pem pem;
            struct fk_slice in = {data, len};
            assert_int_equal(fk_pem_append(&text, "FIRST", in, crlf == 1, NULL), FK_OK);
            assert_int_equal(fk_pem_append(&text, "SECOND", in, crlf == 1, NULL), FK_OK);
            assert_int_equal(text.ptr[text.len], '\0');
            assert_int_equal(fk_pem_parse((struct fk_slice){text.ptr, text.len}, &pem, NULL),
                             FK_OK);
            assert_int_equal(pem.marks, crlf == 1 ? FK_PEM_CRLF : 0);
            assert_int_equal(pem.n, 2);
            assert_string_equal(pem.blocks[1].label, "SECOND");
            for (size_t i = 0; i < 2; i++) {
                assert_int_equal(pem.blocks[i].data.len, len);
                assert_memory_equal(pem.blocks[i].data.ptr, data, len);
            }
            fk_pem_release(&pem);
            fk_buffer_release(&text);
        }
    }
}

static void files_that_are_neither_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        enum fk_status st;
        const char *message;
    } cases[] = {
        {"", 0, FK_E_EMPTY, "the file is empty"},
        {"\xff\xfe-\0-\0", 6, FK_E_FORMAT, "UTF-16 text"},
        {"\xfe\xff\0-\0-", 6, FK_E_FORMAT, "UTF-16 text"},
        {"-\0-\0-\0", 6, FK_E_FORMAT, "UTF-16 text"},
        {"\0-\0-\0-", 6, FK_E_FORMAT, "UTF-16 text"},
        {"\x30", 1, FK_E_FORMAT, "base64 without its BEGIN"},
        {"\x30\x82\x01", 3, FK_E_FORMAT, "not DER: starts with byte 0x30"},
        {"\x30\x80\x00\x00", 4, FK_E_FORMAT, "not DER: starts with byte 0x30"},
        {"\x30\x81\x05\x00", 4, FK_E_FORMAT, "not DER: starts with byte 0x30"},
        {"\x30\x05\x00", 3, FK_E_TRUNCATED,
         "cut off: the object claims 7 bytes, but only 3 are there"},
        {"\x30\x01\x00\x00", 4, FK_E_TRAILING, "1 bytes follow the object, which ends at byte 3"},
        {"\x30\x84\xff\xff\xff\xff", 6, FK_E_TRUNCATED, "cut off: the object claims 4294967301"},
        {"\x30\x03\x02\x01\x00", 5, FK_E_FORMAT, "DER, but neither a key nor a certificate"},
        {"\x30\x00", 2, FK_E_FORMAT, "DER, but neither a key nor a certificate"},
        {"\x7f\x45LF", 4, FK_E_FORMAT, "not DER: starts with byte 0x7f"},
        {"MIIBaGVsbG8h\n", 13, FK_E_FORMAT, "base64 without its BEGIN and END lines"},
        {"ssh-rsa AAAA x@y\n", 17, FK_E_UNSUPPORTED, "an OpenSSH public key"},
        {"PuTTY-User-Key-File-2: ssh-rsa\n", 31, FK_E_UNSUPPORTED, "a PuTTY key"},
        {"hello, world\n", 13, FK_E_FORMAT, "text without a line"},
        {"----BEGIN X----\n", 16, FK_E_FORMAT, "line 1: damaged or unexpected PEM boundary"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_objects o = {.n = 77};
        struct fk_error err = FK_ERROR_INIT;
        struct fk_slice in = {(const uint8_t *)cases[i].bytes, cases[i].len};
        enum fk_status st = fk_objects_parse(in, &o, &err);
        if (st != cases[i].st ||
            strncmp(err.msg, cases[i].message, strlen(cases[i].message)) != 0 || o.n != 77) {
            fail_msg("case %zu: %d %s", i, (int)st, err.msg);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_read_as_they_come),
        cmocka_unit_test(damaged_text_is_refused_with_its_line),
        cmocka_unit_test(text_cut_anywhere_never_gives_a_different_block),
        cmocka_unit_test(more_blocks_than_the_limit_are_refused),
        cmocka_unit_test(written_block_has_lines_of_64_and_reads_back),
        cmocka_unit_test(files_that_are_neither_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
