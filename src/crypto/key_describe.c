/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ossl.h"

#include <openssl/ec.h>
#include <openssl/objects.h>

#include <stdio.h>
#include <string.h>

static const char *const type_texts[] = {
    [FK_KEY_OTHER] = "unknown", [FK_KEY_RSA] = "RSA",         [FK_KEY_RSA_PSS] = "RSA-PSS",
    [FK_KEY_EC] = "EC",         [FK_KEY_ED25519] = "Ed25519", [FK_KEY_ED448] = "Ed448",
    [FK_KEY_X25519] = "X25519", [FK_KEY_X448] = "X448",
};

const char *fk_key_type_text(enum fk_key_type type)
{
    return type_texts[type];
}

const char *fk_key_structure_text(enum fk_key_structure s)
{
    static const char *const texts[] = {
        [FK_KEY_PKCS1] = "PKCS#1", [FK_KEY_SEC1] = "SEC1", [FK_KEY_PKCS8] = "PKCS#8"};
    return texts[s];
}

/* SEC 2 has one name for each curve; X9.62 and NIST have others for two and five of them. */
static void name_curve(EVP_PKEY *pkey, char curve[32])
{
    char name[32] = "";
    size_t n = 0;
    if (EVP_PKEY_get_group_name(pkey, name, sizeof name, &n) != 1) {
        return;
    }
    const char *sec = strcmp(name, "prime192v1") == 0   ? "secp192r1"
                      : strcmp(name, "prime256v1") == 0 ? "secp256r1"
                                                        : name;
    snprintf(curve, 32, "%s", sec);
}

void fk_ossl_describe(EVP_PKEY *pkey, struct fk_public_info *ret)
{
    static const struct {
        const char *name;
        enum fk_key_type type;
    } types[] = {
        {"RSA", FK_KEY_RSA},         {"RSA-PSS", FK_KEY_RSA_PSS}, {"EC", FK_KEY_EC},
        {"ED25519", FK_KEY_ED25519}, {"ED448", FK_KEY_ED448},     {"X25519", FK_KEY_X25519},
        {"X448", FK_KEY_X448},
    };
    ret->type = FK_KEY_OTHER;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (EVP_PKEY_is_a(pkey, types[i].name) == 1) {
            ret->type = types[i].type;
        }
    }
    int bits = EVP_PKEY_get_bits(pkey);
    ret->bits = bits > 0 ? (unsigned)bits : 0;
    ret->curve[0] = '\0';
    if (ret->type == FK_KEY_EC) {
        name_curve(pkey, ret->curve);
    }
}

void fk_key_describe(const struct fk_public_info *info, char text[FK_KEY_TEXT_SIZE])
{
    const char *type = fk_key_type_text(info->type);
    if (info->type == FK_KEY_RSA || info->type == FK_KEY_RSA_PSS) {
        snprintf(text, FK_KEY_TEXT_SIZE, "%s %u", type, info->bits);
    } else if (info->type == FK_KEY_EC && info->curve[0] != '\0') {
        unsigned size = 0;
        char end = '\0';
        bool nist = sscanf(info->curve, "secp%ur%c", &size, &end) == 2 && end == '1' && size >= 192;
        if (nist) {
            snprintf(text, FK_KEY_TEXT_SIZE, "%s %s (P-%u)", type, info->curve, size);
        } else {
            snprintf(text, FK_KEY_TEXT_SIZE, "%s %s", type, info->curve);
        }
    } else if (info->type == FK_KEY_EC) {
        snprintf(text, FK_KEY_TEXT_SIZE, "%s %u bits, curve unknown", type, info->bits);
    } else {
        snprintf(text, FK_KEY_TEXT_SIZE, "%s", type);
    }
}
