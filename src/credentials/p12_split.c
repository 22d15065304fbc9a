/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/p12.h"

#include <stdio.h>
#include <string.h>

/* "1 'alice' (RSA 2048), 2 (EC ...)" */
static void list_keys(const struct fk_p12 *p12, char *text, size_t size)
{
    size_t used = 0;
    size_t number = 0;
    text[0] = '\0';
    for (size_t i = 0; i < p12->n && used < size; i++) {
        const struct fk_p12_entry *e = &p12->at[i];
        if (e->key == NULL) {
            continue;
        }
        char what[FK_KEY_TEXT_SIZE];
        fk_key_describe(fk_key_public(e->key), what);
        int n = snprintf(text + used, size - used, "%s%zu%s%s%s (%s)", number > 0 ? ", " : "",
                         number + 1, e->name[0] != '\0' ? " '" : "", e->name,
                         e->name[0] != '\0' ? "'" : "", what);
        used += n > 0 ? (size_t)n : 0;
        number++;
    }
}

/* Numbers are tried after names, so a key that is called "2" can be had. */
static const struct fk_p12_entry *find_key(const struct fk_p12 *p12, const char *pick,
                                           bool *ret_ambiguous)
{
    const struct fk_p12_entry *by_name = NULL;
    const struct fk_p12_entry *by_number = NULL;
    size_t number = 0;
    *ret_ambiguous = false;
    for (size_t i = 0; i < p12->n; i++) {
        const struct fk_p12_entry *e = &p12->at[i];
        char digits[24];
        if (e->key == NULL) {
            continue;
        }
        snprintf(digits, sizeof digits, "%zu", ++number);
        if (strcmp(digits, pick) == 0) {
            by_number = e;
        }
        if (e->name[0] != '\0' && strcmp(e->name, pick) == 0) {
            *ret_ambiguous = by_name != NULL;
            by_name = e;
        }
    }
    return by_name != NULL ? by_name : by_number;
}

static enum fk_status choose_key(const struct fk_p12 *p12, const char *pick,
                                 const struct fk_p12_entry **ret, struct fk_error *err)
{
    char list[600];
    bool ambiguous = p12->n_keys > 1;
    *ret = NULL;
    if (pick != NULL) {
        *ret = find_key(p12, pick, &ambiguous);
    } else if (p12->n_keys == 1) {
        for (size_t i = 0; i < p12->n; i++) {
            *ret = p12->at[i].key != NULL ? &p12->at[i] : *ret;
        }
    }
    list_keys(p12, list, sizeof list);
    if (ambiguous) {
        return fk_fail(err, FK_E_AMBIGUOUS,
                       "the file holds %zu private keys; choose one with --pick NUMBER or NAME: %s",
                       p12->n_keys, list);
    }
    if (pick != NULL && *ret == NULL) {
        return fk_fail(err, FK_E_AMBIGUOUS, "no private key is '%s'; the file holds: %s", pick,
                       p12->n_keys > 0 ? list : "none");
    }
    return FK_OK;
}

static bool same_id(const struct fk_p12_entry *a, const struct fk_p12_entry *b)
{
    return a->id_len > 0 && a->id_len == b->id_len && memcmp(a->id, b->id, a->id_len) == 0;
}

/* After a renewal with the same key several certificates fit: the one that the file ties to the
 * key, else the one that lasts longest. */
static const struct fk_p12_entry *find_cert(const struct fk_p12 *p12,
                                            const struct fk_p12_entry *key)
{
    const struct fk_p12_entry *best = NULL;
    for (size_t i = 0; i < p12->n; i++) {
        const struct fk_p12_entry *e = &p12->at[i];
        if (e->cert == NULL || !fk_cert_has_key(e->cert, key->key)) {
            continue;
        }
        bool tied = same_id(key, e);
        bool best_tied = best != NULL && same_id(key, best);
        bool longer =
            best != NULL && fk_cert_info(e->cert)->not_after > fk_cert_info(best->cert)->not_after;
        if (best == NULL || (tied && !best_tied) || (tied == best_tied && longer)) {
            best = e;
        }
    }
    return best;
}

static bool belongs_to_another_key(const struct fk_p12 *p12, const struct fk_cert *cert)
{
    for (size_t i = 0; i < p12->n; i++) {
        if (p12->at[i].key != NULL && fk_cert_has_key(cert, p12->at[i].key)) {
            return true;
        }
    }
    return false;
}

/* The certificate that signed the one before, not used yet; else the next in the file. */
static size_t next_ca(const struct fk_p12 *p12, const bool *used, const struct fk_cert *below)
{
    size_t first = p12->n;
    for (size_t i = 0; i < p12->n; i++) {
        if (used[i]) {
            continue;
        }
        if (below != NULL && fk_cert_signed_by(below, p12->at[i].cert)) {
            return i;
        }
        first = first == p12->n ? i : first;
    }
    return first;
}

enum fk_status fk_p12_split(const struct fk_p12 *p12, const char *pick, struct fk_p12_parts *ret,
                            struct fk_error *err)
{
    const struct fk_p12_entry *key = NULL;
    enum fk_status st = choose_key(p12, pick, &key, err);
    if (st != FK_OK) {
        return st;
    }
    struct fk_p12_parts parts = {.n_ca = 0};
    const struct fk_p12_entry *cert = key != NULL ? find_cert(p12, key) : NULL;
    bool used[FK_P12_ENTRIES_MAX] = {false};
    parts.key = key != NULL ? key->key : NULL;
    parts.cert = cert != NULL ? cert->cert : NULL;
    for (size_t i = 0; i < p12->n; i++) {
        const struct fk_p12_entry *e = &p12->at[i];
        bool taken = e == key || e == cert;
        bool foreign = !taken && (e->key != NULL || belongs_to_another_key(p12, e->cert));
        used[i] = taken || foreign;
        parts.n_left += foreign ? 1 : 0;
    }
    const struct fk_cert *below = parts.cert;
    for (size_t i = next_ca(p12, used, below); i < p12->n; i = next_ca(p12, used, below)) {
        used[i] = true;
        below = p12->at[i].cert;
        parts.ca[parts.n_ca++] = below;
    }
    *ret = parts;
    return FK_OK;
}
