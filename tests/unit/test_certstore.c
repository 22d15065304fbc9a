/* SPDX-License-Identifier: Apache-2.0 */
#include "support/storerig.h"

#include "core/certstore_log.h"
#include "support/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct store_layout plain = {"plain", 4096, 2, 4, 0xff, false};
static const struct store_layout locked = {"locked", 4096, 2, 4, 0xff, true};

static void begin(struct store_rig *rig, const struct store_layout *layout)
{
    store_begin(rig, layout, 1);
    assert_int_equal(store_session(rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
}

static void again(struct store_rig *rig)
{
    assert_int_equal(store_session(rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_certstore_settle(&rig->store), FK_OK);
    assert_int_equal(rig->sim.ops, 0); /* nothing was interrupted */
}

static enum fk_status put(struct store_rig *rig, const struct fk_store_change *change)
{
    return fk_certstore_apply(&rig->store, change, 1);
}

static void items_come_back_as_they_were_stored(void **state)
{
    (void)state;
    const struct store_layout *layouts[] = {&plain, &locked};
    for (size_t i = 0; i < 2; i++) {
        struct store_rig rig;
        struct fk_store_change all[] = {
            store_put(FK_STORE_TLS, FK_STORE_CA, "a.ca", store_data(1, 700)),
            store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(2, 1)),
            store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", store_data(3, 129)),
            store_put(FK_STORE_TLS, FK_STORE_AUTH, "auth", store_data(4, 20)),
            store_put(FK_STORE_WPA, FK_STORE_KEY, "tls.key", store_data(5, 256)),
        };
        all[0].item.key_id = store_data(6, 20);
        begin(&rig, layouts[i]);
        assert_true(store_holds(&rig, NULL, 0));
        assert_int_equal(fk_certstore_apply(&rig.store, all, 3), FK_OK);
        assert_int_equal(put(&rig, &all[3]), FK_OK);
        assert_int_equal(put(&rig, &all[4]), FK_OK);
        assert_true(store_holds(&rig, all, 5));
        again(&rig);
        assert_true(store_holds(&rig, all, 5));
        struct fk_store_entry e;
        assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_WPA, "tls.key", &e), FK_OK);
        assert_int_equal(e.len, 256);
        assert_int_equal(e.encrypted, i == 1);
        assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_WPA, "tls.cert", &e),
                         FK_E_STORE_ENTRY);
        assert_int_equal(fk_certstore_role(&rig.store, FK_STORE_TLS, FK_STORE_KEY, &e), FK_OK);
        assert_int_equal(e.len, 1);
        assert_int_equal(fk_certstore_role(&rig.store, FK_STORE_WPA, FK_STORE_KEY, &e), FK_OK);
        assert_int_equal(e.len, 256);
        assert_int_equal(fk_certstore_role(&rig.store, FK_STORE_WPA, FK_STORE_CERT, &e),
                         FK_E_STORE_ENTRY);
        assert_int_equal(fk_certstore_role(&rig.store, FK_STORE_TLS, FK_STORE_CA, &e),
                         FK_E_STORE_ENTRY);
        assert_int_equal(store_flash_shows(&rig, all[4].item.data), i == 0);
        assert_true(store_flash_shows(&rig, all[2].item.data)); /* certificates are public */
        store_end(&rig);
    }
}

static void secrets_need_the_device_key(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_entry e;
    uint8_t other[FK_STORE_KEY_SIZE] = {1};
    uint8_t buf[64];
    struct fk_store_change key =
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 48));
    begin(&rig, &locked);
    assert_int_equal(put(&rig, &key), FK_OK);
    const uint8_t *wrong[] = {NULL, other};
    for (size_t i = 0; i < 2; i++) {
        struct fk_certstore store;
        memset(buf, 0x55, sizeof buf);
        assert_int_equal(fk_certstore_open(&store, &rig.device, &rig.flash, wrong[i]), FK_OK);
        assert_int_equal(fk_certstore_find(&store, FK_STORE_TLS, "tls.key", &e), FK_OK);
        assert_int_equal(fk_certstore_read(&store, &e, buf, sizeof buf), FK_E_STORE_LOCKED);
        for (size_t k = 0; k < 48; k++) {
            assert_int_equal(buf[k], 0);
        }
        assert_int_equal(buf[48], 0x55);
    }
    store_end(&rig);
}

/* The nonce is a function of all that is encrypted: other data, name or set, other nonce; the same
 * record, the same bytes. */
