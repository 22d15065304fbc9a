/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

#include "core/envelope.h"
#include "core/install.h"
#include "crypto/crypto.h"
#include "fotakit_fw/accepts.h"

#include <string.h>

static enum fk_status judge(const struct fk_core *core, uint64_t counter, struct fk_slice head,
                            uint32_t total_len, struct fk_suit_plan *ret,
                            struct fk_suit_report *ret_report)
{
    if (core->trust == NULL || core->device->map.envelope.size == 0) {
        return FK_E_UNSUPPORTED;
    }
    struct fk_suit_policy policy = core->trust->policy;
    policy.counter = counter;
    return fk_suit_judge(&policy, head, total_len, ret, ret_report);
}

enum fk_status fk_plan_judge(const struct fk_core *core, struct fk_slice head, uint32_t total_len,
                             struct fk_suit_plan *ret, struct fk_suit_report *ret_report)
{
    return judge(core, core->state.counter, head, total_len, ret, ret_report);
}

static enum fk_status load_and_judge(const struct fk_core *core, enum fk_origin origin,
                                     uint64_t counter, struct fk_suit_plan *ret,
                                     struct fk_suit_report *report)
{
    struct fk_stored_envelope stored;
    if (core->trust == NULL) {
        return FK_E_UNSUPPORTED;
    }
    enum fk_status st = fk_envelope_load(core, origin, core->trust->envelope,
                                         core->trust->envelope_cap, &stored);
    return st == FK_OK ? judge(core, counter, stored.head, stored.total_len, ret, report) : st;
}

/* The packet's header was received in front of the payload and is kept in the state. */
static enum fk_status open_packet(const struct fk_core *core, struct fk_plan *plan)
{
    const struct fk_candidate *u = &core->state.update;
    if (!FK_ACCEPTS_PACKETS) {
        return FK_E_UNSUPPORTED;
    }
    enum fk_status st = fk_st_header_parse(
        &core->device->st, (struct fk_slice){u->header, u->header_len}, &plan->header);
    if (st != FK_OK) {
        return st;
    }
    plan->packet = true;
    plan->image.size = u->payload_len;
    memcpy(plan->image.sha256, plan->header.hash, sizeof plan->image.sha256);
    plan->encrypted = !fk_st_header_is_plain(&plan->header);
    if (plan->encrypted && !core->state.has_key) {
        return FK_E_NO_KEY;
    }
    if (plan->encrypted) {
        /* GCM: counter block 1 is for the tag, 2 and on for the payload (SP 800-38D 7.1). */
        memcpy(plan->key, core->state.key, sizeof plan->key);
        memcpy(plan->counter, plan->header.nonce, sizeof plan->header.nonce);
        plan->counter[FK_AES_BLOCK - 1] = 2;
    }
    return FK_OK;
}

static enum fk_status open_image(const struct fk_core *core, struct fk_plan *plan,
                                 struct fk_plan_report *report)
{
    const struct fk_suit_plan *suit = &plan->suit;
    plan->image.size = suit->image_size;
    memcpy(plan->image.sha256, suit->manifest.image.digest.ptr, sizeof plan->image.sha256);
    plan->encrypted = suit->encrypted;
    if (!plan->encrypted) {
        return FK_OK;
    }
    fk_suit_first_counter(suit, plan->counter);
    return fk_suit_unwrap(suit, &core->trust->keys, plan->key, &report->suit);
}

static enum fk_status open_signed(const struct fk_core *core, struct fk_plan *plan,
                                  struct fk_plan_report *report)
{
    const struct fk_candidate *u = &core->state.update;
    report->is_signed = true;
    enum fk_status st = load_and_judge(core, u->origin, core->state.counter, &plan->suit,
                                       &report->suit);
    if (st != FK_OK) {
        return st;
    }
    plan->image.sequence = plan->suit.manifest.sequence;
    plan->packet = plan->suit.kind == FK_COMPONENT_ST_PACKET;
    uint32_t header = plan->packet ? core->device->st.size : 0;
    if (plan->suit.payload_size < header || plan->suit.payload_size - header != u->payload_len) {
        return FK_E_PAYLOAD_SIZE;
    }
    return plan->packet ? open_packet(core, plan) : open_image(core, plan, report);
}

enum fk_status fk_plan_open(const struct fk_core *core, struct fk_plan *ret,
                            struct fk_plan_report *report)
{
    const struct fk_candidate *u = &core->state.update;
    struct fk_plan plan = {.payload_len = u->payload_len, .image = {.origin = u->origin}};
    *report = (struct fk_plan_report){0};
    enum fk_status st = FK_E_BARE_REFUSED;
    if (u->origin == FK_ORIGIN_ENVELOPE || u->origin == FK_ORIGIN_ENVELOPE_2) {
        st = open_signed(core, &plan, report);
    } else if (fk_device_takes_bare(core->device)) {
        st = open_packet(core, &plan);
    }
    if (st == FK_OK && plan.image.size > fk_device_slot_size(core->device)) {
        st = FK_E_IMAGE_TOO_BIG;
    }
    if (st == FK_OK) {
        *ret = plan;
    }
    fk_wipe(plan.key, sizeof plan.key);
    return st;
}

