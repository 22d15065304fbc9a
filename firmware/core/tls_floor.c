/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tls_floor.h"

/* Code points: IANA registry "TLS Cipher Suites". AES-128 first: enough, and half the time. */
static const uint16_t allowed[FK_TLS_SUITES] = {
    0x1301, /* TLS_AES_128_GCM_SHA256 */
    0x1302, /* TLS_AES_256_GCM_SHA384 */
    0xc02b, /* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    0xc02f, /* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 */
    0xc02c, /* TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 */
    0xc030, /* TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 */
};

static bool is_tls13(uint16_t suite)
{
    return suite >> 8 == 0x13;
}

bool fk_tls_floor_takes(uint16_t suite)
{
    bool found = false;
    for (size_t i = 0; i < FK_TLS_SUITES; i++) {
        found = found || allowed[i] == suite;
    }
    return found;
}

void fk_tls_floor_suites(struct fk_tls_policy *policy, const uint16_t *wanted, size_t n)
{
    policy->n_suites = 0;
    for (size_t i = 0; i < FK_TLS_SUITES; i++) {
        bool take = is_tls13(allowed[i]) && policy->tls13;
        for (size_t k = 0; k < n && policy->tls12 && !is_tls13(allowed[i]); k++) {
            take = take || wanted[k] == allowed[i];
        }
        if (take) {
            policy->suites[policy->n_suites++] = allowed[i];
        }
    }
    for (size_t i = policy->n_suites; i < FK_TLS_SUITES; i++) {
        policy->suites[i] = 0;
    }
}

struct fk_tls_policy fk_tls_floor_policy(void)
{
    struct fk_tls_policy p = {
        .tls12 = true,
        .tls13 = true,
        .name = FK_PEER_NAME_SAN_OR_CN,
        .dates = true,
        .record_max = 4096,
    };
    fk_tls_floor_suites(&p, allowed, FK_TLS_SUITES);
    return p;
}
