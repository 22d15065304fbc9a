/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/image.h"

#include "image/canvas.h"
#include "image/detect.h"
#include "image/hex.h"
#include "image/input.h"
#include "image/rules.h"
#include "image/segments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where the bytes come from when the image is read. */
enum source {
    FROM_HEX,      /* records once more, in ascending order */
    FROM_SEGMENTS, /* parts of the file */
    FROM_CANVAS    /* memory */
};

struct fk_image {
    struct fk_input in;
    struct fk_judge judge;
    struct fk_progress progress;
    uint64_t ticked; /* bytes of input at the last report */
    struct fk_image_info info;
    uint8_t gap_value;

    enum source source;
    struct fk_hex hex;
    uint64_t print; /* of the records when they were judged */
    struct fk_segments segments;
    struct fk_canvas canvas;

    uint64_t at;  /* address of the next byte to give out */
    uint64_t end; /* behind the last */
    bool complete;
    struct fk_piece piece; /* not given out yet; stands in store */
    const uint8_t *piece_data;
    uint8_t store[FK_HEX_DATA_MAX];
};

static void report(struct fk_image *m)
{
    if (m->progress.tick != NULL && m->in.taken != m->ticked) {
        m->ticked = m->in.taken;
        uint64_t total = m->in.size > 0 ? (uint64_t)m->in.size : 0;
        uint64_t done = total > 0 && m->in.taken > total ? total : m->in.taken; /* it may grow */
        m->progress.tick(m->progress.ctx, done, total);
    }
}

/* Takes every record of a HEX input into account; the canvas gets the bytes when there is one. Past
 * the slot size only the verdict matters: the canvas stays as it is and the rest is still checked,
 * so that the refusal can say where all the data lies. */
static enum fk_status scan_hex(struct fk_image *m, struct fk_error *err)
{
    const struct fk_extents *kept = &m->judge.kept;
    /* Record by record where a refusal may have to name the line of one. */
    bool single = m->canvas.bytes != NULL || !m->judge.rules->any_base;
    fk_hex_begin(&m->hex, &m->in);
    for (;;) {
        struct fk_piece piece;
        size_t skip = 0;
        uint8_t data[4096]; /* stays in the processor's first cache */
        enum fk_status st =
            fk_hex_next(&m->hex, data, single ? FK_HEX_DATA_MAX : sizeof data, &piece, err);
        if (st != FK_OK || piece.len == 0) {
            return st;
        }
        st = fk_judge_add(&m->judge, &piece, &skip, err);
        if (st == FK_OK && m->canvas.bytes != NULL && piece.len > 0 &&
            fk_extents_end(kept) - kept->at[0].start <= m->canvas.cap) {
            st = fk_canvas_put(&m->canvas, piece, data + skip, err);
        }
        if (st != FK_OK) {
            return fk_wrap(err, st, "'%s' line %" PRIu64, m->in.path, m->hex.line);
        }
        report(m);
    }
}

static enum fk_status open_hex(struct fk_image *m, struct fk_span *ret_span, struct fk_error *err)
{
    bool pipe = m->in.size < 0;
    enum fk_status st = pipe ? fk_canvas_init(&m->canvas, m->judge.max_size, err) : FK_OK;
    if (st == FK_OK) {
        st = scan_hex(m, err);
    }
    if (st == FK_OK) {
        st = fk_judge_end(&m->judge, m->in.path, ret_span, err);
    }
    if (st != FK_OK || pipe) {
        m->source = FROM_CANVAS;
        return st;
    }
    m->print = m->hex.print;
    st = fk_input_rewind(&m->in, err);
    if (st == FK_OK && m->judge.kept.descending) {
        m->source = FROM_CANVAS;
        m->judge.kept = m->judge.all = (struct fk_extents){.n = 0};
        st = fk_canvas_init(&m->canvas, ret_span->end - ret_span->start, err);
        if (st == FK_OK) {
            st = scan_hex(m, err);
        }
        if (st == FK_OK && m->hex.print != m->print) {
            st = fk_input_changed(&m->in, err);
        }
        return st;
    }
    m->source = FROM_HEX;
    fk_hex_begin(&m->hex, &m->in);
    return st;
}

/* Judges the segments and leaves of them what is kept. */
static enum fk_status open_segments(struct fk_image *m, struct fk_span *ret_span,
                                    struct fk_error *err)
{
    struct fk_segments kept = {.n = 0};
    for (size_t i = 0; i < m->segments.n; i++) {
        const struct fk_segment *s = &m->segments.at[i];
        struct fk_piece piece = {.addr = s->addr, .len = (size_t)s->len};
        size_t skip = 0;
        enum fk_status st = fk_judge_add(&m->judge, &piece, &skip, err);
        if (st != FK_OK) {
            return fk_wrap(err, st, "'%s'", m->in.path);
        }
        if (piece.len > 0) {
            kept.at[kept.n++] = (struct fk_segment){piece.addr, s->off + skip, piece.len};
        }
    }
    m->segments = kept;
    m->source = FROM_SEGMENTS;
    return fk_judge_end(&m->judge, m->in.path, ret_span, err);
}

