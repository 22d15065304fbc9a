/* SPDX-License-Identifier: Apache-2.0 */
/* What the device's own code finds in a store image; and that folders appear whole or not at all.
 */
#include "fotakit/emit.h"
#include "fotakit/store_image.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct fk_bundle_item item(enum fk_bundle_role role, const char *text)
{
    struct fk_bundle_item i = {.role = role,
                               .form = FK_FORM_PEM,
                               .secret = role == FK_BUNDLE_KEY,
                               .bytes = {(uint8_t *)strdup(text), strlen(text)}};
    assert_non_null(i.bytes.ptr);
    snprintf(i.what, sizeof i.what, "test");
    return i;
}

struct rig {
    struct fk_profile *profile;
    struct fk_bundle_item items[4];
    struct fk_repaired repaired;
    struct fk_emit_job job;
    struct fk_emitted out;
    struct fk_error err;
};

static void setup(struct rig *r, const char *profile, const char *store)
{
    *r = (struct rig){.items = {item(FK_BUNDLE_CA, "the root"), item(FK_BUNDLE_CERT, "a cert"),
                                item(FK_BUNDLE_KEY, "the key"),
                                item(FK_BUNDLE_AUTH, "\x01\r\n,\x02")}};
    r->repaired = (struct fk_repaired){.items = r->items, .n_items = 4};
    assert_int_equal(fk_profile_load(profile, &r->profile, &r->err), FK_OK);
    r->job = (struct fk_emit_job){
        .profile = r->profile, .use = &r->profile->uses[0], .repaired = &r->repaired};
    r->job.store = store != NULL ? fk_use_store(r->job.use, store) : &r->job.use->stores[0];
    assert_non_null(r->job.store);
}

static void teardown(struct rig *r)
{
    for (size_t i = 0; i < 4; i++) {
        fk_buffer_release(&r->items[i].bytes);
    }
    fk_emitted_release(&r->out);
    fk_profile_free(r->profile);
}

static void the_device_finds_every_item_of_a_store_image(void **state)
{
    (void)state;
    static const char *const names[] = {"ca", "cert", "key", "auth"};
    struct rig r;
    setup(&r, "spwf04s", "command");
    assert_int_equal(fk_emit(&r.job, FK_EMIT_STORE, &r.out, &r.err), FK_OK);
    assert_int_equal(r.out.n, 1);
    assert_string_equal(r.out.files[0].name, "store.bin");
    assert_true(r.out.files[0].secret);
    assert_int_equal(r.out.files[0].bytes.len, r.profile->device.map.store.size);

    struct fk_store_image image;
    struct fk_store_entry entry;
    assert_int_equal(
        fk_store_image_open(&image, &r.profile->device, r.out.files[0].bytes.ptr, NULL, &r.err),
        FK_OK);
    for (size_t i = 0; i < 4; i++) {
        uint8_t data[32];
        assert_int_equal(fk_certstore_find(&image.store, FK_STORE_TLS, names[i], &entry), FK_OK);
        assert_int_equal(entry.len, r.items[i].bytes.len);
        assert_int_equal(fk_certstore_read(&image.store, &entry, data, sizeof data), FK_OK);
        assert_memory_equal(data, r.items[i].bytes.ptr, entry.len);
    }
    uint32_t at = 0;
    size_t n = 0;
    while (fk_certstore_next(&image.store, &at, &entry) == FK_OK) {
        n++;
    }
    assert_int_equal(n, 4);
    teardown(&r);
}

static void a_form_that_the_store_lacks_is_refused(void **state)
{
    (void)state;
    struct rig r;
    setup(&r, "wiced", NULL);
    assert_int_equal(fk_emit(&r.job, FK_EMIT_STORE, &r.out, &r.err), FK_E_UNSUPPORTED);
    assert_non_null(
        strstr(r.err.msg, "has no output 'store-image'; it has files, c-array, wiced-dct"));
    assert_int_equal(fk_emit(&r.job, FK_EMIT_AT, &r.out, &r.err), FK_E_UNSUPPORTED);
    assert_int_equal(r.out.n, 0);
    assert_int_equal(fk_emit_default(&r.job), FK_EMIT_WICED_DCT);
    teardown(&r);
}

