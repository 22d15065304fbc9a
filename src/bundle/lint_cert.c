/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what a certificate says. */
#include "bundle/lint.h"

#include <stdio.h>
#include <string.h>

/* What a certificate is on this device: bits of enum fk_cert_kind. */
static unsigned kind_of(const struct fk_lint *l, enum fk_list list, size_t i)
{
    const struct fk_bundle_certs *certs = l->lists[list];
    const struct fk_cert_info *info = fk_cert_info(certs->at[i].cert);
    if (list == FK_LIST_ROOTS) {
        return FK_CERT_ROOT;
    }
    if ((list == FK_LIST_CHAIN && i == l->b->leaf) || (list == FK_LIST_SERVER && i == 0)) {
        return list == FK_LIST_CHAIN ? FK_CERT_DEVICE : FK_CERT_SERVER;
    }
    return info->self_issued ? 0 : FK_CERT_INTERMEDIATE; /* a root that is sent is not looked at */
}

/* ---- extensions ---------------------------------------------------------------------------- */

static const char *extension_text(enum fk_extension e)
{
    static const char *const texts[] = {
        [FK_EXT_SUBJECT_KEY_ID] = "Subject Key Identifier",
        [FK_EXT_AUTHORITY_KEY_ID] = "Authority Key Identifier",
        [FK_EXT_BASIC_CONSTRAINTS] = "Basic Constraints",
        [FK_EXT_KEY_USAGE] = "Key Usage",
        [FK_EXT_EXTENDED_KEY_USAGE] = "Extended Key Usage",
    };
    return texts[e];
}

static const char *value_text(enum fk_ext_value v)
{
    static const char *const texts[] = {
        [FK_EXT_ANY_VALUE] = "",
        [FK_EXT_CA] = " with CA:TRUE",
        [FK_EXT_KEY_ENCIPHERMENT] = " with keyEncipherment",
        [FK_EXT_SERVER_AUTH] = " with serverAuth",
        [FK_EXT_CLIENT_AUTH] = " with clientAuth",
    };
    return texts[v];
}

static bool has_extension(const struct fk_cert_info *i, const struct fk_cert_details *d,
                          enum fk_extension e)
{
    switch (e) {
    case FK_EXT_SUBJECT_KEY_ID:
        return i->has_ski && i->ski.len > 0;
    case FK_EXT_AUTHORITY_KEY_ID:
        return i->has_aki_keyid && i->aki_keyid.len > 0;
    case FK_EXT_BASIC_CONSTRAINTS:
        return i->has_basic_constraints;
    case FK_EXT_KEY_USAGE:
        return i->has_key_usage;
    case FK_EXT_EXTENDED_KEY_USAGE:
        return d->has_eku;
    }
    return false;
}

static bool has_value(const struct fk_cert_info *i, const struct fk_cert_details *d,
                      enum fk_ext_value v)
{
    switch (v) {
    case FK_EXT_ANY_VALUE:
        return true;
    case FK_EXT_CA:
        return i->is_ca;
    case FK_EXT_KEY_ENCIPHERMENT:
        return (i->key_usage & FK_USAGE_KEY_ENCIPHERMENT) != 0;
    case FK_EXT_SERVER_AUTH:
        return (d->eku & (FK_EKU_SERVER_AUTH | FK_EKU_ANY)) != 0;
    case FK_EXT_CLIENT_AUTH:
        return (d->eku & (FK_EKU_CLIENT_AUTH | FK_EKU_ANY)) != 0;
    }
    return false;
}

