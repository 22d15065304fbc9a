/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement before the payload; the payload itself is in suit_payload.c. */
#include "core/suit_verify.h"

#include "core/suit_sign.h"
#include "crypto/crypto.h"

#include <string.h>

enum { GCM_TAG_SIZE = 16 };

struct judge {
    const struct fk_suit_policy *policy;
    struct fk_suit_envelope env;
    struct fk_suit_severed severed;
    struct fk_suit_plan plan;
    struct fk_suit_report *report;
    uint32_t valid; /* bit i: anchor i has signed */
};

static enum fk_check verdict(enum fk_status st)
{
    return st == FK_OK ? FK_CHECK_PASSED : FK_CHECK_FAILED;
}

static enum fk_status check_envelope(struct judge *j, struct fk_slice head, uint64_t total_len)
{
    enum fk_status st = fk_suit_envelope_parse(head, total_len, &j->env);
    if (st != FK_OK) {
        return st;
    }
    /* Each is at most head.len, which is memory: the sum cannot wrap. */
    size_t size = j->env.manifest.len + j->env.install.len;
    return size <= j->policy->manifest_max ? FK_OK : FK_E_SUIT_TOO_BIG;
}

/* A severed element that is not in the envelope is missed later, if it is needed. One that nobody
 * signed is not accepted. */
static enum fk_status check_severed(struct fk_slice item, struct fk_slice digest)
{
    if (item.len == 0) {
        return FK_OK;
    }
    return digest.len == 0 ? FK_E_SUIT_ELEMENT
                           : fk_suit_check_digest(item, digest, FK_E_SEVERED_DIGEST);
}

static bool same(struct fk_slice a, const uint8_t *p, size_t len)
{
    return fk_slice_same(a, (struct fk_slice){p, len});
}

static enum fk_status check_device(const struct judge *j)
{
    struct fk_slice asked = j->plan.manifest.device;
    struct fk_slice own = j->policy->device_id;
    return asked.len == 0 || (own.len > 0 && same(asked, own.ptr, own.len)) ? FK_OK
                                                                            : FK_E_DEVICE_ID;
}

static const struct fk_component *find_component(const struct fk_suit_policy *p, struct fk_slice id,
                                                 bool staging)
{
    for (size_t i = 0; i < p->n_components; i++) {
        const struct fk_component *c = &p->components[i];
        if ((c->kind == FK_COMPONENT_STAGING) == staging && same(id, c->id.ptr, c->id.len)) {
            return c;
        }
    }
    return NULL;
}

/* The threshold counts only signers that may write this component. */
static enum fk_status check_component(struct judge *j, const struct fk_component **ret,
                                      const struct fk_component **ret_staging)
{
    const struct fk_suit_policy *p = j->policy;
    const struct fk_suit_manifest *m = &j->plan.manifest;
    const struct fk_component *target = find_component(p, m->component, false);
    const struct fk_component *staging = NULL;
    unsigned signers = 0;
    if (m->staging.len > 0) {
        staging = find_component(p, m->staging, true);
    }
    if (target == NULL || (m->staging.len > 0 && staging == NULL)) {
        return FK_E_SUIT_COMPONENT;
    }
    unsigned bit = 1u << (target - p->components);
    for (size_t i = 0; i < p->n_anchors; i++) {
        signers += (j->valid >> i & 1) != 0 && (p->anchors[i].components & bit) != 0;
    }
    if (signers < p->threshold) {
        return FK_E_AUTHORITY;
    }
    j->plan.kind = target->kind;
    *ret = target;
    *ret_staging = staging;
    return FK_OK;
}

/* At least one recipient must be reachable by an allowed way; which one is ours is told later. */
static enum fk_status check_deliveries(const struct fk_suit_policy *p,
                                       const struct fk_cose_encrypt *e)
{
    struct fk_reader at = fk_cose_recipients(e);
    struct fk_cose_recipient rec;
    while (fk_cose_recipient_next(&at, &rec)) {
        unsigned way = rec.alg == FK_COSE_A128KW ? FK_DELIVERY_A128KW : FK_DELIVERY_ECDH;
        if ((p->deliveries & way) != 0) {
            return FK_OK;
        }
    }
    return FK_E_CIPHER;
}

static enum fk_status check_encryption(struct judge *j)
{
    const struct fk_suit_policy *p = j->policy;
    struct fk_slice info = j->plan.manifest.encryption_info;
    if (info.len == 0) {
        return p->encryption_required ? FK_E_ENCRYPTION_REQUIRED : FK_OK;
    }
    enum fk_status st = fk_cose_encrypt_parse(info, &j->plan.encryption);
    if (st != FK_OK) {
        return st;
    }
    unsigned cipher =
        j->plan.encryption.alg == FK_COSE_A128GCM ? FK_CONTENT_A128GCM : FK_CONTENT_A128CTR;
    if ((p->ciphers & cipher) == 0) {
        return FK_E_CIPHER;
    }
    j->plan.encrypted = true;
    j->plan.deliveries = p->deliveries;
    return check_deliveries(p, &j->plan.encryption);
}

