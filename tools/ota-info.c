/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "ota-info/suit.h"

#include "fotakit/hex.h"
#include "fotakit/image.h"
#include "fotakit/json.h"
#include "fotakit/ota.h"
#include "fotakit/packet.h"
#include "fotakit/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOOL "ota-info"

struct options {
    const char *file;
    const char *profile;
    const char *input;
    const char *keyfile;
    bool verify, json;
    struct suit_options suit;
};

/* ---- packets ---- */

struct field {
    const char *name;
    struct fk_st_field place;
    const uint8_t *value;
};

/* The three fields in the order in which they stand. */
static void sort_fields(const struct fk_packet *p, struct field ret[3])
{
    const struct fk_st_layout *l = &p->device->st;
    ret[0] = (struct field){"nonce", l->nonce, p->header.nonce};
    ret[1] = (struct field){"tag", l->tag, p->header.tag};
    ret[2] = (struct field){"hash", l->hash, p->header.hash};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k + 1 < 3; k++) {
            if (ret[k].place.off > ret[k + 1].place.off) {
                struct field f = ret[k];
                ret[k] = ret[k + 1];
                ret[k + 1] = f;
            }
        }
    }
}

struct check {
    const char *name;
    enum fk_check verdict;
};

#define CHECKS 5

static void list_checks(const struct fk_st_report *r, struct check ret[CHECKS])
{
    ret[0] = (struct check){"size", r->size};
    ret[1] = (struct check){"policy", r->policy};
    ret[2] = (struct check){"key", r->key};
    ret[3] = (struct check){"tag", r->tag};
    ret[4] = (struct check){"digest", r->digest};
}

static bool fits_slot(const struct fk_packet *p)
{
    return p->body_size <= fk_device_slot_size(p->device);
}

static bool is_whole(const struct fk_packet *p)
{
    return p->body_size % p->device->image_unit == 0;
}

/* What is shown rests on this fact of the profile, and nobody could verify it. */
static bool is_doubtful(const struct fk_unverified *u)
{
    return strncmp(u->key, "fota.header", 11) == 0;
}

static void print_packet(const struct fk_packet *p, const struct fk_profile *profile, bool assumed,
                         const struct fk_st_report *report)
{
    struct field fields[3];
    sort_fields(p, fields);
    printf("file     %s, %" PRIu64 " bytes\n", p->path, p->size);
    printf("kind     ST update packet in the layout of profile %s%s\n", p->device->name,
           assumed ? " (assumed: it has no magic number)" : "");
    printf("header   %u bytes\n", p->device->st.size);
    for (size_t i = 0; i < 3; i++) {
        char hex[2 * FK_ST_HASH_SIZE + 1];
        fk_hex_encode(fields[i].value, fields[i].place.size, hex);
        printf("  %-6s offset %2u, %2u bytes  %s\n", fields[i].name, fields[i].place.off,
               fields[i].place.size, hex);
    }
    printf("body     offset %u, %" PRIu64 " byte%s%s%s\n", p->device->st.size, p->body_size,
           fk_plural(p->body_size),
           fits_slot(p) ? "" : ", more than the slot holds",
           is_whole(p) ? "" : ", not a multiple of the unit: cut short?");
    for (size_t i = 0; i < profile->n_unverified; i++) {
        const struct fk_unverified *u = &profile->unverified[i];
        if (is_doubtful(u)) {
            printf("profile  %s, %s not verified: %s\n", profile->name, u->key,
                   u->note != NULL ? u->note : u->source);
        }
    }
    printf("security %s\n", p->plain ? "plain: nothing authenticates it" : "AES-128-GCM");
    if (report != NULL) {
        struct check checks[CHECKS];
        list_checks(report, checks);
        for (size_t i = 0; i < CHECKS; i++) {
            printf("%s %-6s %s\n", i == 0 ? "checks  " : "        ", checks[i].name,
                   verdict_text(checks[i].verdict));
        }
    }
}

