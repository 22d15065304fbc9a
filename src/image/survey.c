/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/image.h"

#include "image/detect.h"
#include "image/extents.h"
#include "image/hex.h"
#include "image/segments.h"

#include <string.h>

static enum fk_status survey_hex(struct fk_input *in, struct fk_extents *extents,
                                 struct fk_image_survey *survey, struct fk_error *err)
{
    struct fk_hex hex;
    fk_hex_begin(&hex, in);
    for (;;) {
        uint8_t data[4096];
        struct fk_piece piece = {0};
        enum fk_status st = fk_hex_next(&hex, data, sizeof data, &piece, err);
        if (st != FK_OK) {
            return st;
        }
        if (piece.len == 0) {
            survey->lines = hex.line;
            survey->has_start = hex.has_start;
            survey->start = hex.start;
            return FK_OK;
        }
        fk_extents_add(extents, piece.addr, piece.addr + piece.len);
    }
}

static enum fk_status survey_elf(const struct fk_input *in, struct fk_extents *extents,
                                 struct fk_image_survey *survey, struct fk_error *err)
{
    struct fk_segments segments = {.n = 0};
    enum fk_status st = fk_segments_of_elf(in, &segments, &survey->start, err);
    survey->has_start = st == FK_OK;
    for (size_t i = 0; st == FK_OK && i < segments.n; i++) {
        const struct fk_segment *s = &segments.at[i];
        fk_extents_add(extents, s->addr, s->addr + s->len);
    }
    return st;
}

static enum fk_status survey_raw(struct fk_input *in, struct fk_extents *extents,
                                 struct fk_error *err)
{
    uint64_t size = (uint64_t)in->size;
    if (in->size < 0) {
        enum fk_status st = FK_OK;
        while (st == FK_OK && !(in->ended && fk_input_left(in) == 0)) {
            in->at = in->have;
            st = fk_input_need(in, 1, err);
        }
        if (st != FK_OK) {
            return st;
        }
        size = in->taken;
    }
    if (size > 0) {
        fk_extents_add(extents, 0, size);
    }
    return FK_OK;
}

enum fk_status fk_image_survey(const char *path, enum fk_image_format format,
                               struct fk_image_survey *ret, struct fk_error *err)
{
    struct fk_image_survey survey = {0};
    struct fk_extents extents = {.n = 0};
    struct fk_input in = FK_INPUT_INIT;
    enum fk_status st = fk_input_open(&in, path, err);
    if (st == FK_OK) {
        st = fk_image_detect(&in, format, &survey.format, err);
    }
    if (st == FK_OK) {
        st = survey.format == FK_IMAGE_HEX   ? survey_hex(&in, &extents, &survey, err)
             : survey.format == FK_IMAGE_ELF ? survey_elf(&in, &extents, &survey, err)
                                             : survey_raw(&in, &extents, err);
    }
    if (st == FK_OK) {
        memcpy(survey.spans, extents.at, sizeof survey.spans);
        survey.n_spans = extents.n;
        survey.bytes = extents.bytes;
        *ret = survey;
    }
    fk_input_close(&in);
    return st;
}
