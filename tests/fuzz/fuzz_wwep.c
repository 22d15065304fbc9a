/* SPDX-License-Identifier: Apache-2.0 */
/* A WWEP message: what parses must be written as the same message again, and a server has a
 * well-formed answer for everything. */
#include "wwep-secure/wwep.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_survive(const struct wwep_message *m)
{
    uint8_t buf[WWEP_MAX];
    size_t len = 0;
    struct wwep_message again;
    if (wwep_format(m, buf, sizeof buf, &len) != FK_OK ||
        wwep_parse((struct fk_slice){buf, len}, &again) != FK_OK || again.kind != m->kind ||
        again.device != m->device || again.reg != m->reg || again.value != m->value ||
        strcmp(again.reason, m->reason) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wwep_registers registers = {.n = 0};
    const struct fk_slice bytes = {data, size};
    struct wwep_message m;
    if (wwep_parse(bytes, &m) == FK_OK) {
        must_survive(&m);
    }
    m = wwep_answer(&registers, bytes);
    must_survive(&m);
    if (m.kind != WWEP_ACCEPT && m.kind != WWEP_FAIL) {
        abort();
    }
    return 0;
}
