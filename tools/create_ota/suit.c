/* SPDX-License-Identifier: Apache-2.0 */
#include "suit.h"

#include "fotakit/passphrase.h"

#include <stdlib.h>
#include <string.h>

#define TOOL "create_ota"

enum { SIGNATURE_FILE_MAX = 4096 };

/* Everything that is opened for one job. */
struct opened {
    struct fk_profile *profile;
    struct fk_signer *signers[FK_SUIT_SIGNERS_MAX];
    struct fk_suit_recipient *recipients;
    struct fk_buffer secret;
    struct fk_suit_options options;
    struct fk_suit_result result;
};

static enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see " TOOL " --help)", text);
}

const char *suit_option_given(const struct suit_options *o)
{
    const struct {
        const char *name;
        bool given;
    } all[] = {{"sign", o->sign.n > 0},
               {"encrypt-to", o->encrypt_to.n > 0},
               {"encrypt-kek", o->encrypt_kek.n > 0},
               {"passin", o->passin != NULL},
               {"sequence", o->sequence != NULL},
               {"image-version", o->version != NULL},
               {"uri", o->uri != NULL},
               {"payload", o->payload != NULL},
               {"cipher", o->cipher != NULL},
               {"emit-tbs", o->emit_tbs != NULL},
               {"attach-signature", o->attach != NULL},
               {"signer", o->signer != NULL},
               {"kek", o->kek != NULL},
               {"wrap-st", o->wrap_st},
               {"add-recipient", o->add_recipient},
               {"es256", o->es256}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].given) {
            return all[i].name;
        }
    }
    return NULL;
}

/* ---- options ---- */

static enum fk_status parse_cipher(const struct suit_options *o, int64_t *ret, struct fk_error *err)
{
    bool encrypted = o->encrypt_to.n + o->encrypt_kek.n > 0;
    if (o->cipher == NULL) {
        *ret = encrypted ? FK_COSE_A128GCM : 0;
        return FK_OK;
    }
    if (!encrypted) {
        return usage(err, "--cipher needs --encrypt-to or --encrypt-kek");
    }
    if (strcmp(o->cipher, "a128gcm") == 0) {
        *ret = FK_COSE_A128GCM;
    } else if (strcmp(o->cipher, "a128ctr") == 0) {
        *ret = FK_COSE_A128CTR;
    } else {
        return fk_fail(err, FK_E_USAGE, "--cipher '%s' is not known, expected a128gcm or a128ctr",
                       o->cipher);
    }
    return FK_OK;
}

/* The text becomes part of a text string: UTF-8 is the caller's, control characters are nobody's.
 */
static enum fk_status check_version(const char *text, struct fk_error *err)
{
    size_t n = strlen(text);
    bool ok = n > 0 && n <= 100;
    for (size_t i = 0; i < n; i++) {
        ok = ok && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
    }
    return ok ? FK_OK
              : usage(err, "--image-version: expected 1 to 100 bytes without control characters");
}

static enum fk_status check_uri(const char *uri, struct fk_error *err)
{
    size_t n = strlen(uri);
    bool ok = n > 0 && n <= 255 && uri[0] != '#';
    for (size_t i = 0; i < n; i++) {
        ok = ok && uri[i] > 0x20 && uri[i] < 0x7f;
    }
    return ok ? FK_OK
              : usage(err, "--uri: expected 1 to 255 printable ASCII characters, not beginning "
                           "with '#'");
}

static enum fk_status check_options(const struct suit_options *o, struct fk_error *err)
{
    if (o->attach != NULL) {
        return o->signer == NULL ? usage(err, "--attach-signature needs --signer PUB.pem") : FK_OK;
    }
    if (o->sign.n > FK_SUIT_SIGNERS_MAX) {
        return usage(err, "--sign is given more than 8 times");
    }
    if (o->sign.n == 0 && o->emit_tbs == NULL) {
        return usage(err, "nobody signs: give --sign KEY, or --emit-tbs FILE for an offline key");
    }
    if (o->add_recipient) {
        if (o->kek == NULL || o->encrypt_to.n + o->encrypt_kek.n == 0 || o->sign.n == 0) {
            return usage(err, "--add-recipient needs --kek, --sign, and --encrypt-to or "
                              "--encrypt-kek");
        }
        return o->wrap_st || o->payload != NULL || o->uri != NULL || o->cipher != NULL ||
                       o->version != NULL
                   ? usage(err, "--add-recipient leaves the payload alone")
                   : FK_OK;
    }
    if (o->sequence == NULL) {
        return usage(err,
                     "--sequence N is missing: a device refuses lower numbers than it has had");
    }
    if ((o->uri == NULL) != (o->payload == NULL)) {
        return usage(err, "--payload FILE and --uri URI go together");
    }
    if (o->kek != NULL) {
        return usage(err, "--kek belongs to --add-recipient");
    }
    enum fk_status st = o->uri != NULL ? check_uri(o->uri, err) : FK_OK;
    return st == FK_OK && o->version != NULL ? check_version(o->version, err) : st;
}

