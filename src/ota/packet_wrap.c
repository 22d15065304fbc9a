/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/packet.h"

#include "fotakit/image.h"

static enum fk_status refuse(const char *path, const char *what, const char *remedy,
                             struct fk_error *err)
{
    return fk_fail(err, FK_E_FORMAT, "'%s' is %s, not an update packet; %s", path, what, remedy);
}

/* A packet has no magic number, so it is told from what it is not. */
static enum fk_status check_kind(const char *path, struct fk_error *err)
{
    struct fk_image_survey survey = {.format = FK_IMAGE_BIN};
    enum fk_status st = fk_image_survey(path, FK_IMAGE_AUTO, &survey, err);
    if (st == FK_OK && survey.format != FK_IMAGE_BIN) {
        st = refuse(path, fk_image_format_text(survey.format),
                    "leave out --wrap-st, or make a packet of it first", err);
    }
    return st;
}

enum fk_status fk_packet_check_wrap(const char *path, const struct fk_device *device,
                                    struct fk_error *err)
{
    struct fk_packet packet = FK_PACKET_INIT;
    struct fk_st_report report = {.plain = false};
    enum fk_status st = check_kind(path, err);
    if (st == FK_OK) {
        st = fk_packet_open(&packet, path, device, err);
    }
    if (st == FK_OK && fk_packet_looks_like_code(&packet)) {
        st = refuse(path, "a raw image by its first bytes, which are a vector table",
                    "leave out --wrap-st; a packet that begins so by accident can be made anew", err);
    }
    if (st == FK_OK) {
        struct fk_error why = FK_ERROR_INIT;
        st = fk_packet_verify(&packet, NULL, &report, &why);
        /* The one is for whoever has the key to say, the other is what the envelope is for. */
        bool fine = st == FK_OK || st == FK_E_NO_KEY || st == FK_E_BARE_REFUSED;
        st = fine ? FK_OK : fk_fail(err, st, "%s", why.msg);
    }
    fk_packet_close(&packet);
    return st;
}
