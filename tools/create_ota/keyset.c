/* SPDX-License-Identifier: Apache-2.0 */
/* create_ota --format keyset */
#include "suit.h"

#include "fotakit/hex.h"
#include "fotakit/json.h"
#include "fotakit/keyset.h"

#include <inttypes.h>
#include <stdio.h>

#define TOOL "create_ota"

struct opened {
    struct fk_profile *profile;
    struct suit_signers signers;
    struct fk_keyset_entry keys[FK_KEYSET_KEYS_MAX];
    struct fk_keyset_options options;
    struct fk_keyset_result result;
};

static enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see " TOOL " --help)", text);
}

static enum fk_status check_options(const struct suit_options *o, const struct suit_job *job,
                                    struct fk_error *err)
{
    if (o->attach != NULL) {
        return o->signer == NULL     ? usage(err, "--attach-signature needs --signer PUB.pem")
               : job->infile == NULL ? usage(err, "--attach-signature needs infile and outfile")
               : o->keys.n + o->sign.n > 0 || o->sequence != NULL || o->threshold != NULL
                   ? usage(err, "--attach-signature leaves the key set as it is")
                   : FK_OK;
    }
    if (job->infile != NULL) {
        return usage(err, "a key set is made of its options: only outfile is needed");
    }
    if (o->keys.n == 0) {
        return usage(err, "the keys are missing: give --key PUB.pem[=image,packet,keys] for each");
    }
    if (o->keys.n > FK_KEYSET_KEYS_MAX) {
        return usage(err, "--key is given more than 8 times");
    }
    if (o->sequence == NULL) {
        return usage(err, "--sequence N is missing: devices take sets above the one they have");
    }
    if (o->sign.n == 0 && o->emit_tbs == NULL) {
        return usage(err, "nobody signs: give --sign KEY, or --emit-tbs FILE for an offline key");
    }
    return FK_OK;
}

static enum fk_status open_all(const struct suit_options *o, const struct suit_job *job,
                               struct opened *all, struct fk_error *err)
{
    uint64_t threshold = 1;
    enum fk_status st = fk_ota_profile_load(job->profile, &all->profile, err);
    if (st == FK_OK) {
        st = fk_cli_u64("sequence", o->sequence, &all->options.sequence, err);
    }
    if (st == FK_OK && o->threshold != NULL) {
        st = fk_cli_u64("threshold", o->threshold, &threshold, err);
    }
    if (st == FK_OK && (threshold == 0 || threshold > FK_KEYSET_KEYS_MAX)) {
        st = fk_fail(err, FK_E_USAGE, "--threshold: expected 1 to %d, found %" PRIu64,
                     FK_KEYSET_KEYS_MAX, threshold);
    }
    for (size_t i = 0; st == FK_OK && i < o->keys.n; i++) {
        st = fk_wrap(err, fk_keyset_entry_read(o->keys.at[i], &all->keys[i], err), "--key");
    }
    if (st == FK_OK) {
        st = suit_signers_open(o, &all->signers, err);
    }
    all->options.profile = all->profile;
    all->options.threshold = (unsigned)threshold;
    all->options.keys = all->keys;
    all->options.n_keys = o->keys.n;
    all->options.signers = (const struct fk_signer *const *)all->signers.at;
    all->options.n_signers = all->signers.n;
    all->options.es256 = o->es256;
    return st;
}

static enum fk_status emit_tbs(const struct suit_options *o, const struct suit_job *job,
                               const struct opened *all, struct fk_error *err)
{
    struct fk_public_key key = {.kind = FK_PUBLIC_P256};
    uint8_t tbs[FK_COSE_TBS_MAX];
    size_t len = 0;
    enum fk_status st = o->signer != NULL ? fk_public_key_read(o->signer, &key, err) : FK_OK;
    if (st == FK_OK) {
        st = fk_keyset_tbs(all->result.sha256, fk_suit_algorithm(&key, o->es256), tbs, &len);
    }
    return st == FK_OK ? suit_write_tbs(o, job, tbs, len, err) : st;
}