static enum fk_status check_size(struct judge *j, const struct fk_component *target,
                                 const struct fk_component *staging)
{
    const struct fk_suit_manifest *m = &j->plan.manifest;
    uint64_t tag =
        j->plan.encrypted && j->plan.encryption.alg == FK_COSE_A128GCM ? GCM_TAG_SIZE : 0;
    if (m->image.size == 0) {
        return FK_E_EMPTY;
    }
    if (m->image.size > target->size_max ||
        (staging != NULL && m->payload_size > staging->size_max)) {
        return FK_E_IMAGE_TOO_BIG;
    }
    /* 32 bits suffice from here on, and spare a small device the division of 64. */
    if ((uint32_t)m->image.size % target->unit != 0) {
        return FK_E_IMAGE_ALIGN;
    }
    /* image.size is at most 32 bits wide here. */
    if (m->payload_size != m->image.size + tag ||
        (m->payload.digest.len > 0 && m->payload.size != m->payload_size)) {
        return FK_E_PAYLOAD_SIZE;
    }
    j->plan.image_size = (uint32_t)m->image.size;
    j->plan.payload_size = (uint32_t)m->payload_size;
    return FK_OK;
}

/* A URI that begins with '#' is the name of the payload behind the manifest. Bytes that the
 * manifest does not ask for are not accepted. */
static enum fk_status check_delivery(struct judge *j)
{
    const struct fk_suit_envelope *e = &j->env;
    struct fk_slice uri = j->plan.manifest.uri;
    if (uri.ptr[0] != '#') {
        return e->payload_off == 0 ? FK_OK : FK_E_SUIT_ELEMENT;
    }
    if (e->payload_off == 0 || !same(uri, e->payload_name.ptr, e->payload_name.len)) {
        return FK_E_NO_PAYLOAD;
    }
    if (e->payload_len != j->plan.payload_size || e->payload_off > UINT32_MAX) {
        return FK_E_PAYLOAD_SIZE;
    }
    j->plan.integrated = true;
    j->plan.payload_off = (uint32_t)e->payload_off;
    return FK_OK;
}

/* Digest, signatures, version, sequence and severed parts: after this the manifest may be read. */
static enum fk_status judge_origin(struct judge *j)
{
    struct fk_suit_report *r = j->report;
    uint64_t sequence = 0;
    enum fk_status st = fk_suit_check_digest(j->env.manifest_item, j->env.digest, FK_E_SUIT_DIGEST);
    r->digest = verdict(st);
    if (st == FK_OK) {
        st = fk_suit_check_signatures(j->policy, &j->env, r, &j->valid);
        r->signature = verdict(st);
    }
    if (st == FK_OK) {
        st = fk_suit_manifest_scan(j->env.manifest, &j->severed, &sequence);
        r->version = verdict(st);
    }
    if (st == FK_OK) {
        st = sequence < j->policy->counter ? FK_E_ROLLBACK : FK_OK;
        r->sequence = verdict(st);
    }
    if (st == FK_OK) {
        st = check_severed(j->env.install_item, j->severed.install);
        if (st == FK_OK) {
            st = check_severed(j->env.text_item, j->severed.text);
        }
        r->severed = verdict(st);
    }
    return st;
}

static enum fk_status judge_manifest(struct judge *j)
{
    struct fk_suit_report *r = j->report;
    const struct fk_suit_policy *p = j->policy;
    struct fk_suit_manifest *m = &j->plan.manifest;
    const struct fk_component *target = NULL, *staging = NULL;
    enum fk_status st = fk_suit_manifest_parse(j->env.manifest, j->env.install, m);
    r->commands = verdict(st);
    if (st == FK_OK) {
        st = same(m->vendor, p->vendor, sizeof p->vendor) ? FK_OK : FK_E_VENDOR;
        r->vendor = verdict(st);
    }
    if (st == FK_OK) {
        st = same(m->class_id, p->class_id, sizeof p->class_id) ? FK_OK : FK_E_DEVICE_CLASS;
        r->class_id = verdict(st);
    }
    if (st == FK_OK) {
        st = check_device(j);
        r->device = m->device.len == 0 ? FK_CHECK_NOT_NEEDED : verdict(st);
    }
    if (st == FK_OK) {
        st = check_component(j, &target, &staging);
        r->component = verdict(st);
    }
    if (st == FK_OK) {
        st = check_encryption(j);
        r->encryption = st == FK_OK && !j->plan.encrypted ? FK_CHECK_NOT_NEEDED : verdict(st);
    }
    if (st == FK_OK) {
        st = check_size(j, target, staging);
        if (st == FK_OK) {
            st = check_delivery(j);
        }
        r->size = verdict(st);
    }
    return st;
}

enum fk_status fk_suit_judge(const struct fk_suit_policy *policy, struct fk_slice head,
                             uint64_t total_len, struct fk_suit_plan *ret_plan,
                             struct fk_suit_report *ret_report)
{
    struct judge j = {.policy = policy, .report = ret_report};
    memset(ret_report, 0, sizeof *ret_report);
    enum fk_status st = fk_suit_policy_check(policy);
    if (st == FK_OK) {
        st = check_envelope(&j, head, total_len);
        ret_report->envelope = verdict(st);
    }
    if (st == FK_OK) {
        st = judge_origin(&j);
    }
    if (st == FK_OK) {
        st = judge_manifest(&j);
    }
    if (st == FK_OK) {
        *ret_plan = j.plan;
    }
    return st;
}