/* ---- opening keys ---- */

static enum fk_status open_signers(const struct suit_options *o, struct opened *all,
                                   struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->passin != NULL) {
        st = fk_wrap(err, fk_passphrase_read(o->passin, &all->secret, err), "--passin");
    }
    for (size_t i = 0; st == FK_OK && i < o->sign.n; i++) {
        st = fk_signer_open(o->sign.at[i], o->passin != NULL ? &all->secret : NULL,
                            &all->signers[i], err);
        if (st == FK_E_PASSPHRASE_NEEDED) {
            st = fk_fail(err, st,
                         "'%s' is encrypted; give the pass phrase with --passin env:NAME, "
                         "file:PATH or fd:N",
                         o->sign.at[i]);
        }
        for (size_t k = 0; st == FK_OK && k < i; k++) {
            if (memcmp(fk_signer_public(all->signers[k])->kid,
                       fk_signer_public(all->signers[i])->kid, FK_KID_SIZE) == 0) {
                st = fk_fail(err, FK_E_USAGE, "--sign '%s' and '%s' are the same key",
                             o->sign.at[k], o->sign.at[i]);
            }
        }
    }
    all->options.signers = (const struct fk_signer *const *)all->signers;
    all->options.n_signers = o->sign.n;
    return st;
}

static enum fk_status open_recipients(const struct suit_options *o, struct opened *all,
                                      struct fk_error *err)
{
    size_t n = o->encrypt_to.n + o->encrypt_kek.n;
    enum fk_status st = FK_OK;
    if (n == 0) {
        return FK_OK;
    }
    all->recipients = calloc(n, sizeof *all->recipients);
    if (all->recipients == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; st == FK_OK && i < n; i++) {
        bool shared = i >= o->encrypt_to.n;
        st = shared ? fk_suit_kek_read(o->encrypt_kek.at[i - o->encrypt_to.n], &all->recipients[i],
                                       err)
                    : fk_suit_recipient_read(o->encrypt_to.at[i], &all->recipients[i], err);
        for (size_t k = 0; st == FK_OK && k < i; k++) {
            if (memcmp(all->recipients[k].kid, all->recipients[i].kid, FK_KID_SIZE) == 0) {
                st = fk_fail(err, FK_E_USAGE, "recipient %zu and %zu are the same key", k + 1,
                             i + 1);
            }
        }
    }
    all->options.recipients = all->recipients;
    all->options.n_recipients = n;
    return st;
}

static void release(struct opened *all)
{
    for (size_t i = 0; i < FK_SUIT_SIGNERS_MAX; i++) {
        fk_signer_free(all->signers[i]);
    }
    if (all->recipients != NULL) {
        struct fk_buffer b = {.ptr = (uint8_t *)all->recipients,
                              .len = all->options.n_recipients * sizeof *all->recipients};
        fk_buffer_release(&b); /* wipes the pre-shared keys */
    }
    fk_buffer_release(&all->secret);
    fk_profile_free(all->profile);
}

/* ---- the work ---- */

