/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads of signed updates: the envelope is judged before a byte of its payload is fetched, and
 * the payload is the one it names. */
#include "core/install.h"
#include "support/rig.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A device that wants signatures, and an update for it. */
struct bench {
    struct rig rig;
    struct signed_update update;
};

static struct bench *new_bench(enum signed_kind kind, bool integrated)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    rig_begin(&b->rig);
    b->rig.device.envelope.supported = true; /* and bare_allowed is not */
    b->rig.from.path = "/fw/new.suit";
    signed_update_make(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN, kind);
    b->update.integrated = integrated;
    signed_update_remake(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN, kind);
    b->rig.trust = &b->update.trust;
    return b;
}

static void free_bench(struct bench *b)
{
    rig_release(&b->rig);
    signed_update_free(&b->update);
    free(b);
}

static struct fake_script envelope_server(const struct bench *b)
{
    return (struct fake_script){.body = b->update.envelope.bytes,
                                .body_len = b->update.envelope.len,
                                .etag = "\"envelope\""};
}

static struct fake_script payload_server(const struct bench *b)
{
    return (struct fake_script){
        .body = b->update.payload, .body_len = b->update.payload_len, .etag = "\"payload\""};
}

/* One download from honest servers. */
static enum fk_status fetch(struct bench *b)
{
    const struct fake_script scripts[] = {envelope_server(b), payload_server(b)};
    return rig_fetch(&b->rig, scripts, 2);
}

static void assert_installs(struct bench *b)
{
    struct fk_boot_report boot = rig_boot(&b->rig);
    assert_true(boot.installed);
    assert_true(boot.packet.is_signed);
    assert_memory_equal(b->rig.flash.bytes + b->rig.device.map.primary.off, b->rig.new_image,
                        RIG_NEW_LEN);
    assert_int_equal(b->rig.core.state.running.sequence, b->update.sequence);
}

static void integrated_payload_is_staged_however_the_bytes_come(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 5, 7, 100, 511, 2047, 0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        for (enum signed_kind kind = SIGNED_PLAIN; kind <= SIGNED_ENCRYPTED; kind++) {
            struct bench *b = new_bench(kind, true);
            struct fake_script server = envelope_server(b);
            server.piece = pieces[i];
            assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_OK);
            assert_true(b->rig.report.is_signed);
            assert_false(b->rig.report.detached);
            assert_installs(b);
            free_bench(b);
        }
    }
}

static void detached_payload_is_fetched_from_where_the_manifest_says(void **state)
{
    (void)state;
    static const struct {
        const char *uri, *host, *request;
        uint16_t port;
        bool password; /* goes there */
    } rows[] = {
        {NULL, "updates.example", "GET /fw/payload. HTTP/1.1\r\nHost: updates.example\r\n", 80,
         true},
        {"../p?x=1", "updates.example", "GET /p?x=1 HTTP/1.1\r\n", 80, true},
        {"http://UPDATES.example:80/p", "UPDATES.example", "GET /p HTTP/1.1\r\n", 80, true},
        {"http://updates.example:81/p", "updates.example", "GET /p HTTP/1.1\r\n", 81, false},
        {"http://cdn.example/p", "cdn.example", "GET /p HTTP/1.1\r\nHost: cdn.example\r\n", 80,
         false},
        {"//[::1]:8080/p", "::1", "GET /p HTTP/1.1\r\nHost: [::1]:8080\r\n", 8080, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = new_bench(SIGNED_ENCRYPTED, false);
        b->update.uri = rows[i].uri;
        signed_update_remake(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN,
                             SIGNED_ENCRYPTED);
        b->rig.from.user = "user";
        b->rig.from.password = "secret";
        assert_int_equal(fetch(b), FK_OK);
        assert_true(b->rig.report.detached && b->rig.report.is_signed);
        assert_int_equal(b->rig.net.opened, 2);
        assert_string_equal(b->rig.net.host, rows[i].host);
        assert_int_equal(b->rig.net.port, rows[i].port);
        const char *request = b->rig.net.requests[1];
        assert_ptr_equal(strstr(request, rows[i].request), request);
        assert_int_equal(strstr(request, "Authorization") != NULL, rows[i].password);
        assert_non_null(strstr(b->rig.net.requests[0], "Authorization"));
        assert_installs(b);
        free_bench(b);
    }
}

static void packet_in_an_envelope_is_staged(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench *b = new_bench(SIGNED_PLAIN, integrated != 0);
        signed_update_remake(&b->update, &b->rig.device, 7, b->rig.packet, b->rig.packet_len,
                             SIGNED_PACKET);
        assert_int_equal(fetch(b), FK_OK);
        assert_installs(b);
        free_bench(b);
    }
}

