/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/store_image.h"
#include "fotakit_fw/devices.h"
#include "support/storerig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* What the host writes is what the device reads after it was put into its flash, and the device
 * has nothing to mend. */
static void device_reads_what_the_host_wrote(void **state)
{
    (void)state;
    static const struct store_layout layout = {"image", 4096, 6, 4, 0xff, true};
    struct store_rig rig;
    struct fk_store_image image;
    struct fk_error err = FK_ERROR_INIT;
    struct fk_store_change all[] = {
        store_put(FK_STORE_TLS, FK_STORE_CA, "a.ca", store_data(1, 900)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(2, 300)),
        store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", store_data(3, 800)),
    };
    struct fk_store_item items[3];
    for (size_t i = 0; i < 3; i++) {
        items[i] = all[i].item;
    }
    store_begin(&rig, &layout, 1);
    uint32_t size = rig.device.map.store.size;
    uint8_t *bytes[2] = {malloc(size), malloc(size)};
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(bytes[i]);
        assert_int_equal(fk_store_image_create(&image, &rig.device, bytes[i], rig.key, &err),
                         FK_OK);
        assert_int_equal(fk_store_image_put(&image, items, 3, &err), FK_OK);
    }
    assert_memory_equal(bytes[0], bytes[1], size);
    memcpy(rig.sim.bytes + rig.device.map.store.off, bytes[0], size);
    assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_certstore_settle(&rig.store), FK_OK);
    assert_int_equal(rig.sim.ops, 0);
    assert_true(store_holds(&rig, all, 3));
    /* and back */
    memcpy(bytes[1], rig.sim.bytes + rig.device.map.store.off, size);
    struct fk_store_entry e;
    assert_int_equal(fk_store_image_open(&image, &rig.device, bytes[1], rig.key, &err), FK_OK);
    assert_int_equal(fk_certstore_find(&image.store, FK_STORE_TLS, "tls.key", &e), FK_OK);
    free(bytes[0]);
    free(bytes[1]);
    store_end(&rig);
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    struct fk_store_image image;
    struct fk_error err = FK_ERROR_INIT;
    const struct fk_device *device = fk_device_find("mps2-an386");
    assert_non_null(device);
    uint8_t *bytes = malloc(device->map.store.size);
    assert_non_null(bytes);
    struct fk_store_change put = store_put(FK_STORE_TLS, FK_STORE_CA, "a", store_data(1, 4000));
    struct fk_store_item items[6];
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    for (size_t i = 0; i < 6; i++) {
        items[i] = put.item;
        items[i].name = names[i];
    }
    assert_int_equal(fk_store_image_create(&image, device, bytes, NULL, &err), FK_OK);
    assert_int_equal(fk_store_image_put(&image, items, 6, &err), FK_E_STORE_FULL);
    assert_string_equal(err.msg, "6 entries of 24000 bytes do not fit the certificate store of "
                                 "mps2-an386, which has room for 20288 bytes with their heads");
    assert_int_equal(fk_store_image_put(&image, items, 4, &err), FK_OK);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_reads_what_the_host_wrote),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
