/* SPDX-License-Identifier: Apache-2.0 */
/* Signed downloads that were interrupted: what goes on, what begins anew, and that no two files are
 * ever put together. */
#include "support/effort.h"
#include "support/rig.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct bench {
    struct rig rig;
    struct signed_update update;
    bool integrated;
};

/* Another image, another envelope, by the same key. */
static void remake(struct bench *b, uint64_t sequence, uint32_t seed)
{
    test_fill(b->rig.new_image, RIG_NEW_LEN, seed);
    signed_update_remake(&b->update, &b->rig.device, sequence, b->rig.new_image, RIG_NEW_LEN,
                         SIGNED_ENCRYPTED);
}

static void begin(struct bench *b, bool integrated)
{
    memset(b, 0, sizeof *b);
    rig_begin(&b->rig);
    b->integrated = integrated;
    b->rig.device.envelope.supported = true; /* and bare_allowed is not */
    b->rig.from.path = "/new.suit";
    signed_update_make(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN,
                       SIGNED_ENCRYPTED);
    b->update.integrated = integrated;
    remake(b, 7, 2);
    b->rig.trust = &b->update.trust;
}

static void end(struct bench *b)
{
    rig_release(&b->rig);
    signed_update_free(&b->update);
}

static struct fake_script envelope_server(const struct bench *b)
{
    return (struct fake_script){
        .body = b->update.envelope.bytes, .body_len = b->update.envelope.len, .etag = "\"e1\""};
}

static struct fake_script payload_server(const struct bench *b)
{
    return (struct fake_script){
        .body = b->update.payload, .body_len = b->update.payload_len, .etag = "\"p1\""};
}

/* Of the file that the payload is in: bytes in front of it. */
static uint32_t front(const struct bench *b)
{
    return b->integrated ? (uint32_t)signed_update_head(&b->update).len : 0;
}

/* One download: the connection with the payload in it is `payload`. */
static enum fk_status fetch(struct bench *b, struct fake_script payload)
{
    const struct fake_script detached[] = {envelope_server(b), payload};
    return rig_fetch(&b->rig, b->integrated ? &payload : detached, b->integrated ? 1 : 2);
}

static struct fake_script server(const struct bench *b)
{
    return b->integrated ? envelope_server(b) : payload_server(b);
}

/* Two sectors of the payload and a bit are there when the connection breaks. */
static void fetch_half(struct bench *b)
{
    struct fake_script half = server(b);
    half.stop = 100 + front(b) + 2 * RIG_SECTOR;
    half.end = FAKE_BREAKS;
    assert_int_equal(fetch(b, half), FK_E_NETWORK);
    assert_false(b->rig.report.recorded);
    assert_int_equal(b->rig.core.state.phase, FK_PHASE_RECEIVING);
    assert_int_equal(b->rig.core.state.step, 2);
}

static void assert_installs(struct bench *b)
{
    struct fk_boot_report boot = rig_boot(&b->rig);
    assert_true(boot.installed && boot.packet.is_signed);
    assert_memory_equal(b->rig.flash.bytes + b->rig.device.map.primary.off, b->rig.new_image,
                        RIG_NEW_LEN);
}

static const char *last_request(const struct bench *b)
{
    return b->rig.net.requests[b->rig.net.opened - 1];
}

static void assert_asked_for_rest(const struct bench *b, const char *etag)
{
    char range[100];
    snprintf(range, sizeof range, "\r\nRange: bytes=%u-\r\nIf-Range: %s\r\n",
             (unsigned)(front(b) + 2 * RIG_SECTOR), etag);
    assert_non_null(strstr(last_request(b), range));
}

static void payload_that_was_interrupted_goes_on_where_it_was(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        for (unsigned reset = 0; reset < 2; reset++) {
            struct bench b;
            begin(&b, integrated != 0);
            fetch_half(&b);
            if (reset) {
                assert_int_equal(rig_boot(&b.rig).image.size, RIG_OLD_LEN);
            }
            assert_int_equal(fetch(&b, server(&b)), FK_OK);
            assert_asked_for_rest(&b, integrated ? "\"e1\"" : "\"p1\"");
            assert_true(b.rig.report.resumed && b.rig.report.is_signed);
            assert_int_equal(b.rig.report.detached, !integrated);
            assert_int_equal(b.rig.report.received, b.update.payload_len - 2 * RIG_SECTOR);
            assert_installs(&b);
            end(&b);
        }
    }
}

static void interruption_anywhere_can_be_made_good(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        size_t all = server(&b).body_len + 30; /* with most of the answer's header */
        end(&b);
        for (size_t stop = 1; stop < all; stop += 53 * test_every(29)) {
            begin(&b, integrated != 0);
            struct fake_script half = server(&b);
            half.stop = stop;
            assert_int_equal(fetch(&b, half), FK_E_HTTP_SHORT);
            assert_false(b.rig.report.recorded);
            assert_int_equal(rig_boot(&b.rig).image.size, RIG_OLD_LEN);
            assert_int_equal(fetch(&b, server(&b)), FK_OK);
            assert_installs(&b);
            end(&b);
        }
    }
}