static void nonce_is_never_used_for_two_messages(void **state)
{
    (void)state;
    struct store_rig rig;
    begin(&rig, &locked);
    const struct fk_store_change keys[] = {
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 48)),
        store_put(FK_STORE_WPA, FK_STORE_KEY, "tls.key", store_data(1, 48)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls2key", store_data(1, 48)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(2, 48)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key",
                  (struct fk_slice){store_data(1, 48).ptr, 47}),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 48)),
    };
    enum { N = sizeof keys / sizeof keys[0] };
    struct fk_store_record r[N];
    for (size_t i = 0; i < N; i++) {
        r[i] = fk_store_record_of(&rig.store, &keys[i].item);
        const struct fk_store_source source = {.data = keys[i].item.data.ptr};
        assert_int_equal(fk_store_seal(rig.device_key, &r[i], &source), FK_OK);
        for (size_t k = 0; k < i; k++) {
            bool same = memcmp(r[i].nonce, r[k].nonce, sizeof r[i].nonce) == 0;
            assert_int_equal(same, i == N - 1 && k == 0);
        }
    }
    assert_memory_equal(r[0].digest, r[N - 1].digest, sizeof r[0].digest);
    assert_memory_equal(r[0].tag, r[N - 1].tag, sizeof r[0].tag);
    store_end(&rig);
}

static bool is_encrypted(struct store_rig *rig, const struct fk_store_change *key)
{
    struct fk_store_entry e;
    assert_int_equal(fk_certstore_find(&rig->store, key->item.set, key->item.name, &e), FK_OK);
    return e.encrypted;
}

/* The device gets its key only after it got others. */
static void keys_in_the_clear_are_encrypted_by_the_next_change(void **state)
{
    (void)state;
    const struct fk_store_change ca = store_put(FK_STORE_TLS, FK_STORE_CA, "ca", store_data(3, 90));
    for (int changes = 0; changes < 2; changes++) {
        struct store_rig rig;
        const struct fk_store_change set[] = {
            store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 300)),
            store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", store_data(2, 200)),
            store_put(FK_STORE_WPA, FK_STORE_KEY, "tls.key", store_data(4, 5)),
            ca,
        };
        begin(&rig, &plain);
        assert_int_equal(fk_certstore_apply(&rig.store, set, 3), FK_OK);
        rig.device_key = rig.key;
        again(&rig);
        assert_true(store_holds(&rig, set, 3)); /* read as before */
        assert_true(store_flash_shows(&rig, set[0].item.data));
        assert_int_equal(fk_certstore_apply(&rig.store, &ca, (size_t)changes), FK_OK);
        assert_true(store_holds(&rig, set, changes != 0 ? 4 : 3));
        assert_true(is_encrypted(&rig, &set[0]) && is_encrypted(&rig, &set[2]));
        assert_false(store_flash_shows(&rig, set[0].item.data));
        uint32_t ops = rig.sim.ops;
        assert_int_equal(fk_certstore_apply(&rig.store, NULL, 0), FK_OK);
        assert_int_equal(rig.sim.ops, ops); /* once is enough */
        again(&rig);
        assert_int_equal(fk_certstore_apply(&rig.store, NULL, 0), FK_OK);
        assert_int_equal(rig.sim.ops, 0);
        assert_true(store_holds(&rig, set, changes != 0 ? 4 : 3));
        rig.device_key = NULL; /* the other way round nothing is given away */
        again(&rig);
        assert_int_equal(fk_certstore_remove(&rig.store, FK_STORE_TLS, "tls.cert"), FK_OK);
        assert_true(is_encrypted(&rig, &set[0]));
        store_end(&rig);
    }
}

