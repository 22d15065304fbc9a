/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys through the console: slots, files, and what they leave in the store. */
#include "fotakit_fw/certstore.h"
#include "support/bytes.h"
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct vault {
    struct desk desk;
    struct fk_certstore store;
};

/* A certificate is "CERT", the length of its key identifier as a digit, the identifier, and
 * anything behind it. */
static enum fk_status key_id(struct fk_slice certificate, bool alone, uint8_t ret[32],
                             size_t *ret_len)
{
    if (certificate.len < 5 || memcmp(certificate.ptr, "CERT", 4) != 0) {
        return FK_E_FORMAT;
    }
    size_t len = (size_t)(certificate.ptr[4] - '0');
    assert_true(len <= 9 && certificate.len >= 5 + len);
    memcpy(ret, certificate.ptr + 5, len);
    *ret_len = len;
    return alone && certificate.len > 9 && memcmp(certificate.ptr + 5 + len, "CERT", 4) == 0
               ? FK_E_ROOTS
               : FK_OK;
}

static void open_store(struct vault *v)
{
    assert_int_equal(fk_certstore_open(&v->store, &v->desk.rig.device, &v->desk.rig.table, NULL),
                     FK_OK);
    assert_int_equal(fk_certstore_settle(&v->store), FK_OK);
}

static void vault_begin(struct vault *v)
{
    memset(v, 0, sizeof *v);
    desk_begin(&v->desk);
    v->desk.rig.device.console.data_max = 300;
    v->desk.rig.device.console.data_timeout_ms = 1000;
    v->desk.rig.device.console.file_max = 200;
    open_store(v);
    v->desk.port.store = &v->store;
    v->desk.port.key_id = key_id;
}

static void vault_end(struct vault *v)
{
    desk_end(&v->desk);
}

static void assert_says(struct vault *v, const char *line, const char *want)
{
    assert_string_equal(desk_say(&v->desk, line), want);
}

static void assert_entry(struct vault *v, enum fk_store_set set, enum fk_store_role role,
                         const char *name, const void *data, size_t len)
{
    struct fk_store_entry entry;
    uint8_t got[512];
    open_store(v); /* from flash */
    assert_int_equal(fk_certstore_find(&v->store, set, name, &entry), FK_OK);
    assert_int_equal(entry.role, role);
    assert_int_equal(entry.len, len);
    assert_int_equal(fk_certstore_read(&v->store, &entry, got, sizeof got), FK_OK);
    assert_memory_equal(got, data, len);
}

static size_t entries(struct vault *v)
{
    struct fk_store_entry entry;
    uint32_t at = 0;
    size_t n = 0;
    while (fk_certstore_next(&v->store, &at, &entry) == FK_OK) {
        n++;
    }
    return n;
}

#define SKI "AT-S.SubjectKeyId:41:42:FF\r\n"

