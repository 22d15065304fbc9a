/* SPDX-License-Identifier: Apache-2.0 */
/* The primitives against published answers, whichever adapter is linked: PSA on a host, direct
 * calls on the emulated board. */
#include "crypto/crypto.h"
#include "support/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define GUARD 0xa5

static int setup(void **state)
{
    (void)state;
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

/* Each begin, update and finish of one digest, cut at `at`. */
static void digest_is(struct fk_slice message, size_t at, const char *expected)
{
    struct fk_sha256 h;
    uint8_t found[FK_SHA256_SIZE];
    assert_int_equal(fk_sha256_begin(&h), FK_OK);
    assert_int_equal(fk_sha256_update(&h, message.ptr, at), FK_OK);
    assert_int_equal(fk_sha256_update(&h, message.ptr + at, message.len - at), FK_OK);
    assert_int_equal(fk_sha256_finish(&h, found), FK_OK);
    assert_memory_equal(found, fk_hex(expected).ptr, sizeof found);
}

/* FIPS 180-4; the examples of NIST. */
static void sha256_gives_the_published_digests_however_it_is_fed(void **state)
{
    (void)state;
    static const struct {
        const char *message, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"6162636462636465636465666465666765666768666768696768696a68696a6b"
         "696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fk_slice m = fk_hex(cases[i].message);
        uint8_t found[FK_SHA256_SIZE];
        for (size_t at = 0; at <= m.len; at++) {
            digest_is(m, at, cases[i].digest);
        }
        assert_int_equal(fk_sha256_of(m.ptr, m.len, found), FK_OK);
        assert_memory_equal(found, fk_hex(cases[i].digest).ptr, sizeof found);
    }
}

/* RFC 4231, cases 1, 2 and 6: a key longer than a block is hashed first. */
static void hmac_accepts_the_published_codes_and_no_other(void **state)
{
    (void)state;
    uint8_t long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    const struct {
        struct fk_slice key;
        const char *message, *mac;
    } cases[] = {
        {fk_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {fk_hex("4a656665"), "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{long_key, sizeof long_key}, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t mac[FK_SHA256_SIZE];
        const char *m = cases[i].message;
        size_t len = strlen(m), key_len = cases[i].key.len;
        const uint8_t *key = cases[i].key.ptr;
        memcpy(mac, fk_hex(cases[i].mac).ptr, sizeof mac);
        assert_int_equal(fk_hmac_sha256_verify(key, key_len, m, len, mac), FK_OK);
        assert_int_equal(fk_hmac_sha256_verify(key, key_len, m, len - 1, mac), FK_E_SIGNATURE);
        for (size_t at = 0; at < sizeof mac; at++) {
            mac[at] ^= 0x80;
            assert_int_equal(fk_hmac_sha256_verify(key, key_len, m, len, mac), FK_E_SIGNATURE);
            mac[at] ^= 0x80;
        }
    }
}

/* RFC 5869, A.1 to A.3: with salt and info, long ones, and none. */
static void hkdf_gives_the_published_keys(void **state)
{
    (void)state;
    uint8_t secret[80], salt[80], info[80], found[83];
    for (uint8_t i = 0; i < 80; i++) {
        secret[i] = i;
        salt[i] = (uint8_t)(0x60 + i);
        info[i] = (uint8_t)(0xb0 + i);
    }
    static const char *const long_key =
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87";
    assert_int_equal(fk_hkdf_sha256(secret, 80, salt, 80, info, 80, found, 82), FK_OK);
    assert_memory_equal(found, fk_hex(long_key).ptr, 82);

    struct fk_slice short_salt = fk_hex("000102030405060708090a0b0c"),
                    short_info = fk_hex("f0f1f2f3f4f5f6f7f8f9");
    memset(secret, 0x0b, 22);
    memset(found, GUARD, sizeof found);
    assert_int_equal(fk_hkdf_sha256(secret, 22, short_salt.ptr, short_salt.len, short_info.ptr,
                                    short_info.len, found, 42),
                     FK_OK);
    assert_memory_equal(found,
                        fk_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                               "34007208d5b887185865")
                            .ptr,
                        42);
    assert_int_equal(found[42], GUARD);
    assert_int_equal(fk_hkdf_sha256(secret, 22, NULL, 0, NULL, 0, found, 42), FK_OK);
    assert_memory_equal(found,
                        fk_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                               "9d201395faa4b61a96c8")
                            .ptr,
                        42);
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 1 to 4. */
static const struct gcm_case {
    const char *key, *nonce, *aad, *plain, *cipher, *tag;
} gcm_cases[] = {
    {"00000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {"00000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
     "ab6e47d42cec13bdf53a67b21257bddf"},
    {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
     "4d5c2af327cd64a62cf35abd2ba6fab4"},
    {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
};
#define GCM_CASES (sizeof gcm_cases / sizeof *gcm_cases)

static void additional_data(struct fk_gcm *g, const char *aad)
{
    struct fk_slice s = fk_hex(aad);
    if (s.len > 0) {
        assert_int_equal(fk_gcm_aad(g, s.ptr, s.len), FK_OK);
    }
}

/* In place, in two parts of which the first is whole blocks. */
static void through(struct fk_gcm *g, uint8_t *data, size_t len, size_t first)
{
    assert_int_equal(fk_gcm_update(g, data, data, first), FK_OK);
    assert_int_equal(fk_gcm_update(g, data + first, data + first, len - first), FK_OK);
}

static enum fk_status gcm_open(const struct gcm_case *c, const uint8_t *tag, size_t tag_len,
                               size_t first, uint8_t data[64])
{
    struct fk_gcm g;
    struct fk_slice in = fk_hex(c->cipher);
    memcpy(data, in.ptr, in.len);
    assert_int_equal(fk_gcm_begin(&g, fk_hex(c->key).ptr, fk_hex(c->nonce).ptr, tag_len), FK_OK);
    additional_data(&g, c->aad);
    through(&g, data, in.len, first);
    return fk_gcm_finish(&g, tag, tag_len);
}

static void gcm_opens_and_seals_the_published_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < GCM_CASES; i++) {
        const struct gcm_case *c = &gcm_cases[i];
        struct fk_slice plain = fk_hex(c->plain), cipher = fk_hex(c->cipher);
        uint8_t data[64], tag[FK_GCM_TAG_MAX];
        struct fk_gcm g;
        for (size_t first = 0; first <= plain.len; first += FK_AES_BLOCK) {
            assert_int_equal(gcm_open(c, fk_hex(c->tag).ptr, 16, first, data), FK_OK);
            assert_memory_equal(data, plain.ptr, plain.len);
            assert_int_equal(
                fk_gcm_encrypt_begin(&g, fk_hex(c->key).ptr, fk_hex(c->nonce).ptr), FK_OK);
            additional_data(&g, c->aad);
            through(&g, data, plain.len, first);
            assert_int_equal(fk_gcm_encrypt_finish(&g, tag), FK_OK);
            assert_memory_equal(data, cipher.ptr, cipher.len);
            assert_memory_equal(tag, fk_hex(c->tag).ptr, sizeof tag);
        }
    }
}

static void gcm_refuses_every_other_tag(void **state)
{
    (void)state;
    for (size_t i = 0; i < GCM_CASES; i++) {
        uint8_t data[64], tag[FK_GCM_TAG_MAX];
        memcpy(tag, fk_hex(gcm_cases[i].tag).ptr, sizeof tag);
        for (size_t at = 0; at < sizeof tag; at++) {
            tag[at] ^= 1;
            assert_int_equal(gcm_open(&gcm_cases[i], tag, sizeof tag, 0, data), FK_E_TAG);
            tag[at] ^= 1;
        }
        tag[15] ^= 1; /* a shorter tag is its front */
        assert_int_equal(gcm_open(&gcm_cases[i], tag, 12, 0, data), FK_OK);
    }
}

/* NIST SP 800-38A, F.5.1; then every length, and a counter that overflows. */
static void ctr_gives_the_published_stream_at_any_length(void **state)
{
    (void)state;
    struct fk_slice key = fk_hex("2b7e151628aed2a6abf7158809cf4f3c"),
                    iv = fk_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
                    plain = fk_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                                   "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"),
                    cipher = fk_hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
                                    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
    uint8_t data[65];
    for (size_t len = 0; len <= plain.len; len++) {
        memset(data, GUARD, sizeof data);
        memcpy(data, plain.ptr, len);
        assert_int_equal(fk_ctr_xor(key.ptr, iv.ptr, data, data, len), FK_OK);
        assert_memory_equal(data, cipher.ptr, len);
        assert_int_equal(data[len], GUARD);
    }
}