/* Raw binary has no addresses: it stands where the device's slot begins. */
static uint64_t raw_base(const struct fk_image_rules *rules)
{
    for (size_t i = 0; i < rules->n_regions && !rules->any_base; i++) {
        if (rules->regions[i].application) {
            return rules->regions[i].start;
        }
    }
    return 0;
}

static enum fk_status refuse_raw_size(const struct fk_image *m, const char *more,
                                      struct fk_error *err)
{
    return fk_fail(err, FK_E_IMAGE_TOO_BIG, "'%s' has more than %" PRIu64 " bytes, %s", m->in.path,
                   m->judge.max_size, more);
}

static enum fk_status open_raw(struct fk_image *m, struct fk_span *ret_span, struct fk_error *err)
{
    uint64_t base = raw_base(m->judge.rules);
    uint64_t limit = FK_ADDRESS_END - base;
    if (m->in.size >= 0) {
        if ((uint64_t)m->in.size > limit) {
            return refuse_raw_size(m, "and goes beyond the 4 GiB of addresses", err);
        }
        m->segments.at[0] = (struct fk_segment){.addr = base, .len = (uint64_t)m->in.size};
        m->segments.n = 1;
        return open_segments(m, ret_span, err);
    }
    m->source = FROM_CANVAS;
    enum fk_status st = fk_canvas_init(&m->canvas, m->judge.max_size, err);
    for (uint64_t at = base; st == FK_OK;) {
        st = fk_input_need(&m->in, 1, err);
        struct fk_piece piece = {.addr = at, .len = fk_input_left(&m->in)};
        if (st != FK_OK || piece.len == 0) {
            break;
        }
        if (piece.len > limit - (at - base)) {
            return refuse_raw_size(m, "and goes beyond the 4 GiB of addresses", err);
        }
        const uint8_t *data = m->in.buf + m->in.at;
        at += piece.len;
        m->in.at = m->in.have;
        size_t skip = 0;
        st = fk_judge_add(&m->judge, &piece, &skip, err);
        if (st == FK_OK && m->judge.kept.bytes > m->canvas.cap) {
            return refuse_raw_size(m, "the size of the slot", err);
        }
        if (st == FK_OK) {
            st = fk_canvas_put(&m->canvas, piece, data + skip, err);
        }
        report(m);
    }
    return st != FK_OK ? st : fk_judge_end(&m->judge, m->in.path, ret_span, err);
}

static enum fk_status open_any(struct fk_image *m, enum fk_image_format wanted,
                               struct fk_error *err)
{
    struct fk_image_info *info = &m->info;
    enum fk_status st = fk_image_detect(&m->in, wanted, &info->format, err);
    if (st != FK_OK) {
        return st;
    }
    struct fk_span span = {0};
    uint32_t entry = 0;
    if (info->format == FK_IMAGE_HEX) {
        st = open_hex(m, &span, err);
    } else if (info->format == FK_IMAGE_ELF) {
        st = fk_segments_of_elf(&m->in, &m->segments, &entry, err);
        st = st == FK_OK ? open_segments(m, &span, err) : st;
    } else {
        st = open_raw(m, &span, err);
    }
    if (st != FK_OK) {
        return st;
    }
    info->has_base = info->format != FK_IMAGE_BIN || !m->judge.rules->any_base;
    info->base = span.start;
    info->size = span.end - span.start;
    info->filled = m->source == FROM_CANVAS ? fk_canvas_fill(&m->canvas, span, m->gap_value)
                                            : info->size - m->judge.kept.bytes;
    m->at = span.start;
    m->end = span.end;
    return FK_OK;
}

enum fk_status fk_image_open(const char *path, const struct fk_image_options *options,
                             struct fk_image **ret, struct fk_error *err)
{
    struct fk_image *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return fk_fail(err, FK_E_MEMORY, "cannot read '%s': out of memory", path);
    }
    m->in = (struct fk_input)FK_INPUT_INIT;
    m->judge.rules = options->rules;
    m->judge.max_size = options->max_size;
    m->gap_value = options->rules->gap_value;
    m->progress = options->progress;
    enum fk_status st = fk_keep_parse(options->only_region, options->rules, &m->judge.keep, err);
    if (st == FK_OK) {
        st = fk_input_open(&m->in, path, err);
    }
    if (st == FK_OK) {
        st = open_any(m, options->format, err);
    }
    if (st == FK_OK) {
        *ret = m;
        m = NULL;
    }
    fk_image_close(m);
    return st;
}

