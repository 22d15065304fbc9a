/* SPDX-License-Identifier: Apache-2.0 */
#include "suit.h"

#include "crypto/crypto.h"
#include "fotakit/packet.h"

#include <stdlib.h>
#include <string.h>

#define TOOL "create_ota"

/* ---- opening keys ---- */

static enum fk_status open_recipients(const struct suit_options *o, struct suit_opened *all,
                                      struct fk_error *err)
{
    size_t n = o->encrypt_to.n + o->encrypt_kek.n;
    enum fk_status st = FK_OK;
    if (n > 0) {
        all->recipients = calloc(n, sizeof *all->recipients);
        if (all->recipients == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
    }
    for (size_t i = 0; st == FK_OK && i < n; i++) {
        bool shared = i >= o->encrypt_to.n;
        st = shared ? fk_suit_kek_read(o->encrypt_kek.at[i - o->encrypt_to.n], &all->recipients[i],
                                       err)
                    : fk_suit_recipient_read(o->encrypt_to.at[i], &all->recipients[i], err);
        all->n_recipients = i + 1;
    }
    if (st == FK_OK && o->encrypt_list != NULL) {
        st = fk_wrap(
            err, fk_suit_recipient_list(o->encrypt_list, &all->recipients, &all->n_recipients, err),
            "--encrypt-to-list");
        if (st == FK_OK && all->n_recipients == 0) {
            st = fk_fail(err, FK_E_EMPTY, "--encrypt-to-list: '%s' names nobody", o->encrypt_list);
        }
    }
    if (st == FK_OK) {
        st = fk_suit_recipients_check(all->recipients, all->n_recipients, err);
    }
    all->options.recipients = all->recipients;
    all->options.n_recipients = all->n_recipients;
    return st;
}

static void release(struct suit_opened *all)
{
    suit_signers_release(&all->signers);
    struct fk_buffer b = {.ptr = (uint8_t *)all->recipients,
                          .len = all->n_recipients * sizeof *all->recipients};
    fk_buffer_release(&b); /* wipes the pre-shared keys */
    fk_profile_free(all->profile);
}

/* ---- the work ---- */

static enum fk_status write_tbs(const struct suit_options *o, const struct suit_job *job,
                                const struct suit_opened *all, struct fk_error *err)
{
    struct fk_public_key key = {.kind = FK_PUBLIC_P256};
    uint8_t tbs[FK_COSE_TBS_MAX];
    size_t len = 0;
    enum fk_status st = o->signer != NULL ? fk_public_key_read(o->signer, &key, err) : FK_OK;
    if (st == FK_OK) {
        st = fk_suit_tbs(all->result.manifest_sha256, (struct fk_slice){NULL, 0},
                         fk_suit_algorithm(&key, o->es256), tbs, &len);
    }
    return st == FK_OK ? suit_write_tbs(o, job, tbs, len, err) : st;
}

enum fk_status suit_open_image(const struct suit_options *o, const struct suit_job *job,
                               const struct suit_opened *all, struct fk_image **ret,
                               struct fk_error *err)
{
    const struct fk_device *device = &all->profile->device;
    uint64_t slot = fk_device_slot_size(device);
    const struct fk_image_options options = {
        .rules = &all->profile->image,
        .max_size = o->wrap_st ? slot + device->st.size : slot,
        .format = o->wrap_st ? FK_IMAGE_BIN : job->format,
        .only_region = job->only_region,
        .progress = job->read_progress,
    };
    enum fk_status st = o->wrap_st ? fk_packet_check_wrap(job->infile, device, err) : FK_OK;
    return st == FK_OK ? fk_image_open(job->infile, &options, ret, err) : st;
}

/* Both files appear, or none: the payload first, since nobody asks for it without the envelope. */
static enum fk_status create(const struct suit_options *o, const struct suit_job *job,
                             struct suit_opened *all, struct fk_error *err)
{
    struct fk_output envelope = FK_OUTPUT_INIT, payload = FK_OUTPUT_INIT;
    struct fk_image *image = NULL;
    enum fk_status st = fk_output_open(&envelope, job->outfile, 0644, job->force, err);
    if (st == FK_OK && o->payload != NULL) {
        st = fk_output_open(&payload, o->payload, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = suit_open_image(o, job, all, &image, err);
    }
    if (st == FK_OK) {
        st = fk_suit_create(image, &all->options, &envelope, o->payload != NULL ? &payload : NULL,
                            &all->result, err);
    }
    if (st == FK_OK && o->emit_tbs != NULL) {
        st = write_tbs(o, job, all, err);
    }
    if (st == FK_OK && o->payload != NULL) {
        st = fk_output_commit(&payload, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&envelope, job->force, err);
    }
    fk_output_abort(&payload);
    fk_output_abort(&envelope);
    fk_image_close(image);
    return st;
}

/* The key that reads the envelope now. */
struct suit_own {
    struct fk_suit_keys keys;
    struct fk_suit_recipient kek;
    struct fk_public_key key;
    uint8_t secret[32];
};

static enum fk_status open_own(const struct suit_options *o, const struct suit_opened *all,
                               struct suit_own *own, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->kek != NULL) {
        st = fk_suit_kek_read(o->kek, &own->kek, err);
        own->keys.kek = (struct fk_slice){own->kek.kek, sizeof own->kek.kek};
        own->keys.kek_kid = (struct fk_slice){own->kek.kid, FK_KID_SIZE};
        return st;
    }
    st = fk_secret_p256_read(o->device_key, o->passin != NULL ? &all->signers.secret : NULL,
                             own->secret, &own->key, err);
    own->keys.ecdh = (struct fk_slice){own->secret, sizeof own->secret};
    own->keys.ecdh_kid = (struct fk_slice){own->key.kid, FK_KID_SIZE};
    return st;
}

static enum fk_status add(const struct suit_options *o, const struct suit_job *job,
                          struct suit_opened *all, struct fk_error *err)
{
    struct fk_output output = FK_OUTPUT_INIT;
    struct suit_own own = {.kek = {.shared = true}};
    enum fk_status st = open_own(o, all, &own, err);
    if (st == FK_OK) {
        st = fk_output_open(&output, job->outfile, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_suit_add_recipients(job->infile, &all->options, &own.keys, &output, &all->result,
                                    err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, job->force, err);
    }
    fk_output_abort(&output);
    fk_wipe(&own, sizeof own);
    return st;
}

/* ---- all of it ---- */

static void warn_about(const struct suit_opened *all)
{
    for (size_t i = 0; i < all->options.n_signers; i++) {
        if (fk_signer_public(all->options.signers[i])->kind == FK_PUBLIC_ED25519) {
            fk_cli_warn(TOOL, "signature %zu is Ed25519, which devices do not verify", i + 1);
        }
    }
}

static enum fk_status open_all(const struct suit_options *o, const struct suit_job *job,
                               struct suit_opened *all, struct fk_error *err)
{
    enum fk_status st = fk_ota_profile_load(job->profile, &all->profile, err);
    if (st == FK_OK && !all->profile->device.envelope.supported) {
        st = fk_fail(err, FK_E_UNSUPPORTED, "profile %s has no section 'envelope'",
                     all->profile->name);
    }
    all->options.profile = all->profile;
    all->options.pad = job->pad;
    all->options.progress = job->write_progress;
    if (st == FK_OK) {
        st = suit_options_parse(o, all, err);
    }
    if (st == FK_OK) {
        st = open_recipients(o, all, err);
    }
    if (st == FK_OK) {
        st = suit_signers_open(o, &all->signers, err);
    }
    all->options.signers = (const struct fk_signer *const *)all->signers.at;
    all->options.n_signers = all->signers.n;
    return st;
}

enum fk_status suit_run(const struct suit_options *o, const struct suit_job *job,
                        struct fk_error *err)
{
    struct suit_opened all = {.profile = NULL};
    enum fk_status st = suit_options_check(o, job, err);
    if (st == FK_OK) {
        st = suit_check_outputs(o, job, err);
    }
    if (st == FK_OK && o->attach != NULL) {
        return suit_attach(o, job, SUIT_ENVELOPE, err);
    }
    if (st == FK_OK) {
        st = open_all(o, job, &all, err);
    }
    if (st == FK_OK) {
        st = o->add_recipient   ? add(o, job, &all, err)
             : o->split != NULL ? suit_split(o, job, &all, err)
                                : create(o, job, &all, err);
    }
    if (st == FK_OK) {
        warn_about(&all);
        if (!job->quiet) {
            suit_note_overwrite(all.profile);
        }
        if (job->json) {
            suit_print_json(o, job, &all);
        } else if (!job->quiet) {
            suit_print_text(o, job, &all);
        }
    }
    release(&all);
    return st;
}
