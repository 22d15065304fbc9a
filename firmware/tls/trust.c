/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a connection trusts: the rules that are ours and not the library's. */
#include "tls/tls_state.h"

#include <mbedtls/oid.h>
#include <mbedtls/platform.h>

#include <string.h>

#define ANCHORS_MAX 4u /* with one identifier; each takes memory until the chain is judged */

const char *fk_tls_peer_name(const struct fk_tls *tls)
{
    return tls->setup.peer_name != NULL ? tls->setup.peer_name : tls->host;
}

uint64_t fk_tls_date(const struct fk_date *d)
{
    return ((((d->year * UINT64_C(100) + d->month) * 100 + d->day) * 100 + d->hour) * 100 +
            d->minute) *
               100 +
           d->second;
}

static uint64_t date_of(const mbedtls_x509_time *t)
{
    const struct fk_date d = {
        .year = (uint16_t)t->year,
        .month = (uint8_t)t->mon,
        .day = (uint8_t)t->day,
        .hour = (uint8_t)t->hour,
        .minute = (uint8_t)t->min,
        .second = (uint8_t)t->sec,
    };
    return fk_tls_date(&d);
}

/* ---- trust anchors ------------------------------------------------------ */

struct search {
    struct fk_tls *tls;
    const mbedtls_x509_crt *child;
    mbedtls_x509_crt *list;
    unsigned n;
};

static bool same_name(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static bool dates_hold(const struct fk_tls *tls, const mbedtls_x509_crt *crt)
{
    bool count = tls->setup.policy->dates && !tls->setup.skip_dates;
    return !count || (tls->now >= date_of(&crt->valid_from) && tls->now <= date_of(&crt->valid_to));
}

/* The library has no clock and takes the first whose key fits: of a root and its renewal with the
 * same key, that has to be the one whose dates hold. Otherwise the youngest entry is first. */
static void insert(struct search *s, mbedtls_x509_crt *crt)
{
    mbedtls_x509_crt **at = &s->list;
    bool good = dates_hold(s->tls, crt);
    while (*at != NULL && (!good || dates_hold(s->tls, *at))) {
        at = &(*at)->next;
    }
    crt->next = *at;
    *at = crt;
    if (s->n < ANCHORS_MAX) {
        s->n++;
        return;
    }
    while (*at != NULL && (*at)->next != NULL) {
        at = &(*at)->next;
    }
    mbedtls_x509_crt_free(*at);
    mbedtls_free(*at);
    *at = NULL;
}

/* An entry that is no certificate is passed over: it makes nothing trusted. by_name: only when it
 * is the issuer. */
static enum fk_status take_anchor(struct search *s, const struct fk_store_entry *entry,
                                  bool by_name)
{
    uint8_t *data = NULL;
    enum fk_status st = fk_tls_fetch(s->tls, entry, &data);
    if (st != FK_OK) {
        return st == FK_E_CHECKSUM || st == FK_E_LIMIT ? FK_OK : st;
    }
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);
    if (crt == NULL) {
        fk_tls_drop(data, entry->len);
        return FK_E_MEMORY;
    }
    mbedtls_x509_crt_init(crt);
    int rc = fk_tls_parse(crt, data, entry->len);
    fk_tls_drop(data, entry->len);
    bool wanted = rc == 0 && crt->next == NULL &&
                  (!by_name || same_name(&crt->subject_raw, &s->child->issuer_raw));
    if (!wanted) {
        mbedtls_x509_crt_free(crt);
        mbedtls_free(crt);
        return fk_tls_short_of_memory(s->tls) ? FK_E_MEMORY : FK_OK;
    }
    insert(s, crt);
    return FK_OK;
}

/* All anchors with this identifier. */
static enum fk_status by_key_id(struct search *s, struct fk_slice id)
{
    struct fk_store_entry entry;
    const struct fk_certstore *store = s->tls->setup.store;
    uint32_t at = 0;
    enum fk_status st = fk_certstore_anchor(store, s->tls->setup.set, id, &at, &entry);
    while (st == FK_OK) {
        st = take_anchor(s, &entry, false);
        if (st == FK_OK) {
            st = fk_certstore_anchor(store, s->tls->setup.set, id, &at, &entry);
        }
    }
    return st == FK_E_STORE_ENTRY ? FK_OK : st;
}

/* The `auth` entry says whose identifier this is: the anchors that were stored without one. */
static enum fk_status is_auth(const struct search *s, struct fk_slice id, bool *ret)
{
    struct fk_store_entry entry;
    uint8_t auth[FK_STORE_ID_MAX];
    const struct fk_tls_setup *from = &s->tls->setup;
    enum fk_status st = fk_certstore_role(from->store, from->set, FK_STORE_AUTH, &entry);
    if (st != FK_OK || entry.len != id.len || entry.len > sizeof auth) {
        return st == FK_E_STORE_ENTRY ? FK_OK : st;
    }
    st = fk_certstore_read(from->store, &entry, auth, sizeof auth);
    *ret = st == FK_OK && memcmp(auth, id.ptr, id.len) == 0;
    return st;
}

