/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about keys. */
#include "bundle/lint.h"

#include <stdio.h>
#include <string.h>

enum {
    RSA_BROKEN_BITS = 1024,
    RSA_GOOD_BITS = 2048,
    EC_GOOD_BITS = 224,
    RSA_GOOD_EXPONENT = 65537
};

static void join_curves(const char *const *curves, size_t n, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", curves[i]);
    }
}

void fk_rule_key_type(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    const struct fk_key_rules *rules = &b->use->key;
    char text[FK_KEY_TEXT_SIZE];
    if (b->key.key == NULL) {
        return;
    }
    const struct fk_public_info *key = fk_key_public(b->key.key);
    bool taken = fk_use_check_key(b->use, key, NULL) == FK_OK;
    bool limited = (key->type == FK_KEY_RSA && rules->rsa_max_bits != 0) ||
                   (key->type == FK_KEY_EC && rules->n_curves > 0);
    enum fk_verdict v = !taken ? FK_VERDICT_REFUSED : !limited ? FK_VERDICT_UNKNOWN : FK_VERDICT_OK;
    fk_key_describe(key, text);
    struct fk_finding *f = fk_lint_add(l, v, fk_lint_key_place(l), "%s", text);
    if (key->type == FK_KEY_RSA && limited) {
        fk_lint_limit(f, rules->rsa_source, "RSA of %u to %u bits", (unsigned)rules->rsa_min_bits,
                      (unsigned)rules->rsa_max_bits);
        f->unverified = fk_lint_unverified(l, "private_key.rsa");
    } else if (key->type == FK_KEY_EC && limited) {
        char curves[160];
        join_curves(rules->curves, rules->n_curves, curves, sizeof curves);
        fk_lint_limit(f, rules->curves_source, "%s", curves);
        f->unverified = fk_lint_unverified(l, "private_key.curves");
    } else if (!taken) {
        fk_lint_limit(f, rules->forms_source, "no %s keys", fk_key_type_text(key->type));
        f->unverified = fk_lint_unverified(l, "private_key.forms");
    } else {
        fk_lint_limit(f, rules->forms_source, "%s keys; no sizes or curves are published",
                      fk_key_type_text(key->type));
    }
    if (!taken) {
        fk_lint_remedy(f, "make another key, and a certificate for it");
    }
}

void fk_rule_key_password(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    char command[FK_LINT_COMMAND_SIZE];
    if (b->key.key == NULL || b->files[b->key.file].is_p12) {
        return;
    }
    bool refused = b->key.encrypted && !b->use->key.password_allowed;
    struct fk_finding *f =
        fk_lint_add(l, refused ? FK_VERDICT_REFUSED : FK_VERDICT_OK, fk_lint_key_place(l), "%s",
                    b->key.encrypted ? fk_key_found(b->key.key)->encryption : "not encrypted");
    if (refused) {
        fk_lint_limit(f, b->use->key.forms_source, "the device cannot decrypt its key");
        fk_lint_convert(l, command);
        fk_lint_remedy(f, "%s --passin env:PASSPHRASE %s OUT", command, b->files[b->key.file].path);
    }
}

void fk_rule_key_sound(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    char command[FK_LINT_COMMAND_SIZE];
    struct fk_error why = FK_ERROR_INIT;
    if (b->key.key == NULL) {
        return;
    }
    const struct fk_key_found *found = fk_key_found(b->key.key);
    if (fk_key_check(b->key.key, &why) != FK_OK) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_key_place(l), "%.250s", why.msg),
                       "the key is damaged: make another one, and a certificate for it");
        return;
    }
    const char *odd = found->public_missing     ? "the public part is missing"
                      : found->curve_explicit   ? "the curve is written out as parameters"
                      : found->point_compressed ? "the public point is compressed"
                      : found->curve_from_block ? "the curve stands in EC PARAMETERS alone"
                                                : NULL;
    if (odd == NULL) {
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_key_place(l), "they fit each other");
        return;
    }
    struct fk_finding *f = fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_key_place(l), "%s", odd);
    fk_lint_limit(f, "", "many device readers want a named curve and the whole public point");
    fk_lint_convert(l, command);
    fk_lint_remedy(f, "%s %s OUT", command, b->files[b->key.file].path);
}

void fk_rule_key_matches(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    const struct fk_cert *leaf = fk_bundle_leaf(b);
    char key[FK_KEY_TEXT_SIZE];
    char cert[FK_KEY_TEXT_SIZE];
    if (b->key.key == NULL || leaf == NULL) {
        return;
    }
    fk_key_describe(fk_key_public(b->key.key), key);
    fk_key_describe(&fk_cert_info(leaf)->key, cert);
    if (fk_cert_has_key(leaf, b->key.key)) {
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_key_place(l), "%s, the key of the certificate", key);
        return;
    }
    struct fk_finding *f = fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_key_place(l),
                                       "%s of another pair than the certificate's %s", key, cert);
    fk_lint_remedy(f, "find the key that the certificate was made for; key-convert --check CERT "
                      "KEY tells which it is");
}

/* ---- strength ------------------------------------------------------------------------------ */

static void judge_strength(struct fk_lint *l, const struct fk_public_info *key, uint64_t exponent,
                           const char *place)
{
    char text[FK_KEY_TEXT_SIZE];
    fk_key_describe(key, text);
    bool rsa = key->type == FK_KEY_RSA || key->type == FK_KEY_RSA_PSS;
    if (rsa && (exponent == 1 || (exponent != 0 && exponent % 2 == 0))) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, place,
                                   "%s with the public exponent %llu protects nothing", text,
                                   (unsigned long long)exponent),
                       "make another key");
    } else if (rsa && exponent != 0 && exponent < RSA_GOOD_EXPONENT) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_WARNING, place, "%s with the public exponent %llu", text,
                        (unsigned long long)exponent);
        fk_lint_limit(f, "NIST SP 800-56B rev 2, 6.2", "65537 or more");
        fk_lint_remedy(f, "make a key with the usual exponent, 65537");
    }
    if (rsa && key->bits < RSA_GOOD_BITS) {
        bool broken = key->bits < RSA_BROKEN_BITS;
        struct fk_finding *f =
            fk_lint_add(l, broken ? FK_VERDICT_REFUSED : FK_VERDICT_WARNING, place, "%s%s", text,
                        broken ? ", which can be factored" : "");
        fk_lint_limit(f, "NIST SP 800-131A rev 2", "RSA of 2048 bits");
        fk_lint_remedy(f, "take 2048 bits where the device can; OpenSSL's defaults refuse this "
                          "key as too small");
    } else if (key->type == FK_KEY_EC && key->bits < EC_GOOD_BITS) {
        struct fk_finding *f = fk_lint_add(l, FK_VERDICT_WARNING, place, "%s", text);
        fk_lint_limit(f, "NIST SP 800-131A rev 2", "EC of 224 bits");
        fk_lint_remedy(f, "take P-256; OpenSSL's defaults refuse this key as too small");
    }
}

void fk_rule_weak_keys(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    size_t before = l->found.n;
    size_t n = 0;
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            judge_strength(l, &fk_cert_info(l->lists[list]->at[i].cert)->key,
                           l->details[list][i].rsa_exponent,
                           fk_lint_cert_place(l, (enum fk_list)list, i));
        }
    }
    if (b->key.key != NULL && b->chain.n == 0) { /* else the certificate has said it */
        judge_strength(l, fk_key_public(b->key.key), 0, fk_lint_key_place(l));
        n++;
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "all are strong enough");
    }
}
