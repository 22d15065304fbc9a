/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* mkdtemp, setenv */
#include "fotakit/file.h"
#include "fotakit/profile.h"

#include <dirent.h>
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

/* A whole profile in few lines, with a mark where tests put something in. */
#define GOOD_HEAD                                                                                  \
    "sources: {t: test bench}\n"                                                                   \
    "device: {source: t, name: good, title: Test device, vendor: test.example}\n"
#define GOOD_FLASH                                                                                 \
    "flash:\n"                                                                                     \
    "  source: t\n"                                                                                \
    "  base: 0x08000000\n"                                                                         \
    "  size: 1M\n"                                                                                 \
    "  sector_size: 4K\n"                                                                          \
    "  program_size: 8\n"                                                                          \
    "  erased_value: 0\n"                                                                          \
    "  regions:\n"                                                                                 \
    "    boot: {offset: 0, size: 4K, sector_size: 2K}\n"                                           \
    "    state: {offset: 4K, size: 16K}\n"                                                         \
    "    store: {offset: 20K, size: 44K}\n"                                                        \
    "    primary: {offset: 64K, size: 128K}\n"                                                     \
    "    staging: {offset: 192K, size: 132K}\n"
#define GOOD_IMAGE "image: {source: t, unit: 4, any_base: true}\n"
#define GOOD_FOTA                                                                                  \
    "fota:\n"                                                                                      \
    "  source: t\n"                                                                                \
    "  header: [{field: hash, size: 32}, {field: tag, size: 12}, {field: nonce, size: 12}]\n"      \
    "  cipher: aes-128-gcm\n"                                                                      \
    "  key_variable: key\n"                                                                        \
    "  install: swap\n"                                                                            \
    "  plain: refused\n"                                                                           \
    "  trial_boots: 3\n"                                                                           \
    "  recover_previous: true\n"                                                                   \
    "  boot_check: always\n"                                                                       \
    "  timeouts: {connect: 500ms, idle: 2s}\n"
#define GOOD_CONSOLE                                                                               \
    "console:\n"                                                                                   \
    "  source: t\n"                                                                                \
    "  line_max: 128\n"                                                                            \
    "  errors:\n"                                                                                  \
    "    command: {code: 1, text: no command}\n"                                                   \
    "    missing: {code: 2, text: missing}\n"                                                      \
    "    variable: {code: 3, text: no variable}\n"                                                 \
    "    too_many: {code: 4, text: too many}\n"                                                    \
    "    invalid: {code: 5, text: invalid}\n"                                                      \
    "    too_long: {code: 6, text: too long}\n"                                                    \
    "    open: {code: 7, text: no socket}\n"                                                       \
    "    request: {code: 8, text: no answer}\n"                                                    \
    "    flash: {code: 9, text: no flash}\n"
#define GOOD GOOD_HEAD GOOD_FLASH GOOD_IMAGE GOOD_FOTA GOOD_CONSOLE

static struct fk_profile *parse_good(const char *yaml)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    if (fk_profile_parse("x/good.yaml", yaml, strlen(yaml), &p, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    return p;
}

static void assert_refused(const char *yaml, size_t len, enum fk_status expected, const char *msg)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile untouched = {0};
    struct fk_profile *p = &untouched;
    assert_int_equal(fk_profile_parse("x/good.yaml", yaml, len, &p, &err), expected);
    assert_string_equal(err.msg, msg);
    assert_ptr_equal(p, &untouched);
    /* A caller that wants no message gets the same verdict. */
    assert_int_equal(fk_profile_parse("x/good.yaml", yaml, len, &p, NULL), expected);
    assert_ptr_equal(p, &untouched);
}

/* ---- what a profile says ------------------------------------------------- */

