/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/keyset.h"

#include "core/suit_policy.h"
#include "crypto/crypto.h"
#include "ota/suit_trust.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum fk_status fk_keyset_file_open(struct fk_keyset_file *f, const char *path, struct fk_error *err)
{
    struct fk_keyset_file new = {.path = path};
    enum fk_status st = fk_file_read(path, FK_KEYSET_FILE_MAX, &new.bytes, err);
    if (st != FK_OK) {
        return st == FK_E_LIMIT ? fk_wrap(err, st, "not a key set that devices read") : st;
    }
    st = fk_keyset_parse((struct fk_slice){new.bytes.ptr, new.bytes.len}, &new.set);
    if (st != FK_OK) {
        fk_keyset_file_close(&new);
        return fk_fail(err, st, "'%s': not a key set that devices read: %s", path,
                       fk_status_text(st));
    }
    *f = new;
    return FK_OK;
}

void fk_keyset_file_close(struct fk_keyset_file *f)
{
    fk_buffer_release(&f->bytes);
}

bool fk_keyset_file_looks_like_one(const char *path)
{
    static const uint8_t start[] = {0x83, 0x60 + sizeof FK_KEYSET_CONTEXT - 1};
    uint8_t found[sizeof start + sizeof FK_KEYSET_CONTEXT - 1];
    int fd = -1;
    off_t size = 0;
    if (fk_file_open(path, false, &fd, &size, NULL) != FK_OK) {
        return false;
    }
    bool is = size > (off_t)sizeof found &&
              fk_file_read_at(fd, path, 0, found, sizeof found, NULL) == FK_OK &&
              memcmp(found, start, sizeof start) == 0 &&
              memcmp(found + sizeof start, FK_KEYSET_CONTEXT, sizeof FK_KEYSET_CONTEXT - 1) == 0;
    close(fd);
    return is;
}

/* Who has signed and who should have, where that is the question. */
static enum fk_status explain(const struct fk_keyset_file *f, const struct fk_suit_policy *policy,
                              const struct fk_keyset_report *report, uint64_t sequence,
                              enum fk_status st, struct fk_error *err)
{
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    struct fk_suit_policy own = {.anchors = anchors, .threshold = f->set.threshold};
    char signers[FK_SUIT_SIGNERS_TEXT];
    /* The old keys are asked first; the new ones have a report only when those were content. */
    bool by_new = report->by_new.n_blocks > 0;
    own.n_anchors = fk_keyset_anchors(&f->set, anchors);
    switch (st) {
    case FK_E_UNSIGNED:
    case FK_E_SIGNATURE:
    case FK_E_SIGNER:
    case FK_E_SIG_ALGORITHM:
    case FK_E_THRESHOLD:
        fk_suit_signers_text(by_new ? &own : policy, by_new ? &report->by_new : &report->by_old,
                             signers);
        return fk_fail(err, st, "'%s': %s of the %s, %s", f->path, fk_status_text(st),
                       by_new ? "set's own keys" : "keys in use", signers);
    case FK_E_AUTHORITY:
        return fk_fail(err, st, "'%s': too few of the %s that signed it may sign key sets", f->path,
                       by_new ? "set's own keys" : "keys in use");
    case FK_E_ROLLBACK:
        return fk_fail(err, st,
                       "'%s': sequence %" PRIu64 " is not above %" PRIu64 ", that of the set in "
                       "use",
                       f->path, f->set.sequence, sequence);
    case FK_E_PROFILE:
        return fk_fail(err, st,
                       "'%s': the set protects nothing: %zu keys, threshold %u, or a key twice, "
                       "or a key that may sign nothing that the device has",
                       f->path, f->set.n_keys, (unsigned)f->set.threshold);
    default:
        return fk_fail(err, st, "'%s': %s", f->path, fk_status_text(st));
    }
}

enum fk_status fk_keyset_file_verify(const struct fk_keyset_file *f,
                                     const struct fk_profile *profile,
                                     const struct fk_suit_device *device, uint64_t sequence,
                                     struct fk_keyset_report *ret, struct fk_error *err)
{
    const struct fk_device *d = &profile->device;
    const struct fk_slice bytes = {f->bytes.ptr, f->bytes.len};
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    struct fk_component components[FK_COMPONENTS_MAX];
    struct fk_suit_policy policy = {.n_anchors = 0};
    struct fk_keyset_report report = {.by_old = {.n_valid = 0}};
    struct fk_keyset set;
    enum fk_status st = fk_crypto_init();
    if (st != FK_OK) {
        return fk_fail(err, st, "cannot start the device's crypto library");
    }
    if (!d->envelope.supported) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile %s has no section 'envelope'",
                       profile->name);
    }
    if (device != NULL) {
        st = fk_suit_device_policy(device, anchors, components, &policy, err);
        if (st != FK_OK) {
            return st;
        }
        st = fk_keyset_judge(&policy, sequence, d->envelope.threshold, bytes, &set, &report);
    } else {
        fk_suit_components(d, components, &policy);
        st = fk_keyset_judge_first(&policy, d->envelope.threshold, bytes, &set, &report);
    }
    if (ret != NULL) {
        *ret = report;
    }
    return st == FK_OK ? FK_OK : explain(f, &policy, &report, sequence, st, err);
}
