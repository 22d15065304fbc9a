/* SPDX-License-Identifier: Apache-2.0 */
/* Packets: byte for byte against independent answers, and every one made by OpenSSL is read by the
 * device's own verifier. */
#include "fotakit/ota.h"

#include "core/verify.h"
#include "crypto/crypto.h"
#include "support/device.h"
#include "support/load.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* NIST submission "The Galois/Counter Mode of Operation", appendix B, test case 3: AES-128, no
 * associated data. The tag was recomputed with the openssl command's AES and a GHASH written in
 * Python; the digest is that of sha256sum. */
static const struct fk_packet_key nist_key = {
    .bytes = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30,
              0x83, 0x08}};
#define NONCE 0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88
static const uint8_t nist_nonce[12] = {NONCE};
static const uint8_t nist_plain[64] = {
    0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26, 0x9a,
    0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72,
    0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
    0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39, 0x1a, 0xaf, 0xd2, 0x55};
#define HASH_64                                                                                    \
    0xd6, 0xbd, 0x30, 0x6c, 0x6b, 0xfd, 0xa4, 0x3f, 0x25, 0x19, 0xc4, 0xb0, 0xf9, 0x5d, 0x03,      \
        0x25, 0x20, 0xed, 0x5c, 0x24, 0xec, 0xe6, 0x9a, 0x5e, 0x7b, 0x48, 0xb9, 0xef, 0x1c, 0xfc,  \
        0x89, 0x79
#define TAG_64                                                                                     \
    0x4d, 0x5c, 0x2a, 0xf3, 0x27, 0xcd, 0x64, 0xa6, 0x2c, 0xf3, 0x5a, 0xbd, 0x2b, 0xa6, 0xfa, 0xb4
#define BODY_64                                                                                    \
    0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4,      \
        0x9c, 0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1, 0x7e, 0x23, 0x29, 0xac,  \
        0xa1, 0x2e, 0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93, 0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac,  \
        0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39, 0x6a, 0x0a, 0xac, 0x97, 0x3d, 0x58, 0xe0, 0x91,  \
        0x47, 0x3f, 0x59, 0x85

static const uint8_t golden_64[124] = {NONCE, TAG_64, HASH_64, BODY_64};
/* The first 20 bytes of the same plaintext: another tag and digest, the same key stream. */
static const uint8_t golden_20[80] = {
    NONCE, 0xa5, 0xc8, 0x98, 0xfa, 0x1b, 0x9b, 0xf1, 0x16, 0x09, 0x68, 0x0e, 0x19, 0xd3, 0xdd, 0xd6,
    0x1b,  0x71, 0x33, 0xc1, 0x2f, 0x7b, 0x8d, 0xee, 0x1e, 0xee, 0x82, 0xd8, 0x23, 0x83, 0xc3, 0x27,
    0x17,  0x54, 0x94, 0xf7, 0x95, 0xe3, 0x6c, 0x36, 0xf6, 0x6a, 0xb9, 0x43, 0x3a, 0xbd, 0xcb, 0x20,
    0xda,  0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4,
    0x9c,  0xe3, 0xaa, 0x21, 0x2f};
/* Another layout: digest, a tag of twelve bytes, nonce. */
static const uint8_t golden_other_layout[120] = {
    HASH_64, 0x4d, 0x5c, 0x2a, 0xf3, 0x27, 0xcd, 0x64, 0xa6, 0x2c, 0xf3, 0x5a, 0xbd, NONCE, BODY_64};

static struct fk_device device_of_1_mib(void)
{
    static const struct test_layout layout = {.name = "bench",
                                              .sector = 4096,
                                              .state_sector = 4096,
                                              .slot_sectors = 256,
                                              .prog_size = 4,
                                              .erased = 0xff,
                                              .install = FK_INSTALL_OVERWRITE};
    return test_device(&layout);
}

