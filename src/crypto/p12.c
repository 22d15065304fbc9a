/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/p12.h"

#include "crypto/ossl.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAG_DEPTH_MAX = 4 };

/* What the functions below share while one file is read. */
struct reading {
    struct fk_p12 *p12;
    struct fk_buffer passphrase; /* borrowed; ptr NULL is a pass phrase of its own in PKCS#12 */
    bool passphrase_given;
    struct fk_error *err;
};

void fk_p12_release(struct fk_p12 *p12)
{
    for (size_t i = 0; i < p12->n; i++) {
        fk_key_free(p12->at[i].key);
        fk_cert_free(p12->at[i].cert);
    }
    free(p12->at);
    *p12 = (struct fk_p12){.n = 0};
}

static enum fk_status need_passphrase(struct fk_error *err)
{
    return fk_fail(err, FK_E_PASSPHRASE_NEEDED,
                   "the file is protected by a pass phrase; give it with --passin env:NAME, "
                   "file:PATH or fd:N");
}

static void read_attributes(const PKCS12_SAFEBAG *bag, struct fk_p12_entry *e)
{
    const ASN1_TYPE *id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    if (id != NULL && id->type == V_ASN1_OCTET_STRING) {
        size_t n = (size_t)ASN1_STRING_length(id->value.octet_string);
        if (n > 0 && n <= sizeof e->id) {
            memcpy(e->id, ASN1_STRING_get0_data(id->value.octet_string), n);
            e->id_len = n;
        }
    }
    /* PKCS12_get_friendlyname() wants a bag that it may change, but does not change it. */
    const ASN1_TYPE *name = PKCS12_SAFEBAG_get0_attr(bag, NID_friendlyName);
    if (name != NULL && name->type == V_ASN1_BMPSTRING) {
        unsigned char *utf8 = NULL;
        if (ASN1_STRING_to_UTF8(&utf8, name->value.bmpstring) >= 0) {
            snprintf(e->name, sizeof e->name, "%s", (char *)utf8);
        }
        OPENSSL_free(utf8);
    }
}

/* Takes over the key or certificate in e, also on failure. */
static enum fk_status keep(struct reading *r, struct fk_p12_entry *e)
{
    struct fk_p12 *p = r->p12;
    if (p->n == FK_P12_ENTRIES_MAX) {
        fk_key_free(e->key);
        fk_cert_free(e->cert);
        return fk_fail(r->err, FK_E_LIMIT, "more than %d keys and certificates",
                       FK_P12_ENTRIES_MAX);
    }
    p->n_keys += e->key != NULL ? 1 : 0;
    p->n_certs += e->cert != NULL ? 1 : 0;
    p->at[p->n++] = *e;
    return FK_OK;
}

static enum fk_status add_key(struct reading *r, const PKCS12_SAFEBAG *bag, struct fk_slice pkcs8)
{
    struct fk_p12_entry e = {.key = NULL};
    enum fk_status st = fk_ossl_open_pkcs8(pkcs8, &e.key, r->err);
    if (st != FK_OK) {
        return st;
    }
    read_attributes(bag, &e);
    memcpy(e.key->found.encryption, r->p12->encryption, sizeof r->p12->encryption);
    return keep(r, &e);
}

static enum fk_status read_clear_key(struct reading *r, const PKCS12_SAFEBAG *bag)
{
    unsigned char *der = NULL;
    int n = i2d_PKCS8_PRIV_KEY_INFO(PKCS12_SAFEBAG_get0_p8inf(bag), &der);
    if (n <= 0) {
        return fk_fail(r->err, FK_E_FORMAT, "malformed key: %s", fk_ossl_reason());
    }
    enum fk_status st = add_key(r, bag, (struct fk_slice){der, (size_t)n});
    OPENSSL_clear_free(der, (size_t)n);
    return st;
}

static enum fk_status read_shrouded_key(struct reading *r, const PKCS12_SAFEBAG *bag)
{
    const X509_ALGOR *alg = NULL;
    const ASN1_OCTET_STRING *octets = NULL;
    struct fk_buffer clear = {.ptr = NULL};
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &alg, &octets);
    enum fk_status st = fk_pbe_check(alg, r->p12->encryption, r->err);
    if (st == FK_OK) {
        struct fk_slice data = {ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets)};
        st = fk_pbe_decrypt(alg, data, &r->passphrase, r->p12->encryption, &clear, r->err);
    }
    if (st == FK_OK) {
        st = add_key(r, bag, (struct fk_slice){clear.ptr, clear.len});
    }
    fk_buffer_release(&clear);
    return st == FK_E_PASSPHRASE && !r->passphrase_given ? need_passphrase(r->err) : st;
}

