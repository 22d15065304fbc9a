/* SPDX-License-Identifier: Apache-2.0 */
#include "support/suit_judge.h"

#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct suit_key ours, second, stranger;

int suit_keys_make(void **state)
{
    (void)state;
    suit_key_make(&ours);
    suit_key_make(&second);
    suit_key_make(&stranger);
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

int suit_keys_free(void **state)
{
    (void)state;
    suit_key_free(&ours);
    suit_key_free(&second);
    suit_key_free(&stranger);
    return 0;
}

void suit_plan_fill(struct fk_suit_plan *plan)
{
    memset(plan, 0x5a, sizeof *plan);
}

void assert_plan_untouched(const struct fk_suit_plan *plan)
{
    struct fk_suit_plan expected;
    suit_plan_fill(&expected);
    assert_memory_equal(plan, &expected, sizeof expected);
}

void expect(const char *why, const struct suit_policy *policy, const uint8_t *bytes,
                   size_t len, enum fk_status expected)
{
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    suit_plan_fill(&plan);
    enum fk_status st =
        fk_suit_judge(&policy->p, (struct fk_slice){bytes, len}, len, &plan, &report);
    if (st != expected) {
        fail_msg("%s: expected %s, found %s", why, fk_status_symbol(expected),
                 fk_status_symbol(st));
    }
    if (expected != FK_OK) {
        assert_plan_untouched(&plan);
    }
}

void expect_recipe(const char *why, const struct suit_recipe *recipe,
                          const struct suit_policy *policy, enum fk_status expected)
{
    struct suit_made made;
    suit_make(recipe, &made);
    expect(why, policy, made.bytes, made.len, expected);
}