static void profile_with_firmware_fills_every_part(void **state)
{
    (void)state;
    struct fk_profile *p = parse_good(GOOD);
    assert_string_equal(p->name, "good");
    assert_string_equal(p->path, "x/good.yaml");
    assert_string_equal(p->title, "Test device");
    assert_string_equal(p->vendor, "test.example");
    assert_true(p->has_firmware);
    assert_string_equal(p->device.name, "good");
    assert_int_equal(p->device.map.base, 0x08000000);
    assert_int_equal(p->device.map.size, 1024 * 1024);
    assert_int_equal(p->device.map.prog_size, 8);
    assert_int_equal(p->device.map.erased, 0);
    assert_int_equal(p->device.map.boot.sector, 2048);
    assert_int_equal(p->device.map.store.off, 20 * 1024);
    assert_int_equal(p->device.map.store.size, 44 * 1024);
    assert_int_equal(p->device.map.staging.sector, 4096);
    assert_int_equal(fk_device_slot_size(&p->device), 128 * 1024);
    assert_int_equal(p->device.st.hash.off, 0);
    assert_int_equal(p->device.st.tag.off, 32);
    assert_int_equal(p->device.st.tag.size, 12);
    assert_int_equal(p->device.st.nonce.off, 44);
    assert_int_equal(p->device.st.size, 56);
    assert_int_equal(p->device.image_unit, 4);
    assert_int_equal(p->device.connect_timeout_ms, 500);
    assert_int_equal(p->device.idle_timeout_ms, 2000);
    assert_int_equal(p->device.minimum_rate, 0); /* optional: no limit */
    assert_int_equal(p->device.policy.install, FK_INSTALL_SWAP);
    assert_int_equal(p->device.policy.trial_boots, 3);
    assert_int_equal(p->device.policy.boot_check, FK_BOOT_CHECK_ALWAYS);
    assert_true(p->device.policy.recover_previous);
    assert_false(p->device.policy.plain_allowed);
    assert_int_equal(p->device.console.line_max, 128);
    assert_string_equal(p->device.console.key_variable, "key");
    assert_int_equal(p->device.console.errors[FK_CONSOLE_FLASH].code, 9);
    assert_string_equal(p->device.console.errors[FK_CONSOLE_OPEN].text, "no socket");
    assert_int_equal(p->image.unit, 4);
    assert_true(p->image.any_base);
    assert_int_equal(p->image.n_regions, 0);
    assert_int_equal(p->image.gap_value, 0); /* the erased value */
    assert_null(p->update_command);
    assert_null(p->key_command);
    assert_int_equal(p->n_unverified, 0);
    fk_profile_free(p);
}

static void profile_without_firmware_sections_has_none(void **state)
{
    (void)state;
    struct fk_profile *p = parse_good(GOOD_HEAD);
    assert_false(p->has_firmware);
    assert_string_equal(p->title, "Test device");
    fk_profile_free(p);
}

static void optional_keys_replace_their_defaults(void **state)
{
    (void)state;
    struct fk_profile *p = parse_good(
        GOOD_HEAD GOOD_FLASH
        "image:\n"
        "  {source: t, unit: 4, any_base: false, gap_value: 0xa5, regions: [\n"
        "    {name: app, start: 0x08010000, end: 0x08030000, application: true},\n"
        "    {name: top, start: 0xffff0000, end: 4096M, application: false}]}\n" GOOD_FOTA
        "  key_command: set <hex>\n"
        "  update_command: get <host>\n" GOOD_CONSOLE);
    assert_int_equal(p->image.gap_value, 0xa5);
    assert_false(p->image.any_base);
    assert_int_equal(p->image.n_regions, 2);
    assert_string_equal(p->image.regions[0].name, "app");
    assert_true(p->image.regions[0].application);
    assert_true(p->image.regions[0].start == 0x08010000 && p->image.regions[0].end == 0x08030000);
    assert_false(p->image.regions[1].application);
    assert_true(p->image.regions[1].end == UINT64_C(1) << 32);
    assert_string_equal(p->key_command, "set <hex>");
    assert_string_equal(p->update_command, "get <host>");
    fk_profile_free(p);
}

