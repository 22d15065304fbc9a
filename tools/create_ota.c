/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "create_ota/suit.h"

#include "fotakit/file.h"
#include "fotakit/hex.h"
#include "fotakit/image.h"
#include "fotakit/json.h"
#include "fotakit/ota.h"
#include "fotakit/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOOL "create_ota"

struct options {
    const char *infile;
    const char *outfile;
    const char *keyfile; /* NULL: plain packet */
    const char *profile;
    const char *only_region;
    const char *input;
    const char *output; /* --format */
    bool pad, force, json, quiet;
    struct suit_options suit;
};

/* ---- progress: a line on a terminal, for runs longer than half a second ---- */

struct meter {
    bool on;
    bool shown;
    int64_t started_ms;
    int64_t drawn_ms;
};

static int64_t now_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void draw(struct meter *m, const char *doing, uint64_t done, uint64_t total)
{
    int64_t now = now_ms();
    if (!m->on || now - m->started_ms < 500 || now - m->drawn_ms < 100) {
        return;
    }
    m->drawn_ms = now;
    m->shown = true;
    if (total > 0) {
        fprintf(stderr, "\r" TOOL ": %s, %3" PRIu64 "%%", doing, done * 100 / total);
    } else {
        fprintf(stderr, "\r" TOOL ": %s, %" PRIu64 " KiB", doing, done / 1024);
    }
    fflush(stderr);
}

static void on_read(void *ctx, uint64_t done, uint64_t total)
{
    draw(ctx, "reading", done, total);
}

static void on_write(void *ctx, uint64_t done, uint64_t total)
{
    draw(ctx, "writing", done, total);
}

static void end_meter(const struct meter *m)
{
    if (m->shown) {
        fprintf(stderr, "\r\033[K");
    }
}

/* ---- the report ---- */

struct made {
    const struct options *o;
    const struct fk_profile *profile;
    struct fk_image_info image;
    struct fk_ota_result packet;
};

static void print_text(const struct made *m)
{
    const struct fk_ota_result *p = &m->packet;
    char hash[2 * sizeof p->sha256 + 1];
    fk_hex_encode(p->sha256, sizeof p->sha256, hash);
    printf("image   %s, ", fk_image_format_text(m->image.format));
    if (m->image.has_base) {
        printf("0x%08" PRIx64 "-0x%08" PRIx64 ", ", m->image.base, m->image.base + m->image.size);
    }
    printf("%" PRIu64 " bytes", p->image_size);
    if (m->image.filled > 0) {
        printf(", %" PRIu64 " of them filled gaps", m->image.filled);
    }
    if (p->padded > 0) {
        printf(", %" PRIu64 " of them padding", p->padded);
    }
    printf("\nsha256  %s\npacket  %s, %" PRIu64 " bytes: header %u, body %" PRIu64 ", %s\n", hash,
           m->o->outfile, p->packet_size, p->header_size, p->image_size,
           p->encrypted ? "encrypted with AES-128-GCM" : "plain");
    const char *lead = "profile";
    for (size_t i = 0; i < m->profile->n_unverified; i++) {
        const struct fk_unverified *u = &m->profile->unverified[i];
        if (strncmp(u->key, "fota.header", 11) == 0 || strncmp(u->key, "image", 5) == 0) {
            printf("%s %s, %s not verified: %s\n", lead, m->profile->name, u->key,
                   u->note != NULL ? u->note : u->source);
        }
    }
    const char *next = "next   ";
    if (p->encrypted && m->profile->key_command != NULL) {
        printf("%s %s   (once; the 16 bytes of %s)\n", next, m->profile->key_command,
               m->o->keyfile);
        next = "       ";
    }
    if (m->profile->update_command != NULL) {
        printf("%s %s\n", next, m->profile->update_command);
    }
}