static void slots_are_stored_listed_and_deleted(void **state)
{
    (void)state;
    static const char key[] = "AT+S.TLSCERT=key,9\rK\0Y\r\nAT\r\xff";
    struct vault v;
    vault_begin(&v);
    assert_says(&v, "AT+S.TLSCERT=content,2\r", OK);
    assert_says(&v, "AT+S.TLSCERT=content,1\r", OK);
    assert_says(&v, "AT+S.TLSCERT=Ca,10\rCERT3AB\xff..", SKI OK); /* in the driver's words */
    assert_says(&v, "AT+S.TLSCERT=cert,11\rCERT0CERT0x", OK);     /* a chain */
    assert_says(&v, "AT+S.TLSCERT=cert,6\rCERT0x", OK);
    assert_string_equal(desk_answer(&v.desk, key, sizeof key - 1, 3), OK);
    assert_says(&v, "AT+S.TLSCERT=Auth,4\r\r\n\x01\x02", OK);
    assert_says(&v, "AT+S.WPAECERT=ca,7\rCERT2ZZ", "AT-S.SubjectKeyId:5A:5A\r\n" OK);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_CA, "ca", "CERT3AB\xff..", 10);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_CERT, "cert", "CERT0x", 6);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_KEY, "key", "K\0Y\r\nAT\r\xff", 9);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_AUTH, "auth", "\r\n\x01\x02", 4);
    assert_entry(&v, FK_STORE_WPA, FK_STORE_CA, "ca", "CERT2ZZ", 7);
    assert_says(&v, "AT+S.TLSCERT=content,1\r",
                "AT-S.Content:ca:10\r\n" SKI
                "AT-S.Content:cert:6\r\nAT-S.Content:key:9\r\nAT-S.Content:auth:4\r\n" OK);
    assert_says(&v, "AT+S.FSL\r", OK); /* slots are no files */

    uint32_t at = 0; /* found by its identifier */
    struct fk_store_entry entry;
    assert_int_equal(fk_certstore_anchor(&v.store, FK_STORE_TLS,
                                         (struct fk_slice){(const uint8_t *)"AB\xff", 3}, &at,
                                         &entry),
                     FK_OK);

    assert_says(&v, "AT+S.TLSCERT=ca,6\rCERT1Q", "AT-S.SubjectKeyId:51\r\n" OK); /* replaces */
    assert_entry(&v, FK_STORE_TLS, FK_STORE_CA, "ca", "CERT1Q", 6);
    assert_int_equal(entries(&v), 5);
    assert_says(&v, "AT+S.TLSCERT=content,2\r", OK);
    assert_says(&v, "AT+S.TLSCERT=content,1\r", OK);
    assert_says(&v, "AT+S.WPAECERT=content,1\r",
                "AT-S.Content:ca:7\r\nAT-S.SubjectKeyId:5A:5A\r\n" OK);
    vault_end(&v);
}

static void wrong_commands_store_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.TLSCERT\r", E_MISSING},
        {"AT+S.TLSCERT=ca\r", E_MISSING},
        {"AT+S.TLSCERT=ca,\r", E_MISSING},
        {"AT+S.TLSCERT=ca,0\r", E_ZERO},
        {"AT+S.TLSCERT=ca,x\r", E_INVALID},
        {"AT+S.TLSCERT=ca,5,5\r", E_TOO_MANY},
        {"AT+S.TLSCERT=content\r", E_MISSING},
        {"AT+S.TLSCERT=content,\r", E_MISSING},
        {"AT+S.TLSCERT=content,3\r", E_INVALID},
        {"AT+S.TLSCERT=f_ca,5\rCERT0", E_INVALID}, /* the words of another module */
        {"AT+S.TLSCERT2=clean,all\r", E_COMMAND},
        {"AT+S.TLSCERT=ca,4\rcert", "AT-S.Reason:12:malformed input\r\n" E_INVALID},
        {"AT+S.TLSCERT=cert,4\rcert", "AT-S.Reason:12:malformed input\r\n" E_INVALID},
        {"AT+S.TLSCERT=auth,33\r123456789012345678901234567890123",
         "AT-S.Reason:12:malformed input\r\n" E_INVALID},
        {"AT+S.TLSCERT=ca,12\rCERT2ABCERT0",
         "AT-S.Reason:155:several certificates where one root is expected\r\n" E_INVALID},
        {"AT+S.FSC=4142.ca,12\rCERT2ABCERT0",
         "AT-S.Reason:155:several certificates where one root is expected\r\n" E_INVALID},
        {"AT+S.FSC=tls.key\r", E_MISSING},
        {"AT+S.FSC=tls.key,0\r", E_ZERO},
        {"AT+S.FSC=other.txt,9\rAT+S.FSL\r",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=ca,5\rCERT0",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=TLS.KEY,1\rx",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=4142FF.ca,8\rCERT3AB\xff",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=414.ca,7\rCERT2AB",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=.ca,7\rCERT2AB",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=../4142.ca,7\rCERT2AB",
         "AT-S.Reason:143:file name is not that of a certificate or key\r\n" E_FILE_OPEN},
        {"AT+S.FSC=4143.ca,7\rCERT2AB",
         "AT-S.Reason:154:file name is not the key identifier of the certificate\r\n" E_INVALID},
        {"AT+S.FSC=4142.ca,7\rnotCERT", "AT-S.Reason:12:malformed input\r\n" E_INVALID},
        {"AT+S.FSC=tls.cert,7\rnotCERT", "AT-S.Reason:12:malformed input\r\n" E_INVALID},
        {"AT+S.FSD=tls.key\r", E_FILE_DELETE},
        {"AT+S.FSD=ca\r", E_FILE_DELETE},
        {"AT+S.FSD=\r", E_FILE_DELETE},
        {"AT+S.FSD\r", E_MISSING},
        /* nothing reads a key back */
        {"AT+S.FSP=tls.key\r", "AT-S.Reason:14:not supported\r\n" E_FILE_READ},
        {"AT+S.FSP=/tls.cert,0,9\r", "AT-S.Reason:14:not supported\r\n" E_FILE_READ},
        {"AT+S.FSR=a,b\r", E_COMMAND}, /* no files in memory */
    };
    struct vault v;
    vault_begin(&v);
    uint32_t ops = v.desk.rig.flash.ops;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = desk_say(&v.desk, rows[i].line);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, got, rows[i].want);
        }
    }
    assert_int_equal(v.desk.rig.flash.ops, ops);
    assert_int_equal(entries(&v), 0);
    v.desk.port.store = NULL;
    assert_says(&v, "AT+S.TLSCERT=content,1\r", E_COMMAND);
    vault_end(&v);
}

