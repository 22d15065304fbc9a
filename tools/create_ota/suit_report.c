/* SPDX-License-Identifier: Apache-2.0 */
#include "suit.h"

#include "fotakit/hex.h"
#include "fotakit/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOOL "create_ota"

/* What the envelope rests on, among what the profile could not verify. */
static bool is_used(const struct fk_unverified *u)
{
    return strncmp(u->key, "envelope", 8) == 0 || strncmp(u->key, "image", 5) == 0;
}

void suit_note_overwrite(const struct fk_profile *profile)
{
    if (profile->device.policy.install == FK_INSTALL_OVERWRITE) {
        fprintf(stderr,
                TOOL ": note: devices of profile %s overwrite the old image; there is no "
                     "way back to it\n",
                profile->name);
    }
}

/* With --add-recipient a payload that is apart stays where it is, and is not looked at. */
static void print_payload(const struct suit_options *o, const struct fk_suit_result *r)
{
    if (o->payload != NULL) {
        printf("payload  %s", o->payload);
    } else if (r->uri[0] != '\0') {
        printf("payload  apart, at %s", r->uri);
    } else {
        printf("payload  integrated");
    }
    printf(", %" PRIu64 " bytes%s\n", r->payload_size,
           r->n_recipients == 0 ? ", not encrypted" : "");
}

static void print_recipients(const struct suit_options *o, const struct suit_opened *all)
{
    size_t total = all->result.n_recipients, added = all->options.n_recipients;
    if (total > 0) {
        printf("for      %zu recipient%s", total, fk_plural(total));
        if (o->add_recipient) {
            printf(", %zu of them new", added);
        }
        printf("\n");
    }
}

void suit_print_text(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_opened *all)
{
    const struct fk_suit_result *r = &all->result;
    const struct fk_suit_options *made = &all->options;
    char hex[2 * 32 + 1];
    fk_hex_encode(r->image_sha256, sizeof r->image_sha256, hex);
    printf("image    %" PRIu64 " bytes", r->image_size);
    if (r->padded > 0) {
        printf(", %" PRIu64 " of them padding", r->padded);
    }
    printf("\nsha256   %s\n", hex);
    if (o->split != NULL) {
        printf("envelope %s, a folder of %zu and index.json\n", job->outfile, all->n_envelopes);
    } else {
        printf("envelope %s, %" PRIu64 " bytes: manifest %zu\n", job->outfile, r->envelope_size,
               r->manifest_size);
    }
    print_payload(o, r);
    for (size_t i = 0; i < made->n_signers; i++) {
        const struct fk_public_key *key = fk_signer_public(made->signers[i]);
        fk_hex_encode(key->kid, sizeof key->kid, hex);
        int32_t alg = fk_suit_algorithm(key, made->es256);
        printf("signed   key %s, %s (%" PRId32 ")\n", hex, fk_cose_algorithm_text(alg), alg);
    }
    if (made->n_signers == 0) {
        printf("unsigned sign the bytes in %s, then use --attach-signature\n", o->emit_tbs);
    }
    print_recipients(o, all);
    for (size_t i = 0; i < all->profile->n_unverified; i++) {
        const struct fk_unverified *u = &all->profile->unverified[i];
        if (is_used(u)) {
            printf("profile  %s, %s not verified: %s\n", all->profile->name, u->key,
                   u->note != NULL ? u->note : u->source);
        }
    }
}

void suit_print_json(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_opened *all)
{
    const struct fk_suit_result *r = &all->result;
    const struct fk_suit_options *made = &all->options;
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", all->profile->name);
    fk_json_object(&j, "image");
    fk_json_string(&j, "file", job->infile);
    fk_json_u64(&j, "size", r->image_size);
    fk_json_u64(&j, "padded", r->padded);
    fk_json_hex(&j, "sha256", r->image_sha256, sizeof r->image_sha256);
    fk_json_object_end(&j);
    fk_json_object(&j, "envelope");
    fk_json_string(&j, "file", job->outfile);
    fk_json_u64(&j, "envelopes", o->split != NULL ? all->n_envelopes : 1);
    fk_json_u64(&j, "size", r->envelope_size);
    fk_json_u64(&j, "manifest_size", r->manifest_size);
    fk_json_hex(&j, "manifest_sha256", r->manifest_sha256, sizeof r->manifest_sha256);
    fk_json_array(&j, "signers");
    for (size_t i = 0; i < made->n_signers; i++) {
        const struct fk_public_key *key = fk_signer_public(made->signers[i]);
        int32_t alg = fk_suit_algorithm(key, made->es256);
        fk_json_object(&j, NULL);
        fk_json_hex(&j, "kid", key->kid, sizeof key->kid);
        fk_json_i64(&j, "algorithm", alg);
        fk_json_string(&j, "algorithm_name", fk_cose_algorithm_text(alg));
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    fk_json_object_end(&j);
    fk_json_object(&j, "payload");
    if (o->payload != NULL) {
        fk_json_string(&j, "file", o->payload);
    } else {
        fk_json_null(&j, "file");
    }
    fk_json_u64(&j, "size", r->payload_size);
    if (r->uri[0] != '\0') {
        fk_json_string(&j, "uri", r->uri);
    } else {
        fk_json_null(&j, "uri"); /* integrated */
    }
    fk_json_bool(&j, "encrypted", r->n_recipients > 0);
    fk_json_u64(&j, "recipients", r->n_recipients);
    if (o->add_recipient) {
        fk_json_u64(&j, "recipients_added", made->n_recipients);
    }
    fk_json_object_end(&j);
    fk_json_array(&j, "unverified");
    for (size_t i = 0; i < all->profile->n_unverified; i++) {
        const struct fk_unverified *u = &all->profile->unverified[i];
        if (is_used(u)) {
            fk_json_object(&j, NULL);
            fk_json_string(&j, "key", u->key);
            fk_json_string(&j, "source", u->source);
            fk_json_object_end(&j);
        }
    }
    fk_json_array_end(&j);
    fk_json_object_end(&j);
}