static void print_json(const struct made *m)
{
    const struct fk_ota_result *p = &m->packet;
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", m->profile->name);
    fk_json_object(&j, "image");
    fk_json_string(&j, "file", m->o->infile);
    fk_json_string(&j, "format", fk_image_format_word(m->image.format));
    if (m->image.has_base) {
        fk_json_u64(&j, "base", m->image.base);
    } else {
        fk_json_null(&j, "base");
    }
    fk_json_u64(&j, "size", p->image_size);
    fk_json_u64(&j, "filled", m->image.filled);
    fk_json_u64(&j, "padded", p->padded);
    fk_json_hex(&j, "sha256", p->sha256, sizeof p->sha256);
    fk_json_object_end(&j);
    fk_json_object(&j, "packet");
    fk_json_string(&j, "file", m->o->outfile);
    fk_json_u64(&j, "size", p->packet_size);
    fk_json_u64(&j, "header_size", p->header_size);
    fk_json_bool(&j, "encrypted", p->encrypted);
    fk_json_object_end(&j);
    fk_json_array(&j, "unverified");
    for (size_t i = 0; i < m->profile->n_unverified; i++) {
        const struct fk_unverified *u = &m->profile->unverified[i];
        fk_json_object(&j, NULL);
        fk_json_string(&j, "key", u->key);
        fk_json_string(&j, "source", u->source);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    fk_json_array(&j, "device_commands");
    if (p->encrypted && m->profile->key_command != NULL) {
        fk_json_string(&j, NULL, m->profile->key_command);
    }
    if (m->profile->update_command != NULL) {
        fk_json_string(&j, NULL, m->profile->update_command);
    }
    fk_json_array_end(&j);
    fk_json_object_end(&j);
}

/* ---- the work ---- */

static void warn_about(const struct made *m, const struct fk_packet_key *key)
{
    const struct fk_device *device = &m->profile->device;
    if (!fk_device_takes_bare(device)) {
        fk_cli_warn(TOOL,
                    "%s takes packets in signed envelopes only; wrap this one with "
                    "--format suit --wrap-st",
                    device->name);
    }
    if (m->o->keyfile == NULL) {
        fk_cli_warn(TOOL, "the packet is plain: nothing authenticates it, anyone can change it%s",
                    device->policy.plain_allowed ? "" : "; the profile's device refuses it");
    } else if (key->exposed) {
        fk_cli_warn(TOOL, "key file '%s' can be read by others; protect it with: chmod 600 '%s'",
                    m->o->keyfile, m->o->keyfile);
    }
}

static enum fk_status make_packet(struct made *m, const struct fk_packet_key *key,
                                  enum fk_image_format format, struct fk_error *err)
{
    struct meter meter = {.on = isatty(STDERR_FILENO) != 0 && !m->o->quiet, .started_ms = now_ms()};
    const struct fk_image_options image_options = {
        .rules = &m->profile->image,
        .max_size = fk_device_slot_size(&m->profile->device),
        .format = format,
        .only_region = m->o->only_region,
        .progress = {.tick = on_read, .ctx = &meter},
    };
    const struct fk_ota_options ota_options = {
        .device = &m->profile->device,
        .key = m->o->keyfile != NULL ? key : NULL,
        .pad = m->o->pad,
        .gap_value = m->profile->image.gap_value,
        .progress = {.tick = on_write, .ctx = &meter},
    };
    struct fk_output output = FK_OUTPUT_INIT;
    struct fk_image *image = NULL;
    enum fk_status st = fk_output_open(&output, m->o->outfile, 0644, m->o->force, err);
    if (st == FK_OK) {
        st = fk_image_open(m->o->infile, &image_options, &image, err);
    }
    if (st == FK_OK) {
        m->image = *fk_image_info(image);
        st = fk_ota_write(image, &ota_options, &output, &m->packet, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&output, m->o->force, err);
    }
    end_meter(&meter);
    fk_output_abort(&output);
    fk_image_close(image);
    return st;
}

static enum fk_status parse_input(const struct options *o, enum fk_image_format *ret,
                                  struct fk_error *err)
{
    enum fk_status st = o->input != NULL ? fk_image_format_parse(o->input, ret, err) : FK_OK;
    return fk_wrap(err, st, "--input");
}

/* --force is for an old packet, not for the image or the only copy of a key. */
static enum fk_status check_outfile(const struct options *o, struct fk_error *err)
{
    const char *const inputs[] = {o->infile, o->keyfile};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        if (inputs[i] != NULL && fk_file_is_same(inputs[i], o->outfile)) {
            return fk_fail(err, FK_E_USAGE, "'%s' is %s as well as outfile; name another outfile",
                           inputs[i], i == 0 ? "infile" : "keyfile");
        }
    }
    return FK_OK;
}