/* Makes a packet from a file; ret and *ret_len are the committed packet, for the caller to free. */
static enum fk_status make(struct fk_temp *t, const char *image_path,
                           const struct fk_ota_options *options, uint8_t **ret, size_t *ret_len,
                           struct fk_ota_result *result, struct fk_error *err)
{
    struct fk_image_options image_options = fk_load_any_base();
    struct fk_output output = FK_OUTPUT_INIT;
    struct fk_image *image = NULL;
    char out[128];
    snprintf(out, sizeof out, "%s/out.ota", t->dir);
    enum fk_status st = fk_output_open(&output, out, 0644, true, err);
    if (st == FK_OK) {
        st = fk_image_open(image_path, &image_options, &image, err);
    }
    if (st == FK_OK) {
        st = fk_ota_write(image, options, &output, result, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, true, err);
    }
    fk_output_abort(&output);
    fk_image_close(image);
    if (st == FK_OK) {
        *ret = fk_temp_read(out, ret_len);
        assert_int_equal(remove(out), 0);
    } else {
        assert_false(fk_temp_exists(out));
    }
    return st;
}

static void packets_equal_known_answers(void **state)
{
    static const struct fk_st_layout other = {
        .hash = {0, 32}, .tag = {32, 12}, .nonce = {44, 12}, .size = 56};
    static const struct {
        const char *why;
        size_t image_len;
        const struct fk_st_layout *layout;
        const uint8_t *packet;
        size_t packet_len;
    } cases[] = {
        {"NIST test case 3", 64, NULL, golden_64, sizeof golden_64},
        {"last block not full", 20, NULL, golden_20, sizeof golden_20},
        {"another layout", 64, &other, golden_other_layout, sizeof golden_other_layout},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_device device = device_of_1_mib();
        device.st = cases[i].layout != NULL ? *cases[i].layout : device.st;
        struct fk_ota_options o = {
            .device = &device, .key = &nist_key, .fixed_nonce = nist_nonce};
        struct fk_ota_result result;
        struct fk_error err = FK_ERROR_INIT;
        uint8_t *packet = NULL;
        size_t len = 0;
        const char *path = fk_temp_file(t, "image.bin", nist_plain, cases[i].image_len);
        assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_OK);
        assert_int_equal(len, cases[i].packet_len);
        assert_memory_equal(packet, cases[i].packet, len);
        assert_true(result.encrypted);
        assert_int_equal(result.packet_size, len);
        assert_int_equal(result.image_size, cases[i].image_len);
        assert_int_equal(result.header_size, device.st.size);
        free(packet);
    }
}

static void plain_packet_has_no_nonce_and_no_tag(void **state)
{
    static const uint8_t header[60] = {[28] = 0xd6, 0xbd, 0x30, 0x6c, 0x6b, 0xfd, 0xa4, 0x3f, 0x25,
                                       0x19, 0xc4, 0xb0, 0xf9, 0x5d, 0x03, 0x25, 0x20, 0xed, 0x5c,
                                       0x24, 0xec, 0xe6, 0x9a, 0x5e, 0x7b, 0x48, 0xb9, 0xef, 0x1c,
                                       0xfc, 0x89, 0x79};
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    struct fk_ota_options o = {.device = &device};
    struct fk_ota_result result;
    struct fk_error err = FK_ERROR_INIT;
    uint8_t *packet = NULL;
    size_t len = 0;
    const char *path = fk_temp_file(t, "image.bin", nist_plain, sizeof nist_plain);
    assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_OK);
    assert_int_equal(len, sizeof header + sizeof nist_plain);
    assert_memory_equal(packet, header, sizeof header);
    assert_memory_equal(packet + sizeof header, nist_plain, sizeof nist_plain);
    assert_memory_equal(result.sha256, header + 28, 32);
    assert_false(result.encrypted);
    free(packet);
}

/* ---- what the device says ---- */

static enum fk_status read_body(void *ctx, uint32_t off, void *buf, size_t len)
{
    memcpy(buf, (const uint8_t *)ctx + off, len);
    return FK_OK;
}

static enum fk_status verify(const struct fk_device *device, uint8_t *packet, size_t len,
                             const uint8_t *key, struct fk_st_report *report)
{
    struct fk_st_header header;
    uint8_t work[4096];
    struct fk_slice bytes = {packet, device->st.size};
    assert_true(len >= device->st.size);
    assert_int_equal(fk_st_header_parse(&device->st, bytes, &header), FK_OK);
    struct fk_source source = {.ctx = packet + device->st.size, .read = read_body};
    return fk_verify_st(device, &header, key, &source, (uint32_t)(len - device->st.size), work,
                        sizeof work, report);
}