/* The signed payload of a packet in an envelope: its header from the state, its body from staging. */
struct packet_source {
    struct fk_source body;
    const uint8_t *header;
    uint32_t header_len;
};

static enum fk_status read_packet(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct packet_source *s = ctx;
    uint8_t *to = buf;
    size_t head = 0;
    if (off < s->header_len) {
        head = s->header_len - off < len ? s->header_len - off : len;
        memcpy(to, s->header + off, head);
    }
    if (head == len) {
        return FK_OK;
    }
    return s->body.read(s->body.ctx, off + (uint32_t)head - s->header_len, to + head, len - head);
}

enum fk_status fk_plan_check(struct fk_core *core, const struct fk_plan *plan,
                             struct fk_plan_report *report)
{
    struct fk_flash_source where = {
        .flash = core->flash,
        .off = core->device->map.staging.off + fk_install_payload_off(core->device),
        .tail_from = UINT32_MAX,
    };
    struct fk_source body = fk_flash_source(&where);
    enum fk_status st = FK_OK;
    if (report->is_signed) {
        struct packet_source whole = {body, core->state.update.header,
                                      core->state.update.header_len};
        struct fk_source source = {.ctx = &whole, .read = read_packet};
        st = fk_suit_check_payload(&plan->suit, plan->packet || !plan->encrypted ? NULL : plan->key,
                                   plan->packet ? &source : &body, core->work, core->work_len,
                                   &report->suit);
    }
    if (st == FK_OK && plan->packet) {
        st = FK_ACCEPTS_PACKETS
                 ? fk_verify_st(core->device, &plan->header, plan->encrypted ? plan->key : NULL,
                                &body, plan->payload_len, core->work, core->work_len,
                                &report->packet)
                 : FK_E_UNSUPPORTED;
    }
    return st;
}

static bool packet_passed(const struct fk_st_report *r)
{
    return r->size == FK_CHECK_PASSED && r->policy == FK_CHECK_PASSED &&
           (r->key == FK_CHECK_PASSED || (r->plain && r->key == FK_CHECK_NOT_NEEDED)) &&
           (r->tag == FK_CHECK_PASSED || (r->plain && r->tag == FK_CHECK_NOT_NEEDED)) &&
           r->digest == FK_CHECK_PASSED;
}

static bool suit_passed(const struct fk_suit_report *r)
{
    return r->envelope == FK_CHECK_PASSED && r->digest == FK_CHECK_PASSED &&
           r->signature == FK_CHECK_PASSED && r->sequence == FK_CHECK_PASSED &&
           r->vendor == FK_CHECK_PASSED && r->class_id == FK_CHECK_PASSED &&
           r->component == FK_CHECK_PASSED && r->size == FK_CHECK_PASSED &&
           r->image == FK_CHECK_PASSED && r->n_valid > 0;
}

bool fk_plan_passed(const struct fk_plan *plan, const struct fk_plan_report *report)
{
    bool is_bare = plan->image.origin == FK_ORIGIN_BARE;
    return report->is_signed != is_bare && (is_bare || suit_passed(&report->suit)) &&
           (plan->packet ? packet_passed(&report->packet) : !is_bare);
}

bool fk_plan_is_verdict(enum fk_status st)
{
    return st != FK_E_FLASH && st != FK_E_POWER && st != FK_E_CRYPTO && st != FK_E_MEMORY;
}

void fk_plan_close(struct fk_plan *plan)
{
    fk_wipe(plan->key, sizeof plan->key);
}

enum fk_status fk_plan_check_installed(const struct fk_core *core,
                                       const struct fk_image_info *image)
{
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    if (image->origin == FK_ORIGIN_FACTORY || image->origin == FK_ORIGIN_RECORDED) {
        return FK_OK;
    }
    if (image->origin == FK_ORIGIN_BARE) {
        return fk_device_takes_bare(core->device) ? FK_OK : FK_E_BARE_REFUSED;
    }
    enum fk_status st = load_and_judge(core, image->origin, 0, &plan, &report);
    if (st == FK_OK && (plan.manifest.sequence != image->sequence ||
                        (plan.kind == FK_COMPONENT_IMAGE &&
                         (plan.image_size != image->size ||
                          !fk_equal(plan.manifest.image.digest.ptr, image->sha256, 32))))) {
        st = FK_E_DIGEST;
    }
    return st;
}
