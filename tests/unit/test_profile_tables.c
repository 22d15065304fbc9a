/* SPDX-License-Identifier: Apache-2.0 */
/* The table that the build gave the device and what the host loads from the YAML are the same. */
#include "fotakit/profile.h"
#include "fotakit_fw/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_region(const struct fk_region *a, const struct fk_region *b)
{
    assert_int_equal(a->off, b->off);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->sector, b->sector);
}

static void assert_map(const struct fk_flash_map *a, const struct fk_flash_map *b)
{
    assert_int_equal(a->base, b->base);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->prog_size, b->prog_size);
    assert_int_equal(a->erased, b->erased);
    assert_region(&a->boot, &b->boot);
    assert_region(&a->state, &b->state);
    assert_region(&a->store, &b->store);
    assert_region(&a->primary, &b->primary);
    assert_region(&a->staging, &b->staging);
}

static void assert_field(struct fk_st_field a, struct fk_st_field b)
{
    assert_int_equal(a.off, b.off);
    assert_int_equal(a.size, b.size);
}

static void assert_console(const struct fk_console_words *a, const struct fk_console_words *b)
{
    assert_int_equal(a->line_max, b->line_max);
    assert_string_equal(a->key_variable, b->key_variable);
    assert_int_equal(a->data_max, b->data_max);
    assert_int_equal(a->data_timeout_ms, b->data_timeout_ms);
    assert_int_equal(a->file_max, b->file_max);
    assert_int_equal(a->ram_files, b->ram_files);
    assert_int_equal(a->ram_file_max, b->ram_file_max);
    assert_int_equal(a->n_variables, b->n_variables);
    for (size_t i = 0; i < a->n_variables; i++) {
        const struct fk_console_variable *v = &a->variables[i], *w = &b->variables[i];
        assert_string_equal(v->name, w->name);
        assert_string_equal(v->initial, w->initial);
        assert_int_equal(v->type, w->type);
        assert_int_equal(v->use, w->use);
        assert_int_equal(v->secret, w->secret);
        assert_int_equal(v->min, w->min);
        assert_int_equal(v->max, w->max);
    }
    assert_memory_equal(&a->sockets, &b->sockets, sizeof a->sockets);
    for (size_t i = 0; i < FK_CONSOLE_ERRORS; i++) {
        assert_int_equal(a->errors[i].code, b->errors[i].code);
        const char *text = b->errors[i].text; /* the last ones may be missing */
        assert_string_equal(a->errors[i].text != NULL ? a->errors[i].text : "",
                            text != NULL ? text : "");
    }
}

static void assert_envelope(const struct fk_envelope_rules *a, const struct fk_envelope_rules *b)
{
    assert_int_equal(a->supported, b->supported);
    assert_int_equal(a->bare_allowed, b->bare_allowed);
    assert_int_equal(a->encryption_required, b->encryption_required);
    assert_int_equal(a->threshold, b->threshold);
    assert_int_equal(a->ciphers, b->ciphers);
    assert_int_equal(a->deliveries, b->deliveries);
    assert_memory_equal(a->vendor, b->vendor, sizeof a->vendor);
    assert_memory_equal(a->class_id, b->class_id, sizeof a->class_id);
    assert_memory_equal(&a->image, &b->image, sizeof a->image);
    assert_memory_equal(&a->packet, &b->packet, sizeof a->packet);
    assert_memory_equal(&a->staging, &b->staging, sizeof a->staging);
    assert_int_equal(a->manifest_max, b->manifest_max);
}

static void assert_tls(const struct fk_tls_policy *a, const struct fk_tls_policy *b)
{
    assert_int_equal(a->tls12, b->tls12);
    assert_int_equal(a->tls13, b->tls13);
    assert_int_equal(a->n_suites, b->n_suites);
    for (size_t i = 0; i < FK_TLS_SUITES; i++) {
        assert_int_equal(a->suites[i], b->suites[i]);
    }
    assert_int_equal(a->name, b->name);
    assert_int_equal(a->dates, b->dates);
    assert_int_equal(a->root_by_key_id, b->root_by_key_id);
    assert_int_equal(a->record_max, b->record_max);
}

