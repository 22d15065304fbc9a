/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rule_decode(struct fk_lint *l);

static const struct fk_lint_rule rules[] = {
    {"decode", "decoding of certificates", rule_decode},
    {"parts", "parts that are needed", fk_rule_parts},
    {"contents", "contents of the files", fk_rule_contents},
    {"file-form", "form of roots and certificate", fk_rule_file_form},
    {"key-form", "form of the private key", fk_rule_key_form},
    {"line-ends", "line ends of PEM", fk_rule_line_ends},
    {"file-size", "sizes of the files", fk_rule_file_size},
    {"area-size", "room that files share", fk_rule_area},
    {"slots", "places for roots and certificates", fk_rule_slots},
    {"update", "what a firmware update does to them", fk_rule_update},
    {"root-name", "names of the roots on the device", fk_rule_root_name},
    {"key-password", "password of the private key", fk_rule_key_password},
    {"key-type", "type, size and curve of the private key", fk_rule_key_type},
    {"key-sound", "numbers of the private key", fk_rule_key_sound},
    {"key-matches", "private key and certificate", fk_rule_key_matches},
    {"weak-keys", "strength of keys", fk_rule_weak_keys},
    {"digest", "digests of signatures", fk_rule_digests},
    {"root-key", "keys of the roots", fk_rule_root_key},
    {"ext-subject-key-id", "Subject Key Identifier", fk_rule_ext_subject_key_id},
    {"ext-authority-key-id", "Authority Key Identifier", fk_rule_ext_authority_key_id},
    {"ext-basic-constraints", "Basic Constraints", fk_rule_ext_basic_constraints},
    {"ext-key-usage", "Key Usage that the device asks for", fk_rule_ext_usage},
    {"critical", "critical extensions", fk_rule_critical},
    {"ca-bits", "CA bits, key usage and path length", fk_rule_ca_bits},
    {"purpose", "purpose of the certificates", fk_rule_purpose},
    {"chain-order", "order of the chain", fk_rule_chain_order},
    {"chain-signatures", "signatures and end of the chain", fk_rule_chain_signatures},
    {"chain-length", "length of the chain", fk_rule_chain_length},
    {"unneeded", "certificates that are not needed", fk_rule_unneeded},
    {"duplicates", "roots that stand in each other's way", fk_rule_duplicates},
    {"validity", "validity at first use", fk_rule_validity},
    {"service-life", "validity over the service life", fk_rule_service_life},
    {"clock", "dates and the device's clock", fk_rule_clock},
    {"year-2038", "dates past January 2038", fk_rule_year_2038},
    {"year-1970", "dates of a clock that was not set", fk_rule_year_1970},
    {"time-encoding", "types of the dates", fk_rule_time_encoding},
    {"verification", "whether the device checks the server at all", fk_rule_verification},
    {"sni", "how the server knows what it is asked for", fk_rule_sni},
    {"chain-complete", "server's chain to a root", fk_rule_chain_complete},
    {"name", "server's name, as this device compares it", fk_rule_name},
    {"server-key", "keys of the server", fk_rule_server_key},
    {"server-suite", "server's key and the cipher suites", fk_rule_server_suite},
    {"server-cert-size", "size of the server's certificates", fk_rule_server_cert_size},
    {"server-flight", "size of the server's first answer", fk_rule_server_flight},
    {"tls-version", "TLS versions", fk_rule_tls_version},
    {"private-ca", "who else could pass as the server", fk_rule_private_ca},
};
enum { RULES = sizeof rules / sizeof rules[0] };

const char *fk_lint_rule_id(size_t i)
{
    return i < RULES ? rules[i].id : NULL;
}

const char *fk_lint_rule_title(size_t i)
{
    return i < RULES ? rules[i].title : NULL;
}

const char *fk_verdict_text(enum fk_verdict v)
{
    static const char *const texts[] = {
        [FK_VERDICT_OK] = "ok",           [FK_VERDICT_NONE] = "n/a",
        [FK_VERDICT_UNKNOWN] = "unknown", [FK_VERDICT_WARNING] = "warning",
        [FK_VERDICT_REFUSED] = "REFUSED",
    };
    return texts[v];
}

const char *fk_verdict_word(enum fk_verdict v)
{
    return v == FK_VERDICT_REFUSED ? "refused"
           : v == FK_VERDICT_NONE  ? "not-applicable"
                                   : fk_verdict_text(v);
}

/* ---- findings ------------------------------------------------------------------------------ */