/* by_name: the issuer among all anchors; otherwise all that were stored without an identifier. */
static enum fk_status among_all(struct search *s, bool by_name)
{
    struct fk_store_entry entry;
    uint32_t at = 0;
    enum fk_status st = fk_certstore_next(s->tls->setup.store, &at, &entry);
    while (st == FK_OK) {
        if (entry.set == s->tls->setup.set && entry.role == FK_STORE_CA &&
            (by_name || entry.key_id_len == 0)) {
            st = take_anchor(s, &entry, by_name);
        }
        if (st == FK_OK) {
            st = fk_certstore_next(s->tls->setup.store, &at, &entry);
        }
    }
    return st == FK_E_STORE_ENTRY ? FK_OK : st;
}

static enum fk_status find(struct search *s)
{
    const mbedtls_x509_buf *aki = &s->child->authority_key_id.keyIdentifier;
    const struct fk_slice id = {aki->p, aki->len};
    if (id.len == 0) {
        return s->tls->setup.policy->root_by_key_id ? FK_OK : among_all(s, true);
    }
    enum fk_status st = by_key_id(s, id);
    bool named = false;
    if (st == FK_OK && s->n == 0) {
        st = is_auth(s, id, &named);
    }
    return st == FK_OK && named ? among_all(s, false) : st;
}

int fk_tls_find_anchors(void *ctx, const mbedtls_x509_crt *child, mbedtls_x509_crt **ret)
{
    struct search s = {.tls = ctx, .child = child};
    enum fk_status st = find(&s);
    if (st != FK_OK) {
        mbedtls_x509_crt_free(s.list); /* frees those behind the first, too */
        mbedtls_free(s.list);
        s.list = NULL;
        s.tls->cause = st;
    }
    *ret = s.list; /* the library's from now on */
    return st == FK_OK ? 0 : MBEDTLS_ERR_X509_FATAL_ERROR;
}

/* ---- each certificate of the chain -------------------------------------- */

static void check_dates(struct fk_tls *tls, const mbedtls_x509_crt *crt, uint32_t *flags)
{
    uint64_t from = date_of(&crt->valid_from);
    uint64_t to = date_of(&crt->valid_to);
    *flags |= tls->now > to ? MBEDTLS_X509_BADCERT_EXPIRED : 0;
    *flags |= tls->now < from ? MBEDTLS_X509_BADCERT_FUTURE : 0;
    tls->since = from > tls->since ? from : tls->since;
    tls->until = to < tls->until ? to : tls->until;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_host(const mbedtls_x509_buf *cn, const char *name)
{
    if (cn->len != strlen(name)) { /* a NUL inside does not shorten it */
        return false;
    }
    for (size_t i = 0; i < cn->len; i++) {
        if (lower((char)cn->p[i]) != lower(name[i])) {
            return false;
        }
    }
    return cn->len > 0;
}

/* The one common name there is; several could be meant for several readers. */
static bool common_name_is(const mbedtls_x509_crt *crt, const char *name)
{
    const mbedtls_x509_buf *cn = NULL;
    unsigned n = 0;
    for (const mbedtls_x509_name *a = &crt->subject; a != NULL; a = a->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &a->oid) == 0) {
            cn = &a->val;
            n++;
        }
    }
    return n == 1 && same_host(cn, name);
}

bool fk_tls_peer_is_address(const struct fk_tls *tls)
{
    uint32_t ip[4];
    return mbedtls_x509_crt_parse_cn_inet_pton(fk_tls_peer_name(tls), ip) > 0;
}

/* RFC 6125 has nothing to say about addresses; RFC 2818 3.1: it must be among the alternative names
 * as an address, if there are any. No wildcard, and no DNS name that spells one. */
static bool shows_address(const mbedtls_x509_crt *crt, const char *name)
{
    uint32_t ip[4];
    size_t len = mbedtls_x509_crt_parse_cn_inet_pton(name, ip);
    if (!mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) {
        return common_name_is(crt, name);
    }
    bool found = false;
    for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s != NULL; s = s->next) {
        bool is_ip =
            ((unsigned)s->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == MBEDTLS_X509_SAN_IP_ADDRESS;
        found = found || (is_ip && s->buf.len == len && memcmp(s->buf.p, ip, len) == 0);
    }
    return found;
}

static void check_name(const struct fk_tls *tls, const mbedtls_x509_crt *crt, uint32_t *flags)
{
    switch (tls->setup.policy->name) {
    case FK_PEER_NAME_SAN_OR_CN: /* the library has done it, but for addresses */
        if (fk_tls_peer_is_address(tls) && !shows_address(crt, fk_tls_peer_name(tls))) {
            *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
        }
        break;
    case FK_PEER_NAME_CN:
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
        *flags |= common_name_is(crt, fk_tls_peer_name(tls)) ? 0 : MBEDTLS_X509_BADCERT_CN_MISMATCH;
        break;
    case FK_PEER_NAME_NONE:
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
        break;
    }
}

int fk_tls_check_cert(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct fk_tls *tls = ctx;
    tls->checked = true;
    if (tls->setup.policy->dates && !tls->setup.skip_dates) {
        check_dates(tls, crt, flags);
    }
    if (depth == 0 && !tls->server) {
        check_name(tls, crt, flags);
    }
    return 0;
}
