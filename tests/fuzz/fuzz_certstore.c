/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes in the store's flash: it mounts as something or reports, and can be wiped and
 * used. The checksums that a fuzzer cannot guess are put right where there seems to be a head. */
#include "core/certstore_log.h"
#include "support/storerig.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BANK 2048u

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Heads as the store would find them, from the front of the bank on. */
static void repair(uint8_t *bank, size_t n)
{
    size_t first = FK_STORE_COPIES * FK_STORE_BANK_HEAD + FK_STORE_CLAIMS * 8u;
    if (n < first) {
        return;
    }
    must(fk_store_checksum(bank, 16, bank + 16) == FK_OK);
    for (size_t at = first; at < n;) {
        struct fk_store_record r;
        size_t len = 0;
        if (fk_store_record_parse((struct fk_slice){bank + at, n - at}, &r, &len) != FK_OK) {
            return;
        }
        must(fk_store_checksum(bank + at, len - FK_STORE_CHECK, bank + at + len - FK_STORE_CHECK) ==
             FK_OK);
        size_t space = (len + 3) / 4 * 4;
        if (r.data_len > n - at - space) {
            return;
        }
        at += space + (r.data_len + 3) / 4 * 4 + (r.last ? 16 : 0);
    }
}

static void read_all(struct fk_certstore *store)
{
    struct fk_store_entry e;
    uint8_t buf[BANK];
    uint32_t at = 0;
    unsigned n = 0;
    while (fk_certstore_next(store, &at, &e) == FK_OK) {
        struct fk_store_entry same;
        must(e.len <= BANK && ++n <= BANK / FK_STORE_RECORD_MIN);
        enum fk_status st = fk_certstore_read(store, &e, buf, sizeof buf);
        must(st == FK_OK || st == FK_E_CHECKSUM || st == FK_E_STORE_LOCKED);
        must(fk_certstore_find(store, e.set, e.name, &same) == FK_OK);
        uint32_t anchor = 0;
        const struct fk_slice id = {e.key_id, e.key_id_len};
        for (unsigned k = 0; fk_certstore_anchor(store, e.set, id, &anchor, &same) == FK_OK; k++) {
            must(k <= BANK / FK_STORE_RECORD_MIN);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_layout layout = {"fuzz", 1024, 4, 4, 0xff, true};
    struct store_rig rig;
    store_begin(&rig, &layout, 1);
    uint8_t *flash = rig.sim.bytes + rig.device.map.store.off;
    bool repairs = size > 0 && data[0] % 2 == 0;
    size_t n = size < 2 * BANK ? size : 2 * BANK;
    memcpy(flash, data, n);
    if (repairs && n > 0) {
        flash[0] = 'F'; /* the choice took its place */
        repair(flash, n < BANK ? n : BANK);
        repair(flash + BANK, n > BANK ? n - BANK : 0);
    }
    enum fk_status st = store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE);
    must(st == FK_OK || st == FK_E_CHECKSUM);
    read_all(&rig.store);
    struct fk_store_change put =
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(1, 100));
    enum fk_status change = fk_certstore_apply(&rig.store, &put, 1);
    must(change == FK_OK || change == FK_E_STORE_FULL || change == FK_E_CHECKSUM ||
         change == FK_E_LIMIT);
    must(st == FK_OK || change == FK_E_CHECKSUM);
    read_all(&rig.store);
    must(fk_certstore_wipe(&rig.store) == FK_OK);
    must(fk_certstore_apply(&rig.store, &put, 1) == FK_OK);
    must(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE) == FK_OK);
    must(store_holds(&rig, &put, 1));
    must(rig.sim.violations == 0);
    sim_release(&rig.sim);
    return 0;
}
