/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about signatures, and the keys that verify them. */
#include "bundle/lint.h"

#include <stdio.h>
#include <string.h>

/* ---- digests and keys ---------------------------------------------------------------------- */

static unsigned digest_bit(const char *name)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {"MD5", FK_DIGEST_MD5},
        {"SHA1", FK_DIGEST_SHA1},
        {"SHA224", FK_DIGEST_SHA224},
        {"SHA256", FK_DIGEST_SHA256},
        {"SHA384", FK_DIGEST_SHA384},
        {"SHA512", FK_DIGEST_SHA512},
        {"RIPEMD160", FK_DIGEST_RIPEMD160},
    };
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (strcmp(bits[i].name, name) == 0) {
            return bits[i].bit;
        }
    }
    return 0;
}

static void judge_digest(struct fk_lint *l, enum fk_list list, size_t i)
{
    const struct fk_cert_rules *rules = &l->b->use->cert;
    const char *digest = l->details[list][i].digest;
    const char *place = fk_lint_cert_place(l, list, i);
    bool device_verifies = list == FK_LIST_SERVER && rules->digests != 0;
    struct fk_finding *f = NULL;
    if (digest[0] == '\0') {
        return;
    }
    if (strncmp(digest, "MD", 2) == 0) {
        f = fk_lint_add(l, FK_VERDICT_REFUSED, place, "signed with %s", digest);
        fk_lint_limit(f, "RFC 6151", "SHA-256 or longer: MD5 signatures can be forged");
    } else if (device_verifies && (digest_bit(digest) & rules->digests) == 0) {
        f = fk_lint_add(l, FK_VERDICT_REFUSED, place, "signed with %s", digest);
        fk_lint_limit(f, rules->digests_source, "a digest that the device has");
        f->unverified = fk_lint_unverified(l, "certificate.digests");
    } else if (strcmp(digest, "SHA1") == 0) {
        f = fk_lint_add(l, FK_VERDICT_WARNING, place, "signed with %s", digest);
        fk_lint_limit(f, "RFC 9155", "SHA-256 or longer: SHA-1 signatures can be forged");
    }
    if (f != NULL) {
        fk_lint_remedy(f, "have it issued again with SHA-256");
    }
    if (l->details[list][i].signer == FK_KEY_RSA_PSS) {
        f = fk_lint_add(l, FK_VERDICT_WARNING, place, "signed with RSASSA-PSS");
        fk_lint_limit(f, "", "many small readers know RSA signatures of PKCS#1 v1.5 only");
        fk_lint_remedy(f, "have it issued again with sha256WithRSAEncryption");
    }
}

/* A root is trusted because it is there; nobody verifies its own signature. */
void fk_rule_digests(struct fk_lint *l)
{
    size_t before = l->found.n;
    size_t n = 0;
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++) {
            if (!fk_cert_info(l->lists[list]->at[i].cert)->self_issued) {
                judge_digest(l, (enum fk_list)list, i);
                n++;
            }
        }
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", n == 1 ? "a strong one" : "all are strong");
    }
}

static bool takes_public(const struct fk_public_rules *r, const struct fk_public_info *key)
{
    bool rsa = key->type == FK_KEY_RSA;
    bool ec = key->type == FK_KEY_EC;
    if (rsa && r->rsa && r->rsa_max_bits != 0) {
        return key->bits >= r->rsa_min_bits && key->bits <= r->rsa_max_bits;
    }
    if (ec && r->ec && r->n_curves > 0) {
        for (size_t i = 0; i < r->n_curves; i++) {
            if (strcmp(r->curves[i], key->curve) == 0) {
                return true;
            }
        }
        return false;
    }
    return (rsa && r->rsa) || (ec && r->ec) || (key->type == FK_KEY_ED25519 && r->ed25519);
}

static void public_limit(const struct fk_public_rules *r, char *text, size_t size)
{
    int n = 0;
    text[0] = '\0';
    if (r->rsa && r->rsa_max_bits != 0) {
        n = snprintf(text, size, "RSA of %u to %u bits", (unsigned)r->rsa_min_bits,
                     (unsigned)r->rsa_max_bits);
    } else if (r->rsa) {
        n = snprintf(text, size, "RSA");
    }
    if (r->ec && n >= 0 && (size_t)n < size) {
        n += snprintf(text + n, size - (size_t)n, "%sEC%s", n > 0 ? ", " : "",
                      r->n_curves > 0 ? " on" : "");
    }
    for (size_t i = 0; r->ec && i < r->n_curves && n >= 0 && (size_t)n < size; i++) {
        n += snprintf(text + n, size - (size_t)n, "%s %s", i > 0 ? "," : "", r->curves[i]);
    }
    if (r->ed25519 && n >= 0 && (size_t)n < size) {
        snprintf(text + n, size - (size_t)n, "%sEd25519", n > 0 ? ", " : "");
    }
}

static void check_public_keys(struct fk_lint *l, enum fk_list list)
{
    const struct fk_public_rules *rules = &l->b->use->cert.public_key;
    char key[FK_KEY_TEXT_SIZE] = "";
    char limit[160];
    size_t before = l->found.n;
    size_t n = l->lists[list]->n;
    if (n > 0 && !rules->published) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "which keys it can verify with is not published");
        return;
    }
    public_limit(rules, limit, sizeof limit);
    for (size_t i = 0; i < n; i++) {
        const struct fk_public_info *info = &fk_cert_info(l->lists[list]->at[i].cert)->key;
        fk_key_describe(info, key);
        if (takes_public(rules, info)) {
            continue;
        }
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, list, i), "%s", key);
        fk_lint_limit(f, rules->source, "%s", limit);
        f->unverified = fk_lint_unverified(l, "certificate.public_key");
        fk_lint_remedy(f, list == FK_LIST_ROOTS
                              ? "use a server below another root, one with such a key"
                              : "give the server a certificate with such a key");
    }
    if (n > 0 && l->found.n == before) {
        struct fk_finding *f = n == 1 ? fk_lint_add(l, FK_VERDICT_OK, "", "%s", key)
                                      : fk_lint_add(l, FK_VERDICT_OK, "", "all %zu", n);
        fk_lint_limit(f, rules->source, "%s", limit);
        f->unverified = fk_lint_unverified(l, "certificate.public_key");
    }
}

void fk_rule_root_key(struct fk_lint *l)
{
    check_public_keys(l, FK_LIST_ROOTS);
}

void fk_rule_server_key(struct fk_lint *l)
{
    check_public_keys(l, FK_LIST_SERVER);
}
