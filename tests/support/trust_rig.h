/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_TRUST_RIG_H
#define FK_TESTS_TRUST_RIG_H

#include "boot/boot.h"
#include "core/trust.h"
#include "support/device.h"
#include "support/keyset_make.h"
#include "support/signed.h"
#include "support/simflash.h"

/* A small device with keys in its flash: it trusts a by the first set; the second has b, the third
 * a again. Keys and sets are made once for a group of tests; give the two functions to
 * cmocka_run_group_tests(). */

#define TRUST_SLOT    (4u * 512u)
#define TRUST_OLD_LEN 1800u
#define TRUST_NEW_LEN 2000u

struct trust_keys {
    struct suit_key a, b, stranger;
    struct set_made first, second, third;
};
extern struct trust_keys trust_keys;
int trust_keys_make(void **state);
int trust_keys_free(void **state);

/* A set with one key that may do everything, signed by another one and by itself. */
void trust_make_set(struct set_made *ret, uint64_t sequence, const struct suit_key *in,
                    const struct suit_key *by);

/* Key encryption key, ECDH secret, device identifier. */
extern const struct fk_trust_secrets trust_secrets;

struct trust_rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_core core;
    struct fk_trust_box box;
    struct fk_boot_report report;
    struct signed_update update; /* its trust is not used */
    uint8_t work[512];
    uint8_t envelope[1024];
    uint8_t old_image[TRUST_SLOT], new_image[TRUST_SLOT];
};

/* With an image and no keys; and with the first set. */
struct trust_rig *trust_rig_bare(void);
struct trust_rig *trust_rig_new(void);
void trust_rig_free(struct trust_rig *r);

/* Core and keys, as each start does it. */
enum fk_status trust_rig_try_open(struct trust_rig *r);
void trust_rig_open(struct trust_rig *r);
/* Reset: boot stage, then the application's core. */
void trust_rig_boot(struct trust_rig *r);

/* The set lies in the memory for envelopes, as one that was fetched does. */
enum fk_status trust_rig_replace(struct trust_rig *r, const struct set_made *set);
/* Is this the one key that the device trusts? Are its secrets the provisioned ones? */
bool trust_rig_trusts(const struct trust_rig *r, const struct suit_key *key);
bool trust_rig_has_secrets(const struct trust_rig *r);

/* An update signed by key: the envelope; its payload; and all the way to the next start. */
enum fk_status trust_rig_accept(struct trust_rig *r, const struct suit_key *key, uint64_t sequence);
void trust_rig_stage_payload(struct trust_rig *r);
void trust_rig_install(struct trust_rig *r, const struct suit_key *key, uint64_t sequence);

#endif