static void packet_as_json(struct fk_json *j, const struct fk_packet *p,
                           const struct fk_profile *profile, bool assumed,
                           const struct fk_st_report *report, bool verified)
{
    struct field fields[3];
    sort_fields(p, fields);
    fk_json_string(j, "kind", "st-packet");
    fk_json_bool(j, "assumed", assumed);
    fk_json_string(j, "profile", p->device->name);
    fk_json_u64(j, "size", p->size);
    fk_json_object(j, "header");
    fk_json_u64(j, "size", p->device->st.size);
    fk_json_array(j, "fields");
    for (size_t i = 0; i < 3; i++) {
        fk_json_object(j, NULL);
        fk_json_string(j, "name", fields[i].name);
        fk_json_u64(j, "offset", fields[i].place.off);
        fk_json_u64(j, "size", fields[i].place.size);
        fk_json_hex(j, "value", fields[i].value, fields[i].place.size);
        fk_json_object_end(j);
    }
    fk_json_array_end(j);
    fk_json_object_end(j);
    fk_json_object(j, "body");
    fk_json_u64(j, "offset", p->device->st.size);
    fk_json_u64(j, "size", p->body_size);
    fk_json_bool(j, "fits_slot", fits_slot(p));
    fk_json_bool(j, "multiple_of_unit", is_whole(p));
    fk_json_object_end(j);
    fk_json_bool(j, "encrypted", !p->plain);
    fk_json_array(j, "unverified");
    for (size_t i = 0; i < profile->n_unverified; i++) {
        const struct fk_unverified *u = &profile->unverified[i];
        if (is_doubtful(u)) {
            fk_json_object(j, NULL);
            fk_json_string(j, "key", u->key);
            fk_json_string(j, "source", u->source);
            fk_json_object_end(j);
        }
    }
    fk_json_array_end(j);
    if (report != NULL) {
        struct check checks[CHECKS];
        list_checks(report, checks);
        fk_json_bool(j, "verified", verified);
        fk_json_object(j, "checks");
        for (size_t i = 0; i < CHECKS; i++) {
            fk_json_string(j, checks[i].name, verdict_text(checks[i].verdict));
        }
        fk_json_object_end(j);
    }
}

/* ---- images ---- */

static void print_image(const char *path, const struct fk_image_survey *s, bool code)
{
    printf("file     %s\nkind     %s image%s\n", path, fk_image_format_text(s->format),
           code ? " (assumed: begins like a Cortex-M vector table; --input packet reads it as one)"
                : "");
    for (size_t i = 0; i < s->n_spans; i++) {
        printf("%s ", i == 0 ? "data    " : "        ");
        if (s->format != FK_IMAGE_BIN) {
            printf("0x%08" PRIx64 "-0x%08" PRIx64 ", ", s->spans[i].start, s->spans[i].end);
        }
        uint64_t size = s->spans[i].end - s->spans[i].start;
        printf("%" PRIu64 " byte%s\n", size, fk_plural(size));
    }
    if (s->has_start) {
        printf("start    0x%08" PRIx32 "\n", s->start);
    }
    if (s->lines > 0) {
        printf("lines    %" PRIu64 "\n", s->lines);
    }
}

static void image_as_json(struct fk_json *j, const struct fk_image_survey *s, bool code)
{
    fk_json_string(j, "kind", fk_image_format_word(s->format));
    fk_json_bool(j, "assumed", code);
    fk_json_u64(j, "data_size", s->bytes);
    fk_json_array(j, "areas");
    for (size_t i = 0; i < s->n_spans; i++) {
        fk_json_object(j, NULL);
        fk_json_u64(j, "start", s->spans[i].start);
        fk_json_u64(j, "end", s->spans[i].end);
        fk_json_object_end(j);
    }
    fk_json_array_end(j);
    if (s->has_start) {
        fk_json_u64(j, "entry", s->start);
    }
}

/* ---- the work ---- */

static enum fk_status show_image(const struct options *o, const struct fk_image_survey *survey,
                                 bool code, struct fk_error *err)
{
    if (o->verify) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s' is an image (%s), not a packet; only packets can be verified",
                       o->file, fk_image_format_text(survey->format));
    }
    if (o->json) {
        struct fk_json j;
        fk_json_init(&j, stdout);
        fk_json_object(&j, NULL);
        fk_json_string(&j, "file", o->file);
        image_as_json(&j, survey, code);
        fk_json_object_end(&j);
    } else {
        print_image(o->file, survey, code);
    }
    return FK_OK;
}

static enum fk_status show_packet(const struct options *o, const struct fk_packet *packet,
                                  const struct fk_profile *profile, struct fk_error *err)
{
    struct fk_packet_key key = {.exposed = false};
    struct fk_st_report report = {.plain = false};
    bool assumed = o->input == NULL;
    enum fk_status st = o->keyfile != NULL ? fk_packet_key_load(o->keyfile, &key, err) : FK_OK;
    if (st != FK_OK) {
        return st;
    }
    if (o->verify) {
        st = fk_packet_verify(packet, o->keyfile != NULL ? &key : NULL, &report, err);
    }
    fk_packet_key_wipe(&key);
    if (o->json) {
        struct fk_json j;
        fk_json_init(&j, stdout);
        fk_json_object(&j, NULL);
        fk_json_string(&j, "file", o->file);
        packet_as_json(&j, packet, profile, assumed, o->verify ? &report : NULL, st == FK_OK);
        fk_json_object_end(&j);
    } else {
        print_packet(packet, profile, assumed, o->verify ? &report : NULL);
    }
    return st;
}

/* Nothing in a packet says that it is one: what is no HEX, ELF or text is taken for a packet,
 * unless it begins like code. */
