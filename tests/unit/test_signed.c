/* SPDX-License-Identifier: Apache-2.0 */
/* Signed envelopes on a device: accepted before the payload, judged again at boot, rollback. */
#include "boot/boot.h"
#include "core/stage.h"
#include "core/state.h"
#include "support/device.h"
#include "support/signed.h"
#include "support/simflash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SLOT   (4u * 512u)
#define HEADER 60u

static const struct test_layout layout = {"swap", 512, 1024, 4, 4, 0xff, FK_INSTALL_SWAP};

struct rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_core core;
    struct fk_boot_report report;
    struct signed_update update;
    struct fk_suit_plan plan;
    struct fk_suit_report suit;
    uint8_t work[512];
    uint8_t old_image[SLOT], new_image[SLOT];
    uint32_t old_len, new_len;
};

static void open_core(struct rig *r)
{
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work), FK_OK);
    r->core.trust = &r->update.trust;
}

static void boot(struct rig *r)
{
    open_core(r);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
}

static struct rig *new_rig(enum signed_kind kind)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->device = test_device(&layout);
    r->device.envelope.supported = true; /* and bare_allowed is not */
    r->old_len = 1800;
    r->new_len = 2000;
    test_fill(r->old_image, SLOT, 1);
    test_fill(r->new_image, SLOT, 2);
    signed_update_make(&r->update, &r->device, 7, r->new_image, r->new_len, kind);
    sim_init(&r->sim, &r->device.map, 7);
    r->flash = sim_flash(&r->sim);
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work),
                     FK_E_NO_STATE);
    assert_int_equal(fk_provision(&r->core, r->old_image, r->old_len), FK_OK);
    boot(r);
    return r;
}

static void free_rig(struct rig *r)
{
    assert_int_equal(r->sim.violations, 0);
    signed_update_free(&r->update);
    sim_release(&r->sim);
    free(r);
}

static enum fk_status accept(struct rig *r)
{
    return fk_stage_accept(&r->core, signed_update_head(&r->update),
                           signed_update_total(&r->update), &r->plan, &r->suit);
}

static enum fk_status stage_payload(struct rig *r, uint32_t len)
{
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}, .signed_payload = true};
    enum fk_status st = fk_stage_begin(&s, &r->core, &id);
    if (st == FK_OK) {
        st = fk_stage_write(&s, r->update.payload, len);
    }
    return st == FK_OK ? fk_stage_finish(&s) : st;
}

static void stage(struct rig *r)
{
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(stage_payload(r, r->update.payload_len), FK_OK);
}

static bool runs(const struct rig *r, const uint8_t *image, uint32_t len)
{
    return r->report.verdict == FK_VERDICT_BOOT && r->report.image.size == len &&
           memcmp(r->sim.bytes + r->device.map.primary.off, image, len) == 0;
}

static bool runs_old(const struct rig *r)
{
    return runs(r, r->old_image, r->old_len);
}

static bool runs_new(const struct rig *r)
{
    return runs(r, r->new_image, r->new_len);
}

static void each_kind_of_payload_is_installed(void **state)
{
    (void)state;
    for (enum signed_kind kind = SIGNED_PLAIN; kind <= SIGNED_ENCRYPTED; kind++) {
        struct rig *r = new_rig(kind);
        stage(r);
        boot(r);
        assert_true(runs_new(r));
        assert_true(r->report.packet.is_signed);
        assert_int_equal(r->report.packet.suit.signature, FK_CHECK_PASSED);
        assert_int_equal(r->report.packet.suit.image, FK_CHECK_PASSED);
        assert_int_equal(r->core.state.running.sequence, 7);
        free_rig(r);
    }
}

static const uint8_t *view(void *ctx, uint32_t off, size_t len)
{
    const struct rig *r = ctx;
    return len <= r->device.map.size && off <= r->device.map.size - len ? r->sim.bytes + off : NULL;
}

static enum fk_status viewed_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_flash flash = sim_flash(&((struct rig *)ctx)->sim);
    return flash.read(flash.ctx, off, buf, len);
}