static enum fk_status run_packet(const struct options *o, struct fk_error *err)
{
    struct made m = {.o = o};
    struct fk_packet_key key = {.exposed = false};
    struct fk_profile *profile = NULL;
    enum fk_image_format format = FK_IMAGE_AUTO;
    enum fk_status st = parse_input(o, &format, err);
    if (st == FK_OK) {
        st = check_outfile(o, err);
    }
    if (st == FK_OK) {
        st = fk_ota_profile_load(o->profile, &profile, err);
    }
    if (st == FK_OK && o->keyfile != NULL) {
        st = fk_packet_key_load(o->keyfile, &key, err);
    }
    if (st == FK_OK) {
        m.profile = profile;
        st = make_packet(&m, &key, format, err);
    }
    if (st == FK_OK) {
        warn_about(&m, &key);
        if (!o->quiet) {
            suit_note_overwrite(profile);
        }
        if (o->json) {
            print_json(&m);
        } else if (!o->quiet) {
            print_text(&m);
        }
    }
    fk_packet_key_wipe(&key);
    fk_profile_free(profile);
    return st;
}

/* Signed files have options of their own; the rest of the command line means the same. */
static enum fk_status run_signed(const struct options *o, enum suit_format format,
                                 struct fk_error *err)
{
    const char *stray = suit_option_stray(&o->suit, format);
    struct meter meter = {.on = isatty(STDERR_FILENO) != 0 && !o->quiet, .started_ms = now_ms()};
    struct suit_job job = {
        .infile = o->infile,
        .outfile = o->outfile,
        .profile = o->profile,
        .only_region = o->only_region,
        .format = FK_IMAGE_AUTO,
        .pad = o->pad,
        .force = o->force,
        .json = o->json,
        .quiet = o->quiet,
        .read_progress = {.tick = on_read, .ctx = &meter},
        .write_progress = {.tick = on_write, .ctx = &meter},
    };
    enum fk_status st = FK_OK;
    if (o->keyfile != NULL) {
        return fk_fail(err, FK_E_USAGE, "unexpected argument '%s'%s (see " TOOL " --help)",
                       o->keyfile,
                       format == SUIT_KEYSET ? ""
                                             : ": envelopes are encrypted with --encrypt-to or "
                                               "--encrypt-kek");
    }
    if (stray != NULL) {
        return fk_fail(err, FK_E_USAGE, "--%s does not belong to --format %s (see " TOOL " --help)",
                       stray, o->output);
    }
    st = parse_input(o, &job.format, err);
    if (st == FK_OK) {
        st = format == SUIT_KEYSET ? keyset_run(&o->suit, &job, err)
                                   : suit_run(&o->suit, &job, err);
    }
    end_meter(&meter);
    return st;
}

