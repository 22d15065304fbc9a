/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/suit.h"

const char *fk_cose_algorithm_text(int32_t alg)
{
    switch (alg) {
    case FK_COSE_ESP256:
        return "ESP256";
    case FK_COSE_ES256:
        return "ES256";
    case FK_COSE_ED25519:
        return "Ed25519";
    case FK_COSE_HMAC256:
        return "HMAC 256/256";
    case FK_COSE_A128GCM:
        return "A128GCM";
    case FK_COSE_A128CTR:
        return "A128CTR";
    case FK_COSE_A128KW:
        return "A128KW";
    case FK_COSE_ECDH_ES_A128KW:
        return "ECDH-ES+A128KW";
    default:
        return "unknown algorithm";
    }
}