static void device_accepts_packets_of_all_sizes(void **state)
{
    static const uint32_t sizes[] = {4,     8,     12,     16,     20,     4092,   4096,
                                     4100,  65532, 65536,  65540,  262140, 262144, 262148,
                                     524284, 1048576};
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    assert_int_equal(fk_crypto_init(), FK_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *image = malloc(sizes[i]);
        assert_non_null(image);
        test_fill(image, sizes[i], (uint32_t)i);
        image[0] = 0xff; /* not text */
        const char *path = fk_temp_file(t, "image.bin", image, sizes[i]);
        for (int encrypted = 0; encrypted < 2; encrypted++) {
            struct fk_ota_options o = {.device = &device, .key = encrypted ? &nist_key : NULL};
            struct fk_ota_result result;
            struct fk_st_report report;
            struct fk_error err = FK_ERROR_INIT;
            uint8_t *packet = NULL;
            size_t len = 0;
            assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_OK);
            assert_int_equal(len, sizes[i] + 60);
            assert_int_equal(verify(&device, packet, len, nist_key.bytes, &report), FK_OK);
            assert_int_equal(report.plain, !encrypted);
            assert_int_equal(report.digest, FK_CHECK_PASSED);
            assert_int_equal(report.tag, encrypted ? FK_CHECK_PASSED : FK_CHECK_NOT_NEEDED);
            if (encrypted && sizes[i] >= 16) {
                assert_memory_not_equal(packet + 60, image, 16);
            }
            packet[len - 1] ^= 1;
            assert_int_equal(verify(&device, packet, len, nist_key.bytes, &report),
                             encrypted ? FK_E_TAG : FK_E_DIGEST);
            free(packet);
        }
        free(image);
    }
}

static void device_refuses_every_flipped_field_and_other_keys(void **state)
{
    static const struct {
        size_t at;
        enum fk_status encrypted, plain;
    } flips[] = {
        /* Anything in the nonce or tag of a plain packet makes it one that claims encryption. */
        {0, FK_E_TAG, FK_E_TAG},       {11, FK_E_TAG, FK_E_TAG},      {12, FK_E_TAG, FK_E_TAG},
        {27, FK_E_TAG, FK_E_TAG},      {28, FK_E_DIGEST, FK_E_DIGEST}, {59, FK_E_DIGEST, FK_E_DIGEST},
        {60, FK_E_TAG, FK_E_DIGEST},   {123, FK_E_TAG, FK_E_DIGEST},
    };
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    const char *path = fk_temp_file(t, "image.bin", nist_plain, sizeof nist_plain);
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        struct fk_ota_options o = {.device = &device, .key = encrypted ? &nist_key : NULL};
        struct fk_ota_result result;
        struct fk_st_report report;
        struct fk_error err = FK_ERROR_INIT;
        uint8_t *packet = NULL;
        size_t len = 0;
        assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_OK);
        for (size_t i = 0; i < sizeof flips / sizeof flips[0]; i++) {
            packet[flips[i].at] ^= 0x10;
            assert_int_equal(verify(&device, packet, len, nist_key.bytes, &report),
                             encrypted ? flips[i].encrypted : flips[i].plain);
            packet[flips[i].at] ^= 0x10;
        }
        if (encrypted) {
            uint8_t other[16] = {1};
            assert_int_equal(verify(&device, packet, len, other, &report), FK_E_TAG);
            assert_int_equal(verify(&device, packet, len, NULL, &report), FK_E_NO_KEY);
            assert_int_equal(verify(&device, packet, len - 4, nist_key.bytes, &report), FK_E_TAG);
        } else {
            assert_int_equal(verify(&device, packet, len - 4, NULL, &report), FK_E_DIGEST);
        }
        assert_int_equal(verify(&device, packet, len - 1, nist_key.bytes, &report),
                         FK_E_IMAGE_ALIGN);
        free(packet);
    }
}

static void nonce_is_fresh_in_every_packet(void **state)
{
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    struct fk_ota_options o = {.device = &device, .key = &nist_key};
    uint8_t seen[16][12];
    const char *path = fk_temp_file(t, "image.bin", nist_plain, sizeof nist_plain);
    for (size_t i = 0; i < 16; i++) {
        struct fk_ota_result result;
        struct fk_error err = FK_ERROR_INIT;
        uint8_t *packet = NULL;
        size_t len = 0;
        assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_OK);
        memcpy(seen[i], packet, 12);
        free(packet);
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(seen[i], seen[k], 12);
        }
    }
}