static void check_extension(struct fk_lint *l, const struct fk_extension_rule *rule, size_t *n)
{
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++) {
            const struct fk_cert_info *info = fk_cert_info(l->lists[list]->at[i].cert);
            const struct fk_cert_details *d = &l->details[list][i];
            if ((kind_of(l, (enum fk_list)list, i) & rule->on) == 0) {
                continue;
            }
            (*n)++;
            bool there = has_extension(info, d, rule->extension);
            if (there && has_value(info, d, rule->value)) {
                continue;
            }
            struct fk_finding *f =
                fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, (enum fk_list)list, i),
                            "%s of '%.120s' %s", extension_text(rule->extension), info->subject,
                            there ? "has another value" : "is missing");
            fk_lint_limit(f, rule->source, "%s%s", extension_text(rule->extension),
                          value_text(rule->value));
            f->unverified = fk_lint_unverified(l, "certificate.extensions");
            fk_lint_remedy(f, "have it issued again with this extension; nobody can add it "
                              "afterwards");
        }
    }
}

static void check_extensions(struct fk_lint *l, unsigned which)
{
    const struct fk_cert_rules *rules = &l->b->use->cert;
    size_t before = l->found.n;
    size_t n = 0;
    const struct fk_extension_rule *last = NULL;
    for (size_t i = 0; i < rules->n_extensions; i++) {
        if ((1u << rules->extensions[i].extension & which) != 0) {
            last = &rules->extensions[i];
            check_extension(l, last, &n);
        }
    }
    if (n > 0 && l->found.n == before) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_OK, "", n == 1 ? "there" : "there in all %zu", n);
        fk_lint_limit(f, last->source, "%s%s", extension_text(last->extension),
                      value_text(last->value));
        f->unverified = fk_lint_unverified(l, "certificate.extensions");
    }
}

void fk_rule_ext_subject_key_id(struct fk_lint *l)
{
    check_extensions(l, 1u << FK_EXT_SUBJECT_KEY_ID);
}

void fk_rule_ext_authority_key_id(struct fk_lint *l)
{
    check_extensions(l, 1u << FK_EXT_AUTHORITY_KEY_ID);
}

void fk_rule_ext_basic_constraints(struct fk_lint *l)
{
    check_extensions(l, 1u << FK_EXT_BASIC_CONSTRAINTS);
}

void fk_rule_ext_usage(struct fk_lint *l)
{
    check_extensions(l, 1u << FK_EXT_KEY_USAGE | 1u << FK_EXT_EXTENDED_KEY_USAGE);
}

void fk_rule_critical(struct fk_lint *l)
{
    size_t before = l->found.n;
    size_t n = 0;
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            const char *unknown = l->details[list][i].critical_unknown;
            if (unknown[0] == '\0') {
                continue;
            }
            struct fk_finding *f =
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, (enum fk_list)list, i),
                            "%s is critical", unknown);
            fk_lint_limit(f, "RFC 5280 4.2", "a reader that does not know it must refuse");
            fk_lint_remedy(f, "try it on the device, or take a certificate without");
        }
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "none that a small reader may not know");
    }
}

/* ---- CA bits ------------------------------------------------------------------------------- */

static void judge_ca(struct fk_lint *l, enum fk_list list, size_t i)
{
    const struct fk_cert_info *info = fk_cert_info(l->lists[list]->at[i].cert);
    const char *place = fk_lint_cert_place(l, list, i);
    if (!info->is_ca && info->version == 3) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_REFUSED, place, "'%.150s' is no CA%s", info->subject,
                        info->has_basic_constraints ? "" : ": no Basic Constraints");
        fk_lint_limit(f, "RFC 5280 6.1.4", "CA:TRUE");
        fk_lint_remedy(f, "give the certificate of the CA that issued it");
    } else if (!info->is_ca) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_WARNING, place, "version %u: too old to say that it is a CA",
                        info->version);
        fk_lint_limit(f, "RFC 5280 6.1.4", "version 3 with CA:TRUE");
        fk_lint_remedy(f, "take the CA's present certificate, if there is one");
    }
    if (info->has_key_usage && (info->key_usage & FK_USAGE_KEY_CERT_SIGN) == 0) {
        struct fk_finding *f = fk_lint_add(l, FK_VERDICT_REFUSED, place,
                                           "'%.150s' may not sign certificates", info->subject);
        fk_lint_limit(f, "RFC 5280 6.1.4", "keyCertSign");
        fk_lint_remedy(f, "give the certificate of the CA that issued it");
    }
}

