/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads from the beginning: what is taken, what is refused, and what is left behind. */
#include "support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void download_stages_the_packet_and_the_boot_stage_installs_it(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_string_equal(rig.net.host, "updates.example");
    assert_int_equal(rig.net.port, 80);
    assert_int_equal(rig.report.http_status, 200);
    assert_int_equal(rig.report.received, rig.packet_len);
    assert_false(rig.report.resumed || rig.report.restarted || rig.report.recorded);
    rig_assert_staged(&rig);
    struct fk_boot_report boot = rig_boot(&rig);
    assert_true(boot.installed);
    assert_int_equal(boot.verdict, FK_VERDICT_BOOT);
    assert_memory_equal(rig.flash.bytes + rig.device.map.primary.off, rig.new_image, RIG_NEW_LEN);
    rig_release(&rig);
}

static void download_does_not_depend_on_how_the_bytes_come(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 59, 60, 61, 511, 512, 513, 2047};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        struct fake_script server = rig_server(&rig);
        server.piece = pieces[i];
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
        rig_assert_staged(&rig);
        rig_release(&rig);
    }
}

/* The packet in chunks of 100 bytes. */
static size_t in_chunks(const struct rig *rig, uint8_t *out)
{
    size_t len = 0;
    for (uint32_t at = 0; at < rig->packet_len; at += 100) {
        uint32_t n = rig->packet_len - at < 100 ? rig->packet_len - at : 100;
        char line[16];
        int k = snprintf(line, sizeof line, "%x\r\n", (unsigned)n);
        memcpy(out + len, line, (size_t)k);
        len += (size_t)k;
        memcpy(out + len, rig->packet + at, n);
        len += n;
        memcpy(out + len, "\r\n", 2);
        len += 2;
    }
    memcpy(out + len, "0\r\n\r\n", 5);
    return len + 5;
}

static void download_takes_a_body_in_chunks_and_one_that_ends_with_the_connection(void **state)
{
    (void)state;
    static uint8_t chunks[2 * (RIG_NEW_LEN + FK_PACKET_HEADER_MAX)];
    struct rig rig;
    rig_begin(&rig);
    struct fake_script chunked = {
        .head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        .body = chunks,
        .body_len = in_chunks(&rig, chunks),
        .piece = 7,
    };
    assert_int_equal(rig_fetch(&rig, &chunked, 1), FK_OK);
    rig_assert_staged(&rig);
    rig_release(&rig);

    rig_begin(&rig);
    struct fake_script until_close = {
        .head = "HTTP/1.0 200 OK\r\n\r\n", .body = rig.packet, .body_len = rig.packet_len};
    assert_int_equal(rig_fetch(&rig, &until_close, 1), FK_OK);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void download_asks_as_documented_and_keeps_no_password(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    rig.from.port = 8080;
    rig.from.user = "user";
    rig.from.password = "a:b";
    struct fake_script server = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_string_equal(rig.net.requests[0],
                        "GET /new.ota HTTP/1.1\r\nHost: updates.example:8080\r\n"
                        "User-Agent: fotakit\r\nAccept-Encoding: identity\r\n"
                        "Connection: close\r\nAuthorization: Basic dXNlcjphOmI=\r\n\r\n");
    /* Nor when no answer came to take its place. */
    struct fake_script silent = {.head = ""};
    assert_int_equal(rig_fetch(&rig, &silent, 1), FK_E_HTTP_SHORT);
    const uint8_t *secret = (const uint8_t *)"dXNlcjphOmI=";
    for (size_t i = 0; i + 12 <= sizeof rig.download; i++) {
        assert_memory_not_equal((const uint8_t *)&rig.download + i, secret, 12);
    }
    rig_release(&rig);
}

/* Answers that end before a byte of the payload may be written. */
static const struct {
    const char *why;
    const char *head;
    const char *body;
    enum fk_status st;
    uint16_t status;
} answers[] = {
    {"not found", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n", "no", FK_E_HTTP_STATUS,
     404},
    {"not allowed", "HTTP/1.1 401 Unauthorized\r\n\r\n", "", FK_E_HTTP_STATUS, 401},
    {"busy", "HTTP/1.1 503 Busy\r\n\r\n", "", FK_E_HTTP_STATUS, 503},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", FK_E_HTTP_STATUS, 204},
    {"range not satisfiable", "HTTP/1.1 416 No\r\n\r\n", "", FK_E_HTTP_STATUS, 416},
    {"redirect", "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n", "",
     FK_E_HTTP_REDIRECT, 302},
    {"another protocol", "220 ftp ready\r\n", "", FK_E_HTTP_SYNTAX, 0},
    {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "xy",
     FK_E_HTTP_SYNTAX, 200},
    {"length and chunks",
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n",
     FK_E_HTTP_SYNTAX, 200},
    {"compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", "x",
     FK_E_HTTP_ENCODING, 200},
    {"a range nobody asked for",
     "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: bytes 0-0/1\r\n\r\n", "x",
     FK_E_HTTP_RANGE, 206},
    {"one byte above header and slot", "HTTP/1.1 200 OK\r\nContent-Length: 4157\r\n\r\n", "x",
     FK_E_HTTP_TOO_BIG, 200},
    {"2^64 - 1 bytes", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", "x",
     FK_E_HTTP_TOO_BIG, 200},
    {"a chunk above header and slot", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
     "103d\r\n", FK_E_HTTP_TOO_BIG, 200},
    {"an empty file", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", FK_E_TRUNCATED, 200},
    {"less than a header", "HTTP/1.1 200 OK\r\nContent-Length: 59\r\n\r\n",
     "12345678901234567890123456789012345678901234567890123456789", FK_E_TRUNCATED, 200},
    {"nothing behind the header", "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n",
     "123456789012345678901234567890123456789012345678901234567890", FK_E_EMPTY, 200},
};

static void download_that_is_refused_changes_nothing_but_the_recorded_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        uint8_t *before = rig_snapshot(&rig);
        struct fake_script server = {.head = answers[i].head,
                                     .body = (const uint8_t *)answers[i].body,
                                     .body_len = strlen(answers[i].body)};
        enum fk_status st = rig_fetch(&rig, &server, 1);
        if (st != answers[i].st || rig.report.http_status != answers[i].status) {
            fail_msg("%s: %s, status %u", answers[i].why, fk_status_symbol(st),
                     (unsigned)rig.report.http_status);
        }
        assert_true(rig.report.recorded);
        rig_assert_untouched(&rig, before);
        assert_int_equal(rig.core.state.last.status, answers[i].st);
        assert_int_equal(rig.core.state.last.phase, FK_PHASE_RECEIVING);
        free(before);
        rig_release(&rig);
    }
}

