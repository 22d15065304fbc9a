/* SPDX-License-Identifier: Apache-2.0 */
/* What envelopes and key sets have in common: options, signers, outputs. */
#include "suit.h"

#include "fotakit/keyset.h"
#include "fotakit/passphrase.h"

#include <string.h>

enum { ENVELOPE = 1, KEYSET = 2, SIGNATURE_FILE_MAX = 4096 };

const char *suit_option_stray(const struct suit_options *o, enum suit_format format)
{
    const struct {
        const char *name;
        bool given;
        unsigned formats;
    } all[] = {{"sign", o->sign.n > 0, ENVELOPE | KEYSET},
               {"passin", o->passin != NULL, ENVELOPE | KEYSET},
               {"sequence", o->sequence != NULL, ENVELOPE | KEYSET},
               {"es256", o->es256, ENVELOPE | KEYSET},
               {"emit-tbs", o->emit_tbs != NULL, ENVELOPE | KEYSET},
               {"attach-signature", o->attach != NULL, ENVELOPE | KEYSET},
               {"signer", o->signer != NULL, ENVELOPE | KEYSET},
               {"encrypt-to", o->encrypt_to.n > 0, ENVELOPE},
               {"encrypt-to-list", o->encrypt_list != NULL, ENVELOPE},
               {"encrypt-kek", o->encrypt_kek.n > 0, ENVELOPE},
               {"image-version", o->version != NULL, ENVELOPE},
               {"uri", o->uri != NULL, ENVELOPE},
               {"payload", o->payload != NULL, ENVELOPE},
               {"split", o->split != NULL, ENVELOPE},
               {"cipher", o->cipher != NULL, ENVELOPE},
               {"kek", o->kek != NULL, ENVELOPE},
               {"device-key", o->device_key != NULL, ENVELOPE},
               {"device-id", o->device_id != NULL, ENVELOPE},
               {"wrap-st", o->wrap_st, ENVELOPE},
               {"add-recipient", o->add_recipient, ENVELOPE},
               {"key", o->keys.n > 0, KEYSET},
               {"threshold", o->threshold != NULL, KEYSET}};
    unsigned allowed = format == SUIT_ENVELOPE ? ENVELOPE : format == SUIT_KEYSET ? KEYSET : 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].given && (all[i].formats & allowed) == 0) {
            return all[i].name;
        }
    }
    return NULL;
}

enum fk_status suit_signers_open(const struct suit_options *o, struct suit_signers *s,
                                 struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->sign.n > FK_SUIT_SIGNERS_MAX) {
        return fk_fail(err, FK_E_USAGE, "--sign is given more than %d times", FK_SUIT_SIGNERS_MAX);
    }
    if (o->passin != NULL) {
        st = fk_wrap(err, fk_passphrase_read(o->passin, &s->secret, err), "--passin");
    }
    for (size_t i = 0; st == FK_OK && i < o->sign.n; i++) {
        st = fk_signer_open(o->sign.at[i], o->passin != NULL ? &s->secret : NULL, &s->at[i], err);
        if (st == FK_E_PASSPHRASE_NEEDED) {
            st = fk_fail(err, st,
                         "'%s' is encrypted; give the pass phrase with --passin env:NAME, "
                         "file:PATH or fd:N",
                         o->sign.at[i]);
        }
        for (size_t k = 0; st == FK_OK && k < i; k++) {
            if (memcmp(fk_signer_public(s->at[k])->kid, fk_signer_public(s->at[i])->kid,
                       FK_KID_SIZE) == 0) {
                st = fk_fail(err, FK_E_USAGE, "--sign '%s' and '%s' are the same key",
                             o->sign.at[k], o->sign.at[i]);
            }
        }
        s->n = i + 1;
    }
    return st;
}

void suit_signers_release(struct suit_signers *s)
{
    for (size_t i = 0; i < FK_SUIT_SIGNERS_MAX; i++) {
        fk_signer_free(s->at[i]);
    }
    fk_buffer_release(&s->secret);
}

/* ---- outputs ---- */

static enum fk_status check_input(const char *option, const char *input,
                                  const struct suit_options *o, const struct suit_job *job,
                                  struct fk_error *err)
{
    const struct {
        const char *what, *path;
    } outputs[] = {
        {"outfile", job->outfile}, {"--payload", o->payload}, {"--emit-tbs", o->emit_tbs}};
    for (size_t i = 0; input != NULL && i < sizeof outputs / sizeof outputs[0]; i++) {
        if (outputs[i].path != NULL && fk_file_is_same(input, outputs[i].path)) {
            return fk_fail(err, FK_E_USAGE, "'%s' is %s as well as %s; name another output", input,
                           option, outputs[i].what);
        }
    }
    return FK_OK;
}

static enum fk_status check_inputs(const char *option, const struct fk_texts *inputs,
                                   const struct suit_options *o, const struct suit_job *job,
                                   struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < inputs->n; i++) {
        st = check_input(option, inputs->at[i], o, job, err);
    }
    return st;
}

static bool same_name(const char *a, const char *b)
{
    return a != NULL && b != NULL && (strcmp(a, b) == 0 || fk_file_is_same(a, b));
}

/* --force is for an old output, not for an image or the only copy of a key. */
enum fk_status suit_check_outputs(const struct suit_options *o, const struct suit_job *job,
                                  struct fk_error *err)
{
    const struct {
        const char *option, *path;
    } inputs[] = {{"infile", job->infile},         {"--attach-signature", o->attach},
                  {"--signer", o->signer},         {"--kek", o->kek},
                  {"--device-key", o->device_key}, {"--encrypt-to-list", o->encrypt_list}};
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < sizeof inputs / sizeof inputs[0]; i++) {
        st = check_input(inputs[i].option, inputs[i].path, o, job, err);
    }
    if (st == FK_OK) {
        st = check_inputs("--sign", &o->sign, o, job, err);
    }
    if (st == FK_OK) {
        st = check_inputs("--encrypt-to", &o->encrypt_to, o, job, err);
    }
    if (st == FK_OK) {
        st = check_inputs("--encrypt-kek", &o->encrypt_kek, o, job, err);
    }
    if (st == FK_OK &&
        (same_name(job->outfile, o->payload) || same_name(job->outfile, o->emit_tbs) ||
         same_name(o->payload, o->emit_tbs))) {
        st = fk_fail(err, FK_E_USAGE, "outfile, --payload and --emit-tbs must be different files");
    }
    return st;
}

enum fk_status suit_write_tbs(const struct suit_options *o, const struct suit_job *job,
                              const uint8_t *tbs, size_t len, struct fk_error *err)
{
    struct fk_output out = FK_OUTPUT_INIT;
    enum fk_status st = fk_output_open(&out, o->emit_tbs, 0644, job->force, err);
    if (st == FK_OK) {
        st = fk_output_write(&out, tbs, len, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&out, job->force, err);
    }
    fk_output_abort(&out);
    return st;
}

enum fk_status suit_attach(const struct suit_options *o, const struct suit_job *job,
                           enum suit_format format, struct fk_error *err)
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
        const struct fk_slice bytes = {signature.ptr, signature.len};
        st = format == SUIT_KEYSET
                 ? fk_keyset_attach(job->infile, &key, o->es256, bytes, &output, err)
                 : fk_suit_attach(job->infile, &key, o->es256, bytes, &output, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, job->force, err);
    }
    fk_output_abort(&output);
    fk_buffer_release(&signature);
    return st;
}