/* What an envelope is refused for, before its payload is asked for. */
enum spoil {
    OTHER_SIGNER,
    OLDER,
    OTHER_CLASS,
    OTHER_RECIPIENT,
    NO_TRUST,
    ENCRYPTION_REQUIRED,
    FRONT_TOO_BIG,
    UNUSABLE_ADDRESS,
    OTHER_SCHEME,
    CUT_OFF,
    MORE_BEHIND,
    SPOILS
};

static const struct {
    const char *why;
    enum fk_status st;
    enum signed_kind kind;
    bool detached_only;
} spoils[SPOILS] = {
    [OTHER_SIGNER] = {"another signer", FK_E_SIGNATURE, SIGNED_PLAIN, false},
    [OLDER] = {"older than the counter", FK_E_ROLLBACK, SIGNED_PLAIN, false},
    [OTHER_CLASS] = {"for another class", FK_E_DEVICE_CLASS, SIGNED_PLAIN, false},
    [OTHER_RECIPIENT] = {"for other recipients", FK_E_RECIPIENT, SIGNED_ENCRYPTED, false},
    [NO_TRUST] = {"device without keys", FK_E_KEYS, SIGNED_PLAIN, false},
    [ENCRYPTION_REQUIRED] = {"not encrypted", FK_E_ENCRYPTION_REQUIRED, SIGNED_PLAIN, false},
    [FRONT_TOO_BIG] = {"front above its memory", FK_E_SUIT_TOO_BIG, SIGNED_PLAIN, false},
    [UNUSABLE_ADDRESS] = {"user in the address", FK_E_PAYLOAD_URI, SIGNED_PLAIN, true},
    [OTHER_SCHEME] = {"address of another scheme", FK_E_PAYLOAD_URI, SIGNED_PLAIN, true},
    [CUT_OFF] = {"shorter than it says", FK_E_TRUNCATED, SIGNED_PLAIN, false},
    [MORE_BEHIND] = {"bytes behind it", FK_E_TRAILING, SIGNED_PLAIN, false},
};

static void spoil(struct bench *b, enum spoil what)
{
    static struct suit_key stranger;
    struct fk_trust *trust = &b->update.trust;
    b->update.uri = what == UNUSABLE_ADDRESS ? "//user@cdn.example/p"
                    : what == OTHER_SCHEME   ? "https://updates.example/p"
                                             : NULL;
    if (what == OTHER_SIGNER && stranger.pkey == NULL) {
        suit_key_make(&stranger);
    }
    struct suit_key own = b->update.key;
    b->update.key = what == OTHER_SIGNER ? stranger : own;
    signed_update_remake(&b->update, &b->rig.device, what == OLDER ? 6 : 7, b->rig.new_image,
                         RIG_NEW_LEN, spoils[what].kind);
    b->update.key = own;
    if (what == OTHER_SIGNER) { /* the anchor's key is borrowed from there */
        b->update.policy.anchors[0].key.ptr = b->update.key.point;
    }
    trust->policy.class_id[0] ^= what == OTHER_CLASS;
    trust->policy.encryption_required = what == ENCRYPTION_REQUIRED;
    if (what == OTHER_RECIPIENT) {
        static const uint8_t kek[16] = "bbbbbbbbbbbbbbbb";
        trust->keys.kek.ptr = kek;
    }
    b->rig.trust = what == NO_TRUST ? NULL : trust;
    trust->envelope_cap = what == FRONT_TOO_BIG ? 100 : trust->envelope_cap;
    b->update.envelope.len -= what == CUT_OFF;
    b->update.envelope.len += what == MORE_BEHIND;
}

