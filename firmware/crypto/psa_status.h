/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_PSA_STATUS_H
#define FK_CRYPTO_PSA_STATUS_H

#include "fotakit_fw/status.h"

#include <psa/crypto.h>

/* PSA code to status; for the adapter files only. A wrong signature or tag is FK_E_TAG, anything
 * that is not known FK_E_CRYPTO. */
enum fk_status fk_from_psa(psa_status_t rc);

#endif
