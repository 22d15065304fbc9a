/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_RANDOM_H
#define FK_CRYPTO_RANDOM_H

#include "fotakit/error.h"

#include <stddef.h>

/* Unpredictable bytes from OpenSSL's generator. FK_E_RANDOM; p is zeroed then. */
enum fk_status fk_random_bytes(void *p, size_t len, struct fk_error *err) FK_MUST_USE;

/* Overwrites secrets; not optimised away. */
void fk_cleanse(void *p, size_t len);

#endif
