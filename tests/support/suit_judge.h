/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_SUIT_JUDGE_H
#define FK_TESTS_SUIT_JUDGE_H

#include "core/suit_verify.h"
#include "support/suit_make.h"

/* For the tests of the device's judgement of signed envelopes: what is expected of one, and that
 * nothing comes out of a refusal. */

/* Made and freed by the group's set-up and tear-down. Policies trust ours. */
extern struct suit_key ours, second, stranger;
int suit_keys_make(void **state);
int suit_keys_free(void **state);

/* A plan that would be noticed when it changes. */
void suit_plan_fill(struct fk_suit_plan *plan);
void assert_plan_untouched(const struct fk_suit_plan *plan);

/* The whole file is there. */
void expect(const char *why, const struct suit_policy *policy, const uint8_t *bytes, size_t len,
            enum fk_status expected);
void expect_recipe(const char *why, const struct suit_recipe *recipe,
                   const struct suit_policy *policy, enum fk_status expected);

/* override-parameters: the address of the payload in SUIT_INSTALL */
#define URI "15 6a 23696d6167652e62696e"

#endif
