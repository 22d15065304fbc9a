/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/tls_suite.h"

#include <string.h>

#define RSA   FK_TLS_KX_RSA
#define DHE   FK_TLS_KX_DHE
#define ECDHE FK_TLS_KX_ECDHE
#define A_RSA FK_TLS_AUTH_RSA
#define A_EC  FK_TLS_AUTH_ECDSA

/* RFC 4162 (SEED), 5246, 5288 and 5289 (GCM), 5932 and 6367 (Camellia), 6655 and 7251 (CCM), 8422.
 * tests/cli/test_tls_suites.sh holds it against what other programs know. */
static const struct fk_tls_suite suites[] = {
    {"TLS_RSA_WITH_RC4_128_MD5", 0x0004, RSA, A_RSA, false},
    {"TLS_RSA_WITH_RC4_128_SHA", 0x0005, RSA, A_RSA, false},
    {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x000a, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", 0x0016, DHE, A_RSA, false},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_AES_128_CBC_SHA", 0x0033, DHE, A_RSA, false},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_AES_256_CBC_SHA", 0x0039, DHE, A_RSA, false},
    {"TLS_RSA_WITH_AES_128_CBC_SHA256", 0x003c, RSA, A_RSA, true},
    {"TLS_RSA_WITH_AES_256_CBC_SHA256", 0x003d, RSA, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", 0x0041, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", 0x0045, DHE, A_RSA, false},
    {"TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", 0x0067, DHE, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", 0x006b, DHE, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", 0x0084, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", 0x0088, DHE, A_RSA, false},
    {"TLS_RSA_WITH_SEED_CBC_SHA", 0x0096, RSA, A_RSA, false},
    {"TLS_DHE_RSA_WITH_SEED_CBC_SHA", 0x009a, DHE, A_RSA, false},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c, RSA, A_RSA, true},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", 0x009e, DHE, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", 0x009f, DHE, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256", 0x00ba, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", 0x00be, DHE, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256", 0x00c0, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256", 0x00c4, DHE, A_RSA, true},
    {"TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", 0xc008, ECDHE, A_EC, false},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009, ECDHE, A_EC, false},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a, ECDHE, A_EC, false},
    {"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", 0xc012, ECDHE, A_RSA, false},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013, ECDHE, A_RSA, false},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014, ECDHE, A_RSA, false},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", 0xc023, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", 0xc024, ECDHE, A_EC, true},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0xc027, ECDHE, A_RSA, true},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0xc028, ECDHE, A_RSA, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c, ECDHE, A_EC, true},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f, ECDHE, A_RSA, true},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030, ECDHE, A_RSA, true},
    {"TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", 0xc072, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", 0xc073, ECDHE, A_EC, true},
    {"TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", 0xc076, ECDHE, A_RSA, true},
    {"TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384", 0xc077, ECDHE, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_128_GCM_SHA256", 0xc07a, RSA, A_RSA, true},
    {"TLS_RSA_WITH_CAMELLIA_256_GCM_SHA384", 0xc07b, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", 0xc07c, DHE, A_RSA, true},
    {"TLS_DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", 0xc07d, DHE, A_RSA, true},
    {"TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256", 0xc086, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384", 0xc087, ECDHE, A_EC, true},
    {"TLS_ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", 0xc08a, ECDHE, A_RSA, true},
    {"TLS_ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", 0xc08b, ECDHE, A_RSA, true},
    {"TLS_RSA_WITH_AES_128_CCM", 0xc09c, RSA, A_RSA, true},
    {"TLS_RSA_WITH_AES_256_CCM", 0xc09d, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_128_CCM", 0xc09e, DHE, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_256_CCM", 0xc09f, DHE, A_RSA, true},
    {"TLS_RSA_WITH_AES_128_CCM_8", 0xc0a0, RSA, A_RSA, true},
    {"TLS_RSA_WITH_AES_256_CCM_8", 0xc0a1, RSA, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_128_CCM_8", 0xc0a2, DHE, A_RSA, true},
    {"TLS_DHE_RSA_WITH_AES_256_CCM_8", 0xc0a3, DHE, A_RSA, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CCM", 0xc0ac, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CCM", 0xc0ad, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 0xc0ae, ECDHE, A_EC, true},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", 0xc0af, ECDHE, A_EC, true},
};
enum { N_SUITES = sizeof suites / sizeof suites[0] };

const struct fk_tls_suite *fk_tls_suite_find(const char *name)
{
    for (size_t i = 0; i < N_SUITES; i++) {
        if (strcmp(suites[i].name, name) == 0) {
            return &suites[i];
        }
    }
    return NULL;
}

const struct fk_tls_suite *fk_tls_suites(size_t *ret_n)
{
    *ret_n = N_SUITES;
    return suites;
}