static void server_without_ranges_gives_the_whole_again(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        fetch_half(&b);
        struct fake_script whole = server(&b);
        whole.no_ranges = true;
        assert_int_equal(fetch(&b, whole), FK_OK);
        assert_true(b.rig.report.restarted);
        assert_false(b.rig.report.resumed);
        assert_installs(&b);
        end(&b);
    }
}

static void range_that_cannot_be_satisfied_is_asked_for_as_a_whole(void **state)
{
    (void)state;
    static const struct fake_script refusal = {.head = "HTTP/1.1 416 No\r\n\r\n"};
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        fetch_half(&b);
        const struct fake_script detached[] = {envelope_server(&b), refusal, payload_server(&b)};
        const struct fake_script one[] = {refusal, envelope_server(&b)};
        assert_int_equal(rig_fetch(&b.rig, integrated ? one : detached, integrated ? 2 : 3), FK_OK);
        assert_true(b.rig.report.restarted);
        assert_null(strstr(last_request(&b), "Range"));
        assert_installs(&b);
        end(&b);
    }
}

/* The half of the old payload is of no use for the new envelope. */
static void other_envelope_begins_anew(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        for (unsigned same_sequence = 0; same_sequence < 2; same_sequence++) {
            struct bench b;
            begin(&b, integrated != 0);
            fetch_half(&b);
            remake(&b, same_sequence ? 7 : 8, 77);
            struct fake_script next = server(&b);
            next.etag = "\"v2\"";
            assert_int_equal(fetch(&b, next), FK_OK);
            assert_false(b.rig.report.resumed);
            if (!integrated) { /* the envelope was seen before its payload was asked for */
                assert_null(strstr(last_request(&b), "Range"));
            }
            assert_installs(&b);
            end(&b);
        }
    }
}

/* Sent instead of the rest: a whole envelope that is refused. The half is given up with it. */
static void refused_envelope_instead_of_the_rest_is_a_verdict(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, true);
    fetch_half(&b);
    b.update.trust.policy.class_id[3] ^= 1; /* for the test's sake, what was good is bad now */
    remake(&b, 8, 77);
    struct fake_script next = server(&b);
    next.etag = "\"v2\"";
    assert_int_equal(fetch(&b, next), FK_E_DEVICE_CLASS);
    assert_true(b.rig.report.recorded);
    assert_null(strstr(last_request(&b), "Range")); /* the one in flash was refused before */
    assert_int_equal(b.rig.core.state.phase, FK_PHASE_IDLE);
    assert_int_equal(b.rig.core.state.last.status, FK_E_DEVICE_CLASS);
    end(&b);
}

static void key_that_was_revoked_meanwhile_stops_the_rest(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, true);
    fetch_half(&b);
    static struct suit_key other;
    suit_key_make(&other);
    b.update.policy.anchors[0].key.ptr = other.point;
    assert_int_equal(fetch(&b, server(&b)), FK_E_SIGNATURE);
    assert_null(strstr(last_request(&b), "Range"));
    assert_int_equal(rig_boot(&b.rig).image.size, RIG_OLD_LEN);
    assert_int_equal(b.rig.core.state.last.status, FK_E_SIGNATURE);
    suit_key_free(&other);
    end(&b);
}

/* Answers that claim to be the rest. */
static void rest_of_another_length_or_file_is_refused_and_forgotten(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int more; /* bytes in the whole file, against the true one */
        const char *etag;
        enum fk_status st;
    } rows[] = {
        {"a longer file", 1, NULL, FK_E_HTTP_CHANGED},
        {"a shorter file", -1, NULL, FK_E_HTTP_CHANGED},
        {"another tag", 0, "\"v2\"", FK_E_HTTP_CHANGED},
    };
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct bench b;
            begin(&b, integrated != 0);
            fetch_half(&b);
            struct fake_script rest = server(&b);
            char head[200];
            unsigned total = (unsigned)((int)rest.body_len + rows[i].more);
            unsigned from = front(&b) + 2 * RIG_SECTOR;
            snprintf(head, sizeof head,
                     "HTTP/1.1 206 P\r\nETag: %s\r\nContent-Range: bytes %u-%u/%u\r\n\r\n",
                     rows[i].etag != NULL ? rows[i].etag : rest.etag, from, total - 1, total);
            rest.head = head;
            rest.body += from;
            rest.body_len = total - from;
            enum fk_status st = fetch(&b, rest);
            if (st != rows[i].st || !b.rig.report.recorded) {
                fail_msg("%s: %s", rows[i].why, fk_status_symbol(st));
            }
            assert_int_equal(rig_boot(&b.rig).image.size, RIG_OLD_LEN);
            assert_int_equal(b.rig.core.state.phase, FK_PHASE_IDLE);
            assert_int_equal(b.rig.core.state.last.status, rows[i].st);
            assert_int_equal(fetch(&b, server(&b)), FK_OK);
            assert_null(strstr(last_request(&b), "Range"));
            assert_installs(&b);
            end(&b);
        }
    }
}