static void assert_refused(struct fk_temp *t, const struct fk_ota_options *o, enum fk_status st,
                           const char *message)
{
    struct fk_ota_result result;
    struct fk_error err = FK_ERROR_INIT;
    uint8_t *packet = NULL;
    size_t len = 0;
    const char *path = fk_temp_file(t, "image.bin", nist_plain, sizeof nist_plain);
    assert_int_equal(make(t, path, o, &packet, &len, &result, &err), st);
    assert_string_equal(err.msg, message);
    assert_null(packet);
}

static void nonce_of_zero_is_refused(void **state)
{
    static const uint8_t zero[12];
    struct fk_device device = device_of_1_mib();
    struct fk_ota_options o = {.device = &device, .key = &nist_key, .fixed_nonce = zero};
    assert_refused(*state, &o, FK_E_RANDOM, "a nonce of zero marks plain packets and is not used");
}

/* ---- length ---- */

static void length_must_be_a_multiple_unless_padded(void **state)
{
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    for (size_t len = 61; len <= 63; len++) {
        struct fk_ota_options o = {.device = &device, .key = &nist_key, .gap_value = 0xa5};
        struct fk_ota_result result = {0};
        struct fk_st_report report;
        struct fk_error err = FK_ERROR_INIT;
        uint8_t *packet = NULL;
        size_t packet_len = 0;
        char expected[96];
        const char *path = fk_temp_file(t, "image.bin", nist_plain, len);
        assert_int_equal(make(t, path, &o, &packet, &packet_len, &result, &err),
                         FK_E_IMAGE_ALIGN);
        snprintf(expected, sizeof expected,
                 "has %zu bytes, %zu more than a multiple of 4; add %zu byte%s of 0xa5 with --pad",
                 len, len - 60, 64 - len, 64 - len == 1 ? "" : "s");
        assert_non_null(strstr(err.msg, expected));
        assert_int_equal(result.packet_size, 0);

        o.pad = true;
        path = fk_temp_file(t, "image.bin", nist_plain, len);
        assert_int_equal(make(t, path, &o, &packet, &packet_len, &result, &err), FK_OK);
        assert_int_equal(packet_len, 124);
        assert_int_equal(result.image_size, 64);
        assert_int_equal(result.padded, 64 - len);
        assert_int_equal(verify(&device, packet, packet_len, nist_key.bytes, &report), FK_OK);
        free(packet);

        o.key = NULL; /* and what was appended can be seen */
        path = fk_temp_file(t, "image.bin", nist_plain, len);
        assert_int_equal(make(t, path, &o, &packet, &packet_len, &result, &err), FK_OK);
        assert_memory_equal(packet + 60, nist_plain, len);
        for (size_t i = 60 + len; i < packet_len; i++) {
            assert_int_equal(packet[i], 0xa5);
        }
        free(packet);
    }
}

static void padding_beyond_the_slot_is_refused(void **state)
{
    struct fk_temp *t = *state;
    struct fk_device device = device_of_1_mib();
    device.image_unit = 48; /* no divisor of the slot */
    struct fk_ota_options o = {.device = &device, .pad = true};
    struct fk_ota_result result;
    struct fk_error err = FK_ERROR_INIT;
    uint8_t *packet = NULL;
    size_t len = 0;
    uint8_t *image = calloc(1, 1u << 20);
    assert_non_null(image);
    const char *path = fk_temp_file(t, "image.bin", image, (1u << 20) - 1);
    assert_int_equal(make(t, path, &o, &packet, &len, &result, &err), FK_E_IMAGE_TOO_BIG);
    assert_non_null(strstr(err.msg, "bytes with padding, the slot holds 1048576"));
    free(image);
}

static void impossible_layout_is_refused(void **state)
{
    struct fk_device device = device_of_1_mib();
    device.st.tag.off = 0;
    struct fk_ota_options o = {.device = &device};
    assert_refused(*state, &o, FK_E_GEOMETRY, "profile bench: fota.header is not usable");
}

/* ---- key files ---- */