static void download_that_is_refused_again_and_again_wears_no_flash(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = {.head = "HTTP/1.1 404 Not Found\r\n\r\n"};
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_HTTP_STATUS);
    uint32_t ops = rig.flash.ops;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_HTTP_STATUS);
    }
    assert_int_equal(rig.flash.ops, ops);
    rig_release(&rig);
}

static void header_against_policy_is_refused_before_the_payload_is_fetched(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        bool plain_packet, has_key;
        enum fk_status st;
    } rows[] = {
        {"plain packet", true, true, FK_E_PLAIN_REFUSED},
        {"no key", false, false, FK_E_NO_KEY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        rig.device.policy.plain_allowed = false;
        if (rows[i].plain_packet) {
            test_packet(&rig.device, rig.new_image, RIG_NEW_LEN, NULL, rig.packet);
        }
        if (!rows[i].has_key) {
            assert_int_equal(fk_update_set_key(&rig.core, NULL), FK_OK);
        }
        uint8_t *before = rig_snapshot(&rig);
        struct fake_script server = rig_server(&rig);
        server.piece = 100;
        enum fk_status st = rig_fetch(&rig, &server, 1);
        if (st != rows[i].st || rig.net.sent > 300) {
            fail_msg("%s: %s after %zu bytes", rows[i].why, fk_status_symbol(st), rig.net.sent);
        }
        rig.core.state.has_key = true;
        const struct fk_region *staging = &rig.device.map.staging;
        assert_memory_equal(rig.flash.bytes + staging->off, before + staging->off, staging->size);
        assert_int_equal(rig_boot(&rig).image.size, RIG_OLD_LEN);
        assert_int_equal(rig.core.state.phase, FK_PHASE_IDLE);
        assert_int_equal(rig.core.state.last.status, rows[i].st);
        free(before);
        rig_release(&rig);
    }
}

