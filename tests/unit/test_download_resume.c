/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads that were interrupted: by the network, by the server, and by the power. */
#include "support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Bytes of the honest server's header for the whole packet. */
#define ANSWER_HEAD 53u

/* Gets half of the packet and loses the connection; two sectors of the payload are complete. */
#define HALF (60u + 2u * RIG_SECTOR + 100u)

static void fetch_half(struct rig *rig)
{
    struct fake_script server = rig_server(rig);
    server.stop = ANSWER_HEAD + HALF;
    server.end = FAKE_BREAKS;
    assert_int_equal(rig_fetch(rig, &server, 1), FK_E_NETWORK);
    assert_false(rig->report.recorded);
    assert_int_equal(rig->core.state.phase, FK_PHASE_RECEIVING);
    assert_int_equal(rig->core.state.step, 2);
}

static void download_that_was_interrupted_goes_on_where_it_was(void **state)
{
    (void)state;
    static const enum fake_end ends[] = {FAKE_CLOSES, FAKE_STALLS, FAKE_BREAKS};
    static const enum fk_status expected[] = {FK_E_HTTP_SHORT, FK_E_TIMEOUT, FK_E_NETWORK};
    for (size_t end = 0; end < 3; end++) {
        for (size_t stop = 1; stop < ANSWER_HEAD + 60 + RIG_NEW_LEN; stop += 61) {
            struct rig rig;
            rig_begin(&rig);
            struct fake_script server = rig_server(&rig);
            server.stop = stop;
            server.end = ends[end];
            assert_int_equal(rig_fetch(&rig, &server, 1), expected[end]);
            assert_false(rig.report.recorded);
            assert_int_equal(rig_boot(&rig).image.size, RIG_OLD_LEN);
            assert_int_equal(rig.core.state.last.status, FK_OK);
            bool half = rig.core.state.phase == FK_PHASE_RECEIVING;
            assert_int_equal(half, stop > ANSWER_HEAD + 60);
            uint32_t offset = half ? 60 + rig.core.state.step * RIG_SECTOR : 0;

            server = rig_server(&rig);
            assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
            assert_int_equal(rig.report.asked_offset, offset);
            assert_int_equal(rig.report.resumed, half);
            assert_false(rig.report.restarted);
            assert_int_equal(rig.report.received, rig.packet_len - offset);
            rig_assert_staged(&rig);
            rig_release(&rig);
        }
    }
}

/* The half download was kept: the next call fetches the rest of it. */
static void rest_comes(struct rig *rig)
{
    struct fake_script server = rig_server(rig);
    assert_int_equal(rig_fetch(rig, &server, 1), FK_OK);
    assert_true(rig->report.resumed);
    rig_assert_staged(rig);
}

static void connection_that_fails_leaves_a_half_download(void **state)
{
    (void)state;
    static const enum fk_status failures[] = {FK_E_CONNECT, FK_E_TIMEOUT, FK_E_NETWORK};
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    for (size_t i = 0; i < 3; i++) {
        struct fake_script none = {.open = failures[i]};
        assert_int_equal(rig_fetch(&rig, &none, 1), failures[i]);
        assert_int_equal(rig.core.state.phase, FK_PHASE_RECEIVING);
    }
    rest_comes(&rig);
    rig_release(&rig);
}

static void server_that_is_not_trusted_leaves_a_half_download(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    struct fake_script stranger = {.open = FK_E_TLS_UNTRUSTED};
    assert_int_equal(rig_fetch(&rig, &stranger, 1), FK_E_TLS_UNTRUSTED);
    assert_true(rig.report.recorded); /* nothing was under way: the reason can be read */
    assert_int_equal(rig.core.state.last.status, FK_E_TLS_UNTRUSTED);
    fetch_half(&rig);
    assert_int_equal(rig_fetch(&rig, &stranger, 1), FK_E_TLS_UNTRUSTED);
    assert_false(rig.report.recorded);
    assert_int_equal(rig.core.state.phase, FK_PHASE_RECEIVING);
    rest_comes(&rig);
    rig_release(&rig);
}

static void answer_that_is_no_answer_leaves_a_half_download(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        enum fk_status st;
    } rows[] = {
        {"HTTP/1.1 404 Not Found\r\n\r\n", FK_E_HTTP_STATUS},
        {"HTTP/1.1 401 Unauthorized\r\n\r\n", FK_E_HTTP_STATUS},
        {"HTTP/1.1 503 Busy\r\n\r\n", FK_E_HTTP_STATUS},
        {"HTTP/1.1 302 Log in first\r\n\r\n", FK_E_HTTP_REDIRECT},
        {"<html>\r\n", FK_E_HTTP_SYNTAX},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", FK_E_HTTP_ENCODING},
    };
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_script portal = {.head = rows[i].head};
        assert_int_equal(rig_fetch(&rig, &portal, 1), rows[i].st);
        assert_false(rig.report.recorded);
        assert_int_equal(rig.core.state.phase, FK_PHASE_RECEIVING);
    }
    rest_comes(&rig);
    assert_int_equal(rig.report.asked_offset, 60 + 2 * RIG_SECTOR);
    rig_release(&rig);
}

