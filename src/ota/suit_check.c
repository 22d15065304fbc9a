/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/envelope.h"

#include "crypto/crypto.h"
#include "fotakit/hex.h"
#include "ota/suit_trust.h"
#include "wire/cbor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORK = 64 * 1024, LIST_MAX = 400 };

/* Appends to a list of texts, with "..." where it does not fit any more. */
static void append(char list[LIST_MAX], const char *text)
{
    size_t used = strlen(list), n = strlen(text);
    if (used + n + 8 > LIST_MAX) {
        if (used + 5 <= LIST_MAX && (used < 3 || strcmp(list + used - 3, "...") != 0)) {
            memcpy(list + used, " ...", 5);
        }
        return;
    }
    snprintf(list + used, LIST_MAX - used, "%s%s", used > 0 ? ", " : "", text);
}

static void list_present(const struct fk_suit_report *r, char list[LIST_MAX])
{
    list[0] = '\0';
    for (size_t i = 0; i < r->n_blocks; i++) {
        const struct fk_suit_block *b = &r->blocks[i];
        char text[128], kid[2 * FK_COSE_KID_MAX + 1] = "without identifier";
        if (b->kid.len > 0) {
            fk_hex_encode(b->kid.ptr, b->kid.len, kid);
        }
        snprintf(text, sizeof text, "%s (algorithm %" PRId32 ": %s)", kid, b->alg,
                 b->verdict == FK_OK ? "valid" : fk_status_text(b->verdict));
        append(list, text);
    }
}

static void list_trusted(const struct fk_suit_policy *policy, char list[LIST_MAX])
{
    list[0] = '\0';
    for (size_t i = 0; i < policy->n_anchors; i++) {
        char kid[2 * FK_COSE_KID_MAX + 1];
        fk_hex_encode(policy->anchors[i].kid.ptr, policy->anchors[i].kid.len, kid);
        append(list, kid);
    }
}

void fk_suit_signers_text(const struct fk_suit_policy *policy, const struct fk_suit_report *report,
                          char ret[FK_SUIT_SIGNERS_TEXT])
{
    char present[LIST_MAX], trusted[LIST_MAX];
    list_present(report, present);
    list_trusted(policy, trusted);
    snprintf(ret, FK_SUIT_SIGNERS_TEXT, "%zu of %u; signed by %s; trusted: %s", report->n_valid,
             (unsigned)policy->threshold, present, trusted);
}

static void recipients_text(const struct fk_suit_plan *plan, char list[LIST_MAX])
{
    struct fk_reader at = fk_cose_recipients(&plan->encryption);
    struct fk_cose_recipient rec;
    list[0] = '\0';
    while (fk_cose_recipient_next(&at, &rec)) {
        char kid[2 * FK_COSE_KID_MAX + 1] = "without identifier";
        if (rec.kid.len > 0) {
            fk_hex_encode(rec.kid.ptr, rec.kid.len, kid);
        }
        append(list, kid);
    }
}

static enum fk_status explain_uuid(const struct fk_suit_file *f, const struct fk_suit_device *d,
                                   enum fk_status st, const uint8_t expected[FK_SUIT_UUID_SIZE],
                                   const char *name, struct fk_error *err)
{
    struct fk_suit_manifest m;
    char want[FK_UUID_TEXT], found[FK_UUID_TEXT] = "unreadable";
    fk_uuid_text(expected, want);
    if (fk_suit_manifest_parse(f->env.manifest, f->env.install, &m) == FK_OK) {
        const struct fk_slice *id = st == FK_E_VENDOR ? &m.vendor : &m.class_id;
        fk_uuid_text(id->ptr, found);
    }
    return fk_fail(err, st, "'%s': %s: expected %s (%s) by profile %s, found %s; see --profile",
                   f->path, fk_status_text(st), want, name, d->profile->name, found);
}

/* What is wrong, with what was expected and what was found, where there is more to say than the
 * status does. */