static void unverified_facts_are_collected_with_note_and_citation(void **state)
{
    (void)state;
    struct fk_profile *p = parse_good(
        "sources: {t: test bench, d: \"data sheet\"}\n"
        "device:\n"
        "  source: d §1\n"
        "  name: good\n"
        "  title: {value: Test device, verified: true}\n"
        "  vendor: {value: test.example, source: t, verified: false, note: a guess}\n" GOOD_FLASH
        "  verified: false\n"
        "  note: no map is published\n" GOOD_IMAGE GOOD_FOTA GOOD_CONSOLE);
    assert_string_equal(p->title, "Test device");
    assert_int_equal(p->n_unverified, 2);
    assert_string_equal(p->unverified[0].key, "device.vendor");
    assert_string_equal(p->unverified[0].source, "test bench");
    assert_string_equal(p->unverified[0].note, "a guess");
    assert_int_equal(p->unverified[0].line, 6);
    assert_string_equal(p->unverified[1].key, "flash");
    assert_string_equal(p->unverified[1].note, "no map is published");
    fk_profile_free(p);
}

static void line_ends_and_a_byte_order_mark_make_no_difference(void **state)
{
    (void)state;
    const char *good = GOOD;
    char *crlf = malloc(2 * sizeof GOOD + 4);
    assert_non_null(crlf);
    size_t n = 0;
    memcpy(crlf, "\xef\xbb\xbf", 3);
    n = 3;
    for (const char *s = good; *s != '\0'; s++) {
        if (*s == '\n') {
            crlf[n++] = '\r';
        }
        crlf[n++] = *s;
    }
    crlf[n] = '\0';
    struct fk_profile *p = parse_good(crlf);
    assert_string_equal(p->device.console.errors[FK_CONSOLE_FLASH].text, "no flash");
    fk_profile_free(p);
    free(crlf);
}

static void shipped_profiles_say_what_their_devices_are(void **state)
{
    (void)state;
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    assert_int_equal(fk_profile_load(FK_PROFILE_DEFAULT, &p, &err), FK_OK);
    assert_true(p->image.any_base);
    assert_int_equal(p->image.unit, 4);
    assert_int_equal(p->device.st.size, 60);
    assert_string_equal(p->device.console.key_variable, "aes128_key");
    assert_string_equal(p->update_command,
                        "AT+S.FWUPDATE=e,<host>,<path>,<port>,<TLS>,<usn>,<pwd>");
    bool header_is_unverified = false;
    for (size_t i = 0; i < p->n_unverified; i++) {
        header_is_unverified |= strcmp(p->unverified[i].key, "fota.header") == 0;
    }
    assert_true(header_is_unverified);
    fk_profile_free(p);

    p = NULL;
    assert_int_equal(fk_profile_load("mps2-an386", &p, &err), FK_OK);
    assert_int_equal(p->device.policy.install, FK_INSTALL_SWAP);
    /* The application is linked for the primary slot: region and slot are the same addresses. */
    const struct fk_flash_map *m = &p->device.map;
    assert_true(p->image.regions[0].start == m->base + m->primary.off);
    assert_true(p->image.regions[0].end == m->base + m->primary.off + m->primary.size);
    assert_int_equal(p->n_unverified, 0);
    fk_profile_free(p);
}

/* ---- what is refused ----------------------------------------------------- */

static const char *root(void)
{
    const char *r = getenv("FK_ROOT");
    return r != NULL ? r : ".";
}

/* Each file of tests/profiles-bad breaks one rule; its first line is
 *     # expect: STATUS LINE:COLUMN: MESSAGE */