/* Block 2 of a counter of all ones is block 1 of zero: one number of 128 bits (SP 800-38A, B.1). */
static void ctr_carries_through_all_its_bytes(void **state)
{
    (void)state;
    static const uint8_t key[FK_AES_KEY_SIZE] = {7};
    uint8_t ones[FK_AES_BLOCK], zero[FK_AES_BLOCK] = {0}, long_one[32] = {0}, one[16] = {0};
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(fk_ctr_xor(key, ones, long_one, long_one, sizeof long_one), FK_OK);
    assert_int_equal(fk_ctr_xor(key, zero, one, one, sizeof one), FK_OK);
    assert_memory_equal(long_one + 16, one, sizeof one);
}

/* RFC 3394, 4.1. */
static void key_wrap_opens_the_published_key_and_nothing_damaged(void **state)
{
    (void)state;
    struct fk_slice kek = fk_hex("000102030405060708090a0b0c0d0e0f");
    uint8_t wrapped[FK_WRAPPED_KEY_SIZE], key[FK_AES_KEY_SIZE];
    memcpy(wrapped, fk_hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5").ptr, sizeof wrapped);
    assert_int_equal(fk_aes_kw_unwrap(kek.ptr, wrapped, key), FK_OK);
    assert_memory_equal(key, fk_hex("00112233445566778899aabbccddeeff").ptr, sizeof key);
    for (size_t at = 0; at < sizeof wrapped; at++) {
        wrapped[at] ^= 0x10;
        assert_int_equal(fk_aes_kw_unwrap(kek.ptr, wrapped, key), FK_E_UNWRAP);
        wrapped[at] ^= 0x10;
    }
    uint8_t other[FK_AES_KEY_SIZE] = {1};
    assert_int_equal(fk_aes_kw_unwrap(other, wrapped, key), FK_E_UNWRAP);
}

/* RFC 6979, A.2.5. */
#define POINT                                                                                      \
    "04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"                          \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define R     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define S     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
#define ZERO  "0000000000000000000000000000000000000000000000000000000000000000"

static enum fk_status verify(const char *point, const char *message, const char *signature)
{
    uint8_t digest[FK_SHA256_SIZE];
    assert_int_equal(fk_sha256_of(message, strlen(message), digest), FK_OK);
    return fk_p256_verify(fk_hex(point).ptr, digest, fk_hex(signature).ptr);
}

static void p256_accepts_the_published_signatures(void **state)
{
    (void)state;
    assert_int_equal(verify(POINT, "sample", R S), FK_OK);
    assert_int_equal(verify(POINT, "test",
                            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"),
                     FK_OK);
}

static void p256_refuses_signatures_that_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *why, *message, *signature;
    } cases[] = {
        {"another message", "Sample", R S},
        {"r and s exchanged", "sample", S R},
        {"r is zero", "sample", ZERO S},
        {"s is zero", "sample", R ZERO},
        {"both are zero", "sample", ZERO ZERO},
        {"r is the order", "sample", ORDER S},
        {"s is the order", "sample", R ORDER},
        {"r is the order more", "sample",
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" S},
        {"s is all ones", "sample",
         R "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (verify(POINT, cases[i].message, cases[i].signature) != FK_E_SIGNATURE) {
            fail_msg("%s: not refused as a signature", cases[i].why);
        }
    }
}

static void p256_refuses_points_that_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *why, *point;
    } cases[] = {
        {"y is another",
         "04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
         "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298"},
        {"all zero", "04" ZERO ZERO},
        {"x is the prime",
         "04 ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
         "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"},
        {"marked as compressed",
         "02 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
         "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"},
        {"marked as infinity", "00" ZERO ZERO},
    };
    uint8_t scalar[FK_P256_SCALAR] = {[31] = 3}, shared[FK_P256_SCALAR];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (verify(cases[i].point, "sample", R S) != FK_E_POINT) {
            fail_msg("%s: not refused as a key that signs", cases[i].why);
        }
        if (fk_ecdh_p256(scalar, fk_hex(cases[i].point).ptr, shared) != FK_E_POINT) {
            fail_msg("%s: not refused as a peer's key", cases[i].why);
        }
    }
}