static enum fk_status show(const struct options *o, const struct fk_profile *profile,
                           struct fk_error *err)
{
    struct fk_packet packet = FK_PACKET_INIT;
    struct fk_image_survey survey = {.format = FK_IMAGE_BIN};
    enum fk_image_format format = FK_IMAGE_AUTO;
    enum fk_status st = FK_OK;
    bool as_packet = o->input != NULL && strcmp(o->input, "packet") == 0;
    if (o->input != NULL && !as_packet) {
        st = fk_image_format_parse(o->input, &format, NULL);
        if (st != FK_OK) {
            return fk_fail(err, st,
                           "--input '%s' is not known, expected suit, keyset, packet, hex, elf or bin "
                           "(see " TOOL " --help)",
                           o->input);
        }
    }
    if (st == FK_OK && !as_packet) {
        st = fk_image_survey(o->file, format, &survey, err);
    }
    if (st == FK_OK && (survey.format != FK_IMAGE_BIN || format == FK_IMAGE_BIN)) {
        return show_image(o, &survey, false, err);
    }
    if (st == FK_OK) {
        st = fk_packet_open(&packet, o->file, &profile->device, err);
    }
    if (st == FK_OK) {
        bool code = o->input == NULL && !o->verify && fk_packet_looks_like_code(&packet);
        st = code ? show_image(o, &survey, true, err) : show_packet(o, &packet, profile, err);
    }
    fk_packet_close(&packet);
    return st;
}

static enum fk_status run(const struct options *o, struct fk_error *err)
{
    struct fk_profile *profile = NULL;
    const char *stray = suit_option_given(&o->suit);
    /* Whoever names trusted keys means an envelope, and is told when it is none. */
    bool set = o->input != NULL ? strcmp(o->input, "keyset") == 0
                                : fk_keyset_file_looks_like_one(o->file);
    bool envelope = set                ? false
                    : o->input != NULL ? strcmp(o->input, "suit") == 0
                                       : stray != NULL || fk_suit_file_looks_like_one(o->file);
    bool is_signed = envelope || set;
    enum fk_status st = FK_OK;
    if (o->keyfile != NULL && (!o->verify || is_signed)) {
        st = fk_fail(err, FK_E_USAGE, "--keyfile needs --verify of a packet (see " TOOL " --help)");
    }
    if (st == FK_OK && stray != NULL && (!o->verify || !is_signed)) {
        st = fk_fail(err, FK_E_USAGE,
                     "--%s needs --verify of a signed envelope or key set (see " TOOL " --help)", stray);
    }
    if (st == FK_OK) {
        st = fk_ota_profile_load(o->profile, &profile, err);
    }
    if (st == FK_OK && set) {
        st = keyset_show(&o->suit, o->file, profile, o->verify, o->json, err);
    } else if (st == FK_OK && envelope) {
        st = suit_show(&o->suit, o->file, profile, o->verify, o->json, err);
    } else if (st == FK_OK) {
        st = show(o, profile, err);
    }
    fk_profile_free(profile);
    return st;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const struct fk_opt opts[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "NAME|FILE", "device profile (default spwf04s)"},
        {0, "verify", FK_OPT_FLAG, &o.verify, NULL, "run the device's own verifier"},
        {'k', "keyfile", FK_OPT_TEXT, &o.keyfile, "FILE", "packet key, 16 bytes, for --verify"},
        {0, "input", FK_OPT_TEXT, &o.input, "suit|keyset|packet|hex|elf|bin",
         "what the file is (default: by content)"},
        {0, "trust", FK_OPT_TEXTS, &o.suit.trust, "PUB.pem",
         "envelopes: key that the device trusts; may be repeated"},
        {0, "trust-set", FK_OPT_TEXT, &o.suit.trust_set, "FILE",
         "envelopes: or the key set that it trusts"},
        {0, "device-id", FK_OPT_TEXT, &o.suit.device_id, "UUID", "envelopes: its identifier"},
        {0, "device-key", FK_OPT_TEXT, &o.suit.device_key, "KEY.pem",
         "envelopes: the device's P-256 key, to decrypt"},
        {0, "kek", FK_OPT_TEXT, &o.suit.kek, "FILE", "envelopes: its shared key, to decrypt"},
        {0, "passin", FK_OPT_TEXT, &o.suit.passin, "SOURCE",
         "pass phrase of --device-key: env:NAME, file:PATH, fd:N"},
        {0, "payload", FK_OPT_TEXT, &o.suit.payload, "FILE", "envelopes: a payload that is apart"},
        {0, "counter", FK_OPT_TEXT, &o.suit.counter, "N", "envelopes: the device's counter; key sets: its sequence"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "print JSON"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = TOOL " [options] file",
        .about = "Shows what an update packet or a firmware image holds, and verifies packets\n"
                 "with the code that the device runs.",
        .opts = opts,
        .n_opts = sizeof opts / sizeof opts[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    struct fk_texts operands = {.n = 0};
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &operands, &code)) {
        return code;
    }
    o.file = operands.at[0];
    struct fk_error err = FK_ERROR_INIT;
    enum fk_status st = run(&o, &err);
    return fk_cli_done(TOOL, st, &err);
}