static enum fk_status write_tbs(const char *path, const struct suit_options *o,
                                const struct suit_job *job, const struct opened *all,
                                struct fk_error *err)
{
    struct fk_output out = FK_OUTPUT_INIT;
    struct fk_public_key key = {.kind = FK_PUBLIC_P256};
    uint8_t tbs[FK_COSE_TBS_MAX];
    size_t len = 0;
    enum fk_status st = o->signer != NULL ? fk_public_key_read(o->signer, &key, err) : FK_OK;
    if (st == FK_OK) {
        st = fk_suit_tbs(all->result.manifest_sha256, fk_suit_algorithm(&key, o->es256), tbs, &len);
    }
    if (st == FK_OK) {
        st = fk_output_open(&out, path, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(&out, tbs, len, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&out, job->force, err);
    }
    fk_output_abort(&out);
    return st;
}

static enum fk_status open_image(const struct suit_options *o, const struct suit_job *job,
                                 const struct opened *all, struct fk_image **ret,
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
    return fk_image_open(job->infile, &options, ret, err);
}

/* Both files appear, or none: the payload first, since nobody asks for it without the envelope. */
static enum fk_status create(const struct suit_options *o, const struct suit_job *job,
                             struct opened *all, struct fk_error *err)
{
    struct fk_output envelope = FK_OUTPUT_INIT, payload = FK_OUTPUT_INIT;
    struct fk_image *image = NULL;
    enum fk_status st = fk_output_open(&envelope, job->outfile, 0644, job->force, err);
    if (st == FK_OK && o->payload != NULL) {
        st = fk_output_open(&payload, o->payload, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = open_image(o, job, all, &image, err);
    }
    if (st == FK_OK) {
        st = fk_suit_create(image, &all->options, &envelope, o->payload != NULL ? &payload : NULL,
                            &all->result, err);
    }
    if (st == FK_OK && o->emit_tbs != NULL) {
        st = write_tbs(o->emit_tbs, o, job, all, err);
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

static enum fk_status add(const struct suit_options *o, const struct suit_job *job,
                          struct opened *all, struct fk_error *err)
{
    struct fk_output output = FK_OUTPUT_INIT;
    struct fk_suit_recipient own = {.shared = true};
    enum fk_status st = fk_suit_kek_read(o->kek, &own, err);
    if (st == FK_OK) {
        st = fk_output_open(&output, job->outfile, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_suit_add_recipients(job->infile, &all->options, &own, &output, &all->result, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, job->force, err);
    }
    fk_output_abort(&output);
    return st;
}

static enum fk_status attach(const struct suit_options *o, const struct suit_job *job,
                             struct fk_error *err)
{
    struct fk_output output = FK_OUTPUT_INIT;
    struct fk_public_key key;
    struct fk_buffer signature = {.ptr = NULL};
    enum fk_status st = fk_public_key_read(o->signer, &key, err);
    if (st == FK_OK) {
        st = fk_file_read(o->attach, SIGNATURE_FILE_MAX, &signature, err);
    }
    if (st == FK_OK) {
        st = fk_output_open(&output, job->outfile, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_suit_attach(job->infile, &key, o->es256,
                            (struct fk_slice){signature.ptr, signature.len}, &output, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, job->force, err);
    }
    fk_output_abort(&output);
    fk_buffer_release(&signature);
    return st;
}

/* ---- all of it ---- */

static void warn_about(const struct opened *all)
{
    for (size_t i = 0; i < all->options.n_signers; i++) {
        if (fk_signer_public(all->options.signers[i])->kind == FK_PUBLIC_ED25519) {
            fk_cli_warn(TOOL, "signature %zu is Ed25519, which devices do not verify", i + 1);
        }
    }
}

enum fk_status suit_run(const struct suit_options *o, const struct suit_job *job,
                        struct fk_error *err)
{
    struct opened all = {.profile = NULL};
    enum fk_status st = check_options(o, err);
    if (st == FK_OK && o->attach != NULL) {
        return attach(o, job, err);
    }
    if (st == FK_OK) {
        st = fk_ota_profile_load(job->profile, &all.profile, err);
    }
    if (st == FK_OK && !all.profile->device.envelope.supported) {
        st = fk_fail(err, FK_E_UNSUPPORTED, "profile %s has no section 'envelope'",
                     all.profile->name);
    }
    all.options = (struct fk_suit_options){.profile = all.profile,
                                           .packet = o->wrap_st,
                                           .version = o->version,
                                           .uri = o->uri,
                                           .es256 = o->es256,
                                           .pad = job->pad,
                                           .progress = job->write_progress};
    if (st == FK_OK && o->sequence != NULL) {
        st = fk_cli_u64("sequence", o->sequence, &all.options.sequence, err);
    }
    if (st == FK_OK) {
        st = parse_cipher(o, &all.options.cipher, err);
    }
    if (st == FK_OK) {
        st = open_recipients(o, &all, err);
    }
    if (st == FK_OK) {
        st = open_signers(o, &all, err);
    }
    if (st == FK_OK) {
        st = o->add_recipient ? add(o, job, &all, err) : create(o, job, &all, err);
    }
    if (st == FK_OK) {
        const struct suit_made made = {all.profile, &all.options, &all.result};
        warn_about(&all);
        if (job->json) {
            suit_print_json(o, job, &made);
        } else if (!job->quiet) {
            suit_print_text(o, job, &made);
        }
    }
    release(&all);
    return st;
}