/* Same length, same tag, other bytes: only the digest under the signature can tell. */
static void rest_that_lies_about_its_tag_is_refused_at_boot(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        fetch_half(&b);
        b.update.payload[2000] ^= 1;
        if (integrated) {
            b.update.envelope.bytes[b.update.envelope.payload_off + 2000] ^= 1;
        }
        assert_int_equal(fetch(&b, server(&b)), FK_OK);
        assert_true(b.rig.report.resumed);
        struct fk_boot_report boot = rig_boot(&b.rig);
        assert_int_equal(boot.refused, FK_E_TAG);
        assert_int_equal(boot.image.size, RIG_OLD_LEN);
        end(&b);
    }
}

static void payload_without_a_validator_begins_anew(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        struct fake_script half = server(&b);
        half.etag = NULL;
        half.stop = 2000;
        assert_int_equal(fetch(&b, half), FK_E_HTTP_SHORT);
        assert_int_equal(b.rig.core.state.phase, FK_PHASE_RECEIVING);
        assert_int_equal(fetch(&b, server(&b)), FK_OK);
        assert_null(strstr(last_request(&b), "Range"));
        assert_installs(&b);
        end(&b);
    }
}

/* The address of an integrated envelope becomes that of a detached one, and the other way round. */
static void payload_that_moves_in_or_out_of_its_envelope_begins_anew(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench b;
        begin(&b, integrated != 0);
        fetch_half(&b);
        b.integrated = b.update.integrated = !b.integrated;
        remake(&b, 7, 77);
        struct fake_script envelope = envelope_server(&b);
        envelope.etag = "\"v2\"";
        const struct fake_script scripts[] = {envelope, payload_server(&b)};
        assert_int_equal(rig_fetch(&b.rig, scripts, 2), FK_OK);
        assert_false(b.rig.report.resumed);
        assert_installs(&b);
        end(&b);
    }
}

/* At each flash operation and in each way: envelope stored, payload written, states recorded. In
 * the end the new image runs, and in between always one of the two. */
static void signed_download_survives_a_power_cut_at_every_flash_operation(void **state)
{
    (void)state;
    const unsigned every = test_every(9);
    unsigned long cuts = 0;
    unsigned long resumed = 0;
    static struct bench fresh;
    static struct simflash flash;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        begin(&fresh, integrated != 0);
        sim_init(&flash, &fresh.rig.device.map, 1);
        sim_copy(&flash, &fresh.rig.flash);
        for (enum sim_cut kind = SIM_CUT_BEFORE; kind < SIM_CUT_KINDS; kind++) {
            for (uint32_t k = 1;; k += every) {
                struct bench *b = &fresh;
                sim_copy(&b->rig.flash, &flash);
                sim_power_up(&b->rig.flash, k, kind);
                enum fk_status st = fetch(b, server(b));
                sim_power_up(&b->rig.flash, SIM_NEVER, kind);
                if (st == FK_OK) {
                    break;
                }
                assert_int_equal(st, FK_E_POWER);
                assert_false(b->rig.report.recorded);
                struct fk_boot_report boot = rig_boot(&b->rig);
                assert_int_equal(boot.verdict, FK_VERDICT_BOOT);
                if (!boot.installed) { /* unless the very last record was complete */
                    assert_int_equal(boot.image.size, RIG_OLD_LEN);
                    assert_int_equal(fetch(b, server(b)), FK_OK);
                    resumed += b->rig.report.resumed;
                    assert_installs(b);
                }
                cuts++;
            }
        }
        sim_release(&flash);
        end(&fresh);
    }
    printf("%lu power cuts, %lu downloads resumed\n", cuts, resumed);
    assert_true(cuts > 400 / every && resumed > cuts / (3 * every));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_that_was_interrupted_goes_on_where_it_was),
        cmocka_unit_test(interruption_anywhere_can_be_made_good),
        cmocka_unit_test(server_without_ranges_gives_the_whole_again),
        cmocka_unit_test(range_that_cannot_be_satisfied_is_asked_for_as_a_whole),
        cmocka_unit_test(other_envelope_begins_anew),
        cmocka_unit_test(refused_envelope_instead_of_the_rest_is_a_verdict),
        cmocka_unit_test(key_that_was_revoked_meanwhile_stops_the_rest),
        cmocka_unit_test(rest_of_another_length_or_file_is_refused_and_forgotten),
        cmocka_unit_test(rest_that_lies_about_its_tag_is_refused_at_boot),
        cmocka_unit_test(payload_without_a_validator_begins_anew),
        cmocka_unit_test(payload_that_moves_in_or_out_of_its_envelope_begins_anew),
        cmocka_unit_test(signed_download_survives_a_power_cut_at_every_flash_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
