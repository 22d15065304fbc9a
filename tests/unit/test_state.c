/* SPDX-License-Identifier: Apache-2.0 */
/* The two state banks by themselves, where the tears can be aimed. */
#include "core/state.h"
#include "support/device.h"
#include "support/effort.h"
#include "support/simflash.h"
#include "wire/state_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct test_layout small = {"small", 256, 1024, 2, 4, 0xff, FK_INSTALL_SWAP};

/* Flash operations of fk_state_write() in a bank of one sector. */
#define OPS_NEW_MARKER 1u /* only when the bank in use was not written in this session */
#define OPS_WRITE      4u /* erase, record, record, marker */

struct rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_core core;
    uint8_t work[256];
};

static enum fk_status session(struct rig *r, uint32_t cut_at, enum sim_cut cut)
{
    sim_power_up(&r->sim, cut_at, cut);
    return fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work);
}

static void begin(struct rig *r, uint64_t seed)
{
    *r = (struct rig){.device = test_device(&small)};
    assert_int_equal(r->device.map.state.size, 2 * 1024);
    sim_init(&r->sim, &r->device.map, seed);
    r->flash = sim_flash(&r->sim);
    assert_int_equal(session(r, SIM_NEVER, SIM_CUT_BEFORE), FK_E_NO_STATE);
    assert_int_equal(fk_provision(&r->core, "", 0), FK_OK);
    for (uint64_t i = 0; i < 2; i++) { /* both banks in use */
        assert_int_equal(session(r, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        r->core.state.counter = i + 1;
        assert_int_equal(fk_state_write(&r->core), FK_OK);
    }
}

static void end(struct rig *r)
{
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
}

/* A later session relies on what it has read only once it has settled it, as the boot stage does:
 * from then on nothing older may come back. */
static void rely(struct rig *r, uint64_t at_least, const char *what, uint64_t seed)
{
    for (int tries = 0; tries < 24; tries++) {
        enum fk_status st = session(r, SIM_NEVER, SIM_CUT_BEFORE);
        if (st != FK_OK || r->core.state.counter < at_least) {
            fail_msg("%s, seed %llu: status %d, counter %llu, expected %llu at least", what,
                     (unsigned long long)seed, st, (unsigned long long)r->core.state.counter,
                     (unsigned long long)at_least);
        }
    }
}

/* The worst row of accidents that the rules are made for: the marker of the record in use is
 * weak; a session believes it and begins to erase the other bank, which becomes weak; the next
 * session sees no marker, takes this record for torn and erases it; and then the power goes. */
static void weak_marker_then_weak_bank_then_lost_record(void **state)
{
    (void)state;
    const unsigned every = test_every(39);
    unsigned long tried = 0;
    for (uint64_t seed = 1; seed <= 400; seed += every) {
        for (uint32_t second = 1; second <= OPS_NEW_MARKER + 1; second++) {
            for (uint32_t third = 1; third <= 3; third++) {
                struct rig r;
                begin(&r, seed);
                assert_int_equal(session(&r, OPS_NEW_MARKER + OPS_WRITE, SIM_CUT_EDGE), FK_OK);
                r.core.state.counter = 3;
                assert_int_equal(fk_state_write(&r.core), FK_E_POWER);
                enum fk_status st = session(&r, second, SIM_CUT_START);
                if (st == FK_OK && r.core.log.marked) {
                    st = fk_state_write(&r.core);
                    assert_true(st == FK_OK || st == FK_E_POWER);
                    for (int tries = 0; tries < 8; tries++) {
                        st = session(&r, third, SIM_CUT_AFTER);
                        if (st == FK_OK && !r.core.log.marked) {
                            st = fk_state_write(&r.core);
                            assert_true(st == FK_OK || st == FK_E_POWER);
                            break;
                        }
                    }
                    rely(&r, 2, "weak marker, weak bank", seed);
                    tried++;
                }
                end(&r);
            }
        }
    }
    assert_true(tried > 500 / every);
}

static void settled_state_never_goes_back(void **state)
{
    (void)state;
    const unsigned every = test_every(20);
    for (enum sim_cut cut = SIM_CUT_BEFORE; cut < SIM_CUT_KINDS; cut++) {
        for (uint32_t at = 1; at <= OPS_NEW_MARKER + OPS_WRITE; at++) {
            for (uint64_t seed = 1; seed <= 20; seed += every) {
                struct rig r;
                begin(&r, seed * 1000 + at);
                assert_int_equal(session(&r, at, cut), FK_OK);
                r.core.state.counter = 3;
                assert_int_equal(fk_state_write(&r.core), FK_E_POWER);
                assert_int_equal(session(&r, SIM_NEVER, cut), FK_OK);
                assert_true(r.core.state.counter == 2 || r.core.state.counter == 3);
                assert_int_equal(fk_state_settle(&r.core), FK_OK);
                uint64_t settled = r.core.state.counter;
                rely(&r, settled, sim_cut_name(cut), seed);
                assert_int_equal(r.core.state.counter, settled);
                end(&r);
            }
        }
    }
}

static void step_needs_a_record_written_in_this_session(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, 1);
    assert_int_equal(session(&r, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_state_step(&r.core), FK_E_INTERNAL);
    assert_int_equal(fk_state_write(&r.core), FK_OK);
    uint32_t before = r.core.state.step;
    assert_int_equal(fk_state_step(&r.core), FK_OK);
    assert_int_equal(session(&r, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(r.core.state.step, before + 1);
    end(&r);
}

static void step_refuses_to_run_out_of_cells(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, 1);
    assert_int_equal(session(&r, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_state_write(&r.core), FK_OK);
    enum fk_status st = FK_OK;
    unsigned n = 0;
    for (; st == FK_OK && n < 10000; n++) {
        st = fk_state_step(&r.core);
    }
    assert_int_equal(st, FK_E_INTERNAL);
    assert_true(n > 4); /* what the slot needs */
    end(&r);
}

static void record_keeps_every_field(void **state)
{
    (void)state;
    struct fk_state in = {
        .seq = 0x01020304, .phase = FK_PHASE_TRIAL, .step = 7, .revert_sectors = 9,
        .boots_left = 3, .counter = 0x1122334455667788u, .has_key = true,
        .running = {.size = 11, .sequence = 0x8000000000000001u},
        .previous = {.size = 12, .sequence = 5},
        .update = {.header_len = 60, .payload_len = 0x7fffffff, .validator_len = 64},
        .last = {.status = FK_E_TAG, .phase = FK_PHASE_STAGED},
    };
    test_fill(in.running.sha256, 32, 1);
    test_fill(in.previous.sha256, 32, 2);
    test_fill(in.update.header, 60, 3);
    test_fill(in.update.source, 32, 4);
    test_fill(in.update.validator, 64, 5);
    test_fill(in.key, 16, 6);
    uint8_t record[FK_STATE_RECORD_SIZE];
    struct fk_state out = {0};
    assert_int_equal(fk_state_record_write(&in, record), FK_OK);
    assert_int_equal(fk_state_record_parse(record, &out), FK_OK);
    uint8_t again[FK_STATE_RECORD_SIZE];
    assert_int_equal(fk_state_record_write(&out, again), FK_OK);
    assert_memory_equal(record, again, sizeof record);
    assert_int_equal(out.seq, in.seq);
    assert_int_equal(out.phase, in.phase);
    assert_true(out.counter == in.counter);
    assert_memory_equal(out.key, in.key, 16);
    assert_int_equal(out.last.status, FK_E_TAG);
}

static void record_refuses_fields_out_of_range(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        unsigned at;
        uint8_t value;
    } cases[] = {
        {"magic", 0, 0},
        {"version", 4, 2},
        {"phase", 5, FK_PHASE_COUNT},
        {"flags", 7, 2},
        {"header length", 108, 65},
        {"validator length", 209, 65},
        {"last phase", 275, FK_PHASE_COUNT},
    };
    struct fk_state in = {.phase = FK_PHASE_IDLE};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t record[FK_STATE_RECORD_SIZE];
        struct fk_state out = {.seq = 77};
        assert_int_equal(fk_state_record_write(&in, record), FK_OK);
        record[cases[i].at] = cases[i].value;
        if (fk_state_record_parse(record, &out) != FK_E_FORMAT || out.seq != 77) {
            fail_msg("%s is not checked", cases[i].why);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weak_marker_then_weak_bank_then_lost_record),
        cmocka_unit_test(settled_state_never_goes_back),
        cmocka_unit_test(step_needs_a_record_written_in_this_session),
        cmocka_unit_test(step_refuses_to_run_out_of_cells),
        cmocka_unit_test(record_keeps_every_field),
        cmocka_unit_test(record_refuses_fields_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