/* RFC 5280 4.2.1.9: path_len counts the intermediates below, without self-issued ones. */
static void judge_path_length(struct fk_lint *l, const struct fk_path *path)
{
    long below = 0;
    for (size_t i = 1; i < path->n; i++) {
        const struct fk_bundle_cert *c = path->at[i].cert;
        const struct fk_cert_info *info = fk_cert_info(c->cert);
        if (info->path_len >= 0 && below > info->path_len) {
            fk_bundle_place(l->b, c->file, c->line, l->place);
            struct fk_finding *f =
                fk_lint_add(l, FK_VERDICT_REFUSED, l->place, "%ld CAs stand below '%.120s'", below,
                            info->subject);
            fk_lint_limit(f, "RFC 5280 4.2.1.9", "path length %ld", info->path_len);
            fk_lint_remedy(f, "have the certificate issued by a CA higher up");
        }
        below += info->self_issued ? 0 : 1;
    }
}

void fk_rule_ca_bits(struct fk_lint *l)
{
    size_t before = l->found.n;
    size_t n = 0;
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++) {
            unsigned kind = kind_of(l, (enum fk_list)list, i);
            if ((kind & (FK_CERT_ROOT | FK_CERT_INTERMEDIATE)) != 0) {
                judge_ca(l, (enum fk_list)list, i);
                n++;
            }
        }
    }
    judge_path_length(l, &l->chain);
    judge_path_length(l, &l->server);
    if (l->b->chain.n > 0 && fk_cert_info(fk_bundle_leaf(l->b))->is_ca) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING,
                                   fk_lint_cert_place(l, FK_LIST_CHAIN, l->b->leaf),
                                   "the device's own certificate is a CA: whoever reads out its "
                                   "key can issue others"),
                       "issue it with CA:FALSE");
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", n == 1 ? "%zu CA" : "%zu CAs", n);
    }
}

/* ---- purpose ------------------------------------------------------------------------------- */

static void judge_purpose(struct fk_lint *l, enum fk_list list, size_t i, bool as_server)
{
    const struct fk_cert_info *info = fk_cert_info(l->lists[list]->at[i].cert);
    const struct fk_cert_details *d = &l->details[list][i];
    unsigned wanted = as_server ? FK_EKU_SERVER_AUTH : FK_EKU_CLIENT_AUTH;
    const char *word = as_server ? "serverAuth" : "clientAuth";
    unsigned usage = FK_USAGE_DIGITAL_SIGNATURE | FK_USAGE_KEY_AGREEMENT |
                     (as_server ? FK_USAGE_KEY_ENCIPHERMENT : 0u);
    struct fk_finding *f = NULL;
    if (d->has_eku && (d->eku & (wanted | FK_EKU_ANY)) == 0) {
        f = fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, list, i),
                        "Extended Key Usage is for something else");
        fk_lint_limit(f, "RFC 5280 4.2.1.12", "%s", word);
    } else if (info->has_key_usage && (info->key_usage & usage) == 0) {
        f = fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, list, i),
                        "Key Usage allows neither signatures nor key exchange");
        fk_lint_limit(f, "RFC 5246 7.4.2, 7.4.6", "digitalSignature");
    }
    if (f == NULL) {
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_cert_place(l, list, i), "%s",
                    !d->has_eku ? "any: no Extended Key Usage" : word);
    } else {
        fk_lint_remedy(f, "have it issued for TLS %s", as_server ? "servers" : "clients");
    }
}

void fk_rule_purpose(struct fk_lint *l)
{
    if (l->b->chain.n > 0) {
        judge_purpose(l, FK_LIST_CHAIN, l->b->leaf, l->b->use->server);
    }
    if (l->b->server.n > 0) {
        judge_purpose(l, FK_LIST_SERVER, 0, true);
    }
}