static enum fk_status viewed_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    const struct fk_flash flash = sim_flash(&((struct rig *)ctx)->sim);
    return flash.prog(flash.ctx, off, buf, len);
}

static enum fk_status viewed_erase(void *ctx, uint32_t off, uint32_t len)
{
    const struct fk_flash flash = sim_flash(&((struct rig *)ctx)->sim);
    return flash.erase(flash.ctx, off, len);
}

/* A boot stage without memory for an envelope judges it where it lies. */
static void envelope_is_judged_in_place(void **state)
{
    (void)state;
    for (int damaged = 0; damaged < 2; damaged++) {
        struct rig *r = new_rig(SIGNED_ENCRYPTED);
        stage(r);
        r->flash.ctx = r;
        r->flash.read = viewed_read;
        r->flash.prog = viewed_prog;
        r->flash.erase = viewed_erase;
        r->flash.view = view;
        r->update.trust.envelope = NULL;
        r->update.trust.envelope_cap = 0;
        if (damaged) { /* a byte of the first slot, behind its header: of the envelope */
            r->sim.bytes[r->device.map.envelope.off + 60] ^= 1;
        }
        boot(r);
        assert_true(damaged ? runs_old(r) : runs_new(r));
        assert_true(damaged ? r->report.refused != FK_OK : r->report.refused == FK_OK);
        free_rig(r);
    }
}

static void packet_in_an_envelope_is_installed(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    uint8_t key[16] = {5};
    uint8_t packet[HEADER + SLOT];
    test_packet(&r->device, r->new_image, r->new_len, key, packet);
    signed_update_remake(&r->update, &r->device, 7, packet, HEADER + r->new_len, SIGNED_PACKET);
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(stage_payload(r, r->update.payload_len), FK_E_NO_KEY);
    open_core(r);
    assert_int_equal(fk_update_set_key(&r->core, key), FK_OK);
    stage(r);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(r->report.packet.packet.tag, FK_CHECK_PASSED);
    assert_int_equal(r->report.packet.suit.image, FK_CHECK_PASSED); /* of the whole packet */
    free_rig(r);
}

static void counter_moves_only_when_the_image_is_confirmed(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    stage(r);
    for (unsigned i = 0; i < r->device.policy.trial_boots; i++) {
        boot(r);
        assert_true(runs_new(r));
        assert_int_equal(r->core.state.counter, 0);
    }
    boot(r); /* not confirmed: back, and the counter did not notice */
    assert_true(runs_old(r));
    assert_int_equal(r->core.state.counter, 0);
    signed_update_remake(&r->update, &r->device, 3, r->new_image, r->new_len, SIGNED_PLAIN);
    stage(r);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    boot(r);
    assert_int_equal(r->core.state.counter, 3);
    free_rig(r);
}

static void permanent_install_moves_the_counter_at_once(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    r->device.policy.trial_boots = 0;
    stage(r);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(r->core.state.phase, FK_PHASE_IDLE);
    assert_int_equal(r->core.state.counter, 7);
    assert_int_equal(r->core.state.previous.size, r->old_len); /* for recovery */
    free_rig(r);
}

static void older_image_is_refused_before_its_payload_is_fetched(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    stage(r);
    boot(r);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    signed_update_remake(&r->update, &r->device, 6, r->old_image, r->old_len, SIGNED_PLAIN);
    open_core(r);
    uint32_t ops = r->sim.ops;
    assert_int_equal(accept(r), FK_E_ROLLBACK);
    assert_int_equal(r->sim.ops, ops); /* flash is not touched */
    assert_int_equal(stage_payload(r, r->update.payload_len), FK_E_INTERNAL); /* nothing accepted */
    signed_update_remake(&r->update, &r->device, 7, r->new_image, r->new_len, SIGNED_PLAIN);
    assert_int_equal(accept(r), FK_OK); /* equal: the same version may be installed again */
    free_rig(r);
}