static void raise_counter(struct rig *rig)
{
    assert_int_equal(
        fk_core_open(&rig->core, &rig->device, &rig->table, rig->work, sizeof rig->work), FK_OK);
    rig->core.state.counter = 7;
    assert_int_equal(fk_update_note(&rig->core, FK_E_POWER), FK_OK); /* writes the state */
}

static void refused_envelope_costs_no_payload_and_leaves_a_reason(void **state)
{
    (void)state;
    for (enum spoil what = 0; what < SPOILS; what++) {
        for (unsigned integrated = 0; integrated < (spoils[what].detached_only ? 1 : 2);
             integrated++) {
            struct bench *b = new_bench(spoils[what].kind, integrated != 0);
            raise_counter(&b->rig);
            spoil(b, what);
            uint8_t *before = rig_snapshot(&b->rig);
            struct fake_script server = envelope_server(b);
            server.piece = 64;
            enum fk_status st = rig_fetch(&b->rig, &server, 1);
            size_t head = 200 + signed_update_head(&b->update).len; /* and the answer's header */
            if (st != spoils[what].st || b->rig.net.sent > head || !b->rig.report.recorded) {
                fail_msg("%s: %s after %zu bytes", spoils[what].why, fk_status_symbol(st),
                         b->rig.net.sent);
            }
            assert_int_equal(b->rig.net.opened, 1);
            if (st == FK_E_PAYLOAD_URI) { /* by then the envelope, a good one, is stored */
                const struct fk_region *e = &b->rig.device.map.envelope;
                memcpy(before + e->off, b->rig.flash.bytes + e->off, e->size);
            }
            rig_assert_untouched(&b->rig, before);
            assert_int_equal(b->rig.core.state.last.status, spoils[what].st);
            assert_int_equal(b->rig.core.state.last.phase, FK_PHASE_RECEIVING);
            uint32_t ops = b->rig.flash.ops;
            if (st != FK_E_PAYLOAD_URI) { /* again and again: no wear */
                assert_int_equal(rig_fetch(&b->rig, &server, 1), st);
                assert_int_equal(b->rig.flash.ops, ops);
            }
            free(before);
            free_bench(b);
        }
    }
}

static void bare_packet_is_refused_where_envelopes_are_wanted(void **state)
{
    (void)state;
    struct bench *b = new_bench(SIGNED_PLAIN, true);
    uint8_t *before = rig_snapshot(&b->rig);
    struct fake_script server = rig_server(&b->rig);
    server.piece = 10;
    assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_E_BARE_REFUSED);
    assert_true(b->rig.report.recorded);
    assert_true(b->rig.net.sent < 100);
    rig_assert_untouched(&b->rig, before);
    assert_int_equal(b->rig.core.state.last.status, FK_E_BARE_REFUSED);
    free(before);
    free_bench(b);
}

static void device_that_takes_both_tells_them_apart(void **state)
{
    (void)state;
    struct bench *b = new_bench(SIGNED_PLAIN, true);
    b->rig.device.envelope.bare_allowed = true;
    struct fake_script server = rig_server(&b->rig);
    assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_OK);
    assert_false(b->rig.report.is_signed);
    rig_assert_staged(&b->rig);
    assert_int_equal(fetch(b), FK_OK);
    assert_true(b->rig.report.is_signed);
    assert_installs(b);
    free_bench(b);

    /* Packets whose nonce begins like an envelope, as long as chance could make them. */
    static const uint8_t start[] = {0xd8, 0x6b, 0xa5, 0x02, 0x5a};
    for (size_t same = 0; same < sizeof start; same++) {
        b = new_bench(SIGNED_PLAIN, true);
        b->rig.device.envelope.bare_allowed = true;
        memcpy(b->rig.packet, start, same);
        b->rig.packet[same] = same == 4 ? 0x5a : 0;
        for (size_t piece = 1; piece < 7; piece += 5) {
            server = rig_server(&b->rig);
            server.piece = piece;
            assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_OK);
            rig_assert_staged(&b->rig);
        }
        free_bench(b);
    }
}