static void a_field_of_the_wiced_table_is_never_overrun(void **state)
{
    (void)state;
    struct rig r;
    setup(&r, "wiced", NULL);
    r.repaired.n_items = 3; /* no auth */
    uint8_t *big = calloc(1, 2049);
    assert_non_null(big);
    memset(big, 'A', 2048);
    fk_buffer_release(&r.items[2].bytes);
    r.items[2].bytes = (struct fk_buffer){.ptr = big, .len = 2047};
    assert_int_equal(fk_emit(&r.job, FK_EMIT_WICED_DCT, &r.out, &r.err), FK_OK);
    fk_emitted_release(&r.out);
    r.items[2].bytes.len = 2048; /* no room for the NUL */
    assert_int_equal(fk_emit(&r.job, FK_EMIT_WICED_DCT, &r.out, &r.err), FK_E_LIMIT);
    assert_string_equal(r.err.msg, "the field 'private_key' has 2048 bytes; its contents take 2049 "
                                   "with the NUL");
    assert_int_equal(r.out.n, 0);
    teardown(&r);
}

static void more_roots_than_slots_are_refused(void **state)
{
    (void)state;
    struct rig r;
    setup(&r, "spwf04s", "command");
    fk_buffer_release(&r.items[3].bytes);
    r.items[3] = item(FK_BUNDLE_CA, "another root");
    assert_int_equal(fk_emit(&r.job, FK_EMIT_AT, &r.out, &r.err), FK_E_LIMIT);
    assert_non_null(strstr(r.err.msg, "holds 1 of these: root; found 2"));
    assert_int_equal(r.out.n, 0);
    teardown(&r);
}

static void a_folder_that_fails_half_way_is_not_there(void **state)
{
    struct fk_temp *t = *state;
    struct rig r;
    setup(&r, "netcontrol", NULL);
    r.repaired.n_items = 3;
    assert_int_equal(fk_emit(&r.job, FK_EMIT_FILES, &r.out, &r.err), FK_OK);
    char dir[256];
    snprintf(dir, sizeof dir, "%s", fk_temp_path(t, "made"));
    /* The last name cannot be made: the first ones must not stay. */
    struct fk_emit_file *last = &r.out.files[r.out.n - 1];
    strcpy(last->name, "no/such/folder");
    assert_int_equal(fk_emitted_write(&r.out, dir, false, true, &r.err), FK_E_IO);
    assert_false(fk_temp_exists(dir));
    strcpy(last->name, "steps.txt");
    assert_int_equal(fk_emitted_write(&r.out, dir, false, true, &r.err), FK_OK);
    assert_true(fk_emitted_is_there(&r.out, dir));
    struct stat s;
    assert_int_equal(stat(dir, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    r.out.files[0].bytes.ptr[0] ^= 1;
    assert_false(fk_emitted_is_there(&r.out, dir));
    assert_int_equal(fk_emitted_write(&r.out, dir, false, true, &r.err), FK_E_EXISTS);
    assert_int_equal(fk_emitted_write(&r.out, dir, true, true, &r.err), FK_OK);
    assert_true(fk_emitted_is_there(&r.out, dir));
    for (size_t i = 0; i < r.out.n; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", dir, r.out.files[i].name);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0); /* the teardown of the group finds what else is left */
    teardown(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_finds_every_item_of_a_store_image),
        cmocka_unit_test(a_form_that_the_store_lacks_is_refused),
        cmocka_unit_test(a_field_of_the_wiced_table_is_never_overrun),
        cmocka_unit_test(more_roots_than_slots_are_refused),
        cmocka_unit_test(a_folder_that_fails_half_way_is_not_there),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