static void what_cannot_be_encrypted_stays(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_entry e;
    uint8_t buf[64];
    struct fk_store_change key =
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 60));
    struct fk_store_change rest = store_put(FK_STORE_TLS, FK_STORE_CERT, "r", store_data(2, 4));
    const struct fk_store_change one = store_put(FK_STORE_TLS, FK_STORE_CA, "ca", store_data(3, 4));
    begin(&rig, &plain); /* no room for a nonce and a tag */
    assert_int_equal(put(&rig, &key), FK_OK);
    rest.item.data = store_data(2, fk_certstore_room(&rig.store) - 68 - 16);
    assert_int_equal(put(&rig, &rest), FK_OK);
    assert_true(fk_certstore_room(&rig.store) < 28);
    rig.device_key = rig.key;
    again(&rig);
    uint32_t ops = rig.sim.ops;
    assert_int_equal(fk_certstore_apply(&rig.store, NULL, 0), FK_OK);
    assert_int_equal(put(&rig, &one), FK_E_STORE_FULL);
    assert_int_equal(rig.sim.ops, ops);
    assert_false(is_encrypted(&rig, &key));
    assert_int_equal(fk_certstore_remove(&rig.store, FK_STORE_TLS, "r"), FK_OK);
    assert_true(is_encrypted(&rig, &key));
    store_end(&rig);
    begin(&rig, &plain); /* damaged data is not signed over */
    assert_int_equal(put(&rig, &key), FK_OK);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "tls.key", &e), FK_OK);
    for (uint32_t at = 0; at < rig.sim.size - 60; at++) {
        if (memcmp(rig.sim.bytes + at, key.item.data.ptr, 60) == 0) {
            rig.sim.bytes[at + 59] ^= 1;
        }
    }
    rig.device_key = rig.key;
    again(&rig);
    assert_int_equal(put(&rig, &one), FK_OK);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "tls.key", &e), FK_OK);
    assert_false(e.encrypted);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_E_CHECKSUM);
    store_end(&rig);
}

static void replaced_and_removed_keys_are_gone_from_flash(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_change first =
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 300));
    struct fk_store_change second =
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(2, 300));
    begin(&rig, &plain);
    assert_int_equal(put(&rig, &first), FK_OK);
    assert_true(store_flash_shows(&rig, first.item.data));
    assert_int_equal(put(&rig, &second), FK_OK);
    assert_false(store_flash_shows(&rig, first.item.data));
    assert_true(store_flash_shows(&rig, second.item.data));
    again(&rig);
    assert_int_equal(fk_certstore_remove(&rig.store, FK_STORE_TLS, "tls.key"), FK_OK);
    assert_false(store_flash_shows(&rig, second.item.data));
    assert_int_equal(fk_certstore_remove(&rig.store, FK_STORE_TLS, "tls.key"), FK_E_STORE_ENTRY);
    assert_int_equal(put(&rig, &first), FK_OK);
    assert_int_equal(fk_certstore_wipe(&rig.store), FK_OK);
    assert_false(store_flash_shows(&rig, first.item.data));
    assert_true(store_holds(&rig, NULL, 0));
    store_end(&rig);
}

static void removing_one_set_leaves_the_other(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_change wpa = store_put(FK_STORE_WPA, FK_STORE_CA, "ca", store_data(1, 100));
    struct fk_store_change tls = store_put(FK_STORE_TLS, FK_STORE_CA, "ca", store_data(2, 100));
    struct fk_store_change both[] = {wpa, tls};
    const struct fk_store_change drop = {.verb = FK_STORE_REMOVE_SET,
                                         .item = {.set = FK_STORE_TLS}};
    begin(&rig, &plain);
    assert_int_equal(fk_certstore_apply(&rig.store, both, 2), FK_OK);
    assert_int_equal(put(&rig, &drop), FK_OK);
    assert_true(store_holds(&rig, &wpa, 1));
    uint32_t ops = rig.sim.ops;
    assert_int_equal(put(&rig, &drop), FK_OK); /* nothing to do costs nothing */
    assert_int_equal(rig.sim.ops, ops);
    store_end(&rig);
}

static void full_store_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct store_rig rig;
    begin(&rig, &plain);
    struct fk_store_change a = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(1, 2000));
    struct fk_store_change b = store_put(FK_STORE_TLS, FK_STORE_CERT, "b", store_data(2, 2000));
    struct fk_store_change c = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(3, 3500));
    struct fk_store_change d = store_put(FK_STORE_TLS, FK_STORE_CERT, "d", store_data(4, 4096));
    struct fk_store_change huge = b;
    huge.item.data.len = SIZE_MAX;
    assert_int_equal(put(&rig, &a), FK_OK);
    uint32_t ops = rig.sim.ops;
    struct fk_store_change pair[] = {c, b};
    assert_int_equal(put(&rig, &b), FK_E_STORE_FULL);
    assert_int_equal(put(&rig, &d), FK_E_STORE_FULL);
    assert_int_equal(put(&rig, &huge), FK_E_STORE_FULL);
    assert_int_equal(fk_certstore_apply(&rig.store, pair, 2), FK_E_STORE_FULL);
    assert_int_equal(rig.sim.ops, ops);
    assert_true(store_holds(&rig, &a, 1));
    assert_int_equal(put(&rig, &c), FK_OK); /* in place of a, so it fits */
    assert_true(store_holds(&rig, &c, 1));
    store_end(&rig);
}