static void payload_that_the_server_has_in_another_length_is_refused(void **state)
{
    (void)state;
    static const int differences[] = {-1, 1};

    for (size_t i = 0; i < 2; i++) {
        for (unsigned length_known = 0; length_known < 2; length_known++) {
            struct bench *b = new_bench(SIGNED_ENCRYPTED, false);
            struct fake_script scripts[] = {envelope_server(b), payload_server(b)};
            scripts[1].body_len = (size_t)((int)b->update.payload_len + differences[i]);
            scripts[1].piece = 50;
            scripts[1].head = length_known ? NULL : "HTTP/1.0 200 OK\r\n\r\n";
            assert_int_equal(rig_fetch(&b->rig, scripts, 2), FK_E_PAYLOAD_SIZE);
            assert_true(b->rig.report.recorded);
            assert_true(b->rig.net.sent < 200 || !length_known); /* no byte of it, then */
            assert_int_equal(rig_boot(&b->rig).image.size, RIG_OLD_LEN);
            assert_int_equal(b->rig.core.state.phase, FK_PHASE_IDLE);
            assert_int_equal(b->rig.core.state.last.status, FK_E_PAYLOAD_SIZE);
            free_bench(b);
        }
    }
}

static void payload_that_differs_is_refused_at_boot(void **state)
{
    (void)state;
    for (unsigned integrated = 0; integrated < 2; integrated++) {
        struct bench *b = new_bench(SIGNED_ENCRYPTED, integrated != 0);
        b->update.payload[1000] ^= 1;
        b->update.envelope.bytes[b->update.envelope.payload_off + 1000] ^= integrated != 0;
        assert_int_equal(fetch(b), FK_OK);
        struct fk_boot_report boot = rig_boot(&b->rig);
        assert_int_equal(boot.refused, FK_E_TAG);
        assert_int_equal(boot.image.size, RIG_OLD_LEN);
        assert_int_equal(b->rig.core.state.last.status, FK_E_TAG);
        free_bench(b);
    }
}

static void payload_that_is_not_there_is_reported_and_can_be_had_later(void **state)
{
    (void)state;
    struct bench *b = new_bench(SIGNED_PLAIN, false);
    const struct fake_script scripts[] = {envelope_server(b),
                                          {.head = "HTTP/1.1 404 Not Found\r\n\r\n"}};
    assert_int_equal(rig_fetch(&b->rig, scripts, 2), FK_E_HTTP_STATUS);
    assert_int_equal(b->rig.report.http_status, 404);
    assert_true(b->rig.report.recorded && b->rig.report.detached);
    const struct fake_script moved[] = {
        envelope_server(b),
        {.head = "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n"}};
    assert_int_equal(rig_fetch(&b->rig, moved, 2), FK_E_HTTP_REDIRECT);
    assert_int_equal(rig_boot(&b->rig).image.size, RIG_OLD_LEN);
    assert_int_equal(fetch(b), FK_OK);
    assert_installs(b);
    free_bench(b);
}

/* A sector and a half of an image from an older envelope waits; what is refused leaves it there. */
static void refused_envelope_does_not_cost_a_half_download_from_elsewhere(void **state)
{
    (void)state;
    struct bench *b = new_bench(SIGNED_PLAIN, true);
    struct fake_script server = envelope_server(b);
    server.stop = 100 + signed_update_head(&b->update).len + RIG_SECTOR;
    assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_E_HTTP_SHORT);
    static struct signed_update evil;
    signed_update_make(&evil, &b->rig.device, 9, b->rig.old_image, RIG_OLD_LEN, SIGNED_PLAIN);
    const struct fake_script other = {.body = evil.envelope.bytes, .body_len = evil.envelope.len};
    b->rig.from.path = "/evil.suit";
    assert_int_equal(rig_fetch(&b->rig, &other, 1), FK_E_SIGNATURE);
    assert_true(b->rig.report.recorded);
    assert_int_equal(b->rig.core.state.last.status, FK_E_SIGNATURE);
    assert_int_equal(b->rig.core.state.phase, FK_PHASE_RECEIVING);
    b->rig.from.path = "/fw/new.suit";
    server.stop = 0;
    assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_OK);
    assert_true(b->rig.report.resumed);
    assert_installs(b);
    signed_update_free(&evil);
    free_bench(b);
}

