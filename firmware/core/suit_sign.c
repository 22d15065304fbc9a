/* SPDX-License-Identifier: Apache-2.0 */
#include "core/suit_sign.h"

#include "crypto/crypto.h"
#include "fotakit_fw/accepts.h"

#include <string.h>

enum { HMAC_KEY_MIN = 32, HMAC_KEY_MAX = 64 };

static bool anchor_usable(const struct fk_trust_anchor *a, size_t n_components)
{
    bool hmac = a->algorithms == FK_SIGN_HMAC256;
    bool ecdsa = a->algorithms != 0 && (a->algorithms & ~(FK_SIGN_ESP256 | FK_SIGN_ES256)) == 0;
    bool length = hmac ? a->key.len >= HMAC_KEY_MIN && a->key.len <= HMAC_KEY_MAX
                       : a->key.len == FK_P256_POINT;
    return (hmac || ecdsa) && length && a->kid.len <= FK_COSE_KID_MAX &&
           (a->components != 0 || a->key_sets) && a->components >> n_components == 0;
}

enum fk_status fk_suit_policy_check(const struct fk_suit_policy *p)
{
    bool ok = p->n_anchors > 0 && p->n_anchors <= FK_TRUST_ANCHORS_MAX && p->threshold > 0 &&
              p->threshold <= p->n_anchors && p->n_components > 0 &&
              p->n_components <= FK_COMPONENTS_MAX &&
              (p->device_id.len == 0 || p->device_id.len == FK_SUIT_UUID_SIZE);
    for (size_t i = 0; ok && i < p->n_components; i++) {
        ok = p->components[i].id.len > 0 && p->components[i].unit > 0;
        for (size_t k = 0; ok && k < i; k++) {
            ok = !fk_slice_same(p->components[i].id, p->components[k].id);
        }
    }
    for (size_t i = 0; ok && i < p->n_anchors; i++) {
        ok = anchor_usable(&p->anchors[i], p->n_components);
        /* A key that counts twice would make a threshold meaningless. */
        for (size_t k = 0; ok && k < i; k++) {
            ok = !fk_slice_same(p->anchors[i].key, p->anchors[k].key);
        }
    }
    return ok ? FK_OK : FK_E_PROFILE;
}

enum fk_status fk_suit_check_digest(struct fk_slice item, struct fk_slice digest,
                                    enum fk_status differs)
{
    uint8_t found[FK_SHA256_SIZE] = {0};
    enum fk_status st = fk_sha256_of(item.ptr, item.len, found);
    if (st == FK_OK && !fk_equal(found, digest.ptr, sizeof found)) {
        st = differs;
    }
    return st;
}

static unsigned algorithm_bit(const struct fk_cose_auth *a)
{
    if (a->kind == FK_COSE_MAC0) {
        return a->alg == FK_COSE_HMAC256 ? FK_SIGN_HMAC256 : 0;
    }
    switch (a->alg) {
    case FK_COSE_ESP256:
        return FK_SIGN_ESP256;
    case FK_COSE_ES256:
        return FK_SIGN_ES256;
    default:
        return 0;
    }
}

/* The bytes that are signed are put together from the algorithm as received and the digest as
 * received, never from what they were understood to mean. */
static enum fk_status verify(const struct fk_cose_auth *auth, struct fk_slice payload,
                             const struct fk_trust_anchor *anchor)
{
    uint8_t tbs[FK_COSE_TBS_MAX];
    uint8_t digest[FK_SHA256_SIZE] = {0};
    size_t len = 0;
    enum fk_status st = fk_cose_tbs(auth, payload, tbs, &len);
    if (st != FK_OK) {
        return st;
    }
    if (auth->kind == FK_COSE_MAC0) {
        return FK_ACCEPTS_MAC ? fk_hmac_sha256_verify(anchor->key.ptr, anchor->key.len, tbs, len,
                                                      auth->signature.ptr)
                              : FK_E_SIG_ALGORITHM;
    }
    st = fk_sha256_of(tbs, len, digest);
    return st == FK_OK ? fk_p256_verify(anchor->key.ptr, digest, auth->signature.ptr) : st;
}

/* Statuses from far to near: what to report when nothing is valid. */
static int nearness(enum fk_status st)
{
    switch (st) {
    case FK_E_SIGNATURE:
        return 3;
    case FK_E_SIG_ALGORITHM:
        return 2;
    case FK_E_SIGNER:
        return 1;
    default:
        return 0;
    }
}

/* Anchors whose identifier is the block's; without an identifier, all of them. */
static enum fk_status check_block(const struct fk_suit_policy *policy,
                                  const struct fk_cose_auth *auth, struct fk_slice payload,
                                  struct fk_suit_block *block)
{
    unsigned bit = algorithm_bit(auth);
    block->verdict = FK_E_SIGNER;
    for (size_t i = 0; i < policy->n_anchors; i++) {
        const struct fk_trust_anchor *a = &policy->anchors[i];
        if (auth->kid.len > 0 && a->kid.len > 0 && !fk_slice_same(auth->kid, a->kid)) {
            continue;
        }
        enum fk_status st =
            (a->algorithms & bit) != 0 ? verify(auth, payload, a) : FK_E_SIG_ALGORITHM;
        if (st == FK_OK) {
            block->verdict = FK_OK;
            block->anchor = i;
            return FK_OK;
        }
        if (nearness(st) == 0) {
            return st; /* the crypto library failed: no verdict */
        }
        if (nearness(st) > nearness(block->verdict)) {
            block->verdict = st;
        }
    }
    return FK_OK;
}

enum fk_status fk_suit_check_signatures(const struct fk_suit_policy *policy,
                                        const struct fk_suit_envelope *env,
                                        struct fk_suit_report *report, uint32_t *ret_valid)
{
    enum fk_status why = FK_E_UNSIGNED;
    uint32_t valid = 0;
    for (size_t i = 0; i < env->n_auths; i++) {
        struct fk_suit_block *block = &report->blocks[report->n_blocks++];
        struct fk_cose_auth auth;
        block->verdict = fk_cose_auth_parse(env->auths[i], &auth);
        if (block->verdict == FK_OK) {
            block->kind = auth.kind;
            block->alg = auth.alg;
            block->kid = auth.kid;
            auth.external = env->context;
            enum fk_status st = check_block(policy, &auth, env->digest_item, block);
            if (st != FK_OK) {
                block->verdict = st;
                return st;
            }
        }
        if (block->verdict == FK_OK && (valid >> block->anchor & 1) == 0) {
            valid |= (uint32_t)1 << block->anchor;
            report->n_valid++;
        }
        if (block->verdict != FK_OK &&
            (why == FK_E_UNSIGNED || nearness(block->verdict) > nearness(why))) {
            why = block->verdict;
        }
    }
    if (report->n_valid >= policy->threshold) {
        *ret_valid = valid;
        return FK_OK;
    }
    return report->n_valid > 0 ? FK_E_THRESHOLD : why;
}