static void room_is_what_still_fits(void **state)
{
    (void)state;
    struct store_rig rig;
    begin(&rig, &plain);
    struct fk_store_change small = store_put(FK_STORE_TLS, FK_STORE_CERT, "s", store_data(1, 40));
    struct fk_store_record r = fk_store_record_of(&rig.store, &small.item);
    struct fk_store_change rest = store_put(FK_STORE_TLS, FK_STORE_CERT, "r", store_data(2, 4));
    assert_int_equal(put(&rig, &small), FK_OK);
    uint32_t room = fk_certstore_room(&rig.store);
    assert_int_equal(room,
                     fk_certstore_capacity(&rig.store) - fk_store_record_space(&rig.store, &r));
    rest.item.data = store_data(2, room - 68 + 4); /* head of 65 bytes in units of 4 */
    assert_int_equal(put(&rig, &rest), FK_E_STORE_FULL);
    rest.item.data.len -= 4;
    assert_int_equal(put(&rig, &rest), FK_OK);
    assert_int_equal(fk_certstore_room(&rig.store), 0);
    again(&rig);
    assert_int_equal(fk_certstore_room(&rig.store), 0);
    store_end(&rig);
}

static void impossible_items_are_refused_untouched(void **state)
{
    (void)state;
    static const char long_name[] =
        "12345678901234567890123456789012345678901234567890123456789012345";
    struct fk_store_change id = store_put(FK_STORE_TLS, FK_STORE_CERT, "x", store_data(1, 10));
    id.item.key_id = store_data(2, 20);
    struct fk_store_change id33 = id;
    id33.item.role = FK_STORE_CA;
    id33.item.key_id = store_data(2, 33);
    const struct {
        struct fk_store_change change;
        enum fk_status want;
    } cases[] = {
        {store_put(FK_STORE_TLS, FK_STORE_CERT, "", store_data(1, 10)), FK_E_FORMAT},
        {store_put(FK_STORE_TLS, FK_STORE_CERT, "a b", store_data(1, 10)), FK_E_FORMAT},
        {store_put(FK_STORE_TLS, FK_STORE_CERT, "\xc3\xa4", store_data(1, 10)), FK_E_FORMAT},
        {store_put(FK_STORE_TLS, FK_STORE_CERT, long_name, store_data(1, 10)), FK_E_FORMAT},
        {store_put(FK_STORE_TLS, FK_STORE_CERT, NULL, store_data(1, 10)), FK_E_FORMAT},
        {store_put(FK_STORE_TLS, FK_STORE_CERT, "x", (struct fk_slice){NULL, 0}), FK_E_EMPTY},
        {store_put((enum fk_store_set)4, FK_STORE_CERT, "x", store_data(1, 10)), FK_E_UNSUPPORTED},
        {store_put(FK_STORE_TLS, (enum fk_store_role)0, "x", store_data(1, 10)), FK_E_UNSUPPORTED},
        {id, FK_E_LIMIT},
        {id33, FK_E_LIMIT},
    };
    struct store_rig rig;
    begin(&rig, &plain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(put(&rig, &cases[i].change), cases[i].want);
    }
    struct fk_store_change twice[] = {
        store_put(FK_STORE_TLS, FK_STORE_CERT, "x", store_data(1, 10)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "x", store_data(2, 10))};
    assert_int_equal(fk_certstore_apply(&rig.store, twice, 2), FK_E_COLLISION);
    assert_int_equal(rig.sim.ops, 0);
    store_end(&rig);
}