static void hostile_fronts_are_refused_before_they_fill_the_memory(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t bytes[12];
        size_t len;
        enum fk_status st;
    } rows[] = {
        {"no envelope", {'<', 'h', 't', 'm', 'l', '>'}, 6, FK_E_BARE_REFUSED},
        {"another tag", {0xd8, 0x6c, 0xa2}, 3, FK_E_BARE_REFUSED},
        {"nothing", {0}, 0, FK_E_TRUNCATED},
        {"half a tag", {0xd8}, 1, FK_E_TRUNCATED},
        {"the tag", {0xd8, 0x6b}, 2, FK_E_TRUNCATED},
        {"no map", {0xd8, 0x6b, 0x80}, 3, FK_E_FORMAT},
        {"a map without end", {0xd8, 0x6b, 0xbf}, 3, FK_E_CBOR},
        {"4 GiB of signatures",
         {0xd8, 0x6b, 0xa2, 0x02, 0x5a, 0xff, 0xff, 0xff, 0xff},
         9,
         FK_E_LIMIT},
        {"64 KiB of signatures", {0xd8, 0x6b, 0xa2, 0x02, 0x59, 0xff, 0xff}, 7, FK_E_SUIT_TOO_BIG},
        {"a payload alone", {0xd8, 0x6b, 0xa1, 0x61, '#', 0x41, 'x'}, 7, FK_E_FORMAT},
        {"a payload in front", {0xd8, 0x6b, 0xa2, 0x61, '#', 0x41, 'x'}, 7, FK_E_SUIT_ELEMENT},
        {"an empty map", {0xd8, 0x6b, 0xa0}, 3, FK_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t piece = 0; piece < 2; piece++) {
            struct bench *b = new_bench(SIGNED_PLAIN, true);
            uint8_t *before = rig_snapshot(&b->rig);
            const struct fake_script server = {.head = "HTTP/1.1 200 OK\r\n\r\n",
                                               .body = rows[i].bytes,
                                               .body_len = rows[i].len,
                                               .piece = piece};
            enum fk_status st = rig_fetch(&b->rig, &server, 1);
            if (st != rows[i].st) {
                fail_msg("%s: %s", rows[i].why, fk_status_symbol(st));
            }
            rig_assert_untouched(&b->rig, before);
            assert_int_equal(b->rig.core.state.last.status, rows[i].st);
            free(before);
            free_bench(b);
        }
    }
}

static void transport_with_a_hole_is_not_used(void **state)
{
    (void)state;
    struct bench *b = new_bench(SIGNED_PLAIN, true);
    b->rig.scheme = NULL;
    assert_int_equal(fetch(b), FK_E_INTERNAL);
    assert_int_equal(b->rig.net.opened, 0);
    free_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integrated_payload_is_staged_however_the_bytes_come),
        cmocka_unit_test(detached_payload_is_fetched_from_where_the_manifest_says),
        cmocka_unit_test(packet_in_an_envelope_is_staged),
        cmocka_unit_test(refused_envelope_costs_no_payload_and_leaves_a_reason),
        cmocka_unit_test(bare_packet_is_refused_where_envelopes_are_wanted),
        cmocka_unit_test(device_that_takes_both_tells_them_apart),
        cmocka_unit_test(payload_that_the_server_has_in_another_length_is_refused),
        cmocka_unit_test(payload_that_differs_is_refused_at_boot),
        cmocka_unit_test(payload_that_is_not_there_is_reported_and_can_be_had_later),
        cmocka_unit_test(refused_envelope_does_not_cost_a_half_download_from_elsewhere),
        cmocka_unit_test(hostile_fronts_are_refused_before_they_fill_the_memory),
        cmocka_unit_test(transport_with_a_hole_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
