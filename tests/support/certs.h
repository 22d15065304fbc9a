/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TEST_CERTS_H
#define FK_TEST_CERTS_H

#include "fotakit/cert.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Makes certificates that no tool would make: any bytes as an extension, or one twice. The key is
 * P-256, new in each test program; issuer and subject are the same, the signature is its own. */

struct test_extension {
    int nid;               /* NID_subject_key_identifier... */
    struct fk_slice value; /* content of the extension's OCTET STRING; a NULL ptr leaves it out */
};

#define TEST_EXTENSIONS 4
struct test_cert {
    long days;          /* validity; 0 is 365 */
    bool new_key;       /* a key of its own instead of the program's */
    bool generalized;   /* dates as GeneralizedTime, whatever the year */
    int64_t not_before; /* seconds since 1970; 0 is now, negative is 1970 */
    struct test_extension ext[TEST_EXTENSIONS];
};

/* DER that lives until the program ends. */
struct fk_slice test_cert_der(const struct test_cert *spec);
/* Opened; fails the test when it cannot be. */
struct fk_cert *test_cert_open(const struct test_cert *spec);

#endif
