/* SPDX-License-Identifier: Apache-2.0 */
#include "core/suit_policy.h"

#include "core/install.h"

#include <string.h>

static struct fk_component component(const struct fk_component_id *id, enum fk_component_kind kind,
                                     uint32_t size_max, uint32_t unit)
{
    return (struct fk_component){
        .id = {id->bytes, id->len}, .kind = kind, .size_max = size_max, .unit = unit};
}

void fk_suit_components(const struct fk_device *device,
                        struct fk_component components[FK_COMPONENTS_MAX],
                        struct fk_suit_policy *policy)
{
    const struct fk_envelope_rules *e = &device->envelope;
    uint32_t slot = fk_device_slot_size(device);
    /* What staging holds of a payload: the install engine shifts it by a sector when it swaps. */
    uint32_t staging = device->map.staging.size - fk_install_payload_off(device);
    size_t n = 0;
    components[n++] = component(&e->image, FK_COMPONENT_IMAGE, slot, device->image_unit);
    if (e->packet.len > 0) {
        components[n++] = component(&e->packet, FK_COMPONENT_ST_PACKET, slot + device->st.size, 1);
    }
    components[n++] = component(&e->staging, FK_COMPONENT_STAGING, staging, 1);
    policy->components = components;
    policy->n_components = n;
}

enum fk_status fk_suit_policy_make(const struct fk_device *device,
                                   const struct fk_suit_provision *provision,
                                   struct fk_component components[FK_COMPONENTS_MAX],
                                   struct fk_suit_policy *ret)
{
    const struct fk_envelope_rules *e = &device->envelope;
    if (!e->supported) {
        return FK_E_UNSUPPORTED;
    }
    struct fk_suit_policy p = {
        .anchors = provision->anchors,
        .n_anchors = provision->n_anchors,
        .threshold = provision->threshold > e->threshold ? provision->threshold : e->threshold,
        .device_id = provision->device_id,
        .counter = provision->counter,
        .manifest_max = e->manifest_max,
        .encryption_required = e->encryption_required,
        .ciphers = e->ciphers,
        .deliveries = e->deliveries,
    };
    fk_suit_components(device, components, &p);
    memcpy(p.vendor, e->vendor, sizeof p.vendor);
    memcpy(p.class_id, e->class_id, sizeof p.class_id);
    enum fk_status st = fk_suit_policy_check(&p);
    if (st == FK_OK) {
        *ret = p;
    }
    return st;
}
