/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/ski.h"

#include "crypto/digest.h"
#include "fotakit/hex.h"

#include <stdio.h>
#include <string.h>

static const char *const methods[] = {
    [FK_KEY_ID_UNKNOWN] = "none of the known methods",
    [FK_KEY_ID_SHA1_KEY] = "SHA-1 of the key bits (RFC 5280 method 1)",
    [FK_KEY_ID_SHORT] = "the last 60 bits of SHA-1 of the key bits (RFC 5280 method 2)",
    [FK_KEY_ID_SHA1_SPKI] = "SHA-1 of the whole SubjectPublicKeyInfo",
    [FK_KEY_ID_SHA256_160_KEY] = "160 bits of SHA-256 of the key bits (RFC 7093 method 1)",
    [FK_KEY_ID_SHA384_160_KEY] = "160 bits of SHA-384 of the key bits (RFC 7093 method 2)",
    [FK_KEY_ID_SHA512_160_KEY] = "160 bits of SHA-512 of the key bits (RFC 7093 method 3)",
    [FK_KEY_ID_SHA256_KEY] = "SHA-256 of the key bits",
    [FK_KEY_ID_SHA256_SPKI] = "SHA-256 of the whole SubjectPublicKeyInfo",
};

const char *fk_key_id_method_text(enum fk_key_id_method m)
{
    return methods[m];
}

struct recipe {
    enum fk_key_id_method method;
    enum fk_digest digest;
    bool of_spki; /* else of the key bits */
    size_t len;
};

static const struct recipe recipes[] = {
    {FK_KEY_ID_SHA1_KEY, FK_DIGEST_SHA1, false, 20},
    {FK_KEY_ID_SHA1_SPKI, FK_DIGEST_SHA1, true, 20},
    {FK_KEY_ID_SHA256_160_KEY, FK_DIGEST_SHA256, false, 20},
    {FK_KEY_ID_SHA384_160_KEY, FK_DIGEST_SHA384, false, 20},
    {FK_KEY_ID_SHA512_160_KEY, FK_DIGEST_SHA512, false, 20},
    {FK_KEY_ID_SHA256_KEY, FK_DIGEST_SHA256, false, 32},
    {FK_KEY_ID_SHA256_SPKI, FK_DIGEST_SHA256, true, 32},
};

static enum fk_status find_method(const struct fk_cert_info *cert, const struct fk_key_id *id,
                                  enum fk_key_id_method *ret, struct fk_error *err)
{
    *ret = FK_KEY_ID_UNKNOWN;
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
        const struct recipe *r = &recipes[i];
        uint8_t digest[FK_DIGEST_MAX];
        enum fk_status st =
            fk_digest(r->digest, r->of_spki ? cert->spki : cert->key_bits, digest, err);
        if (st != FK_OK) {
            return st;
        }
        if (id->len == r->len && memcmp(id->id, digest, r->len) == 0) {
            *ret = r->method;
            return FK_OK;
        }
        if (r->method == FK_KEY_ID_SHA1_KEY && id->len == 8 &&
            id->id[0] == (0x40 | (digest[12] & 0x0f)) && memcmp(id->id + 1, digest + 13, 7) == 0) {
            *ret = FK_KEY_ID_SHORT;
            return FK_OK;
        }
    }
    return FK_OK;
}

static enum fk_status set_id(struct fk_key_id *id, struct fk_slice bytes, const char *what,
                             struct fk_error *err)
{
    if (bytes.len == 0) {
        return fk_fail(err, FK_E_NO_KEY_ID, "the %s is present but empty, so it names nothing",
                       what);
    }
    if (bytes.len > FK_KEY_ID_MAX) {
        return fk_fail(err, FK_E_LIMIT, "the %s has %zu bytes; the limit is %d", what, bytes.len,
                       FK_KEY_ID_MAX);
    }
    *id = (struct fk_key_id){.len = bytes.len};
    memcpy(id->id, bytes.ptr, bytes.len);
    fk_hex_encode(id->id, id->len, id->name);
    memcpy(id->name + 2 * id->len, ".ca", sizeof ".ca");
    id->doubts = id->len != FK_KEY_ID_SHA1 ? (unsigned)FK_KEY_ID_ODD_LENGTH : 0;
    return FK_OK;
}