static void key_file_has_exactly_sixteen_bytes(void **state)
{
    static const struct {
        const char *why;
        const char *bytes;
        size_t len;
        enum fk_status st;
        const char *message;
    } cases[] = {
        {"right", "0123456789abcdef", 16, FK_OK, ""},
        {"right, and looks like a line", "0123456789abcde\n", 16, FK_OK, ""},
        {"empty", "", 0, FK_E_KEY_SIZE, "has 0 bytes, expected 16"},
        {"one less", "0123456789abcde", 15, FK_E_KEY_SIZE,
         "has 15 bytes, expected 16; make one with: (umask 077; openssl rand -out key.bin 16)"},
        {"one more", "0123456789abcdef\n", 17, FK_E_KEY_SIZE, "has 17 bytes, expected 16"},
        {"binary key of 32", "\x80gggggggggggggggggggggggggggggggg", 32, FK_E_KEY_SIZE,
         "has 32 bytes, expected 16"},
        {"hexadecimal", "00112233445566778899aabbccddeeff", 32, FK_E_KEY_SIZE,
         "holds 32 hexadecimal digits, expected 16 binary bytes; convert it with: (umask 077; xxd "
         "-r -p '"},
        {"hexadecimal line", "00112233445566778899AABBCCDDEEFF\n", 33, FK_E_KEY_SIZE,
         "holds 32 hexadecimal digits"},
        {"hexadecimal line of DOS", "00112233445566778899AABBCCDDEEFF\r\n", 34, FK_E_KEY_SIZE,
         "holds 32 hexadecimal digits"},
        {"31 digits", "00112233445566778899aabbccddeef", 31, FK_E_KEY_SIZE,
         "has 31 bytes, expected 16"},
    };
    struct fk_temp *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_packet_key key;
        struct fk_error err = FK_ERROR_INIT;
        memset(&key, 0x5a, sizeof key);
        struct fk_packet_key before = key;
        const char *path = fk_temp_file(t, "key", cases[i].bytes, cases[i].len);
        enum fk_status st = fk_packet_key_load(path, &key, &err);
        if (st != cases[i].st || strstr(err.msg, cases[i].message) == NULL) {
            fail_msg("%s: %s, '%s'", cases[i].why, fk_status_symbol(st), err.msg);
        }
        if (st == FK_OK) {
            assert_memory_equal(key.bytes, cases[i].bytes, 16);
        } else {
            assert_memory_equal(&key, &before, sizeof key);
            assert_null(strstr(err.msg, "0011")); /* never the key itself */
        }
    }
}

static void key_file_too_long_missing_or_exposed_is_told(void **state)
{
    struct fk_temp *t = *state;
    struct fk_packet_key key = {.exposed = true};
    struct fk_error err = FK_ERROR_INIT;
    uint8_t *big = calloc(1, 70000);
    assert_non_null(big);
    const char *path = fk_temp_file(t, "key", big, 70000);
    assert_int_equal(fk_packet_key_load(path, &key, &err), FK_E_KEY_SIZE);
    assert_non_null(strstr(err.msg, "has more than 65536 bytes, expected 16"));
    assert_int_equal(fk_packet_key_load(fk_temp_path(t, "no"), &key, &err), FK_E_NOT_FOUND);
    assert_non_null(strstr(err.msg, "key file: cannot open"));
    assert_int_equal(fk_packet_key_load(t->dir, &key, &err), FK_E_NOT_REGULAR);

    path = fk_temp_file(t, "key", big, 16);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(fk_packet_key_load(path, &key, &err), FK_OK);
    assert_false(key.exposed);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(fk_packet_key_load(path, &key, &err), FK_OK);
    assert_true(key.exposed);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(fk_packet_key_load(path, &key, &err), FK_OK);
    assert_true(key.exposed);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_equal_known_answers),
        cmocka_unit_test(plain_packet_has_no_nonce_and_no_tag),
        cmocka_unit_test(device_accepts_packets_of_all_sizes),
        cmocka_unit_test(device_refuses_every_flipped_field_and_other_keys),
        cmocka_unit_test(nonce_is_fresh_in_every_packet),
        cmocka_unit_test(nonce_of_zero_is_refused),
        cmocka_unit_test(length_must_be_a_multiple_unless_padded),
        cmocka_unit_test(padding_beyond_the_slot_is_refused),
        cmocka_unit_test(impossible_layout_is_refused),
        cmocka_unit_test(key_file_has_exactly_sixteen_bytes),
        cmocka_unit_test(key_file_too_long_missing_or_exposed_is_told),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
