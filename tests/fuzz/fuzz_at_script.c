/* SPDX-License-Identifier: Apache-2.0 */
/* A provisioning script as text: what parses must be written as the same script again. */
#include "fotakit/at_script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_or_abort(const struct fk_at_script *a, const struct fk_at_script *b)
{
    if (a->n != b->n || a->line_end != b->line_end || strcmp(a->ok, b->ok) != 0) {
        abort();
    }
    for (size_t i = 0; i < a->n; i++) {
        const struct fk_at_step *x = &a->steps[i], *y = &b->steps[i];
        if (strcmp(x->line, y->line) != 0 || strcmp(x->title, y->title) != 0 ||
            strcmp(x->expect, y->expect) != 0 || x->timeout_ms != y->timeout_ms ||
            x->may_fail != y->may_fail || x->restarts != y->restarts ||
            x->data.len != y->data.len ||
            (x->data.len > 0 && memcmp(x->data.ptr, y->data.ptr, x->data.len) != 0)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_at_script script = {.n = 0}, again = {.n = 0};
    struct fk_buffer text = {.ptr = NULL};
    if (fk_at_script_parse("input", (struct fk_slice){data, size}, &script, NULL) != FK_OK) {
        return 0;
    }
    if (fk_at_script_write(&script, &text, NULL) != FK_OK ||
        fk_at_script_parse("output", (struct fk_slice){text.ptr, text.len}, &again, NULL) !=
            FK_OK) {
        abort();
    }
    same_or_abort(&script, &again);
    fk_buffer_release(&text);
    if (fk_at_script_stream(&script, 1700000000, &text, NULL) != FK_OK) {
        abort();
    }
    fk_buffer_release(&text);
    fk_at_script_release(&again);
    fk_at_script_release(&script);
    return 0;
}