enum fk_status fk_key_id_of(const struct fk_cert *cert, bool may_compute, struct fk_key_id *ret,
                            struct fk_error *err)
{
    const struct fk_cert_info *i = fk_cert_info(cert);
    struct fk_key_id id = {.len = 0};
    enum fk_status st = FK_OK;
    if (i->has_ski) {
        st = set_id(&id, i->ski, "Subject Key Identifier", err);
    } else if (!may_compute) {
        return fk_fail(err, FK_E_NO_KEY_ID,
                       "the certificate has no Subject Key Identifier; use --compute to take SHA-1 "
                       "of its key bits (RFC 5280 4.2.1.2, method 1)");
    } else {
        uint8_t digest[FK_DIGEST_MAX];
        st = fk_digest(FK_DIGEST_SHA1, i->key_bits, digest, err);
        if (st == FK_OK) {
            st = set_id(&id, (struct fk_slice){digest, FK_KEY_ID_SHA1}, "computed identifier", err);
            id.doubts |= FK_KEY_ID_COMPUTED;
        }
    }
    if (st == FK_OK) {
        st = find_method(i, &id, &id.method, err);
    }
    if (st != FK_OK) {
        return st;
    }
    bool aki_differs = i->has_aki_keyid &&
                       (i->aki_keyid.len != id.len || memcmp(i->aki_keyid.ptr, id.id, id.len) != 0);
    id.doubts |= id.method != FK_KEY_ID_SHA1_KEY ? (unsigned)FK_KEY_ID_ODD_METHOD : 0;
    id.doubts |= i->self_issued && aki_differs ? (unsigned)FK_KEY_ID_AKI_DIFFERS : 0;
    id.doubts |= !i->is_ca ? (unsigned)FK_KEY_ID_NOT_CA : 0;
    *ret = id;
    return FK_OK;
}

enum fk_status fk_key_id_of_issuer(const struct fk_cert *cert, struct fk_key_id *ret,
                                   struct fk_error *err)
{
    const struct fk_cert_info *i = fk_cert_info(cert);
    if (i->has_aki_keyid) {
        return set_id(ret, i->aki_keyid, "Authority Key Identifier", err);
    }
    if (i->has_aki_issuer) {
        return fk_fail(err, FK_E_NO_KEY_ID,
                       "the Authority Key Identifier has no key identifier, only the issuer's name "
                       "and serial number; the issuer's file cannot be found by name");
    }
    return fk_fail(err, FK_E_NO_KEY_ID,
                   "the certificate has no Authority Key Identifier; the issuer's file cannot be "
                   "found by name");
}

void fk_key_id_doubt_text(const struct fk_key_id *id, unsigned doubt,
                          char text[FK_KEY_ID_DOUBT_SIZE])
{
    const char *fixed = "";
    switch (doubt) {
    case FK_KEY_ID_COMPUTED:
        fixed = "no Subject Key Identifier in the certificate: the name is computed, SHA-1 of the "
                "key bits (RFC 5280 4.2.1.2, method 1); it works only if the certificates below "
                "name their issuer the same way";
        break;
    case FK_KEY_ID_ODD_METHOD:
        snprintf(text, FK_KEY_ID_DOUBT_SIZE,
                 "the Subject Key Identifier is not SHA-1 of the key bits but %s; the name follows "
                 "the certificate, a computed one would be wrong",
                 fk_key_id_method_text(id->method));
        return;
    case FK_KEY_ID_ODD_LENGTH:
        snprintf(text, FK_KEY_ID_DOUBT_SIZE, "the identifier has %zu bytes where devices expect %d",
                 id->len, FK_KEY_ID_SHA1);
        return;
    case FK_KEY_ID_AKI_DIFFERS:
        fixed = "self-signed, but its Authority Key Identifier is not its Subject Key Identifier; "
                "a device that looks for its issuer will not find this file";
        break;
    case FK_KEY_ID_NOT_CA:
        fixed = "not a CA certificate (Basic Constraints do not say CA); a device will not accept "
                "it as a root";
        break;
    default:
        break;
    }
    snprintf(text, FK_KEY_ID_DOUBT_SIZE, "%s", fixed);
}