static void body_without_end_stops_at_the_size_of_the_slot(void **state)
{
    (void)state;
    static uint8_t junk[256];
    memset(junk, 0x5a, sizeof junk);
    static const uint8_t chunk[] = "10\r\n0123456789abcdef\r\n";
    static const struct {
        const char *why, *head;
        const uint8_t *body;
        size_t body_len;
        enum fk_status st;
        size_t most; /* bytes that may have been read */
    } rows[] = {
        {"until close", "HTTP/1.1 200 OK\r\n\r\n", junk, sizeof junk, FK_E_HTTP_TOO_BIG,
         RIG_SLOT + 60 + 4096},
        {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, sizeof chunk - 1,
         FK_E_HTTP_TOO_BIG, 2 * RIG_SLOT},
        {"header", "HTTP/1.1 200 OK\r\n", (const uint8_t *)"X-A: b\r\n", 8, FK_E_HTTP_LIMIT, 4096},
        {"header line", "HTTP/1.1 200 OK\r\nX-A: ", junk, sizeof junk, FK_E_HTTP_LIMIT, 16384},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        struct fake_script server = {.head = rows[i].head,
                                     .body = rows[i].body,
                                     .body_len = rows[i].body_len,
                                     .end = FAKE_REPEATS};
        enum fk_status st = rig_fetch(&rig, &server, 1);
        if (st != rows[i].st || rig.net.total_sent > rows[i].most) {
            fail_msg("%s: %s after %zu bytes", rows[i].why, fk_status_symbol(st),
                     rig.net.total_sent);
        }
        /* Whatever got into staging is forgotten, and nothing outside it was touched. */
        assert_int_equal(rig_boot(&rig).image.size, RIG_OLD_LEN);
        assert_int_equal(rig.core.state.phase, FK_PHASE_IDLE);
        assert_int_equal(rig.core.state.last.status, rows[i].st);
        rig_release(&rig);
    }
}

static void image_of_an_impossible_length_is_refused_at_its_end(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = rig_server(&rig);
    server.body_len -= 1; /* and the server says so: a sound answer */
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_IMAGE_ALIGN);
    assert_int_equal(rig_boot(&rig).image.size, RIG_OLD_LEN);
    assert_int_equal(rig.core.state.phase, FK_PHASE_IDLE);
    assert_int_equal(rig.core.state.last.status, FK_E_IMAGE_ALIGN);
    rig_release(&rig);
}

static void largest_packet_fits(void **state)
{
    (void)state;
    static uint8_t image[RIG_SLOT];
    static uint8_t packet[FK_PACKET_HEADER_MAX + RIG_SLOT];
    struct rig rig;
    rig_begin(&rig);
    test_fill(image, sizeof image, 9);
    test_packet(&rig.device, image, sizeof image, rig.key, packet);
    struct fake_script server = {.body = packet, .body_len = 60 + RIG_SLOT, .etag = RIG_ETAG};
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_true(rig_boot(&rig).installed);
    assert_memory_equal(rig.flash.bytes + rig.device.map.primary.off, image, sizeof image);
    rig_release(&rig);
}

static void server_that_trickles_is_stopped_by_the_lowest_rate(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    rig.device.minimum_rate = 100; /* bytes per second */
    struct fake_script server = rig_server(&rig);
    server.piece = 30;
    server.delay_ms = 500; /* never idle for long: 60 bytes per second */
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_TIMEOUT);
    uint64_t waited = rig.net.now_ms - 1000000;
    assert_true(waited < 4000); /* after a second of grace, on 200 bytes at most */
    assert_false(rig.report.recorded);

    server.delay_ms = 250; /* 120 bytes per second */
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void time_that_passes_between_two_waits_counts_too(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    rig.device.minimum_rate = 100;
    struct fake_script server = rig_server(&rig);
    server.piece = 100;
    server.elsewhere_ms = 1500; /* 67 bytes per second */
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_TIMEOUT);
    assert_true(rig.net.total_sent < 1000);
    server.elsewhere_ms = 500;
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void header_that_trickles_is_stopped_too(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    rig.device.minimum_rate = 100;
    struct fake_script server = {.head = "HTTP/1.1 200 OK\r\n",
                                 .body = (const uint8_t *)"X",
                                 .body_len = 1,
                                 .end = FAKE_REPEATS,
                                 .piece = 1,
                                 .delay_ms = 100};
    uint8_t *before = rig_snapshot(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_TIMEOUT);
    assert_int_equal(rig.net.now_ms - 1000000, rig.device.idle_timeout_ms);
    rig_assert_untouched(&rig, before);
    assert_int_equal(rig.core.state.last.status, FK_OK);
    free(before);
    rig_release(&rig);
}