static void anchors_are_found_by_identifier_all_of_them(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_change ca[6];
    static char names[6][8];
    struct fk_slice id = store_data(20, 20);
    begin(&rig, &plain);
    for (unsigned i = 0; i < 6; i++) {
        snprintf(names[i], sizeof names[i], "%u.ca", i);
        ca[i] = store_put(i == 5 ? FK_STORE_WPA : FK_STORE_TLS, FK_STORE_CA, names[i],
                          store_data(i + 1, 100));
        ca[i].item.key_id = i == 1 ? store_data(21, 20) : i == 2 ? store_data(20, 19) : id;
        assert_int_equal(put(&rig, &ca[i]), FK_OK);
    }
    for (int session = 0; session < 3; session++) {
        struct fk_store_entry e;
        uint32_t at = 0;
        const char *want[] = {"4.ca", "3.ca", "0.ca"};
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(fk_certstore_anchor(&rig.store, FK_STORE_TLS, id, &at, &e), FK_OK);
            assert_string_equal(e.name, want[i]);
        }
        assert_int_equal(fk_certstore_anchor(&rig.store, FK_STORE_TLS, id, &at, &e),
                         FK_E_STORE_ENTRY);
        at = 0;
        assert_int_equal(fk_certstore_anchor(&rig.store, FK_STORE_WPA, id, &at, &e), FK_OK);
        assert_string_equal(e.name, "5.ca");
        at = 0;
        assert_int_equal(
            fk_certstore_anchor(&rig.store, FK_STORE_TLS, (struct fk_slice){NULL, 0}, &at, &e),
            FK_E_STORE_ENTRY);
        again(&rig);
        if (session == 1) { /* the same after a compaction */
            assert_int_equal(fk_certstore_remove(&rig.store, FK_STORE_TLS, "1.ca"), FK_OK);
        }
    }
    store_end(&rig);
}

static void damage_is_reported_and_wiping_ends_it(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_entry e;
    uint8_t buf[64];
    struct fk_store_change a = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(1, 48));
    struct fk_store_change b = store_put(FK_STORE_TLS, FK_STORE_CERT, "b", store_data(2, 48));
    struct fk_store_change c = store_put(FK_STORE_TLS, FK_STORE_CERT, "c", store_data(3, 48));
    begin(&rig, &plain);
    assert_int_equal(put(&rig, &a), FK_OK);
    assert_int_equal(put(&rig, &b), FK_OK);
    assert_int_equal(put(&rig, &c), FK_OK);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "b", &e), FK_OK);
    uint32_t head = fk_store_flash_off(&rig.store, rig.store.bank, e.at);
    rig.sim.bytes[head + 68] ^= 1; /* its data: the entry is lost, the others are not */
    assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_E_CHECKSUM);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "c", &e), FK_OK);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_OK);
    rig.sim.bytes[head + 20] ^= 1; /* its head: what comes behind cannot be found */
    assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_E_CHECKSUM);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "a", &e), FK_OK);
    assert_int_equal(put(&rig, &c), FK_E_CHECKSUM); /* would lose it for good */
    assert_int_equal(rig.sim.ops, 0);
    assert_int_equal(fk_certstore_wipe(&rig.store), FK_OK);
    assert_false(store_flash_shows(&rig, c.item.data));
    assert_int_equal(put(&rig, &c), FK_OK);
    again(&rig);
    assert_true(store_holds(&rig, &c, 1));
    store_end(&rig);
}

/* One rotten byte in a bank's head or in a claim does no harm. */
static void one_rotten_byte_of_the_bank_does_no_harm(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_change a = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(1, 48));
    begin(&rig, &plain);
    assert_int_equal(put(&rig, &a), FK_OK);
    uint32_t bank = fk_store_flash_off(&rig.store, rig.store.bank, 0);
    for (uint32_t at = 0; at < FK_STORE_COPIES * FK_STORE_BANK_HEAD + 8; at++) {
        rig.sim.bytes[bank + at] ^= 0xff;
        assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        assert_true(store_holds(&rig, &a, 1));
        rig.sim.bytes[bank + at] ^= 0xff;
    }
    store_end(&rig);
}

static void stale_entry_is_not_read(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_entry e;
    uint8_t buf[64];
    struct fk_store_change a = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(1, 48));
    struct fk_store_change b = store_put(FK_STORE_TLS, FK_STORE_CERT, "b", store_data(2, 48));
    begin(&rig, &plain);
    assert_int_equal(put(&rig, &a), FK_OK);
    assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, "a", &e), FK_OK);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, 47), FK_E_LIMIT);
    assert_int_equal(fk_certstore_wipe(&rig.store), FK_OK);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_E_STORE_ENTRY);
    assert_int_equal(put(&rig, &b), FK_OK);
    assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_E_STORE_ENTRY);
    store_end(&rig);
}