/* RFC 5903, 8.1: both sides. */
static void ecdh_gives_the_published_secret(void **state)
{
    (void)state;
    struct fk_slice mine = fk_hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
                    yours = fk_hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"),
                    my_point = fk_hex(
                        "04 dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
                        "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"),
                    your_point = fk_hex(
                        "04 d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
    static const char *const secret =
        "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
    uint8_t found[FK_P256_SCALAR] = {0};
    assert_int_equal(fk_ecdh_p256(mine.ptr, your_point.ptr, found), FK_OK);
    assert_memory_equal(found, fk_hex(secret).ptr, sizeof found);
    memset(found, 0, sizeof found);
    assert_int_equal(fk_ecdh_p256(yours.ptr, my_point.ptr, found), FK_OK);
    assert_memory_equal(found, fk_hex(secret).ptr, sizeof found);
}

static void comparison_sees_every_byte_and_wiping_leaves_none(void **state)
{
    (void)state;
    uint8_t a[33], b[33];
    memset(a, GUARD, sizeof a);
    memset(b, GUARD, sizeof b);
    assert_true(fk_equal(a, b, sizeof a));
    for (size_t at = 0; at < sizeof a; at++) {
        b[at] ^= 1;
        assert_false(fk_equal(a, b, sizeof a));
        assert_true(fk_equal(a, b, at));
        b[at] ^= 1;
    }
    fk_wipe(a, 32);
    for (size_t at = 0; at < 32; at++) {
        assert_int_equal(a[at], 0);
    }
    assert_int_equal(a[32], GUARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests_however_it_is_fed),
        cmocka_unit_test(hmac_accepts_the_published_codes_and_no_other),
        cmocka_unit_test(hkdf_gives_the_published_keys),
        cmocka_unit_test(gcm_opens_and_seals_the_published_messages),
        cmocka_unit_test(gcm_refuses_every_other_tag),
        cmocka_unit_test(ctr_gives_the_published_stream_at_any_length),
        cmocka_unit_test(ctr_carries_through_all_its_bytes),
        cmocka_unit_test(key_wrap_opens_the_published_key_and_nothing_damaged),
        cmocka_unit_test(p256_accepts_the_published_signatures),
        cmocka_unit_test(p256_refuses_signatures_that_are_not),
        cmocka_unit_test(p256_refuses_points_that_are_not),
        cmocka_unit_test(ecdh_gives_the_published_secret),
        cmocka_unit_test(comparison_sees_every_byte_and_wiping_leaves_none),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
