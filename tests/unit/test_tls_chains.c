/* SPDX-License-Identifier: Apache-2.0 */
/* Generated chains: which trust anchor counts, and which date. What is expected comes from the
 * rules in DESIGN.md, "TLS", said a second time here; mbedTLS and OpenSSL do the rest. */
#include "support/tlsrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* ---- anchors ------------------------------------------------------------ */

/* What the certificates of the chain say about the key of their issuer. */
enum ids { IDS_RIGHT, IDS_NONE, IDS_BY_SERIAL, IDS_ALIEN, IDS_KINDS };
#define ALIEN_ID "\x11\x11\x00\x0d\x0a"
static const char *const aki[IDS_KINDS] = {
    [IDS_BY_SERIAL] = "issuer:always",
    [IDS_ALIEN] = "DER:30:07:80:05:11:11:00:0d:0a",
};

/* What may be in the store. */
enum { ROOT, PLAIN, FOREIGN, EXPIRED, BETWEEN, ANCHORS };
enum { NO_ID, ROOT_ID, BETWEEN_ID, ALIEN };
enum { NAME_ROOT, NAME_BETWEEN };
static const struct {
    const char *name; /* in the store */
    int subject, id;
    bool key_fits, dates_hold;
} anchors[ANCHORS] = {
    [ROOT] = {"root.ca", NAME_ROOT, ROOT_ID, true, true},
    [PLAIN] = {"plain.ca", NAME_ROOT, NO_ID, true, true},
    [FOREIGN] = {"foreign.ca", NAME_ROOT, ROOT_ID, false, true},
    [EXPIRED] = {"expired.ca", NAME_ROOT, ROOT_ID, true, false},
    [BETWEEN] = {"between.ca", NAME_BETWEEN, BETWEEN_ID, true, true},
};

struct world {
    struct pki_node anchors[ANCHORS];     /* BETWEEN is made for each kind */
    struct pki_node between[IDS_KINDS];   /* below ROOT */
    struct pki_node leaves[IDS_KINDS][2]; /* below ROOT, below between */
};

struct choice {
    enum ids ids;
    bool deep;       /* the intermediate is there, and is sent */
    unsigned stored; /* a bit for each anchor */
    int auth;        /* NO_ID: there is none */
    bool root_by_key_id;
};

/* What the anchors for one certificate of the chain come to. */
static enum fk_status expect_anchor(const struct choice *c, int issuer)
{
    const int own_ids[IDS_KINDS] = {issuer == NAME_ROOT ? ROOT_ID : BETWEEN_ID, NO_ID, NO_ID,
                                    ALIEN};
    int id = own_ids[c->ids];
    bool any_with_id = false;
    enum fk_status st = FK_E_TLS_UNTRUSTED;
    for (int i = 0; i < ANCHORS; i++) {
        any_with_id = any_with_id || (id != NO_ID && c->stored >> i & 1 && anchors[i].id == id);
    }
    for (int i = 0; i < ANCHORS; i++) {
        bool found = id == NO_ID     ? !c->root_by_key_id
                     : any_with_id   ? anchors[i].id == id
                     : c->auth == id ? anchors[i].id == NO_ID
                                     : false;
        if (found && c->stored >> i & 1 && anchors[i].subject == issuer && anchors[i].key_fits &&
            st != FK_OK) {
            st = anchors[i].dates_hold ? FK_OK : FK_E_TLS_EXPIRED;
        }
    }
    return st;
}

static enum fk_status expect(const struct choice *c)
{
    enum fk_status st = expect_anchor(c, c->deep ? NAME_BETWEEN : NAME_ROOT);
    return c->deep && st == FK_E_TLS_UNTRUSTED ? expect_anchor(c, NAME_ROOT) : st;
}

static struct fk_slice id_of(const struct world *w, int id)
{
    return id == ROOT_ID      ? pki_key_id(&w->anchors[ROOT])
           : id == BETWEEN_ID ? pki_key_id(&w->between[IDS_RIGHT])
           : id == ALIEN      ? (struct fk_slice){(const uint8_t *)ALIEN_ID, sizeof ALIEN_ID - 1}
                              : (struct fk_slice){NULL, 0};
}

static void try_choice(const struct world *w, const struct choice *c)
{
    struct tls_rig r;
    tls_begin(&r, &w->leaves[c->ids][c->deep], c->deep ? &w->between[c->ids] : NULL);
    r.policy.tls13 = false; /* the rules are the same, and it is quicker */
    r.policy.root_by_key_id = c->root_by_key_id;
    for (unsigned n = 0; n < ANCHORS; n++) {
        unsigned i = c->stored % 2 == 0 ? n : ANCHORS - 1 - n; /* in both orders */
        if (c->stored >> i & 1) {
            tls_put(&r, FK_STORE_CA, anchors[i].name,
                    pki_der(i == BETWEEN ? &w->between[c->ids] : &w->anchors[i]),
                    id_of(w, anchors[i].id));
        }
    }
    if (c->auth != NO_ID) {
        tls_put(&r, FK_STORE_AUTH, "auth", id_of(w, c->auth), (struct fk_slice){NULL, 0});
    }
    enum fk_status st = tls_dial(&r);
    if (st != expect(c)) {
        fail_msg("identifiers %d, intermediate %d, stored %x, auth %d, by identifier only %d: %s "
                 "instead of %s",
                 c->ids, c->deep, c->stored, c->auth, c->root_by_key_id, fk_status_symbol(st),
                 fk_status_symbol(expect(c)));
    }
    tls_hang_up(&r);
    tls_end(&r);
}