static void files_are_appended_listed_and_deleted(void **state)
{
    (void)state;
    char line[400];
    struct vault v;
    vault_begin(&v);
    assert_says(&v, "AT+S.FSC=/4142ff.ca,8\rCERT3AB\xff", OK);
    assert_says(&v, "AT+S.FSC=tls.key,3\rK\0", ""); /* the NUL of C ends the text here */
    assert_string_equal(desk_answer(&v.desk, "\0Y", 2, 1), OK);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_KEY, "tls.key", "K\0Y", 3);
    assert_says(&v, "AT+S.FSC=tls.key,2\r\r\n", OK);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_KEY, "tls.key", "K\0Y\r\n", 5);
    assert_says(&v, "AT+S.FSC=tls.cert,5\rCERT0", OK);
    assert_says(&v, "AT+S.FSC=77.ca,5\rCERT0", OK); /* without an identifier, any name will do */
    assert_says(&v, "AT+S.FSL\r",
                "AT-S.File:C\t8\t4142ff.ca\r\nAT-S.File:C\t5\ttls.key\r\n"
                "AT-S.File:C\t5\ttls.cert\r\nAT-S.File:C\t5\t77.ca\r\n" OK);
    assert_says(&v, "AT+S.FSL=/tls.key\r", "AT-S.File:C\t5\ttls.key\r\n" OK);
    assert_says(&v, "AT+S.TLSCERT=content,2\r", OK); /* slots only */
    assert_int_equal(entries(&v), 4);
    uint32_t at = 0;
    struct fk_store_entry entry;
    assert_int_equal(fk_certstore_anchor(&v.store, FK_STORE_TLS,
                                         (struct fk_slice){(const uint8_t *)"AB\xff", 3}, &at,
                                         &entry),
                     FK_OK);
    assert_string_equal(entry.name, "4142ff.ca");

    /* up to the limit of a file, and not one byte more, in one piece or in two */
    snprintf(line, sizeof line, "AT+S.FSC=tls.key,195\r%0195d", 1);
    assert_says(&v, line, OK);
    assert_says(&v, "AT+S.FSC=tls.key,1\rx", E_TOO_LONG);
    snprintf(line, sizeof line, "AT+S.FSC=tls.key,201\r%0201d", 1);
    assert_says(&v, line, E_TOO_LONG);
    assert_says(&v, "AT+S.FSL=tls.key\r", "AT-S.File:C\t200\ttls.key\r\n" OK);
    snprintf(line, sizeof line, "AT+S.TLSCERT=key,201\r%0201d", 1);
    assert_says(&v, line, E_TOO_LONG);

    assert_says(&v, "AT+S.FSD=/tls.key\r", OK);
    assert_says(&v, "AT+S.FSD=tls.key\r", E_FILE_DELETE);
    assert_says(&v, "AT+S.FSD=4142ff.ca\r", OK);
    assert_int_equal(entries(&v), 2);
    vault_end(&v);
}