static enum fk_status explain(const struct fk_suit_file *f, const struct fk_suit_device *d,
                              const struct fk_suit_policy *policy, const struct fk_suit_verdict *v,
                              enum fk_status st, struct fk_error *err)
{
    char present[LIST_MAX], signers[FK_SUIT_SIGNERS_TEXT];
    struct fk_suit_severed severed;
    uint64_t sequence = 0;
    switch (st) {
    case FK_E_SIGNATURE:
    case FK_E_SIGNER:
    case FK_E_SIG_ALGORITHM:
    case FK_E_THRESHOLD:
        fk_suit_signers_text(policy, &v->report, signers);
        return fk_fail(err, st, "'%s': %s, %s", f->path, fk_status_text(st), signers);
    case FK_E_ROLLBACK:
        if (fk_suit_manifest_scan(f->env.manifest, &severed, &sequence) == FK_OK) {
            return fk_fail(err, st, "'%s': sequence %" PRIu64 " is lower than the counter %" PRIu64,
                           f->path, sequence, d->counter);
        }
        break;
    case FK_E_SUIT_TOO_BIG:
        return fk_fail(err, st, "'%s': the manifest has %zu bytes, profile %s reads %" PRIu32,
                       f->path, f->env.manifest.len + f->env.install.len, d->profile->name,
                       policy->manifest_max);
    case FK_E_RECIPIENT:
    case FK_E_UNWRAP:
        recipients_text(&v->plan, present);
        return fk_fail(err, st, "'%s': %s; recipients: %s", f->path, fk_status_text(st), present);
    case FK_E_VENDOR:
        return explain_uuid(f, d, st, policy->vendor, d->profile->vendor, err);
    case FK_E_DEVICE_CLASS:
        return explain_uuid(f, d, st, policy->class_id, d->profile->envelope_class, err);
    default:
        break;
    }
    return fk_fail(err, st, "'%s': %s", f->path, fk_status_text(st));
}

struct payload {
    int fd;
    const char *path;
    uint64_t off;
    struct fk_error *err;
};

static enum fk_status read_payload(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct payload *p = ctx;
    return fk_file_read_at(p->fd, p->path, p->off + off, buf, len, p->err);
}

static enum fk_status open_payload(const struct fk_suit_file *f, const struct fk_suit_device *d,
                                   const struct fk_suit_plan *plan, struct payload *p,
                                   struct fk_error *err)
{
    off_t size = 0;
    *p = (struct payload){.fd = f->fd, .path = f->path, .off = plan->payload_off, .err = err};
    if (plan->integrated) {
        return FK_OK;
    }
    enum fk_status st = fk_file_open(d->payload, false, &p->fd, &size, err);
    p->path = d->payload;
    if (st == FK_OK && (uint64_t)size != plan->payload_size) {
        st = fk_fail(err, FK_E_PAYLOAD_SIZE, "'%s' has %lld byte%s, the envelope asks for %" PRIu32,
                     d->payload, (long long)size, fk_plural((uint64_t)size), plan->payload_size);
        close(p->fd);
        p->fd = f->fd;
    }
    return st;
}