static void address_that_is_not_usable_opens_no_connection(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    uint8_t *before = rig_snapshot(&rig);
    rig.from.path = "/a\r\nX: y";
    assert_int_equal(rig_fetch(&rig, NULL, 0), FK_E_URL);
    rig.from.path = "/a";
    rig.from.host = "a b";
    assert_int_equal(rig_fetch(&rig, NULL, 0), FK_E_URL);
    rig_assert_untouched(&rig, before);
    assert_int_equal(rig.core.state.last.status, FK_OK);
    free(before);
    rig_release(&rig);
}

static void device_on_trial_opens_no_connection(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_true(rig_boot(&rig).installed);
    assert_int_equal(rig.core.state.phase, FK_PHASE_TRIAL);
    assert_int_equal(rig_fetch(&rig, NULL, 0), FK_E_BUSY);
    assert_int_equal(fk_update_confirm(&rig.core), FK_OK);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    rig_release(&rig);
}

static void device_without_state_opens_no_connection(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    const struct fk_region *region = &rig.device.map.state;
    for (uint32_t at = 0; at < region->size; at += region->sector) {
        assert_int_equal(rig.table.erase(rig.table.ctx, region->off + at, region->sector), FK_OK);
    }
    assert_int_equal(rig_fetch(&rig, NULL, 0), FK_E_NO_STATE);
    rig_release(&rig);
}

static void packet_that_is_staged_stays_when_the_next_download_fails(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct fake_script bad = {.head = answers[i].head,
                                  .body = (const uint8_t *)answers[i].body,
                                  .body_len = strlen(answers[i].body)};
        assert_int_equal(rig_fetch(&rig, &bad, 1), answers[i].st);
        assert_false(rig.report.recorded);
        rig_assert_staged(&rig);
    }
    assert_true(rig_boot(&rig).installed);
    rig_release(&rig);
}

static void packet_that_is_staged_gives_way_to_the_next_one(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script server = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    test_fill(rig.new_image, RIG_NEW_LEN, 99);
    test_packet(&rig.device, rig.new_image, RIG_NEW_LEN, NULL, rig.packet);
    server.etag = "\"v2\"";
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_null(strstr(rig.net.requests[0], "Range"));
    rig_assert_staged(&rig);
    assert_true(rig_boot(&rig).installed);
    assert_memory_equal(rig.flash.bytes + rig.device.map.primary.off, rig.new_image, RIG_NEW_LEN);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(download_stages_the_packet_and_the_boot_stage_installs_it),
        cmocka_unit_test(download_does_not_depend_on_how_the_bytes_come),
        cmocka_unit_test(download_takes_a_body_in_chunks_and_one_that_ends_with_the_connection),
        cmocka_unit_test(download_asks_as_documented_and_keeps_no_password),
        cmocka_unit_test(download_that_is_refused_changes_nothing_but_the_recorded_reason),
        cmocka_unit_test(download_that_is_refused_again_and_again_wears_no_flash),
        cmocka_unit_test(header_against_policy_is_refused_before_the_payload_is_fetched),
        cmocka_unit_test(body_without_end_stops_at_the_size_of_the_slot),
        cmocka_unit_test(image_of_an_impossible_length_is_refused_at_its_end),
        cmocka_unit_test(largest_packet_fits),
        cmocka_unit_test(server_that_trickles_is_stopped_by_the_lowest_rate),
        cmocka_unit_test(time_that_passes_between_two_waits_counts_too),
        cmocka_unit_test(header_that_trickles_is_stopped_too),
        cmocka_unit_test(address_that_is_not_usable_opens_no_connection),
        cmocka_unit_test(device_on_trial_opens_no_connection),
        cmocka_unit_test(device_without_state_opens_no_connection),
        cmocka_unit_test(packet_that_is_staged_stays_when_the_next_download_fails),
        cmocka_unit_test(packet_that_is_staged_gives_way_to_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
