/* SPDX-License-Identifier: Apache-2.0 */
#include "port/recovery.h"

#include "core/plan.h"
#include "fotakit_fw/accepts.h"
#include "port/print.h"

/* What statuses are about: the sentences of all of them would be 6 KiB. */
enum word {
    NO_IMAGE,
    NO_CODE,
    DAMAGED,
    POLICY,
    DOWNLOAD,
    STATE,
    FORMAT,
    SIZE,
    KEY,
    OLDER,
    TRIAL,
    SIGNER,
    DEVICE,
    HARDWARE
};
static const char words[][9] = {"no image", "no code", "damaged", "policy",  "download",
                                "state",    "format",  "size",    "key",     "older",
                                "trial",    "signer",  "device",  "hardware"};

/* From this number to that of the next row. */
static const struct {
    uint8_t from, word;
} rows[] = {
    {0, STATE},
    {FK_E_TRUNCATED, FORMAT},
    {FK_E_IMAGE_OVERLAP, SIZE},
    {FK_E_TAG, DAMAGED},
    {FK_E_NO_KEY, KEY},
    {FK_E_PLAIN_REFUSED, POLICY},
    {FK_E_PAYLOAD_SIZE, SIZE},
    {FK_E_HTTP_SYNTAX, DOWNLOAD},
    {FK_E_NO_IMAGE, STATE},
    {FK_E_ROLLBACK, OLDER},
    {FK_E_NOT_CONFIRMED, TRIAL},
    {FK_E_KEYS, KEY},
    {FK_E_CLOCK, STATE},
    {FK_E_CBOR, FORMAT},
    {FK_E_SUIT_TOO_BIG, SIZE},
    {FK_E_UNSIGNED, SIGNER},
    {FK_E_SUIT_VERSION, FORMAT},
    {FK_E_VENDOR, DEVICE},
    {FK_E_SEVERED, FORMAT},
    {FK_E_AUTHORITY, SIGNER},
    {FK_E_ENCRYPTION_REQUIRED, POLICY},
    {FK_E_ENCRYPTION_INFO, FORMAT},
    {FK_E_RECIPIENT, KEY},
    {FK_E_CIPHERTEXT, DAMAGED},
    {FK_E_PAYLOAD_URI, FORMAT},
    {FK_E_IO, HARDWARE},
};

static enum word word_of(enum fk_status st)
{
    unsigned i = sizeof rows / sizeof *rows - 1;
    while ((unsigned)st < rows[i].from) {
        i--;
    }
    return (enum word)rows[i].word;
}

static void say(const char *what, enum word word)
{
    fk_print(what);
    fk_print(words[word]);
}

/* "damaged" has two reasons where policy asks for signatures at each boot. */
static enum word primary_is(const struct fk_core *core, const struct fk_image_info *image)
{
    enum fk_status st = FK_E_DIGEST;
    if (image->size == 0) {
        return NO_IMAGE;
    }
    if (FK_BOOTS_BY_SIGNATURE && core->device->policy.boot_check == FK_BOOT_CHECK_SIGNATURE) {
        enum fk_status judged = fk_plan_check_installed(core, image);
        st = judged != FK_OK ? judged : st;
    }
    return word_of(st);
}

/* Where the previous image is kept, and downloads. */
static enum word staging_is(const struct fk_core *core)
{
    const struct fk_state *s = &core->state;
    if (s->phase == FK_PHASE_RECEIVING) {
        return DOWNLOAD;
    }
    if (s->previous.size == 0) {
        return NO_IMAGE;
    }
    return s->phase == FK_PHASE_IDLE && !core->device->policy.recover_previous ? POLICY : DAMAGED;
}

/* Size and digest of the image stand in the line above; written back byte for byte, it starts. */
static void say_to_do(bool write_back)
{
    fk_print("\r\nboot: to do: write ");
    if (write_back) {
        fk_print("that image to primary, or ");
    }
    fk_print("a flash of fota-sim init\r\n");
}

void fk_recovery_report(const struct fk_core *core, const struct fk_boot_report *report)
{
    bool write_back = false;
    if (report->status == FK_E_NO_STATE) {
        fk_print("boot: no state");
    } else if (report->verdict == FK_VERDICT_BOOT) {
        say("boot: primary: ", NO_CODE);
    } else {
        write_back = report->image.size > 0;
        say("boot: primary: ", primary_is(core, &report->image));
        say("\r\nboot: staging: ", staging_is(core));
        if (core->state.last.status != FK_OK) {
            fk_print("\r\nboot: last update: status ");
            fk_print_u32((uint32_t)core->state.last.status);
            say(", ", word_of(core->state.last.status));
        }
    }
    say_to_do(write_back);
}