static void envelope_by_another_key_is_refused_and_nothing_is_touched(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    static struct signed_update other;
    signed_update_make(&other, &r->device, 9, r->new_image, r->new_len, SIGNED_PLAIN);
    uint32_t ops = r->sim.ops;
    assert_int_not_equal(fk_stage_accept(&r->core, signed_update_head(&other),
                                         signed_update_total(&other), &r->plan, &r->suit),
                         FK_OK);
    assert_int_equal(r->suit.signature, FK_CHECK_FAILED);
    assert_int_equal(r->sim.ops, ops);
    signed_update_free(&other);
    free_rig(r);
}

static void image_for_other_devices_is_refused_before_its_payload_is_fetched(void **state)
{
    (void)state;
    static const uint8_t other_kek[16] = "bbbbbbbbbbbbbbbb";
    struct rig *r = new_rig(SIGNED_ENCRYPTED);
    uint32_t ops = r->sim.ops;
    r->update.trust.keys.kek.ptr = other_kek;
    assert_int_equal(accept(r), FK_E_RECIPIENT);
    r->update.trust.keys.kek.len = 0;
    assert_int_equal(accept(r), FK_E_NO_KEY);
    assert_int_equal(r->sim.ops, ops);
    free_rig(r);
}

static void bare_packet_is_refused_where_policy_wants_signatures(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    struct fk_stage s;
    struct fk_stage_id id = {.source = {1}};
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_E_BARE_REFUSED);
    /* staged while it was allowed, judged when it is not */
    uint8_t packet[HEADER + SLOT];
    test_packet(&r->device, r->new_image, r->new_len, NULL, packet);
    r->device.envelope.bare_allowed = true;
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, packet, HEADER + r->new_len), FK_OK);
    assert_int_equal(fk_stage_finish(&s), FK_OK);
    r->device.envelope.bare_allowed = false;
    boot(r);
    assert_true(runs_old(r));
    assert_int_equal(r->report.refused, FK_E_BARE_REFUSED);
    free_rig(r);
}

static void device_without_trust_takes_no_envelope(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    r->core.trust = NULL;
    assert_int_equal(accept(r), FK_E_UNSUPPORTED);
    free_rig(r);
}

static void payload_of_another_length_is_refused(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(stage_payload(r, r->update.payload_len - 1), FK_E_PAYLOAD_SIZE);
    open_core(r);
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(stage_payload(r, r->update.payload_len + 1), FK_E_PAYLOAD_SIZE);
    boot(r);
    assert_true(runs_old(r));
    free_rig(r);
}

static void tampered_payload_is_refused_at_boot(void **state)
{
    (void)state;
    static const struct {
        enum signed_kind kind;
        enum fk_status why;
    } cases[] = {{SIGNED_PLAIN, FK_E_DIGEST}, {SIGNED_ENCRYPTED, FK_E_TAG}};
    for (size_t i = 0; i < 2; i++) {
        struct rig *r = new_rig(cases[i].kind);
        r->update.payload[1000] ^= 1;
        stage(r);
        boot(r);
        assert_true(runs_old(r));
        assert_int_equal(r->report.refused, cases[i].why);
        boot(r);
        assert_int_equal(r->core.state.last.status, cases[i].why);
        free_rig(r);
    }
}

/* Envelope and payload are both replaced in flash between download and boot. */
static void update_replaced_after_it_was_accepted_is_judged_anew(void **state)
{
    (void)state;
    static struct signed_update evil;
    struct rig *r = new_rig(SIGNED_PLAIN);
    stage(r);
    uint8_t hostile[SLOT];
    test_fill(hostile, SLOT, 666);
    signed_update_make(&evil, &r->device, 8, hostile, r->new_len, SIGNED_PLAIN);
    memcpy(r->sim.bytes + r->device.map.envelope.off + 8, evil.envelope.bytes, evil.envelope.len);
    memcpy(r->sim.bytes + r->device.map.staging.off + 512, hostile, r->new_len);
    boot(r);
    assert_true(runs_old(r));
    assert_int_equal(r->report.packet.suit.signature, FK_CHECK_FAILED);
    signed_update_free(&evil);
    free_rig(r);
}

