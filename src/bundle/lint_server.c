/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the server that the device will meet. */
#include "bundle/lint.h"

#include "fotakit/tls_suite.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct fk_cert_info *server_info(const struct fk_lint *l)
{
    return fk_cert_info(l->b->server.at[0].cert);
}

/* ---- the chain to a root ------------------------------------------------------------------- */

/* The device takes the Authority Key Identifier of the last certificate that the server sends and
 * looks for the root with that identifier. */
static void judge_lookup(struct fk_lint *l)
{
    const struct fk_path *path = &l->server;
    const struct fk_cert *root = path->at[path->n - 1].cert->cert;
    const struct fk_cert *below = path->n > 1 ? path->at[path->n - 2].cert->cert : root;
    if (l->b->use->chain.root_found_by != FK_LOOKUP_KEY_ID || path->n < 2 ||
        fk_key_ids_match(below, root)) {
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_cert_place(l, FK_LIST_SERVER, 0),
                    "leads to the root '%.150s'", fk_cert_info(root)->subject);
        return;
    }
    const struct fk_bundle_cert *last = path->at[path->n - 2].cert;
    bool names_one = fk_cert_info(below)->has_aki_keyid;
    bool can_be_named = fk_cert_info(root)->has_ski;
    struct fk_finding *f =
        fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, FK_LIST_SERVER, 0),
                    !names_one ? "the certificate below the root '%.120s' names no key identifier"
                    : !can_be_named ? "names a key identifier, but the root '%.120s' has none"
                                    : "names another key identifier than the root '%.120s' has",
                    fk_cert_info(root)->subject);
    fk_lint_limit(f, l->b->use->chain.source, "the device finds roots by their key identifier");
    if (!names_one) {
        fk_lint_remedy(f, "have '%.100s' issued with an Authority Key Identifier",
                       fk_cert_info(below)->subject);
    } else {
        fk_lint_remedy(f, "load the root that 'ski-name --issuer %s' names",
                       l->b->files[last->file].path);
    }
}

void fk_rule_chain_complete(struct fk_lint *l)
{
    const struct fk_path *path = &l->server;
    if (path->n == 0) {
        return;
    }
    if (path->anchored) {
        judge_lookup(l);
        return;
    }
    const struct fk_cert_info *top = fk_cert_info(path->at[path->n - 1].cert->cert);
    const char *place = fk_lint_cert_place(l, FK_LIST_SERVER, 0);
    bool unchecked = l->b->roots.n == 0 && l->b->use->checks.chain != FK_CHAIN_ALWAYS;
    enum fk_verdict v = unchecked ? FK_VERDICT_WARNING : FK_VERDICT_REFUSED;
    struct fk_finding *f = NULL;
    if (path->too_long) {
        f = fk_lint_add(l, v, place, "more than %d certificates", FK_PATH_MAX);
        fk_lint_remedy(f, "shorten the server's chain");
    } else if (path->near_miss) {
        f = fk_lint_add(l, v, place, "'%.150s' is there, but its key did not sign this",
                        top->issuer);
        fk_lint_remedy(f, "the CA may have a new key: load its present root");
    } else if (path->self) {
        f = fk_lint_add(l, v, place, "leads to '%.150s', which is not among the roots",
                        top->subject);
        fk_lint_remedy(f, "load it with --ca");
    } else {
        f = fk_lint_add(l, v, place, "ends below '%.150s', which is not here", top->issuer);
        fk_lint_remedy(f, "load that root with --ca; if it is no root, the server must send it");
    }
}

/* ---- the name ------------------------------------------------------------------------------ */

/* RFC 6125 6.4.3: a star is the whole leftmost label, and stands for one. */
static bool matches_pattern(const char *pattern, const char *host)
{
    const char *dot = strchr(host, '.');
    if (strncmp(pattern, "*.", 2) == 0 && dot != NULL && dot != host) {
        return strchr(pattern + 2, '.') != NULL && strcasecmp(pattern + 1, dot) == 0;
    }
    return strcasecmp(pattern, host) == 0;
}

