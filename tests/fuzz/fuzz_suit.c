/* SPDX-License-Identifier: Apache-2.0 */
/* Envelope, authentication blocks and manifest, without the signature in between: a parser must not
 * rely on who signed. */
#include "wire/cose.h"
#include "wire/suit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct fk_slice part, const uint8_t *data, size_t size)
{
    if (part.len > 0 && (part.ptr < data || part.ptr > data + size ||
                         part.len > (size_t)(data + size - part.ptr))) {
        abort();
    }
}

static void check_manifest(struct fk_slice manifest, struct fk_slice install, const uint8_t *data,
                           size_t size)
{
    struct fk_suit_manifest m;
    struct fk_suit_severed severed;
    struct fk_cose_encrypt enc;
    uint64_t sequence = 0;
    enum fk_status scan = fk_suit_manifest_scan(manifest, &severed, &sequence);
    if (fk_suit_manifest_parse(manifest, install, &m) != FK_OK) {
        return;
    }
    if (scan != FK_OK || m.sequence != sequence || m.vendor.len != FK_SUIT_UUID_SIZE ||
        m.class_id.len != FK_SUIT_UUID_SIZE || m.image.digest.len != FK_SUIT_DIGEST_SIZE ||
        m.uri.len == 0 || m.component.len == 0 ||
        (m.staging.len > 0) != (m.encryption_info.len > 0)) {
        abort();
    }
    inside(m.uri, data, size);
    inside(m.component, data, size);
    inside(m.encryption_info, data, size);
    (void)!fk_cose_encrypt_parse(m.encryption_info, &enc);
}

/* What a download would have read when the front is there; 0: it would have refused it, or asked
 * for more than there is. It never asks for what it has. */
static size_t front_of(struct fk_slice all, uint32_t *ret_total)
{
    size_t have = 0;
    size_t need = 1;
    while (need > have && need <= all.len) {
        have = need;
        if (fk_suit_front((struct fk_slice){all.ptr, have}, &need, ret_total) != FK_OK) {
            return 0;
        }
        if (need < have) {
            abort();
        }
    }
    return need <= all.len ? have : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_suit_envelope e;
    uint32_t total = 0;
    struct fk_cose_auth auth;
    uint8_t tbs[FK_COSE_TBS_MAX];
    size_t len = 0;
    const struct fk_slice all = {data, size};
    size_t front = front_of(all, &total);
    if (fk_suit_envelope_parse(all, size, &e) != FK_OK) {
        check_manifest(all, (struct fk_slice){NULL, 0}, data, size);
        return 0;
    }
    /* The front of a whole envelope ends where its payload begins. */
    if (front != (e.payload_off > 0 ? e.payload_off : size) || total != size) {
        abort();
    }
    if (e.payload_off + e.payload_len > size || (e.payload_off == 0 && e.payload_len > 0)) {
        abort();
    }
    for (size_t i = 0; i < e.n_auths; i++) {
        inside(e.auths[i], data, size);
        if (fk_cose_auth_parse(e.auths[i], &auth) == FK_OK) {
            inside(auth.signature, data, size);
            if (fk_cose_tbs(&auth, e.digest_item, tbs, &len) != FK_OK) {
                abort();
            }
        }
    }
    check_manifest(e.manifest, e.install, data, size);
    return 0;
}