static void whole_file_instead_of_the_rest_begins_anew(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    struct fake_script server = rig_server(&rig);
    server.no_ranges = true;
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_int_equal(rig.report.asked_offset, 60 + 2 * RIG_SECTOR);
    assert_true(rig.report.restarted);
    assert_false(rig.report.resumed);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void another_file_instead_of_the_rest_begins_anew(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    test_fill(rig.new_image, RIG_NEW_LEN, 77);
    test_packet(&rig.device, rig.new_image, RIG_NEW_LEN, rig.key, rig.packet);
    struct fake_script server = rig_server(&rig);
    server.etag = "\"v2\"";
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_true(rig.report.restarted);
    rig_assert_staged(&rig);
    assert_true(rig_boot(&rig).installed);
    assert_memory_equal(rig.flash.bytes + rig.device.map.primary.off, rig.new_image, RIG_NEW_LEN);
    rig_release(&rig);
}

static void whole_file_that_breaks_off_again_is_resumed_by_its_own_validator(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    struct fake_script server = rig_server(&rig);
    server.etag = "\"v2\"";
    server.stop = ANSWER_HEAD + 60 + RIG_SECTOR;
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_HTTP_SHORT);
    server.stop = 0;
    assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
    assert_non_null(strstr(rig.net.requests[0], "Range: bytes=572-\r\nIf-Range: \"v2\"\r\n"));
    assert_true(rig.report.resumed);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void range_that_cannot_be_satisfied_is_asked_for_again_as_a_whole(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    struct fake_script scripts[2] = {
        {.head = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */9\r\n\r\n"}};
    scripts[1] = rig_server(&rig);
    assert_int_equal(rig_fetch(&rig, scripts, 2), FK_OK);
    assert_non_null(strstr(rig.net.requests[0], "Range: bytes=1084-"));
    assert_null(strstr(rig.net.requests[1], "Range"));
    assert_true(rig.report.restarted);
    rig_assert_staged(&rig);
    rig_release(&rig);
}

static void server_that_always_says_416_is_asked_twice_and_no_more(void **state)
{
    (void)state;
    struct rig rig;
    rig_begin(&rig);
    fetch_half(&rig);
    struct fake_script scripts[2] = {{.head = "HTTP/1.1 416 No\r\n\r\n"},
                                     {.head = "HTTP/1.1 416 No\r\n\r\n"}};
    assert_int_equal(rig_fetch(&rig, scripts, 2), FK_E_HTTP_STATUS);
    assert_int_equal(rig.net.opened, 2);
    assert_int_equal(rig.report.http_status, 416);
    rig_release(&rig);
}

/* After these the half download is of no use, so it is forgotten and the next call starts over. */
static void range_that_is_not_the_rest_of_this_file_is_refused_and_forgotten(void **state)
{
    (void)state;
    static const struct {
        const char *why, *head;
        enum fk_status st;
    } rows[] = {
        {"changed file",
         "HTTP/1.1 206 P\r\nETag: \"v2\"\r\nContent-Range: bytes 1084-3059/3060\r\n\r\n",
         FK_E_HTTP_CHANGED},
        {"no tag", "HTTP/1.1 206 P\r\nContent-Range: bytes 1084-3059/3060\r\n\r\n",
         FK_E_HTTP_CHANGED},
        {"from elsewhere",
         "HTTP/1.1 206 P\r\nETag: \"v1\"\r\nContent-Range: bytes 1083-3059/3060\r\n\r\n",
         FK_E_HTTP_RANGE},
        {"from the beginning",
         "HTTP/1.1 206 P\r\nETag: \"v1\"\r\nContent-Range: bytes 0-3059/3060\r\n\r\n",
         FK_E_HTTP_RANGE},
        {"not to the end",
         "HTTP/1.1 206 P\r\nETag: \"v1\"\r\nContent-Range: bytes 1084-2000/3060\r\n\r\n",
         FK_E_HTTP_RANGE},
        {"no range", "HTTP/1.1 206 P\r\nETag: \"v1\"\r\n\r\n", FK_E_HTTP_RANGE},
        {"too big", "HTTP/1.1 206 P\r\nETag: \"v1\"\r\nContent-Range: bytes 1084-4156/4157\r\n\r\n",
         FK_E_HTTP_TOO_BIG},
        {"too big as a whole", "HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 4157\r\n\r\n",
         FK_E_HTTP_TOO_BIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        fetch_half(&rig);
        uint8_t *before = rig_snapshot(&rig);
        struct fake_script server = {
            .head = rows[i].head, .body = rig.packet, .body_len = rig.packet_len};
        enum fk_status st = rig_fetch(&rig, &server, 1);
        if (st != rows[i].st || !rig.report.recorded) {
            fail_msg("%s: %s", rows[i].why, fk_status_symbol(st));
        }
        rig_assert_untouched(&rig, before); /* staging too */
        assert_int_equal(rig.core.state.last.status, rows[i].st);
        server = rig_server(&rig);
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
        assert_null(strstr(rig.net.requests[0], "Range"));
        rig_assert_staged(&rig);
        free(before);
        rig_release(&rig);
    }
}

static void download_without_a_validator_begins_anew(void **state)
{
    (void)state;
    static const char *const tags[] = {NULL, "W/\"v1\"", "v1"};
    for (size_t i = 0; i < 3; i++) {
        struct rig rig;
        rig_begin(&rig);
        struct fake_script server = rig_server(&rig);
        server.etag = tags[i];
        server.stop = 2000;
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_E_HTTP_SHORT);
        assert_int_equal(rig.core.state.phase, FK_PHASE_RECEIVING);
        server.stop = 0;
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
        assert_null(strstr(rig.net.requests[0], "Range"));
        rig_assert_staged(&rig);
        rig_release(&rig);
    }
}

static void download_from_elsewhere_does_not_go_on_with_this_one(void **state)
{
    (void)state;
    static const struct {
        const char *scheme;
        struct fk_download_from from;
    } others[] = {
        {"https", {.host = "updates.example", .port = 80, .path = "/new.ota"}},
        {"http", {.host = "updates2.example", .port = 80, .path = "/new.ota"}},
        {"http", {.host = "updates.example", .port = 81, .path = "/new.ota"}},
        {"http", {.host = "updates.example", .port = 80, .path = "/old.ota"}},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct rig rig;
        rig_begin(&rig);
        fetch_half(&rig);
        struct fk_download_from home = rig.from;
        rig.from = others[i].from;
        rig.scheme = others[i].scheme;
        /* A failure elsewhere does not cost what was fetched here. */
        struct fake_script big = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"};
        assert_int_equal(rig_fetch(&rig, &big, 1), FK_E_HTTP_TOO_BIG);
        assert_null(strstr(rig.net.requests[0], "Range"));
        assert_false(rig.report.recorded);
        struct fake_script server = rig_server(&rig);
        rig.from = home;
        rig.scheme = "http";
        assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
        assert_true(rig.report.resumed);
        rig_assert_staged(&rig);
        rig_release(&rig);
    }
}

/* In the middle of the download, at each flash operation and in each way: the packet that is
 * staged in the end is the same to the byte. */
static void download_survives_a_power_cut_at_every_flash_operation(void **state)
{
    (void)state;
    unsigned long cuts = 0;
    unsigned long resumed = 0;
    for (enum sim_cut kind = SIM_CUT_BEFORE; kind < SIM_CUT_KINDS; kind++) {
        for (uint32_t k = 1;; k++) {
            struct rig rig;
            rig_begin(&rig);
            sim_power_up(&rig.flash, k, kind);
            struct fake_script server = rig_server(&rig);
            server.piece = 333;
            enum fk_status st = rig_fetch(&rig, &server, 1);
            if (st == FK_OK) {
                rig_release(&rig);
                break;
            }
            assert_int_equal(st, FK_E_POWER);
            assert_false(rig.report.recorded);
            sim_power_up(&rig.flash, SIM_NEVER, kind);
            struct fk_boot_report boot = rig_boot(&rig);
            assert_int_equal(boot.verdict, FK_VERDICT_BOOT);
            if (!boot.installed) { /* unless the very last record was complete */
                server.piece = 0;
                assert_int_equal(boot.image.size, RIG_OLD_LEN);
                assert_int_equal(rig_fetch(&rig, &server, 1), FK_OK);
                resumed += rig.report.resumed;
                rig_assert_staged(&rig);
                assert_true(rig_boot(&rig).installed);
            }
            assert_memory_equal(rig.flash.bytes + rig.device.map.primary.off, rig.new_image,
                                RIG_NEW_LEN);
            cuts++;
            rig_release(&rig);
        }
    }
    printf("%lu power cuts, %lu downloads resumed\n", cuts, resumed);
    assert_true(cuts > 200 && resumed > cuts / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(download_that_was_interrupted_goes_on_where_it_was),
        cmocka_unit_test(connection_that_fails_leaves_a_half_download),
        cmocka_unit_test(server_that_is_not_trusted_leaves_a_half_download),
        cmocka_unit_test(answer_that_is_no_answer_leaves_a_half_download),
        cmocka_unit_test(whole_file_instead_of_the_rest_begins_anew),
        cmocka_unit_test(another_file_instead_of_the_rest_begins_anew),
        cmocka_unit_test(whole_file_that_breaks_off_again_is_resumed_by_its_own_validator),
        cmocka_unit_test(range_that_cannot_be_satisfied_is_asked_for_again_as_a_whole),
        cmocka_unit_test(server_that_always_says_416_is_asked_twice_and_no_more),
        cmocka_unit_test(range_that_is_not_the_rest_of_this_file_is_refused_and_forgotten),
        cmocka_unit_test(download_without_a_validator_begins_anew),
        cmocka_unit_test(download_from_elsewhere_does_not_go_on_with_this_one),
        cmocka_unit_test(download_survives_a_power_cut_at_every_flash_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
