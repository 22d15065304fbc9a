/* SPDX-License-Identifier: Apache-2.0 */
/* --split: a folder with one envelope for each group of recipients, and an index of who is where.
 */
#include "suit.h"

#include "fotakit/folder.h"
#include "fotakit/json.h"

#include <stdio.h>
#include <stdlib.h>

struct writer {
    struct fk_folder folder;
    const struct suit_opened *all;
    struct fk_json index;
    size_t n;
};

static enum fk_status take(void *ctx, const struct fk_suit_group *group, struct fk_slice envelope,
                           struct fk_error *err)
{
    struct writer *w = ctx;
    char name[32];
    snprintf(name, sizeof name, "%05zu.suit", group->number + 1);
    fk_json_object(&w->index, NULL);
    fk_json_string(&w->index, "file", name);
    fk_json_array(&w->index, "recipients");
    for (size_t i = 0; i < group->n; i++) {
        fk_json_hex(&w->index, NULL, w->all->recipients[group->first + i].kid, FK_KID_SIZE);
    }
    fk_json_array_end(&w->index);
    fk_json_object_end(&w->index);
    w->n = group->number + 1;
    return fk_folder_write(&w->folder, name, envelope, err);
}

static enum fk_status write_index(struct writer *w, FILE *file, char **text, size_t *len,
                                  struct fk_error *err)
{
    fk_json_array_end(&w->index);
    fk_json_object_end(&w->index);
    if (fflush(file) != 0 || ferror(file) != 0) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    return fk_folder_write(&w->folder, "index.json", (struct fk_slice){(uint8_t *)*text, *len},
                           err);
}

enum fk_status suit_split(const struct suit_options *o, const struct suit_job *job,
                          struct suit_opened *all, struct fk_error *err)
{
    struct writer w = {.all = all};
    struct fk_output payload = FK_OUTPUT_INIT;
    struct fk_image *image = NULL;
    char *text = NULL;
    size_t len = 0;
    const struct fk_suit_sink sink = {.ctx = &w, .take = take};
    FILE *file = open_memstream(&text, &len);
    enum fk_status st = file != NULL ? FK_OK : fk_fail(err, FK_E_MEMORY, "out of memory");
    if (st == FK_OK) {
        fk_json_init(&w.index, file);
        fk_json_object(&w.index, NULL);
        fk_json_string(&w.index, "uri", o->uri);
        fk_json_u64(&w.index, "sequence", all->options.sequence);
        fk_json_array(&w.index, "envelopes");
        st = fk_folder_open(&w.folder, job->outfile, err);
    }
    if (st == FK_OK) {
        st = fk_output_open(&payload, o->payload, 0644, job->force, err);
    }
    if (st == FK_OK) {
        st = suit_open_image(o, job, all, &image, err);
    }
    if (st == FK_OK) {
        st = fk_suit_create_groups(image, &all->options, all->per_group, &payload, &sink,
                                   &all->result, err);
    }
    if (st == FK_OK) {
        st = write_index(&w, file, &text, &len, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&payload, job->force, err);
    }
    if (st == FK_OK) {
        st = fk_folder_commit(&w.folder, err);
    }
    all->n_envelopes = w.n;
    fk_folder_abort(&w.folder);
    fk_output_abort(&payload);
    fk_image_close(image);
    if (file != NULL) {
        fclose(file);
    }
    free(text);
    return st;
}
