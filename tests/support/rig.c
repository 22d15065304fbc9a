/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rig.h"

#include "core/install.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static enum fk_status open_core(struct rig *rig)
{
    enum fk_status st =
        fk_core_open(&rig->core, &rig->device, &rig->table, rig->work, sizeof rig->work);
    rig->core.trust = rig->trust;
    return st;
}

void rig_begin(struct rig *rig)
{
    static const struct test_layout layout = {
        .name = "rig",
        .sector = RIG_SECTOR,
        .state_sector = 2 * RIG_SECTOR, /* an envelope slot is one of these */
        .slot_sectors = RIG_SLOT / RIG_SECTOR,
        .prog_size = 4,
        .erased = 0xff,
        .install = FK_INSTALL_SWAP,
    };
    memset(rig, 0, sizeof *rig);
    rig->device = test_device(&layout);
    rig->from =
        (struct fk_download_from){.host = "updates.example", .port = 80, .path = "/new.ota"};
    rig->scheme = "http";
    test_fill(rig->old_image, sizeof rig->old_image, 1);
    test_fill(rig->new_image, sizeof rig->new_image, 2);
    test_fill(rig->key, sizeof rig->key, 3);
    test_packet(&rig->device, rig->new_image, sizeof rig->new_image, rig->key, rig->packet);
    rig->packet_len = rig->device.st.size + RIG_NEW_LEN;
    sim_init(&rig->flash, &rig->device.map, 7);
    rig->table = sim_flash(&rig->flash);
    assert_int_equal(open_core(rig), FK_E_NO_STATE);
    assert_int_equal(fk_provision(&rig->core, rig->old_image, RIG_OLD_LEN), FK_OK);
    assert_int_equal(fk_update_set_key(&rig->core, rig->key), FK_OK);
}

void rig_release(struct rig *rig)
{
    assert_int_equal(rig->flash.violations, 0);
    sim_release(&rig->flash);
}

enum fk_status rig_fetch(struct rig *rig, const struct fake_script *scripts, size_t n_scripts)
{
    fake_init(&rig->net, scripts, n_scripts);
    struct fk_transport transport = fake_transport(&rig->net);
    transport.scheme = rig->scheme;
    struct fk_clock clock = fake_clock(&rig->net);
    rig->core.trust = rig->trust;
    enum fk_status st =
        fk_download(&rig->download, &rig->core, &transport, &clock, &rig->from, &rig->report);
    assert_false(rig->net.is_open); /* closed on every path */
    return st;
}

struct fake_script rig_server(const struct rig *rig)
{
    return (struct fake_script){.body = rig->packet, .body_len = rig->packet_len, .etag = RIG_ETAG};
}

struct fk_boot_report rig_boot(struct rig *rig)
{
    struct fk_boot_report report = {0};
    assert_int_equal(open_core(rig), FK_OK);
    assert_int_equal(fk_boot(&rig->core, &report), FK_OK);
    assert_int_equal(open_core(rig), FK_OK);
    return report;
}

void rig_assert_staged(struct rig *rig)
{
    uint32_t payload = rig->device.map.staging.off + fk_install_payload_off(&rig->device);
    assert_int_equal(open_core(rig), FK_OK);
    assert_int_equal(rig->core.state.phase, FK_PHASE_STAGED);
    assert_int_equal(rig->core.state.update.payload_len, RIG_NEW_LEN);
    assert_memory_equal(rig->core.state.update.header, rig->packet, rig->device.st.size);
    assert_memory_equal(rig->flash.bytes + payload, rig->packet + rig->device.st.size, RIG_NEW_LEN);
}

uint8_t *rig_snapshot(const struct rig *rig)
{
    uint8_t *copy = malloc(rig->flash.size);
    assert_non_null(copy);
    memcpy(copy, rig->flash.bytes, rig->flash.size);
    return copy;
}

void rig_assert_untouched(struct rig *rig, const uint8_t *before)
{
    const struct fk_region *state = &rig->device.map.state;
    uint32_t behind = state->off + state->size;
    assert_memory_equal(rig->flash.bytes, before, state->off);
    assert_memory_equal(rig->flash.bytes + behind, before + behind, rig->flash.size - behind);
    struct fk_boot_report report = rig_boot(rig);
    assert_int_equal(report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(report.image.size, RIG_OLD_LEN);
    assert_int_equal(rig->core.state.phase, FK_PHASE_IDLE);
    assert_true(rig->core.state.has_key);
    assert_memory_equal(rig->core.state.key, rig->key, sizeof rig->key);
}
