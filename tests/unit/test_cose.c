/* SPDX-License-Identifier: Apache-2.0 */
/* COSE structures against published bytes, and the primitives behind them. */
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "wire/cbor.h"
#include "wire/cose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define X "ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6"
#define W "e28b4502e4f5151884a995405579006e9465c3e94e3e0808"

static int start(void **state)
{
    (void)state;
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

static void signed_bytes_are_those_of_the_draft(void **state)
{
    (void)state;
    const struct fk_slice digest =
        fk_hex("822f58206658ea560262696dd1f13b782239a064da7c6c5cbaf52fded428a6fc83c7e5af");
    uint8_t buf[FK_COSE_TBS_MAX];
    size_t len = 0;
    struct fk_cose_auth a = {.kind = FK_COSE_SIGN1, .header = fk_hex("a10126")};
    assert_int_equal(fk_cose_tbs(&a, digest, buf, &len), FK_OK);
    assert_slice_is(((struct fk_slice){buf, len}),
                    "846a5369676e61747572653143a10126405824"
                    "822f58206658ea560262696dd1f13b782239a064da7c6c5cbaf52fded428a6fc83c7e5af");
    a = (struct fk_cose_auth){.kind = FK_COSE_MAC0, .header = fk_hex("a10105")};
    assert_int_equal(fk_cose_tbs(&a, digest, buf, &len), FK_OK);
    assert_slice_is(((struct fk_slice){buf, len}),
                    "84644d41433043a10105405824"
                    "822f58206658ea560262696dd1f13b782239a064da7c6c5cbaf52fded428a6fc83c7e5af");
}

static void derivation_and_additional_data_are_those_of_the_draft(void **state)
{
    (void)state;
    uint8_t buf[FK_COSE_KDF_CONTEXT_MAX];
    size_t len = 0;
    assert_int_equal(fk_cose_kdf_context(fk_hex("a101381c"), buf, &len), FK_OK);
    assert_slice_is(((struct fk_slice){buf, len}),
                    "842283f6f6f683f6f6f683188044a101381c57"
                    "53554954205061796c6f616420456e6372797074696f6e");
    assert_int_equal(fk_cose_enc_structure(fk_hex("a10101"), buf, &len), FK_OK);
    assert_slice_is(((struct fk_slice){buf, len}), "8367456e637279707443a1010140");
}

static void encryption_information_is_taken_or_refused(void **state)
{
    (void)state;
#define CTR  "40 a2 0139fffd 0550 dae613b2e0dc55f4322be38bdba9dc68 f6"
#define EPK  "a4 0102 2001 215820" X "225820" X
#define ECDH "83 44a101381c a1 20" EPK "5818" W
#define KW   "83 40 a1 0122 5818" W
    static const struct {
        const char *why;
        const char *hex;
        enum fk_status st;
    } rows[] = {
        {"key agreement", "d86084" CTR "81" ECDH, FK_OK},
        {"key wrap", "d86084" CTR "81" KW, FK_OK},
        {"both", "d86084" CTR "82" ECDH KW, FK_OK},
        {"empty map as a protected header", "d86084" CTR "81 83 41a0 a1 0122 5818" W, FK_OK},
        {"identifier behind the key, as found in the field",
         "d86084" CTR "81 83 44a101381c a2 20" EPK "04 4101 5818" W, FK_OK},
        {"identifier in order", "d86084" CTR "81 83 44a101381c a2 04 4101 20" EPK "5818" W, FK_OK},
        {"identifier twice", "d86084" CTR "81 83 40 a3 0122 044101 044101 5818" W,
         FK_E_ENCRYPTION_INFO},
        {"salt", "d86084" CTR "81 83 44a101381c a2 20" EPK "33 4101 5818" W, FK_OK},
        {"no recipient", "d86084" CTR "80", FK_E_ENCRYPTION_INFO},
        {"a recipient less than counted", "d86084" CTR "82" KW, FK_E_ENCRYPTION_INFO},
        {"a recipient more", "d86084" CTR "81" KW KW, FK_E_ENCRYPTION_INFO},
        {"untagged", "84" CTR "81" KW, FK_E_ENCRYPTION_INFO},
        {"COSE_Encrypt0", "d0 83 40 a2 0139fffd 0550 dae613b2e0dc55f4322be38bdba9dc68 f6",
         FK_E_ENCRYPTION_INFO},
        {"attached ciphertext",
         "d86084 40 a2 0139fffd 0550 dae613b2e0dc55f4322be38bdba9dc68 40 81" KW,
         FK_E_ENCRYPTION_INFO},
        {"CTR with a protected algorithm",
         "d86084 45a10139fffd a1 0550 dae613b2e0dc55f4322be38bdba9dc68 f6 81" KW,
         FK_E_ENCRYPTION_INFO},
        {"CTR with 12 bytes", "d86084 40 a2 0139fffd 054c dae613b2e0dc55f4322be38b f6 81" KW,
         FK_E_ENCRYPTION_INFO},
        {"GCM unprotected", "d86084 40 a2 0101 054c dae613b2e0dc55f4322be38b f6 81" KW,
         FK_E_ENCRYPTION_INFO},
        {"GCM with 16 bytes",
         "d86084 43a10101 a1 0550 dae613b2e0dc55f4322be38bdba9dc68 f6 81" KW,
         FK_E_ENCRYPTION_INFO},
        {"no IV", "d86084 43a10101 a0 f6 81" KW, FK_E_ENCRYPTION_INFO},
        {"no algorithm", "d86084 40 a1 054c dae613b2e0dc55f4322be38b f6 81" KW, FK_E_CIPHER},
        {"CBC", "d86084 40 a2 0139fffa 0550 dae613b2e0dc55f4322be38bdba9dc68 f6 81" KW,
         FK_E_CIPHER},
        {"direct key", "d86084" CTR "81 83 40 a1 0125 40", FK_E_CIPHER},
        {"ECDH-ES+A256KW", "d86084" CTR "81 83 44a101381e a1 20" EPK "5818" W, FK_E_CIPHER},
        {"wrapped key of 40 bytes",
         "d86084" CTR "81 83 40 a1 0122 5828" W "00000000000000000000000000000000",
         FK_E_ENCRYPTION_INFO},
        {"key wrap with an ephemeral key", "d86084" CTR "81 83 40 a2 0122 20" EPK "5818" W,
         FK_E_ENCRYPTION_INFO},
        {"key agreement without one", "d86084" CTR "81 83 44a101381c a0 5818" W,
         FK_E_ENCRYPTION_INFO},
        {"compressed point",
         "d86084" CTR "81 83 44a101381c a1 20 a4 0102 2001 215820" X "22f5 5818" W,
         FK_E_ENCRYPTION_INFO},
        {"P-384", "d86084" CTR "81 83 44a101381c a1 20 a4 0102 2002 215820" X "225820" X "5818" W,
         FK_E_ENCRYPTION_INFO},
        {"OKP", "d86084" CTR "81 83 44a101381c a1 20 a4 0101 2001 215820" X "225820" X "5818" W,
         FK_E_ENCRYPTION_INFO},
        {"x of 31 bytes",
         "d86084" CTR "81 83 44a101381c a1 20 a4 0102 2001 21581f"
         "ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718f6ee0718 225820" X "5818" W,
         FK_E_ENCRYPTION_INFO},
        {"private part in the ephemeral key",
         "d86084" CTR "81 83 44a101381c a1 20 a5 0102 2001 215820" X "225820" X "234101 5818" W,
         FK_E_ENCRYPTION_INFO},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fk_cose_encrypt enc;
        enum fk_status st = fk_cose_encrypt_parse(fk_hex(rows[i].hex), &enc);
        if (st != rows[i].st) {
            fail_msg("%s: expected %s, found %s", rows[i].why, fk_status_symbol(rows[i].st),
                     fk_status_symbol(st));
        }
    }
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    const struct fk_slice iv = fk_hex("dae613b2e0dc55f4322be38bdba9dc68");
    const struct fk_cose_recipient agree = {.alg = FK_COSE_ECDH_ES_A128KW,
                                            .kid = fk_hex("0102"),
                                            .x = fk_hex(X),
                                            .y = fk_hex(X),
                                            .wrapped = fk_hex(W)};
    const struct fk_cose_recipient wrap = {.alg = FK_COSE_A128KW, .wrapped = fk_hex(W)};
    for (int gcm = 0; gcm < 2; gcm++) {
        uint8_t buf[512];
        size_t len = 0;
        struct fk_writer w;
        struct fk_cose_encrypt enc;
        struct fk_cose_recipient rec;
        fk_writer_init(&w, buf, sizeof buf);
        fk_cose_encrypt_put_head(&w, gcm ? FK_COSE_A128GCM : FK_COSE_A128CTR,
                                 (struct fk_slice){iv.ptr, gcm ? 12 : 16}, 2);
        fk_cose_recipient_put(&w, &agree);
        fk_cose_recipient_put(&w, &wrap);
        assert_int_equal(fk_writer_end(&w, &len), FK_OK);
        assert_int_equal(fk_cose_encrypt_parse((struct fk_slice){buf, len}, &enc), FK_OK);
        assert_int_equal(enc.n_recipients, 2);
        struct fk_reader at = fk_cose_recipients(&enc);
        assert_true(fk_cose_recipient_next(&at, &rec));
        assert_int_equal(rec.alg, FK_COSE_ECDH_ES_A128KW);
        assert_slice_is(rec.kid, "0102");
        assert_slice_is(rec.header, "a101381c");
        assert_slice_is(rec.y, X);
        assert_true(fk_cose_recipient_next(&at, &rec));
        assert_int_equal(rec.alg, FK_COSE_A128KW);
        assert_int_equal(rec.kid.len, 0);
        assert_slice_is(rec.wrapped, W);
        assert_false(fk_cose_recipient_next(&at, &rec));
    }
}

/* RFC 3394, 4.1 */
static void key_wrap_matches_its_standard(void **state)
{
    (void)state;
    uint8_t key[16] = {0};
    const uint8_t *kek = fk_hex("000102030405060708090a0b0c0d0e0f").ptr;
    uint8_t wrapped[24];
    memcpy(wrapped, fk_hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5").ptr, 24);
    assert_int_equal(fk_aes_kw_unwrap(kek, wrapped, key), FK_OK);
    assert_slice_is(((struct fk_slice){key, 16}), "00112233445566778899aabbccddeeff");
    memset(key, 0, sizeof key);
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 0x80;
        assert_int_equal(fk_aes_kw_unwrap(kek, wrapped, key), FK_E_UNWRAP);
        assert_slice_is(((struct fk_slice){key, 16}), "00000000000000000000000000000000");
        wrapped[i] ^= 0x80;
    }
}

/* RFC 5869, A.1 and A.3 */
static void hkdf_matches_its_standard(void **state)
{
    (void)state;
    uint8_t okm[42];
    const struct fk_slice ikm = fk_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                          salt = fk_hex("000102030405060708090a0b0c"),
                          info = fk_hex("f0f1f2f3f4f5f6f7f8f9");
    assert_int_equal(fk_hkdf_sha256(ikm.ptr, ikm.len, salt.ptr, salt.len, info.ptr, info.len, okm,
                                    sizeof okm),
                     FK_OK);
    assert_slice_is(((struct fk_slice){okm, 42}),
                    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                    "34007208d5b887185865");
    assert_int_equal(fk_hkdf_sha256(ikm.ptr, ikm.len, NULL, 0, NULL, 0, okm, sizeof okm), FK_OK);
    assert_slice_is(((struct fk_slice){okm, 42}),
                    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                    "9d201395faa4b61a96c8");
}

/* RFC 5903, 8.1 */
static void ecdh_matches_its_standard_and_refuses_other_points(void **state)
{
    (void)state;
    uint8_t z[32] = {0}, peer[65];
    const uint8_t *secret =
        fk_hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433").ptr;
    memcpy(peer, fk_hex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab")
                     .ptr,
           sizeof peer);
    assert_int_equal(fk_ecdh_p256(secret, peer, z), FK_OK);
    assert_slice_is(((struct fk_slice){z, 32}),
                    "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    memset(z, 0, sizeof z);
    peer[64] ^= 1;
    assert_int_equal(fk_ecdh_p256(secret, peer, z), FK_E_POINT);
    memset(peer + 1, 0, 64);
    assert_int_equal(fk_ecdh_p256(secret, peer, z), FK_E_POINT);
    memset(peer, 0xff, sizeof peer);
    peer[0] = 4;
    assert_int_equal(fk_ecdh_p256(secret, peer, z), FK_E_POINT);
    peer[0] = 2;
    assert_int_equal(fk_ecdh_p256(secret, peer, z), FK_E_POINT);
    static const uint8_t none[32] = {0};
    memcpy(peer, fk_hex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab")
                     .ptr,
           sizeof peer);
    assert_int_equal(fk_ecdh_p256(none, peer, z), FK_E_CRYPTO);
    assert_memory_equal(z, none, sizeof z);
}

static void verify_refuses_points_off_the_curve_and_empty_signatures(void **state)
{
    (void)state;
    static const uint8_t digest[32] = {1}, zero[64] = {0};
    uint8_t key[65];
    memcpy(key, fk_hex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                       "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab")
                    .ptr,
           sizeof key);
    assert_int_equal(fk_p256_verify(key, digest, zero), FK_E_SIGNATURE);
    key[64] ^= 1;
    assert_int_equal(fk_p256_verify(key, digest, zero), FK_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_bytes_are_those_of_the_draft),
        cmocka_unit_test(derivation_and_additional_data_are_those_of_the_draft),
        cmocka_unit_test(encryption_information_is_taken_or_refused),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(key_wrap_matches_its_standard),
        cmocka_unit_test(hkdf_matches_its_standard),
        cmocka_unit_test(ecdh_matches_its_standard_and_refuses_other_points),
        cmocka_unit_test(verify_refuses_points_off_the_curve_and_empty_signatures),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