static bool has_kind(const struct fk_cert_details *d, enum fk_cert_name_kind kind)
{
    for (size_t i = 0; i < d->n_names; i++) {
        if (d->names[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static bool matches_alternative(const struct fk_cert_details *d, const char *host)
{
    for (size_t i = 0; i < d->n_names; i++) {
        const struct fk_cert_name *n = &d->names[i];
        if ((n->kind == FK_CERT_NAME_DNS && matches_pattern(n->text, host)) ||
            (n->kind == FK_CERT_NAME_IP && strcasecmp(n->text, host) == 0)) {
            return true;
        }
    }
    return false;
}

/* The last common name counts: it is the most specific one (RFC 2818 3.1). */
static const char *common_name(const struct fk_cert_details *d)
{
    const char *cn = NULL;
    for (size_t i = 0; i < d->n_names; i++) {
        cn = d->names[i].kind == FK_CERT_NAME_CN ? d->names[i].text : cn;
    }
    return cn;
}

static void judge_common_name(struct fk_lint *l, const struct fk_cert_details *d, const char *place)
{
    const char *host = l->b->host;
    const char *cn = common_name(d);
    struct fk_finding *f = NULL;
    if (cn != NULL && strcmp(cn, host) == 0) {
        f = fk_lint_add(l, FK_VERDICT_OK, place, "common name '%.150s'", cn);
    } else if (cn != NULL && strcasecmp(cn, host) == 0) {
        f = fk_lint_add(l, FK_VERDICT_WARNING, place, "common name '%.100s', host '%.100s'", cn,
                        host);
        fk_lint_remedy(f, "write the host as the certificate does: it may be compared with case");
    } else {
        bool elsewhere = matches_alternative(d, host);
        f = fk_lint_add(l, FK_VERDICT_REFUSED, place, "common name '%.100s', host '%.100s'%s",
                        cn != NULL ? cn : "", host,
                        elsewhere ? ", which is an alternative name only" : "");
        fk_lint_remedy(f, cn != NULL && cn[0] == '*'
                              ? "a star is not known to match: give the server a certificate with "
                                "its name as common name"
                              : "call the server by its common name, or give it a certificate with "
                                "this one");
    }
    fk_lint_limit(f, l->b->use->checks.name_source, "the common name alone");
    f->unverified = fk_lint_unverified(l, "checks.name");
}

static void judge_names(struct fk_lint *l, const struct fk_cert_details *d, const char *place)
{
    const struct fk_check_rules *checks = &l->b->use->checks;
    const char *host = l->b->host;
    const char *cn = common_name(d);
    struct fk_finding *f = NULL;
    switch (checks->name) {
    case FK_NAME_CN:
        judge_common_name(l, d, place);
        return;
    case FK_NAME_NONE:
        f = fk_lint_add(l, FK_VERDICT_OK, place, "the device compares no names");
        break;
    case FK_NAME_UNKNOWN:
        f = fk_lint_add(l, FK_VERDICT_UNKNOWN, place,
                        "whether the device compares names is not published");
        break;
    case FK_NAME_SAN_OR_CN: {
        bool fits = matches_alternative(d, host) ||
                    (!has_kind(d, FK_CERT_NAME_DNS) && cn != NULL && matches_pattern(cn, host));
        f = fk_lint_add(l, fits ? FK_VERDICT_OK : FK_VERDICT_REFUSED, place,
                        fits ? "'%.150s' is one of its names" : "'%.150s' is none of its names",
                        host);
        if (!fits) {
            fk_lint_remedy(f, "call the server by a name of its certificate");
        }
        break;
    }
    }
    fk_lint_limit(f, checks->name_source, "%s", "");
    f->unverified = fk_lint_unverified(l, "checks.name");
}

void fk_rule_name(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    if (b->host == NULL) {
        return;
    }
    if (b->server.n > 0) {
        judge_names(l, &l->details[FK_LIST_SERVER][0], fk_lint_cert_place(l, FK_LIST_SERVER, 0));
    } else if (b->use->server && b->chain.n > 0) { /* its clients compare as clients do today */
        const struct fk_cert_details *d = &l->details[FK_LIST_CHAIN][b->leaf];
        bool fits = matches_alternative(d, b->host);
        struct fk_finding *f = fk_lint_add(l, fits ? FK_VERDICT_OK : FK_VERDICT_WARNING,
                                           fk_lint_cert_place(l, FK_LIST_CHAIN, b->leaf),
                                           fits ? "'%.150s' is an alternative name"
                                                : "'%.150s' is not among the alternative names",
                                           b->host);
        fk_lint_limit(f, "RFC 9525", "browsers look at nothing else");
        if (!fits) {
            fk_lint_remedy(f, "issue it with subjectAltName=DNS:%.150s", b->host);
        }
    }
}

/* ---- suites -------------------------------------------------------------------------------- */

static bool can_serve(const struct fk_tls_suite *s, const struct fk_cert_info *cert)
{
    bool rsa = cert->key.type == FK_KEY_RSA;
    bool ec = cert->key.type == FK_KEY_EC;
    unsigned wanted =
        s->kx == FK_TLS_KX_RSA ? FK_USAGE_KEY_ENCIPHERMENT : FK_USAGE_DIGITAL_SIGNATURE;
    return ((s->auth == FK_TLS_AUTH_RSA && rsa) || (s->auth == FK_TLS_AUTH_ECDSA && ec)) &&
           (!cert->has_key_usage || (cert->key_usage & wanted) != 0);
}

void fk_rule_server_suite(struct fk_lint *l)
{
    const struct fk_tls_rules *tls = &l->b->use->tls;
    const struct fk_cert_info *cert = NULL;
    const char *place = "";
    const struct fk_tls_suite *best = NULL;
    char key[FK_KEY_TEXT_SIZE];
    size_t n = 0;
    if (l->b->server.n > 0) {
        cert = server_info(l);
        place = fk_lint_cert_place(l, FK_LIST_SERVER, 0);
    } else if (l->b->use->server && l->b->chain.n > 0) { /* the device is the server */
        cert = fk_cert_info(fk_bundle_leaf(l->b));
        place = fk_lint_cert_place(l, FK_LIST_CHAIN, l->b->leaf);
    }
    if (cert == NULL) {
        return;
    }
    if (tls->n_suites == 0) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, place, "its cipher suites are not published");
        return;
    }
    for (size_t i = 0; i < tls->n_suites; i++) {
        if (can_serve(tls->suites[i], cert)) {
            n++;
            best = best == NULL || !best->tls12 || tls->suites[i]->kx == FK_TLS_KX_ECDHE
                       ? tls->suites[i]
                       : best;
        }
    }
    fk_key_describe(&cert->key, key);
    struct fk_finding *f = fk_lint_add(l, n > 0 ? FK_VERDICT_OK : FK_VERDICT_REFUSED, place,
                                       "%s, good for %zu of %zu suites", key, n, tls->n_suites);
    fk_lint_limit(f, tls->suites_source, "%s%s", best != NULL ? "such as " : "no suite fits it",
                  best != NULL ? best->name : "");
    f->unverified = fk_lint_unverified(l, "tls.suites");
    if (n == 0) {
        bool usage = cert->has_key_usage && cert->key.type == FK_KEY_RSA;
        fk_lint_remedy(f, usage ? "give the server a certificate whose Key Usage allows "
                                  "keyEncipherment"
                                : "give the server a certificate with an RSA key beside this one");
    }
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* RFC 5246, RFC 8422: what a server sends before it waits, beside its certificates. */
enum {
    RECORD_HEADER = 5,
    MESSAGE_HEADER = 4,
    SERVER_HELLO = MESSAGE_HEADER + 2 + 32 + 1 + 32 + 2 + 1 + 2 + 20, /* with usual extensions */
    KEY_EXCHANGE = MESSAGE_HEADER + 4 + 65 + 4, /* a point of P-256; the signature comes to it */
    HELLO_DONE = MESSAGE_HEADER,
};

static size_t flight_size(const struct fk_lint *l)
{
    const struct fk_cert_info *cert = server_info(l);
    size_t certs = MESSAGE_HEADER + 3;
    for (size_t i = 0; i < l->b->server.n; i++) {
        certs += 3 + fk_cert_info(l->b->server.at[i].cert)->der.len;
    }
    size_t signature = cert->key.type == FK_KEY_RSA ? cert->key.bits / 8 : 72;
    return 4 * RECORD_HEADER + SERVER_HELLO + certs + KEY_EXCHANGE + signature + HELLO_DONE;
}

void fk_rule_server_cert_size(struct fk_lint *l)
{
    const struct fk_cert_rules *rules = &l->b->use->cert;
    size_t before = l->found.n;
    size_t largest = 0;
    for (size_t i = 0; i < l->b->server.n; i++) {
        size_t n = fk_cert_info(l->b->server.at[i].cert)->der.len;
        largest = n > largest ? n : largest;
        if (rules->peer_max_size != 0 && n > rules->peer_max_size) {
            struct fk_finding *f = fk_lint_add(
                l, FK_VERDICT_REFUSED, fk_lint_cert_place(l, FK_LIST_SERVER, i), "%zu bytes", n);
            fk_lint_limit(f, rules->peer_source, "%u bytes", (unsigned)rules->peer_max_size);
            f->unverified = fk_lint_unverified(l, "certificate.peer_max_size");
            fk_lint_remedy(f, "give the server a certificate with fewer names");
        }
    }
    if (l->b->server.n == 0 || l->found.n > before) {
        return;
    }
    if (rules->peer_max_size == 0) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "%zu bytes, the largest; no limit is published",
                    largest);
        return;
    }
    struct fk_finding *f = fk_lint_add(l, FK_VERDICT_OK, "", "%zu bytes, the largest", largest);
    fk_lint_limit(f, rules->peer_source, "%u bytes", (unsigned)rules->peer_max_size);
    f->unverified = fk_lint_unverified(l, "certificate.peer_max_size");
}

void fk_rule_server_flight(struct fk_lint *l)
{
    const struct fk_tls_rules *tls = &l->b->use->tls;
    if (l->b->server.n == 0) {
        return;
    }
    size_t n = flight_size(l);
    bool over = tls->flight_max != 0 && n > tls->flight_max;
    enum fk_verdict v = over                   ? FK_VERDICT_REFUSED
                        : tls->flight_max == 0 ? FK_VERDICT_UNKNOWN
                                               : FK_VERDICT_OK;
    struct fk_finding *f = fk_lint_add(l, v, "", "about %zu bytes, with %zu certificate%s%s", n,
                                       l->b->server.n, l->b->server.n == 1 ? "" : "s",
                                       tls->flight_max == 0 ? "; no limit is published" : "");
    if (tls->flight_max != 0) {
        fk_lint_limit(f, tls->flight_source, "%u bytes", (unsigned)tls->flight_max);
        f->unverified = fk_lint_unverified(l, "tls.flight_max");
    }
    if (over) {
        fk_lint_remedy(f, "give the server ECDSA certificates, fewer names, and no root to send");
    }
}

void fk_rule_tls_version(struct fk_lint *l)
{
    const struct fk_tls_rules *tls = &l->b->use->tls;
    char text[64] = "";
    if (tls->versions == 0) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "its TLS versions are not published");
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        size_t used = strlen(text);
        if ((tls->versions & 1u << i) != 0) {
            snprintf(text + used, sizeof text - used, "%s1.%u", used > 0 ? ", " : "", i);
        }
    }
    bool modern = tls->versions >= FK_TLS_1_2;
    struct fk_finding *f =
        fk_lint_add(l, modern ? FK_VERDICT_OK : FK_VERDICT_WARNING, "", "TLS %s", text);
    fk_lint_limit(f, tls->versions_source, "%s",
                  (tls->versions & (FK_TLS_1_0 | FK_TLS_1_1)) == 0 ? ""
                  : modern ? "let the server take 1.2 alone: it falls back otherwise"
                           : "servers of today refuse less than 1.2");
    f->unverified = fk_lint_unverified(l, "tls.versions");
    if (!modern) {
        fk_lint_remedy(f, "run a server of your own that still speaks it");
    }
}

