/* SPDX-License-Identifier: Apache-2.0 */
/* ELF: whatever the headers say, nothing outside the file is read and nothing beyond the slot given
 * out. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/image_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fk_image_rules any = {.unit = 4, .gap_value = 0xff, .any_base = true};
    static const char *const parts[] = {NULL, "0x8000-0x20000"};
    static struct flat flat;
    char path[32];
    int fd = memory_file(data, size, path);
    for (size_t i = 0; i < 2; i++) {
        const struct fk_image_options options = {
            .rules = &any, .max_size = SLOT, .format = FK_IMAGE_ELF, .only_region = parts[i]};
        read_image(path, &options, i == 0 ? SLOT : 50, &flat);
    }
    struct fk_image_survey survey;
    enum fk_status st = fk_image_survey(path, FK_IMAGE_ELF, &survey, NULL);
    close(fd);
    return st == FK_OK && survey.n_spans > FK_SURVEY_SPANS ? -1 : 0;
}