static void assert_device(const struct fk_device *a, const struct fk_device *b)
{
    assert_string_equal(a->name, b->name);
    assert_map(&a->map, &b->map);
    assert_field(a->st.nonce, b->st.nonce);
    assert_field(a->st.tag, b->st.tag);
    assert_field(a->st.hash, b->st.hash);
    assert_int_equal(a->st.size, b->st.size);
    assert_int_equal(a->image_unit, b->image_unit);
    assert_int_equal(a->connect_timeout_ms, b->connect_timeout_ms);
    assert_int_equal(a->idle_timeout_ms, b->idle_timeout_ms);
    assert_int_equal(a->minimum_rate, b->minimum_rate);
    assert_int_equal(a->policy.plain_allowed, b->policy.plain_allowed);
    assert_int_equal(a->policy.trial_boots, b->policy.trial_boots);
    assert_int_equal(a->policy.recover_previous, b->policy.recover_previous);
    assert_int_equal(a->policy.boot_check, b->policy.boot_check);
    assert_int_equal(a->policy.install, b->policy.install);
    assert_envelope(&a->envelope, &b->envelope);
    assert_tls(&a->tls, &b->tls);
    assert_console(&a->console, &b->console);
}

static void generated_table_equals_loaded_profile(void **state)
{
    (void)state;
    assert_true(fk_devices_count >= 2);
    for (size_t i = 0; i < fk_devices_count; i++) {
        struct fk_error err = FK_ERROR_INIT;
        struct fk_profile *p = NULL;
        if (fk_profile_load(fk_devices[i]->name, &p, &err) != FK_OK) {
            fail_msg("%s", err.msg);
        }
        assert_true(p->has_firmware);
        assert_device(fk_devices[i], &p->device);
        fk_profile_free(p);
    }
}

static void generated_table_passes_the_device_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < fk_devices_count; i++) {
        const char *why = "";
        if (fk_device_check(fk_devices[i], &why) != FK_OK) {
            fail_msg("%s: %s", fk_devices[i]->name, why);
        }
    }
}

static void device_find_knows_each_name_and_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < fk_devices_count; i++) {
        assert_ptr_equal(fk_device_find(fk_devices[i]->name), fk_devices[i]);
    }
    assert_non_null(fk_device_find("spwf04s"));
    assert_non_null(fk_device_find("mps2-an386"));
    assert_null(fk_device_find("mps2_an386"));
    assert_null(fk_device_find(""));
}

/* The bytes without the addresses of the texts: all members, also those this file does not name. */
static void copy_without_texts(struct fk_device *to, const struct fk_device *from)
{
    memcpy(to, from, sizeof *to);
    to->name = NULL;
    to->console.key_variable = NULL;
    to->console.variables = NULL;
    for (size_t i = 0; i < FK_CONSOLE_ERRORS; i++) {
        to->console.errors[i].text = NULL;
    }
}

static void generated_table_has_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < fk_devices_count; i++) {
        struct fk_profile *p = NULL;
        assert_int_equal(fk_profile_load(fk_devices[i]->name, &p, NULL), FK_OK);
        struct fk_device a, b;
        copy_without_texts(&a, fk_devices[i]);
        copy_without_texts(&b, &p->device);
        assert_memory_equal(&a, &b, sizeof a);
        fk_profile_free(p);
    }
}

/* A member that is added to the structures must be added to the generator and to this file. */
static void table_layout_is_the_one_that_is_compared(void **state)
{
    (void)state;
    struct seen {
        const char *name;
        struct fk_flash_map map;
        struct fk_st_layout st;
        uint32_t image_unit, connect_timeout_ms, idle_timeout_ms, minimum_rate;
        struct {
            bool plain_allowed;
            uint8_t trial_boots;
            bool recover_previous;
            enum fk_boot_check boot_check;
            enum fk_install_mode install;
        } policy;
        struct {
            bool supported, bare_allowed, encryption_required;
            uint8_t threshold, ciphers, deliveries;
            uint8_t vendor[16], class_id[16];
            struct {
                uint8_t len;
                uint8_t bytes[FK_COMPONENT_ID_MAX];
            } image, packet, staging;
            uint32_t manifest_max;
        } envelope;
        struct {
            bool tls12, tls13;
            uint8_t n_suites;
            uint16_t suites[FK_TLS_SUITES];
            enum fk_peer_name name;
            bool dates, root_by_key_id;
            uint16_t record_max;
        } tls;
        struct {
            uint16_t line_max;
            const char *key_variable;
            uint16_t data_max;
            uint32_t data_timeout_ms;
            struct {
                uint8_t clients, secure_clients, servers, server_clients;
            } sockets;
            uint16_t file_max, ram_files, ram_file_max, n_variables;
            const void *variables;
            struct {
                uint16_t code;
                const char *text;
            } errors[FK_CONSOLE_ERRORS];
        } console;
    };
    assert_int_equal(sizeof(struct fk_device), sizeof(struct seen));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_table_equals_loaded_profile),
        cmocka_unit_test(generated_table_has_the_same_bytes),
        cmocka_unit_test(generated_table_passes_the_device_check),
        cmocka_unit_test(device_find_knows_each_name_and_no_other),
        cmocka_unit_test(table_layout_is_the_one_that_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