static enum fk_status check_payload(const struct fk_suit_file *f, const struct fk_suit_device *d,
                                    const struct fk_suit_policy *policy, struct fk_suit_verdict *v,
                                    struct fk_error *err)
{
    uint8_t key[16] = {0};
    uint8_t *work = NULL;
    struct payload payload = {.fd = f->fd};
    bool has_key = d->keys.kek.len > 0 || d->keys.ecdh.len > 0;
    if ((!v->plan.integrated && d->payload == NULL) || (v->plan.encrypted && !has_key)) {
        return FK_OK; /* nothing more can be said */
    }
    enum fk_status st = FK_OK;
    if (v->plan.encrypted) {
        st = fk_suit_unwrap(&v->plan, &d->keys, key, &v->report);
        if (st != FK_OK) {
            return explain(f, d, policy, v, st, err);
        }
    } else {
        v->report.key = FK_CHECK_NOT_NEEDED;
    }
    st = open_payload(f, d, &v->plan, &payload, err);
    if (st == FK_E_PAYLOAD_SIZE) {
        v->report.payload = FK_CHECK_FAILED;
    }
    if (st == FK_OK) {
        work = malloc(WORK);
        st = work != NULL ? FK_OK : fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    if (st == FK_OK) {
        const struct fk_source source = {.ctx = &payload, .read = read_payload};
        st = fk_suit_check_payload(&v->plan, v->plan.encrypted ? key : NULL, &source, work, WORK,
                                   &v->report);
        v->payload_checked = st == FK_OK;
        if (st == FK_E_DIGEST || st == FK_E_TAG || st == FK_E_CIPHERTEXT || st == FK_E_CRYPTO) {
            st = fk_fail(err, st, "'%s': %s", payload.path, fk_status_text(st));
        }
    }
    if (payload.fd != f->fd) {
        close(payload.fd);
    }
    free(work);
    fk_wipe(key, sizeof key);
    return st;
}

enum fk_status fk_suit_file_verify(const struct fk_suit_file *f,
                                   const struct fk_suit_device *device, struct fk_suit_verdict *ret,
                                   struct fk_error *err)
{
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    struct fk_component components[FK_COMPONENTS_MAX];
    struct fk_suit_policy policy;
    *ret = (struct fk_suit_verdict){.has_plan = false};
    enum fk_status st = fk_crypto_init();
    if (st != FK_OK) {
        return fk_fail(err, st, "cannot start the device's crypto library");
    }
    st = fk_suit_device_policy(device, anchors, components, &policy, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_suit_judge(&policy, (struct fk_slice){f->head.ptr, f->head.len}, f->size, &ret->plan,
                       &ret->report);
    if (st != FK_OK) {
        return explain(f, device, &policy, ret, st, err);
    }
    ret->has_plan = true;
    return check_payload(f, device, &policy, ret, err);
}

/* One language, one component, and its texts (draft-ietf-suit-manifest 8.3). */
void fk_suit_text_version(struct fk_slice text, char ret[FK_SUIT_VERSION_MAX + 1])
{
    enum { TEXT_VERSION = 6 };
    struct fk_slice version = {NULL, 0};
    struct fk_cbor_key key;
    struct fk_reader r;
    fk_reader_init(&r, text);
    fk_reader_require(&r, fk_cbor_map(&r).left == 1, FK_E_FORMAT);
    (void)fk_cbor_text(&r);
    fk_reader_require(&r, fk_cbor_map(&r).left == 1, FK_E_FORMAT);
    (void)fk_cbor_item(&r); /* the component's identifier, an array */
    struct fk_cbor_map texts = fk_cbor_map(&r);
    while (fk_cbor_map_next(&texts, &key)) {
        struct fk_slice value = fk_cbor_text(&r);
        if (!key.is_text && key.label == TEXT_VERSION) {
            version = value;
        }
    }
    size_t n = 0;
    if (fk_reader_end(&r) == FK_OK) {
        for (; n < version.len && n < FK_SUIT_VERSION_MAX; n++) {
            ret[n] = version.ptr[n] >= ' ' && version.ptr[n] <= '~' ? (char)version.ptr[n] : '?';
        }
    }
    ret[n] = '\0';
}

bool fk_suit_file_looks_like_one(const char *path)
{
    static const uint8_t tag[] = {0xd8, FK_SUIT_TAG};
    uint8_t start[sizeof tag];
    int fd = -1;
    off_t size = 0;
    if (fk_file_open(path, false, &fd, &size, NULL) != FK_OK) {
        return false;
    }
    bool is = size > (off_t)sizeof start &&
              fk_file_read_at(fd, path, 0, start, sizeof start, NULL) == FK_OK &&
              memcmp(start, tag, sizeof tag) == 0;
    close(fd);
    return is;
}