static enum fk_status create(const struct suit_options *o, const struct suit_job *job,
                             struct opened *all, struct fk_error *err)
{
    struct fk_output output = FK_OUTPUT_INIT;
    enum fk_status st = fk_output_open(&output, job->outfile, 0644, job->force, err);
    if (st == FK_OK) {
        st = fk_keyset_create(&all->options, &output, &all->result, err);
    }
    if (st == FK_OK && o->emit_tbs != NULL) {
        st = emit_tbs(o, job, all, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, job->force, err);
    }
    fk_output_abort(&output);
    return st;
}

static void print_text(const struct suit_job *job, const struct opened *all)
{
    char kid[2 * FK_KID_SIZE + 1];
    printf("key set  %s, %zu bytes, sequence %" PRIu64 "\n", job->outfile, all->result.size,
           all->options.sequence);
    for (size_t i = 0; i < all->options.n_keys; i++) {
        const struct fk_keyset_entry *e = &all->keys[i];
        fk_hex_encode(e->key.kid, FK_KID_SIZE, kid);
        printf("key      %s may sign%s%s%s\n", kid, (e->components & 1) != 0 ? " images" : "",
               (e->components & 2) != 0 ? " packets" : "", e->key_sets ? " key sets" : "");
    }
    printf("needed   %u of %zu\n", all->options.threshold, all->options.n_keys);
    for (size_t i = 0; i < all->signers.n; i++) {
        fk_hex_encode(fk_signer_public(all->signers.at[i])->kid, FK_KID_SIZE, kid);
        printf("signed   key %s\n", kid);
    }
    if (!all->result.complete) {
        printf("missing  signatures of the set's own keys: no device takes it yet\n");
    }
}

static void print_json(const struct suit_job *job, const struct opened *all)
{
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", all->profile->name);
    fk_json_string(&j, "file", job->outfile);
    fk_json_u64(&j, "size", all->result.size);
    fk_json_u64(&j, "sequence", all->options.sequence);
    fk_json_u64(&j, "threshold", all->options.threshold);
    fk_json_hex(&j, "sha256", all->result.sha256, sizeof all->result.sha256);
    fk_json_bool(&j, "complete", all->result.complete);
    fk_json_array(&j, "keys");
    for (size_t i = 0; i < all->options.n_keys; i++) {
        fk_json_object(&j, NULL);
        fk_json_hex(&j, "kid", all->keys[i].key.kid, FK_KID_SIZE);
        fk_json_bool(&j, "images", (all->keys[i].components & 1) != 0);
        fk_json_bool(&j, "packets", (all->keys[i].components & 2) != 0);
        fk_json_bool(&j, "key_sets", all->keys[i].key_sets);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    fk_json_array(&j, "signers");
    for (size_t i = 0; i < all->signers.n; i++) {
        fk_json_hex(&j, NULL, fk_signer_public(all->signers.at[i])->kid, FK_KID_SIZE);
    }
    fk_json_array_end(&j);
    fk_json_object_end(&j);
}

enum fk_status keyset_run(const struct suit_options *o, const struct suit_job *job,
                          struct fk_error *err)
{
    struct opened all = {.profile = NULL};
    enum fk_status st = check_options(o, job, err);
    if (st == FK_OK) {
        st = suit_check_outputs(o, job, err);
    }
    if (st == FK_OK && o->attach != NULL) {
        return suit_attach(o, job, SUIT_KEYSET, err);
    }
    if (st == FK_OK) {
        st = open_all(o, job, &all, err);
    }
    if (st == FK_OK) {
        st = create(o, job, &all, err);
    }
    if (st == FK_OK && job->json) {
        print_json(job, &all);
    } else if (st == FK_OK && !job->quiet) {
        print_text(job, &all);
    }
    suit_signers_release(&all.signers);
    fk_profile_free(all.profile);
    return st;
}