static void signature_check_at_boot_catches_a_replaced_record(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    r->device.policy.recover_previous = false;
    boot(r);
    assert_true(runs_old(r)); /* the factory's image needs no envelope */
    stage(r);
    boot(r);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    /* An image and a state that agree with each other, but nobody signed them. */
    test_fill(r->sim.bytes + r->device.map.primary.off, r->new_len, 666);
    struct fk_source source;
    struct fk_flash_source where = {.flash = &r->flash, .off = r->device.map.primary.off,
                                    .tail_from = UINT32_MAX};
    source = fk_flash_source(&where);
    assert_int_equal(fk_digest_source(&source, r->new_len, r->core.state.running.sha256, r->work,
                                      sizeof r->work),
                     FK_OK);
    assert_int_equal(fk_state_write(&r->core), FK_OK);
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_STAY);
    r->device.policy.boot_check = FK_BOOT_CHECK_ALWAYS;
    boot(r); /* which the digest alone cannot see */
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    free_rig(r);
}

static void accepting_an_envelope_keeps_the_one_of_the_running_image(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    for (uint64_t sequence = 8; sequence < 12; sequence++) {
        stage(r);
        boot(r);
        assert_true(runs_new(r));
        assert_int_equal(fk_update_confirm(&r->core), FK_OK);
        signed_update_remake(&r->update, &r->device, sequence, r->new_image, r->new_len,
                             SIGNED_PLAIN);
        assert_int_equal(accept(r), FK_OK);
        boot(r); /* before any payload came */
        assert_true(runs_new(r));
    }
    free_rig(r);
}

static void revoked_key_stops_its_images_from_being_installed(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_PLAIN);
    stage(r);
    r->update.trust.policy.anchors = NULL; /* revoked between download and boot */
    r->update.trust.policy.n_anchors = 0;
    boot(r);
    assert_true(runs_old(r));
    assert_true(r->report.refused != FK_OK);
    free_rig(r);
}

static void interrupted_payload_resumes_behind_the_same_envelope_only(void **state)
{
    (void)state;
    struct rig *r = new_rig(SIGNED_ENCRYPTED);
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}, .validator = "v", .validator_len = 1,
                             .signed_payload = true};
    uint32_t from = 0;
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->update.payload, 1100), FK_OK);
    open_core(r);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_E_BUSY); /* no envelope */
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_OK);
    assert_int_equal(from, 1024);
    assert_int_equal(fk_stage_write(&s, r->update.payload + from, r->update.payload_len - from),
                     FK_OK);
    assert_int_equal(fk_stage_finish(&s), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    /* another envelope begins anew */
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->update.payload, 1100), FK_OK);
    signed_update_remake(&r->update, &r->device, 8, r->new_image, r->new_len, SIGNED_ENCRYPTED);
    open_core(r);
    assert_int_equal(accept(r), FK_OK);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_E_BUSY);
    free_rig(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_payload_is_installed),
        cmocka_unit_test(envelope_is_judged_in_place),
        cmocka_unit_test(packet_in_an_envelope_is_installed),
        cmocka_unit_test(counter_moves_only_when_the_image_is_confirmed),
        cmocka_unit_test(permanent_install_moves_the_counter_at_once),
        cmocka_unit_test(older_image_is_refused_before_its_payload_is_fetched),
        cmocka_unit_test(envelope_by_another_key_is_refused_and_nothing_is_touched),
        cmocka_unit_test(image_for_other_devices_is_refused_before_its_payload_is_fetched),
        cmocka_unit_test(bare_packet_is_refused_where_policy_wants_signatures),
        cmocka_unit_test(device_without_trust_takes_no_envelope),
        cmocka_unit_test(payload_of_another_length_is_refused),
        cmocka_unit_test(tampered_payload_is_refused_at_boot),
        cmocka_unit_test(update_replaced_after_it_was_accepted_is_judged_anew),
        cmocka_unit_test(signature_check_at_boot_catches_a_replaced_record),
        cmocka_unit_test(accepting_an_envelope_keeps_the_one_of_the_running_image),
        cmocka_unit_test(revoked_key_stops_its_images_from_being_installed),
        cmocka_unit_test(interrupted_payload_resumes_behind_the_same_envelope_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