static void check_bad_example(const char *path)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_buffer file = {0};
    if (fk_file_read(path, 1 << 20, &file, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    char *expect = (char *)file.ptr;
    expect[strcspn(expect, "\n")] = '\0';
    static const char mark[] = "# expect: ";
    assert_int_equal(strncmp(expect, mark, sizeof mark - 1), 0);
    expect += sizeof mark - 1;
    size_t symbol = strcspn(expect, " ");

    struct fk_profile *p = NULL;
    err = (struct fk_error)FK_ERROR_INIT;
    const char *found = fk_status_symbol(fk_profile_load(path, &p, &err));
    size_t n = strlen(path);
    if (strlen(found) != symbol || strncmp(found, expect, symbol) != 0 || p != NULL ||
        strncmp(err.msg, path, n) != 0 || err.msg[n] != ':' ||
        strcmp(err.msg + n + 1, expect + symbol + 1) != 0) {
        fail_msg("\nexpected: %s\n   found: %s %s", expect, found, err.msg);
    }
    fk_buffer_release(&file);
}

static void bad_examples_are_refused_with_their_line_and_message(void **state)
{
    (void)state;
    char folder[3000];
    snprintf(folder, sizeof folder, "%s/tests/profiles-bad", root());
    DIR *d = opendir(folder);
    assert_non_null(d);
    unsigned n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strstr(e->d_name, ".yaml") != NULL) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            check_bad_example(path);
            n++;
        }
    }
    closedir(d);
    assert_true(n >= 110); /* the folder was found and none of them went missing */
}

static void file_over_one_mebibyte_is_refused(void **state)
{
    (void)state;
    size_t len = (1 << 20) + 1;
    char *yaml = malloc(len + 1);
    assert_non_null(yaml);
    memset(yaml, '#', len);
    yaml[len] = '\0';
    assert_refused(yaml, len, FK_E_LIMIT, "x/good.yaml: longer than 1048576 bytes");
    /* One byte less is only a comment. */
    assert_refused(yaml, len - 1, FK_E_PROFILE,
                   "x/good.yaml:1:1: the file is empty; a profile is a YAML map");
    free(yaml);
}

static void counted_limits_are_refused_where_they_are_passed(void **state)
{
    (void)state;
    size_t size = 400000;
    char *yaml = malloc(size);
    assert_non_null(yaml);
    size_t n = (size_t)snprintf(yaml, size, "sources: [");
    for (unsigned i = 0; i < 20000; i++) {
        yaml[n++] = 'a';
        yaml[n++] = ',';
    }
    n += (size_t)snprintf(yaml + n, size - n, "a]\n");
    /* The root and the list are two of the 20000. */
    assert_refused(yaml, n, FK_E_PROFILE,
                   "x/good.yaml:1:40007: more than 20000 values in one file");

    n = (size_t)snprintf(yaml, size, "sources:\n");
    for (unsigned i = 0; i <= 512; i++) {
        n += (size_t)snprintf(yaml + n, size - n, "  k%u: v\n", i);
    }
    assert_refused(yaml, n, FK_E_PROFILE, "x/good.yaml:514:3: more than 512 keys in one map");
    free(yaml);
}

static void wide_characters_are_refused_as_not_utf_8(void **state)
{
    (void)state;
    static const char utf16[] = "\xff\xfe"
                                "d\0e\0v\0i\0c\0e\0:\0 \0a\0\n\0";
    assert_refused(utf16, sizeof utf16 - 1, FK_E_PROFILE,
                   "x/good.yaml:1:1: not valid YAML: invalid leading UTF-8 octet");
}

static void a_profile_cut_at_any_length_is_refused_or_whole(void **state)
{
    (void)state;
    const char *good = GOOD;
    size_t whole = 0;
    for (size_t len = 0; len < strlen(good); len++) {
        struct fk_profile *p = NULL;
        struct fk_error err = FK_ERROR_INIT;
        enum fk_status st = fk_profile_parse("good.yaml", good, len, &p, &err);
        if (st == FK_OK) {
            whole++; /* the lines that describe firmware are all there or all missing */
            fk_profile_free(p);
        } else {
            assert_int_equal(fk_status_class(st), FK_CLASS_REJECTED);
            assert_true(strncmp(err.msg, "good.yaml:", 10) == 0);
            assert_null(p);
        }
    }
    /* Behind the device section up to "flash:", and within the last text, cut lines are valid. */
    assert_in_range(whole, 2, 20);
}