const struct fk_image_info *fk_image_info(const struct fk_image *image)
{
    return &image->info;
}

const char *fk_image_path(const struct fk_image *image)
{
    return image->in.path;
}

void fk_image_close(struct fk_image *image)
{
    if (image != NULL) {
        fk_input_close(&image->in);
        fk_canvas_release(&image->canvas);
        free(image);
    }
}

/* The next kept piece, decoded at to when that has room; length 0 is the end of the input. */
static enum fk_status fetch(struct fk_image *m, uint8_t *to, size_t room, struct fk_error *err)
{
    struct fk_piece piece = {0};
    size_t skip = 0;
    /* What is cut at its front, or has a gap in front, must fit the store. */
    if (room < sizeof m->store || !m->judge.keep.all) {
        to = m->store;
        room = sizeof m->store;
    }
    do {
        enum fk_status st = m->source == FROM_HEX
                                ? fk_hex_next(&m->hex, to, room, &piece, err)
                                : fk_segments_next(&m->segments, &m->in, to, room, &piece, err);
        if (st != FK_OK) {
            return st;
        }
        if (piece.len == 0) {
            m->piece = piece;
            return m->source == FROM_HEX && m->hex.print != m->print
                       ? fk_input_changed(&m->in, err)
                       : FK_OK;
        }
        skip = fk_keep_clip(&m->judge.keep, &piece);
    } while (piece.len == 0);
    /* The file may not be the one that was judged any more. */
    if (piece.addr < m->at || piece.addr > m->end || piece.len > m->end - piece.addr) {
        return fk_input_changed(&m->in, err);
    }
    m->piece = piece;
    m->piece_data = to + skip;
    return FK_OK;
}

static enum fk_status finish(struct fk_image *m, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (m->source != FROM_CANVAS) {
        st = fetch(m, m->store, sizeof m->store, err);
        if (st == FK_OK && m->piece.len > 0) {
            st = fk_input_changed(&m->in, err);
        }
    }
    m->complete = st == FK_OK;
    return st;
}

/* Some bytes at m->at: at most cap, at least one, or 0 when the next piece was only fetched. */
static enum fk_status read_some(struct fk_image *m, uint8_t *buf, size_t cap, size_t *ret_len,
                                struct fk_error *err)
{
    uint64_t left = m->end - m->at;
    size_t n = left < cap ? (size_t)left : cap;
    uint64_t segment = m->source == FROM_SEGMENTS ? fk_segments_peek(&m->segments) : m->at;
    if (m->source == FROM_CANVAS) {
        fk_canvas_copy(&m->canvas, m->at, buf, n);
    } else if (segment > m->at && m->piece.len == 0) {
        n = segment - m->at < n ? (size_t)(segment - m->at) : n;
        memset(buf, m->gap_value, n);
    } else if (m->piece.len == 0) {
        enum fk_status st = fetch(m, buf, cap, err);
        if (st == FK_OK && m->piece.len == 0) {
            st = fk_input_changed(&m->in, err); /* the input ended early */
        }
        if (st != FK_OK) {
            return st;
        }
        bool in_place = m->piece_data == buf && m->piece.addr == m->at;
        n = in_place ? m->piece.len : 0;
        if (!in_place && m->piece.len <= sizeof m->store) {
            memmove(m->store, m->piece_data, m->piece.len); /* the gap in front of it comes first */
            m->piece_data = m->store;
        } else if (!in_place) {
            return fk_fail(err, FK_E_INTERNAL, "piece of %zu bytes behind a gap", m->piece.len);
        }
        m->piece.addr += n;
        m->piece.len -= n;
    } else if (m->piece.addr > m->at) {
        uint64_t gap = m->piece.addr - m->at;
        n = gap < n ? (size_t)gap : n;
        memset(buf, m->gap_value, n);
    } else {
        n = m->piece.len < n ? m->piece.len : n;
        memcpy(buf, m->piece_data, n);
        m->piece_data += n;
        m->piece.addr += n;
        m->piece.len -= n;
    }
    m->at += n;
    *ret_len = n;
    return FK_OK;
}

enum fk_status fk_image_read(struct fk_image *image, uint8_t *buf, size_t cap, size_t *ret_len,
                             struct fk_error *err)
{
    size_t have = 0;
    while (have < cap && image->at < image->end) {
        size_t n = 0;
        enum fk_status st = read_some(image, buf + have, cap - have, &n, err);
        if (st != FK_OK) {
            return st;
        }
        have += n;
    }
    if (have == 0 && !image->complete && cap > 0) {
        enum fk_status st = finish(image, err);
        if (st != FK_OK) {
            return st;
        }
    }
    *ret_len = have;
    return FK_OK;
}