static void make_world(struct world *w)
{
    const EVP_PKEY *between = NULL;
    pki_make(&w->anchors[ROOT], &(struct pki_spec){.cn = "root", .ca = true});
    const struct pki_node *root = &w->anchors[ROOT];
    pki_make(&w->anchors[PLAIN],
             &(struct pki_spec){.cn = "root", .ca = true, .key = root->key, .no_ids = true});
    pki_make(&w->anchors[FOREIGN], &(struct pki_spec){.cn = "root", .ca = true});
    pki_make(&w->anchors[EXPIRED],
             &(struct pki_spec){
                 .cn = "root", .ca = true, .key = root->key, .from = -2 * PKI_DAY, .to = -1});
    for (int i = 0; i < IDS_KINDS; i++) {
        bool none = i == IDS_NONE;
        pki_make(&w->between[i], &(struct pki_spec){.cn = "between",
                                                    .ca = true,
                                                    .key = between,
                                                    .issuer = root,
                                                    .no_ids = none,
                                                    .aki = aki[i]});
        between = w->between[i].key;
        const struct pki_node *const issuers[] = {root, &w->between[i]};
        for (int deep = 0; deep < 2; deep++) {
            pki_make(&w->leaves[i][deep], &(struct pki_spec){.cn = TLS_HOST,
                                                             .san = "DNS:" TLS_HOST,
                                                             .issuer = issuers[deep],
                                                             .no_ids = none,
                                                             .aki = aki[i]});
        }
    }
}

static void free_world(struct world *w)
{
    for (int i = 0; i < BETWEEN; i++) {
        pki_free(&w->anchors[i]);
    }
    for (int i = 0; i < IDS_KINDS; i++) {
        pki_free(&w->between[i]);
        pki_free(&w->leaves[i][0]);
        pki_free(&w->leaves[i][1]);
    }
}

static void anchors_count_as_the_rules_say(void **state)
{
    (void)state;
    struct world w;
    unsigned n = 0, good = 0;
    make_world(&w);
    for (struct choice c = {.ids = IDS_RIGHT}; c.ids < IDS_KINDS; c.ids++) {
        for (unsigned k = 0; k < 2u << ANCHORS; k++) {
            c.deep = k & 1;
            c.stored = k >> 1;
            bool names = (c.stored >> PLAIN & 1) != 0 || c.ids == IDS_ALIEN; /* auth can matter */
            bool nameless = c.ids == IDS_NONE || c.ids == IDS_BY_SERIAL;
            for (c.auth = NO_ID; c.auth <= (names ? ALIEN : NO_ID); c.auth++) {
                for (int only = 0; only <= (nameless ? 1 : 0); only++) {
                    c.root_by_key_id = only != 0;
                    try_choice(&w, &c);
                    n++;
                    good += expect(&c) == FK_OK;
                }
            }
        }
    }
    print_message("%u chains, %u of them trusted\n", n, good);
    assert_true(good > n / 5 && good < n / 5 * 4); /* the generator does not sit in a corner */
    free_world(&w);
}

/* ---- dates -------------------------------------------------------------- */

static void every_date_of_the_chain_counts(void **state)
{
    (void)state;
    static const struct {
        int64_t from, to;
        enum fk_status st;
    } spans[] = {
        {-PKI_DAY, PKI_DAY, FK_OK},
        {-PKI_DAY, 0, FK_OK}, /* the last second, and the first one */
        {0, PKI_DAY, FK_OK},
        {-PKI_DAY, -1, FK_E_TLS_EXPIRED},
        {1, PKI_DAY, FK_E_TLS_NOT_YET},
    };
    enum { SPANS = sizeof spans / sizeof spans[0] };
    for (unsigned k = 0; k < SPANS * SPANS * SPANS; k++) {
        const unsigned at[] = {k % SPANS, k / SPANS % SPANS, k / SPANS / SPANS};
        struct pki_node nodes[3]; /* root, intermediate, leaf */
        enum fk_status want = FK_OK;
        struct tls_rig r;
        for (int i = 0; i < 3; i++) {
            pki_make(&nodes[i], &(struct pki_spec){.cn = i == 2   ? TLS_HOST
                                                         : i == 1 ? "between"
                                                                  : "root",
                                                   .ca = i<2, .issuer = i> 0 ? &nodes[i - 1] : NULL,
                                                   .from = spans[at[i]].from,
                                                   .to = spans[at[i]].to});
            if (want != FK_E_TLS_EXPIRED && spans[at[i]].st != FK_OK) {
                want = spans[at[i]].st; /* what has expired is said first */
            }
        }
        tls_begin(&r, &nodes[2], &nodes[1]);
        r.policy.tls13 = k % 2 == 0 && TLS_VERSIONS > 1;
        tls_trust(&r, "root.ca", &nodes[0]);
        for (int skip = 0; skip < 2; skip++) {
            r.setup.skip_dates = skip != 0;
            r.tls.setup.lower = NULL;
            enum fk_status st = tls_dial(&r);
            if (st != (skip != 0 ? FK_OK : want)) {
                fail_msg("spans %u %u %u, skip %d: %s", at[0], at[1], at[2], skip,
                         fk_status_symbol(st));
            }
            tls_hang_up(&r);
        }
        tls_end(&r);
        for (int i = 0; i < 3; i++) {
            pki_free(&nodes[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anchors_count_as_the_rules_say),
        cmocka_unit_test(every_date_of_the_chain_counts),
    };
    return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
