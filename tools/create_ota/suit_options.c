/* SPDX-License-Identifier: Apache-2.0 */
/* create_ota --format suit: which options go together, and what they mean. */
#include "suit.h"

#include <string.h>

#define TOOL "create_ota"

static enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see " TOOL " --help)", text);
}

static bool has_recipients(const struct suit_options *o)
{
    return o->encrypt_to.n + o->encrypt_kek.n > 0 || o->encrypt_list != NULL;
}

static enum fk_status parse_cipher(const struct suit_options *o, int32_t *ret, struct fk_error *err)
{
    if (o->cipher == NULL) {
        *ret = has_recipients(o) && !o->add_recipient ? FK_COSE_A128GCM : 0;
        return FK_OK;
    }
    if (!has_recipients(o)) {
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

/* 0: as many as fit. */
static enum fk_status parse_split(const struct suit_options *o, size_t *ret, struct fk_error *err)
{
    uint64_t n = 0;
    if (strcmp(o->split, "max") == 0) {
        *ret = 0;
        return FK_OK;
    }
    enum fk_status st = fk_cli_u64("split", o->split, &n, NULL);
    if (st != FK_OK || n == 0 || n > FK_SUIT_RECIPIENTS_MAX) {
        return fk_fail(err, FK_E_USAGE, "--split '%s': expected max, or a number from 1 to %d",
                       o->split, FK_SUIT_RECIPIENTS_MAX);
    }
    *ret = (size_t)n;
    return FK_OK;
}

static enum fk_status check_add(const struct suit_options *o, struct fk_error *err)
{
    if ((o->kek == NULL) == (o->device_key == NULL) || !has_recipients(o) || o->sign.n == 0) {
        return usage(err, "--add-recipient needs one of --kek and --device-key, --sign, and "
                          "--encrypt-to or --encrypt-kek");
    }
    bool more = o->wrap_st || o->payload != NULL || o->uri != NULL || o->cipher != NULL ||
                o->version != NULL || o->device_id != NULL || o->split != NULL ||
                o->emit_tbs != NULL;
    return more ? usage(err, "--add-recipient leaves the payload alone") : FK_OK;
}

static enum fk_status check_split(const struct suit_options *o, struct fk_error *err)
{
    if (o->payload == NULL || !has_recipients(o)) {
        return usage(err, "--split needs recipients, --payload and --uri: the envelopes share one "
                          "payload");
    }
    return o->sign.n == 0 || o->emit_tbs != NULL
               ? usage(err, "--split signs each envelope: it needs --sign, and no --emit-tbs")
               : FK_OK;
}

enum fk_status suit_options_check(const struct suit_options *o, const struct suit_job *job,
                                  struct fk_error *err)
{
    if (job->infile == NULL) {
        return usage(err, "missing argument: infile outfile");
    }
    if (o->attach != NULL) {
        return o->signer == NULL ? usage(err, "--attach-signature needs --signer PUB.pem") : FK_OK;
    }
    if (o->sign.n == 0 && o->emit_tbs == NULL) {
        return usage(err, "nobody signs: give --sign KEY, or --emit-tbs FILE for an offline key");
    }
    if (o->add_recipient) {
        return check_add(o, err);
    }
    if (o->sequence == NULL) {
        return usage(err,
                     "--sequence N is missing: a device refuses lower numbers than it has had");
    }
    if ((o->uri == NULL) != (o->payload == NULL)) {
        return usage(err, "--payload FILE and --uri URI go together");
    }
    if (o->kek != NULL || o->device_key != NULL) {
        return usage(err, "--kek and --device-key belong to --add-recipient");
    }
    enum fk_status st = o->split != NULL ? check_split(o, err) : FK_OK;
    if (st == FK_OK && o->uri != NULL) {
        st = check_uri(o->uri, err);
    }
    return st == FK_OK && o->version != NULL ? check_version(o->version, err) : st;
}

enum fk_status suit_options_parse(const struct suit_options *o, struct suit_opened *all,
                                  struct fk_error *err)
{
    struct fk_suit_options *made = &all->options;
    enum fk_status st = FK_OK;
    made->packet = o->wrap_st;
    made->version = o->version;
    made->uri = o->uri;
    made->es256 = o->es256;
    if (o->sequence != NULL) {
        st = fk_cli_u64("sequence", o->sequence, &made->sequence, err);
    }
    if (st == FK_OK) {
        st = parse_cipher(o, &made->cipher, err);
    }
    if (st == FK_OK && o->device_id != NULL) {
        st = fk_cli_uuid("device-id", o->device_id, all->device_id, err);
        made->device_id = (struct fk_slice){all->device_id, sizeof all->device_id};
    }
    return st == FK_OK && o->split != NULL ? parse_split(o, &all->per_group, err) : st;
}