/* Names in certificates may hold anything; a line of the report stays one line. */
static void mask_controls(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

struct fk_finding *fk_lint_add(struct fk_lint *l, enum fk_verdict v, const char *subject,
                               const char *fmt, ...)
{
    struct fk_findings *all = &l->found;
    struct fk_finding *f = &l->scratch;
    if (all->n == all->capacity) {
        size_t capacity = all->capacity == 0 ? 64 : 2 * all->capacity;
        void *grown = realloc(all->at, capacity * sizeof *all->at);
        l->no_memory |= grown == NULL;
        if (grown != NULL) {
            all->at = grown;
            all->capacity = capacity;
        }
    }
    if (all->n < all->capacity) {
        f = &all->at[all->n++];
        all->count[v]++;
    }
    *f = (struct fk_finding){.rule = l->rule->id, .title = l->rule->title, .verdict = v};
    snprintf(f->subject, sizeof f->subject, "%s", subject);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->measured, sizeof f->measured, fmt, ap);
    va_end(ap);
    mask_controls(f->subject);
    mask_controls(f->measured);
    return f;
}

void fk_lint_limit(struct fk_finding *f, const char *source, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->limit, sizeof f->limit, fmt, ap);
    va_end(ap);
    mask_controls(f->limit);
    snprintf(f->source, sizeof f->source, "%s", source != NULL ? source : "");
}

void fk_lint_remedy(struct fk_finding *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->remedy, sizeof f->remedy, fmt, ap);
    va_end(ap);
    mask_controls(f->remedy);
}

bool fk_lint_unverified(const struct fk_lint *l, const char *fact)
{
    char key[200];
    snprintf(key, sizeof key, "credentials.%s.%s", l->b->use->name, fact);
    return fk_profile_unverified(l->b->profile, key) != NULL;
}

void fk_findings_release(struct fk_findings *f)
{
    free(f->at);
    *f = (struct fk_findings){.n = 0};
}

/* ---- places -------------------------------------------------------------------------------- */

const char *fk_lint_cert_place(struct fk_lint *l, enum fk_list list, size_t i)
{
    const struct fk_bundle_cert *c = &l->lists[list]->at[i];
    fk_bundle_place(l->b, c->file, c->line, l->place);
    return l->place;
}

const char *fk_lint_key_place(struct fk_lint *l)
{
    fk_bundle_place(l->b, l->b->key.file, l->b->key.line, l->place);
    return l->place;
}

const char *fk_lint_file_place(struct fk_lint *l, size_t file)
{
    fk_bundle_place(l->b, file, 0, l->place);
    return l->place;
}

void fk_lint_convert(const struct fk_lint *l, char text[FK_LINT_COMMAND_SIZE])
{
    const struct fk_profile *p = l->b->profile;
    bool first = p->n_uses > 0 && l->b->use == &p->uses[0];
    snprintf(text, FK_LINT_COMMAND_SIZE, "key-convert -p %s%s%s", p->name, first ? "" : " --use ",
             first ? "" : l->b->use->name);
}

/* ---- the run ------------------------------------------------------------------------------- */

/* A certificate whose details are malformed has none in the rules that follow. */
static void read_details(struct fk_lint *l, enum fk_list list)
{
    l->details[list] = calloc(l->lists[list]->n + 1, sizeof **l->details);
    if (l->details[list] == NULL) {
        l->no_memory = true;
        return;
    }
    for (size_t i = 0; i < l->lists[list]->n; i++) {
        struct fk_error why = FK_ERROR_INIT;
        enum fk_status st = fk_cert_details(l->lists[list]->at[i].cert, &l->details[list][i], &why);
        if (st != FK_OK) {
            fk_lint_remedy(
                fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, list, i), "%s", why.msg),
                "have it issued again");
        }
    }
}

/* The first rule: the others need what it reads. */
static void rule_decode(struct fk_lint *l)
{
    size_t n = 0;
    for (int list = 0; list < FK_LISTS && !l->no_memory; list++) {
        read_details(l, (enum fk_list)list);
        n += l->lists[list]->n;
    }
    if (n > 0 && l->found.n == 0) {
        fk_lint_add(l, FK_VERDICT_OK, "", n == 1 ? "it can" : "all %zu can", n);
    }
}

static void release_details(struct fk_lint *l)
{
    for (size_t list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; l->details[list] != NULL && i < l->lists[list]->n; i++) {
            fk_cert_details_release(&l->details[list][i]);
        }
        free(l->details[list]);
    }
}

enum fk_status fk_bundle_lint(const struct fk_bundle *b, struct fk_findings *ret,
                              struct fk_error *err)
{
    struct fk_lint l = {.b = b, .lists = {&b->roots, &b->chain, &b->server}};
    if (b->chain.n > 0) {
        fk_path_build(&b->chain, b->leaf, &b->roots, &l.chain);
    }
    if (b->server.n > 0) {
        fk_path_build(&b->server, 0, &b->roots, &l.server);
    }
    for (size_t i = 0; i < RULES && !l.no_memory; i++) {
        size_t before = l.found.n;
        l.rule = &rules[i];
        rules[i].run(&l);
        if (l.found.n == before) {
            fk_lint_add(&l, FK_VERDICT_NONE, "", "does not apply");
        }
    }
    release_details(&l);
    if (l.no_memory) {
        fk_findings_release(&l.found);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    *ret = l.found;
    return FK_OK;
}