static void key_is_nowhere_when_it_was_deleted(void **state)
{
    (void)state;
    struct vault v;
    vault_begin(&v);
    assert_says(&v, "AT+S.TLSCERT=key,12\rtop-secret-1", OK);
    assert_false(test_holds(&v.desk.console, sizeof v.desk.console, "top-secret-1"));
    assert_false(test_holds(v.desk.rig.core.work, v.desk.rig.core.work_len, "top-secret-1"));
    assert_true(test_holds(v.desk.rig.flash.bytes, v.desk.rig.flash.size, "top-secret-1"));
    assert_says(&v, "AT+S.TLSCERT=content,2\r", OK);
    assert_false(test_holds(v.desk.rig.flash.bytes, v.desk.rig.flash.size, "top-secret-1"));
    assert_says(&v, "AT+S.FSC=tls.key,12\rtop-secret-2", OK);
    assert_says(&v, "AT+S.FSC=tls.key,1\rx", OK); /* an append holds both for a moment */
    assert_false(test_holds(&v.desk.console, sizeof v.desk.console, "top-secret-2"));
    assert_says(&v, "AT+S.FSD=tls.key\r", OK);
    assert_false(test_holds(v.desk.rig.flash.bytes, v.desk.rig.flash.size, "top-secret-2"));
    vault_end(&v);
}

static void full_store_keeps_what_it_has(void **state)
{
    (void)state;
    char line[400];
    struct vault v;
    unsigned n = 0;
    vault_begin(&v);
    const char *got = "";
    do {
        n++;
        snprintf(line, sizeof line, "AT+S.FSC=%04x.ca,200\rCERT2%c%c%0193d", n, (int)(n >> 8),
                 (int)(n & 255), 1);
        size_t head = strlen("AT+S.FSC=0001.ca,200\r");
        got = desk_answer(&v.desk, line, head + 200, 50);
    } while (strcmp(got, OK) == 0 && n < 1000);
    assert_string_equal(got, "AT-S.Reason:140:certificate store is full\r\n" E_FLASH);
    assert_true(n > 2);
    assert_int_equal(entries(&v), n - 1);
    open_store(&v);
    assert_int_equal(entries(&v), n - 1);
    vault_end(&v);
}

static void damaged_store_can_be_emptied(void **state)
{
    (void)state;
    struct vault v;
    vault_begin(&v);
    assert_says(&v, "AT+S.TLSCERT=key,12\rtop-secret-1", OK);
    assert_says(&v, "AT+S.TLSCERT=auth,4\rabcd", OK);
    uint8_t *bytes = v.desk.rig.flash.bytes;
    for (size_t i = 0; i + 12 <= v.desk.rig.flash.size; i++) {
        if (memcmp(bytes + i, "top-secret-1", 12) == 0) {
            bytes[i] ^= 1;
        }
    }
    enum fk_status st = fk_certstore_open(&v.store, &v.desk.rig.device, &v.desk.rig.table, NULL);
    assert_true(st == FK_OK || st == FK_E_CHECKSUM);
    const char *got = desk_say(&v.desk, "AT+S.TLSCERT=auth,4\rwxyz");
    if (strcmp(got, OK) != 0) {
        assert_string_equal(got, "AT-S.Reason:16:checksum is wrong\r\n" E_FLASH);
    }
    assert_says(&v, "AT+S.TLSCERT=content,2\r", OK);
    assert_says(&v, "AT+S.TLSCERT=auth,4\rwxyz", OK);
    assert_entry(&v, FK_STORE_TLS, FK_STORE_AUTH, "auth", "wxyz", 4);
    assert_int_equal(entries(&v), 1);
    vault_end(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_stored_listed_and_deleted),
        cmocka_unit_test(wrong_commands_store_nothing),
        cmocka_unit_test(files_are_appended_listed_and_deleted),
        cmocka_unit_test(key_is_nowhere_when_it_was_deleted),
        cmocka_unit_test(full_store_keeps_what_it_has),
        cmocka_unit_test(damaged_store_can_be_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
