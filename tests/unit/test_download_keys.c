/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets that are fetched: what is taken replaces the keys of the device, what is refused leaves
 * them, and its reason stays. */
#include "core/trust.h"
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "support/keyset_make.h"
#include "support/rig.h"
#include "support/signed.h"
#include "support/trust_rig.h"
#include "wire/keyset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The device trusts `old`; the update is signed by another key, that of the next set. */
struct bench {
    struct rig rig;
    struct signed_update update;
    struct suit_key old;
    struct fk_trust_box box;
    struct set_made first, next;
    uint8_t envelope[FK_KEYSET_FILE_MAX + 500];
};

static void open_keys(struct bench *b)
{
    assert_int_equal(
        fk_core_open(&b->rig.core, &b->rig.device, &b->rig.table, b->rig.work, sizeof b->rig.work),
        FK_OK);
    assert_int_equal(fk_trust_open(&b->rig.core, &b->box, b->envelope, sizeof b->envelope), FK_OK);
    b->rig.trust = b->rig.core.trust;
}

static struct bench *new_bench(void)
{
    static const struct fk_trust_secrets none;
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    rig_begin(&b->rig);
    suit_rules_init(&b->rig.device.envelope);
    b->rig.from.path = "/file";
    suit_key_make(&b->old);
    signed_update_make(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN, SIGNED_PLAIN);
    b->update.integrated = true;
    signed_update_remake(&b->update, &b->rig.device, 7, b->rig.new_image, RIG_NEW_LEN,
                         SIGNED_PLAIN);
    trust_make_set(&b->first, 1, &b->old, &b->old);
    trust_make_set(&b->next, 2, &b->update.key, &b->old);
    assert_int_equal(fk_trust_provision(&b->rig.core, &b->box, &none, set_bytes(&b->first)), FK_OK);
    open_keys(b);
    b->rig.download.box = &b->box;
    return b;
}

static void free_bench(struct bench *b)
{
    rig_release(&b->rig);
    signed_update_free(&b->update);
    suit_key_free(&b->old);
    free(b);
}

static enum fk_status fetch_bytes(struct bench *b, const uint8_t *p, size_t len, size_t piece)
{
    const struct fake_script server = {
        .body = p, .body_len = len, .etag = "\"v1\"", .piece = piece};
    return rig_fetch(&b->rig, &server, 1);
}

static enum fk_status fetch_update(struct bench *b)
{
    return fetch_bytes(b, b->update.envelope.bytes, b->update.envelope.len, 0);
}

static void key_set_replaces_the_keys_however_its_bytes_come(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 5, 100, 0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct bench *b = new_bench();
        b->rig.device.envelope.bare_allowed = i % 2 == 1; /* more bytes are looked at, then */
        assert_int_equal(fetch_update(b), FK_E_SIGNATURE);
        assert_false(b->rig.report.new_keys);
        assert_int_equal(fetch_bytes(b, b->next.bytes, b->next.len, pieces[i]), FK_OK);
        assert_true(b->rig.report.new_keys && b->rig.report.is_signed);
        assert_int_equal(b->box.sequence, 2);
        assert_int_equal(b->rig.core.state.phase, FK_PHASE_IDLE);
        assert_int_equal(fetch_update(b), FK_OK);
        assert_false(b->rig.report.new_keys);
        open_keys(b); /* after a reset, too */
        assert_int_equal(b->box.sequence, 2);
        assert_int_equal(b->rig.core.state.phase, FK_PHASE_STAGED);
        free_bench(b);
    }
}

static void key_set_that_is_refused_changes_no_key(void **state)
{
    (void)state;
    struct set_made bad[4];
    struct bench *b = new_bench();
    static struct suit_key stranger;
    suit_key_make(&stranger);
    trust_make_set(&bad[0], 2, &stranger, &stranger);
    trust_make_set(&bad[1], 1, &b->update.key, &b->old);
    bad[2] = b->next;
    bad[2].len -= 1;
    bad[3] = b->next;
    bad[3].bytes[bad[3].len++] = 0;
    static const struct {
        const char *why;
        enum fk_status st;
    } rows[] = {{"by a stranger", FK_E_SIGNATURE},
                {"not newer", FK_E_ROLLBACK},
                {"cut off", FK_E_TRUNCATED},
                {"more behind it", FK_E_TRAILING}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum fk_status st = fetch_bytes(b, bad[i].bytes, bad[i].len, 0);
        if (st != rows[i].st || !b->rig.report.recorded) {
            fail_msg("%s: %s", rows[i].why, fk_status_symbol(st));
        }
        assert_int_equal(b->rig.core.state.last.status, st);
        uint32_t ops = b->rig.flash.ops;
        assert_int_equal(fetch_bytes(b, bad[i].bytes, bad[i].len, 0), st);
        assert_int_equal(b->rig.flash.ops, ops); /* again and again: no wear */
        open_keys(b);
        assert_int_equal(b->box.sequence, 1);
        assert_int_equal(fetch_update(b), FK_E_SIGNATURE);
    }
    suit_key_free(&stranger);
    free_bench(b);
}

static void key_set_without_end_stops_at_its_limit(void **state)
{
    (void)state;
    static const uint8_t start[] = "\x83\x6c"
                                   "fotakit-keys";
    static const size_t caps[] = {0, 100};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = new_bench();
        b->box.trust.envelope_cap = caps[i] > 0 ? caps[i] : b->box.trust.envelope_cap;
        const struct fake_script server = {.head = "HTTP/1.1 200 OK\r\n\r\n",
                                           .body = start,
                                           .body_len = sizeof start - 1,
                                           .end = FAKE_REPEATS,
                                           .piece = 64};
        assert_int_equal(rig_fetch(&b->rig, &server, 1), FK_E_LIMIT);
        assert_true(b->rig.net.sent < (caps[i] > 0 ? caps[i] : (size_t)FK_KEYSET_FILE_MAX) + 128);
        for (size_t at = sizeof b->envelope - 100; at < sizeof b->envelope; at++) {
            assert_int_equal(b->envelope[at], 0);
        }
        free_bench(b);
    }
}

static void key_set_is_refused_where_there_are_no_keys_to_replace(void **state)
{
    (void)state;
    struct bench *b = new_bench();
    b->rig.download.box = NULL;
    assert_int_equal(fetch_bytes(b, b->next.bytes, b->next.len, 0), FK_E_UNSUPPORTED);
    static struct fk_trust_box other;
    b->rig.download.box = &other;
    assert_int_equal(fetch_bytes(b, b->next.bytes, b->next.len, 0), FK_E_UNSUPPORTED);
    b->rig.download.box = &b->box;
    b->rig.trust = NULL;
    assert_int_equal(fetch_bytes(b, b->next.bytes, b->next.len, 0), FK_E_KEYS);
    open_keys(b);
    assert_int_equal(b->box.sequence, 1);
    free_bench(b);
}

static int begin_crypto(void **state)
{
    (void)state;
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_set_replaces_the_keys_however_its_bytes_come),
        cmocka_unit_test(key_set_that_is_refused_changes_no_key),
        cmocka_unit_test(key_set_without_end_stops_at_its_limit),
        cmocka_unit_test(key_set_is_refused_where_there_are_no_keys_to_replace),
    };
    return cmocka_run_group_tests(tests, begin_crypto, NULL);
}