/* ---- where profiles are found -------------------------------------------- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/fk-profile-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/good.yaml", folder);
    unlink(path);
    unsetenv("FOTAKIT_PROFILES");
    return rmdir(folder);
}

static void write_good(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/good.yaml", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(GOOD, f);
    assert_int_equal(fclose(f), 0);
}

static void name_is_found_in_the_folder_of_the_environment(void **state)
{
    (void)state;
    write_good();
    setenv("FOTAKIT_PROFILES", folder, 1);
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    assert_int_equal(fk_profile_load("good", &p, &err), FK_OK);
    char path[128];
    snprintf(path, sizeof path, "%s/good.yaml", folder);
    assert_string_equal(p->path, path);
    fk_profile_free(p);
    /* The folders of the program still count. */
    p = NULL;
    assert_int_equal(fk_profile_load("spwf04s", &p, &err), FK_OK);
    fk_profile_free(p);
}

static void path_is_used_as_it_is(void **state)
{
    (void)state;
    write_good();
    char path[128];
    snprintf(path, sizeof path, "%s/good.yaml", folder);
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    assert_int_equal(fk_profile_load(path, &p, &err), FK_OK);
    assert_string_equal(p->name, "good");
    fk_profile_free(p);
}

static void unknown_name_lists_folders_and_names(void **state)
{
    (void)state;
    setenv("FOTAKIT_PROFILES", folder, 1);
    write_good();
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    assert_int_equal(fk_profile_load("spwf4s", &p, &err), FK_E_NOT_FOUND);
    assert_null(p);
    char start[200];
    snprintf(start, sizeof start, "no profile 'spwf4s' (did you mean 'spwf04s'?) in %s, ", folder);
    assert_int_equal(strncmp(err.msg, start, strlen(start)), 0);
    assert_non_null(strstr(err.msg, "; there is "));
    assert_non_null(strstr(err.msg, "good, "));
    assert_non_null(strstr(err.msg, "spwf04s"));
}

static void missing_file_and_folder_are_told_apart(void **state)
{
    (void)state;
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    assert_int_equal(fk_profile_load("./none.yaml", &p, &err), FK_E_NOT_FOUND);
    assert_string_equal(err.msg, "cannot open './none.yaml': No such file or directory");
    assert_int_equal(fk_profile_load("none.yaml", &p, &err), FK_E_NOT_FOUND);
    assert_int_equal(fk_profile_load("/tmp/", &p, &err), FK_E_NOT_REGULAR);
    assert_int_equal(fk_profile_load("", &p, &err), FK_E_NOT_FOUND);
    assert_null(p);
    fk_profile_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_with_firmware_fills_every_part),
        cmocka_unit_test(profile_without_firmware_sections_has_none),
        cmocka_unit_test(optional_keys_replace_their_defaults),
        cmocka_unit_test(unverified_facts_are_collected_with_note_and_citation),
        cmocka_unit_test(line_ends_and_a_byte_order_mark_make_no_difference),
        cmocka_unit_test(shipped_profiles_say_what_their_devices_are),
        cmocka_unit_test(bad_examples_are_refused_with_their_line_and_message),
        cmocka_unit_test(file_over_one_mebibyte_is_refused),
        cmocka_unit_test(counted_limits_are_refused_where_they_are_passed),
        cmocka_unit_test(wide_characters_are_refused_as_not_utf_8),
        cmocka_unit_test(a_profile_cut_at_any_length_is_refused_or_whole),
        cmocka_unit_test_setup_teardown(name_is_found_in_the_folder_of_the_environment, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(path_is_used_as_it_is, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(unknown_name_lists_folders_and_names, make_folder,
                                        remove_folder),
        cmocka_unit_test(missing_file_and_folder_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