static enum fk_status read_cert(struct reading *r, const PKCS12_SAFEBAG *bag)
{
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) {
        r->p12->n_other++;
        return FK_OK;
    }
    X509 *x = PKCS12_SAFEBAG_get1_cert(bag);
    unsigned char *der = NULL;
    int n = x != NULL ? i2d_X509(x, &der) : -1;
    X509_free(x);
    if (n <= 0) {
        return fk_fail(r->err, FK_E_FORMAT, "malformed certificate: %s", fk_ossl_reason());
    }
    struct fk_p12_entry e = {.key = NULL};
    enum fk_status st = fk_cert_open((struct fk_slice){der, (size_t)n}, &e.cert, r->err);
    OPENSSL_free(der);
    if (st != FK_OK) {
        return st;
    }
    read_attributes(bag, &e);
    return keep(r, &e);
}

static enum fk_status read_bags(struct reading *r, const STACK_OF(PKCS12_SAFEBAG) * bags,
                                unsigned depth)
{
    if (depth > BAG_DEPTH_MAX) {
        return fk_fail(r->err, FK_E_LIMIT, "bags nested deeper than %d", BAG_DEPTH_MAX);
    }
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        enum fk_status st = FK_OK;
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_keyBag:
            st = read_clear_key(r, bag);
            break;
        case NID_pkcs8ShroudedKeyBag:
            st = read_shrouded_key(r, bag);
            break;
        case NID_certBag:
            st = read_cert(r, bag);
            break;
        case NID_safeContentsBag:
            st = read_bags(r, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
            break;
        default:
            r->p12->n_other++;
            break;
        }
        if (st != FK_OK) {
            return st;
        }
    }
    return FK_OK;
}

static enum fk_status read_encrypted_safe(struct reading *r, PKCS7 *p7,
                                          STACK_OF(PKCS12_SAFEBAG) * *ret)
{
    const PKCS7_ENC_CONTENT *content = p7->d.encrypted != NULL ? p7->d.encrypted->enc_data : NULL;
    struct fk_buffer clear = {.ptr = NULL};
    if (content == NULL || content->algorithm == NULL || content->enc_data == NULL) {
        return fk_fail(r->err, FK_E_FORMAT, "malformed encrypted part");
    }
    struct fk_slice data = {ASN1_STRING_get0_data(content->enc_data),
                            (size_t)ASN1_STRING_length(content->enc_data)};
    enum fk_status st = fk_pbe_check(content->algorithm, r->p12->encryption, r->err);
    if (st == FK_OK) {
        st = fk_pbe_decrypt(content->algorithm, data, &r->passphrase, r->p12->encryption, &clear,
                            r->err);
    }
    if (st == FK_OK) {
        const unsigned char *p = clear.ptr;
        *ret = (STACK_OF(PKCS12_SAFEBAG) *)ASN1_item_d2i(NULL, &p, (long)clear.len,
                                                         ASN1_ITEM_rptr(PKCS12_SAFEBAGS));
        if (*ret == NULL) {
            ERR_clear_error();
            st = fk_fail(r->err, FK_E_PASSPHRASE, "wrong pass phrase, or the file is damaged (%s)",
                         r->p12->encryption);
        }
    }
    fk_buffer_release(&clear);
    return st == FK_E_PASSPHRASE && !r->passphrase_given ? need_passphrase(r->err) : st;
}

static enum fk_status read_safes(struct reading *r, const PKCS12 *p12)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);
    if (safes == NULL) {
        return fk_fail(r->err, FK_E_UNSUPPORTED,
                       "the contents are signed instead of protected by a pass phrase, or "
                       "malformed: %s",
                       fk_ossl_reason());
    }
    enum fk_status st = FK_OK;
    for (int i = 0; st == FK_OK && i < sk_PKCS7_num(safes); i++) {
        PKCS7 *p7 = sk_PKCS7_value(safes, i);
        STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
        if (PKCS7_type_is_encrypted(p7)) {
            st = read_encrypted_safe(r, p7, &bags);
        } else if (PKCS7_type_is_data(p7)) {
            bags = PKCS12_unpack_p7data(p7);
            if (bags == NULL) {
                st = fk_fail(r->err, FK_E_FORMAT, "malformed contents: %s", fk_ossl_reason());
            }
        } else {
            st = fk_fail(r->err, FK_E_UNSUPPORTED,
                         "a part is encrypted to a public key; only pass phrases are supported");
        }
        if (st == FK_OK) {
            st = read_bags(r, bags, 0);
        }
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return st;
}