static void failing_flash_is_reported_and_the_old_set_stays(void **state)
{
    (void)state;
    struct store_rig rig;
    struct fk_store_change a = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(1, 48));
    struct fk_store_change b = store_put(FK_STORE_TLS, FK_STORE_CERT, "a", store_data(2, 48));
    begin(&rig, &plain);
    assert_int_equal(put(&rig, &a), FK_OK);
    rig.sim.failing_sector = fk_store_flash_off(&rig.store, rig.store.bank ^ 1u, 0);
    rig.store.spare_clean = false;
    assert_int_equal(put(&rig, &b), FK_E_FLASH);
    assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_true(store_holds(&rig, &a, 1));
    rig.sim.failing_sector = SIM_NEVER;
    assert_int_equal(put(&rig, &b), FK_OK);
    assert_true(store_holds(&rig, &b, 1));
    store_end(&rig);
}

static void bad_geometry_is_refused(void **state)
{
    (void)state;
    static const struct store_layout bad[] = {
        {"one sector", 4096, 1, 4, 0xff, false},
        {"bank without room", 128, 2, 4, 0xff, false},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct store_rig rig;
        store_begin(&rig, &bad[i], 1);
        assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_E_GEOMETRY);
        store_end(&rig);
    }
}

/* The bytes of FORMAT.md. */
static void record_is_written_as_documented(void **state)
{
    (void)state;
    uint8_t buf[FK_STORE_RECORD_HEAD] = {0};
    struct fk_store_record r = {
        .last = true,
        .set = FK_STORE_WPA,
        .role = FK_STORE_CA,
        .name = {(const uint8_t *)"ca", 2},
        .key_id = fk_hex("0a0b"),
        .data_len = 0x010203,
        .link = 0x040506,
    };
    memset(r.digest, 0xd1, sizeof r.digest);
    assert_int_equal(fk_store_record_write(&r, buf), FK_OK);
    assert_int_equal(fk_store_record_head(&r), 68);
    assert_slice_is(((struct fk_slice){buf, 20}),
                    "4643 01 02 01 02 02 00 00010203 00040506 d1d1d1d1");
    assert_slice_is(((struct fk_slice){buf + 48, 4}), "6361 0a0b");
    uint8_t bank[FK_STORE_BANK_HEAD] = {0};
    const struct fk_store_bank b = {.seq = 7, .base_len = 0x1234};
    assert_int_equal(fk_store_bank_write(&b, bank), FK_OK);
    assert_slice_is(((struct fk_slice){bank, 16}), "464b4353 01000000 00000007 00001234");
    struct fk_store_record out;
    size_t len = 0;
    for (size_t n = 0; n < 68; n++) {
        assert_int_equal(fk_store_record_parse((struct fk_slice){buf, n}, &out, &len),
                         FK_E_TRUNCATED);
    }
    assert_int_equal(fk_store_record_parse((struct fk_slice){buf, 68}, &out, &len), FK_OK);
    assert_int_equal(len, 68);
    static const struct {
        const char *why;
        unsigned at;
        uint8_t value;
    } cases[] = {{"magic", 0, 0},   {"flags", 2, 4},    {"set", 3, 4},    {"role", 4, 5},
                 {"no name", 5, 0}, {"reserved", 7, 1}, {"name", 48, ' '}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bad[sizeof buf];
        memcpy(bad, buf, sizeof bad);
        bad[cases[i].at] = cases[i].value;
        if (fk_store_record_parse((struct fk_slice){bad, sizeof bad}, &out, &len) != FK_E_FORMAT) {
            fail_msg("%s is not checked", cases[i].why);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_back_as_they_were_stored),
        cmocka_unit_test(secrets_need_the_device_key),
        cmocka_unit_test(nonce_is_never_used_for_two_messages),
        cmocka_unit_test(keys_in_the_clear_are_encrypted_by_the_next_change),
        cmocka_unit_test(what_cannot_be_encrypted_stays),
        cmocka_unit_test(replaced_and_removed_keys_are_gone_from_flash),
        cmocka_unit_test(removing_one_set_leaves_the_other),
        cmocka_unit_test(full_store_refuses_and_keeps_what_it_has),
        cmocka_unit_test(room_is_what_still_fits),
        cmocka_unit_test(impossible_items_are_refused_untouched),
        cmocka_unit_test(anchors_are_found_by_identifier_all_of_them),
        cmocka_unit_test(damage_is_reported_and_wiping_ends_it),
        cmocka_unit_test(one_rotten_byte_of_the_bank_does_no_harm),
        cmocka_unit_test(stale_entry_is_not_read),
        cmocka_unit_test(failing_flash_is_reported_and_the_old_set_stays),
        cmocka_unit_test(bad_geometry_is_refused),
        cmocka_unit_test(record_is_written_as_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