/* ---- who else ------------------------------------------------------------------------------ */

static bool is_public(const struct fk_bundle *b, const struct fk_cert *root)
{
    for (size_t i = 0; b->known != NULL && i < b->known->n; i++) {
        if (memcmp(fk_cert_info(b->known->at[i].cert)->key.spki_sha256,
                   fk_cert_info(root)->key.spki_sha256, 32) == 0) {
            return true;
        }
    }
    return false;
}

/* Below a public root anybody gets a certificate for a name of his own: without a look at the name
 * it is as good as the server's, and without a look at the dates it stays so. */
void fk_rule_private_ca(struct fk_lint *l)
{
    const struct fk_check_rules *checks = &l->b->use->checks;
    bool no_names = checks->name == FK_NAME_NONE;
    size_t before = l->found.n;
    if (l->b->roots.n == 0 || (!no_names && checks->dates != FK_DATES_NONE)) {
        return;
    }
    for (size_t i = 0; i < l->b->roots.n; i++) {
        const struct fk_cert *root = l->b->roots.at[i].cert;
        if (!is_public(l->b, root)) {
            continue;
        }
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, FK_LIST_ROOTS, i),
                        "'%.120s' is a public CA, and the device compares no %s",
                        fk_cert_info(root)->subject, no_names ? "names" : "dates");
        fk_lint_limit(f, no_names ? checks->name_source : checks->dates_source,
                      "a private CA for this server alone");
        fk_lint_remedy(f, no_names ? "anybody with any certificate of this CA passes as the "
                                     "server: make a CA of your own"
                                   : "a certificate that leaked works for ever: make a CA of "
                                     "your own");
    }
    if (l->found.n > before) {
        return;
    }
    if (l->b->known == NULL) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, "",
                    "no list of public roots to compare with; see --public-roots");
    } else {
        fk_lint_add(l, FK_VERDICT_OK, "", "none of the %zu public roots known here",
                    l->b->known->n);
    }
}