static enum fk_status run(const struct options *o, struct fk_error *err)
{
    const char *stray = suit_option_stray(&o->suit, SUIT_NONE);
    if (o->output != NULL && strcmp(o->output, "suit") == 0) {
        return run_signed(o, SUIT_ENVELOPE, err);
    }
    if (o->output != NULL && strcmp(o->output, "keyset") == 0) {
        return run_signed(o, SUIT_KEYSET, err);
    }
    if (o->output != NULL && strcmp(o->output, "st") != 0) {
        return fk_fail(err, FK_E_USAGE, "--format '%s' is not known, expected st, suit or keyset",
                       o->output);
    }
    if (stray != NULL) {
        return fk_fail(err, FK_E_USAGE, "--%s needs --format suit or keyset (see " TOOL " --help)",
                       stray);
    }
    if (o->infile == NULL) {
        return fk_fail(err, FK_E_USAGE, "missing argument (see " TOOL " --help)");
    }
    return run_packet(o, err);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const struct fk_opt opts[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "NAME|FILE", "device profile (default spwf04s)"},
        {0, "pad", FK_OPT_FLAG, &o.pad, NULL, "fill the image up to the unit of the device"},
        {0, "only-region", FK_OPT_TEXT, &o.only_region, "NAME|START-END",
         "keep only these addresses; END is exclusive"},
        {0, "input", FK_OPT_TEXT, &o.input, "hex|elf|bin",
         "format of infile (default: by content)"},
        {0, "force", FK_OPT_FLAG, &o.force, NULL, "replace outfile"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "report as JSON"},
        {'q', "quiet", FK_OPT_FLAG, &o.quiet, NULL, "no report, only warnings"},
        {'f', "format", FK_OPT_TEXT, &o.output, "st|suit|keyset",
         "update packet (default), or what the options below are for"},
        {0, "sign", FK_OPT_TEXTS, &o.suit.sign, "KEY|pkcs11:URI", "private key; may be repeated"},
        {0, "passin", FK_OPT_TEXT, &o.suit.passin, "SOURCE",
         "pass phrase or PIN: env:NAME, file:PATH, fd:N"},
        {0, "sequence", FK_OPT_TEXT, &o.suit.sequence, "N",
         "devices refuse lower numbers than they have had"},
        {0, "image-version", FK_OPT_TEXT, &o.suit.version, "TEXT", "for people"},
        {0, "payload", FK_OPT_TEXT, &o.suit.payload, "FILE", "payload apart from the envelope"},
        {0, "uri", FK_OPT_TEXT, &o.suit.uri, "URI", "where devices find that payload"},
        {0, "encrypt-to", FK_OPT_TEXTS, &o.suit.encrypt_to, "PUB.pem",
         "P-256 public key or certificate of a device; may be repeated"},
        {0, "encrypt-kek", FK_OPT_TEXTS, &o.suit.encrypt_kek, "FILE",
         "key of 16 bytes that a device shares; may be repeated"},
        {0, "encrypt-to-list", FK_OPT_TEXT, &o.suit.encrypt_list, "FILE",
         "the same for many: names of such files, one in a line"},
        {0, "split", FK_OPT_TEXT, &o.suit.split, "N|max",
         "outfile is a folder with an envelope for each N recipients"},
        {0, "device-id", FK_OPT_TEXT, &o.suit.device_id, "UUID", "for this one device only"},
        {0, "cipher", FK_OPT_TEXT, &o.suit.cipher, "a128gcm|a128ctr", "default a128gcm"},
        {0, "wrap-st", FK_OPT_FLAG, &o.suit.wrap_st, NULL, "infile is an update packet"},
        {0, "es256", FK_OPT_FLAG, &o.suit.es256, NULL, "sign ES256 (-7) instead of ESP256 (-9)"},
        {0, "emit-tbs", FK_OPT_TEXT, &o.suit.emit_tbs, "FILE",
         "write the bytes to sign with an offline key"},
        {0, "attach-signature", FK_OPT_TEXT, &o.suit.attach, "FILE",
         "infile is an envelope; add this signature of its --emit-tbs bytes"},
        {0, "signer", FK_OPT_TEXT, &o.suit.signer, "PUB.pem", "public key of the offline key"},
        {0, "add-recipient", FK_OPT_FLAG, &o.suit.add_recipient, NULL,
         "infile is an envelope; let more devices decrypt it, and sign anew"},
        {0, "kek", FK_OPT_TEXT, &o.suit.kek, "FILE", "a shared key that decrypts that envelope"},
        {0, "device-key", FK_OPT_TEXT, &o.suit.device_key, "KEY.pem",
         "or a P-256 key that does"},
        {0, "key", FK_OPT_TEXTS, &o.suit.keys, "PUB.pem[=image,packet,keys]",
         "keyset: a key that devices shall trust, and what it may sign"},
        {0, "threshold", FK_OPT_TEXT, &o.suit.threshold, "N",
         "keyset: signatures that devices shall ask for (default 1)"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = TOOL " [options] infile outfile [keyfile]",
        .about = "Makes a firmware update packet from an Intel HEX, ELF or raw binary image.\n"
                 "With keyfile (16 bytes, binary) it is encrypted with AES-128-GCM.\n"
                 "With --format suit the result is a signed envelope; with --format keyset it is\n"
                 "a set of keys that devices trust from then on, and infile is left out.",
        .opts = opts,
        .n_opts = sizeof opts / sizeof opts[0],
        .min_operands = 1,
        .max_operands = 3,
    };
    struct fk_texts operands = {.n = 0};
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &operands, &code)) {
        return code;
    }
    o.infile = operands.n > 1 ? operands.at[0] : NULL;
    o.outfile = operands.at[operands.n > 1 ? 1 : 0];
    o.keyfile = operands.n > 2 ? operands.at[2] : NULL;
    struct fk_error err = FK_ERROR_INIT;
    enum fk_status st = run(&o, &err);
    return fk_cli_done(TOOL, st, &err);
}