static enum fk_status check_mac_work(const PKCS12 *p12, struct fk_error *err)
{
    const X509_ALGOR *alg = NULL;
    const ASN1_INTEGER *iterations = NULL;
    uint64_t n = 1; /* the default when absent */
    PKCS12_get0_mac(NULL, &alg, NULL, &iterations, p12);
    if (iterations != NULL && ASN1_INTEGER_get_uint64(&n, iterations) != 1) {
        n = 0;
    }
    if (n == 0 || n > FK_PBE_ITERATIONS_MAX) {
        ERR_clear_error();
        return fk_fail(err, n == 0 ? FK_E_FORMAT : FK_E_LIMIT,
                       "the MAC asks for %llu iterations; the limit is %d", (unsigned long long)n,
                       FK_PBE_ITERATIONS_MAX);
    }
    char name[40] = "?";
    OBJ_obj2txt(name, sizeof name, alg->algorithm, 0);
    if (EVP_get_digestbyname(name) == NULL && EVP_get_digestbyobj(alg->algorithm) == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED, "MAC algorithm %s is not supported", name);
    }
    return FK_OK;
}

/* Finds the pass phrase that the MAC confirms; of the empty ones, programs write both. */
static enum fk_status check_mac(struct reading *r, PKCS12 *p12)
{
    r->p12->has_mac = PKCS12_mac_present(p12) == 1;
    if (!r->p12->has_mac) {
        return FK_OK;
    }
    enum fk_status st = check_mac_work(p12, r->err);
    if (st != FK_OK) {
        return st;
    }
    static uint8_t empty[1] = "";
    const struct fk_buffer tries[] = {r->passphrase, {empty, 0}, {NULL, 0}};
    size_t n = r->passphrase.len > 0 ? 1 : 3;
    for (size_t i = 0; i < n; i++) {
        if (PKCS12_verify_mac(p12, (const char *)tries[i].ptr, (int)tries[i].len) == 1) {
            r->passphrase = tries[i];
            ERR_clear_error();
            return FK_OK;
        }
    }
    ERR_clear_error();
    return r->passphrase_given
               ? fk_fail(r->err, FK_E_PASSPHRASE, "wrong pass phrase, or the file is damaged")
               : need_passphrase(r->err);
}

enum fk_status fk_p12_open(struct fk_slice bytes, const struct fk_buffer *passphrase,
                           struct fk_p12 *ret, struct fk_error *err)
{
    struct fk_p12 out = {.n = 0};
    struct reading r = {.p12 = &out, .passphrase_given = passphrase != NULL, .err = err};
    struct fk_ossl_legacy l = {.ctx = NULL};
    PKCS12 *p12 = NULL;
    enum fk_status st = fk_ossl_legacy_open(&l, err); /* MACs with MD5 and their like */
    if (st != FK_OK) {
        goto out;
    }
    if (passphrase != NULL) {
        r.passphrase = *passphrase;
    }
    out.at = calloc(FK_P12_ENTRIES_MAX, sizeof *out.at);
    p12 = PKCS12_init_ex(NID_pkcs7_data, l.ctx, NULL);
    if (out.at == NULL || p12 == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    const unsigned char *p = bytes.ptr;
    if (d2i_PKCS12(&p12, &p, (long)bytes.len) == NULL) {
        p12 = NULL; /* the decoder has freed it */
        st = fk_fail(err, FK_E_FORMAT, "not a PKCS#12 file, or cut off: %s", fk_ossl_reason());
        goto out;
    }
    if (p != bytes.ptr + bytes.len) {
        st = fk_fail(err, FK_E_TRAILING, "%zu bytes follow the PKCS#12 structure",
                     (size_t)(bytes.ptr + bytes.len - p));
        goto out;
    }
    st = check_mac(&r, p12);
    if (st == FK_OK) {
        st = read_safes(&r, p12);
    }
    if (st == FK_OK) {
        *ret = out;
        out = (struct fk_p12){.n = 0};
    }
out:
    fk_p12_release(&out);
    PKCS12_free(p12);
    fk_ossl_legacy_close(&l);
    return st;
}
