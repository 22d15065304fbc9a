/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles come from customers. A profile that loads must be one that a device accepts. */
#include "fotakit/profile.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    enum fk_status st = fk_profile_parse("fuzz.yaml", data, size, &p, &err);
    if (st == FK_OK) {
        if (p == NULL || (p->has_firmware && fk_device_check(&p->device, NULL) != FK_OK)) {
            abort();
        }
        fk_profile_free(p);
    } else if (p != NULL || strncmp(err.msg, "fuzz.yaml:", 10) != 0 ||
               fk_status_class(st) != FK_CLASS_REJECTED) {
        abort(); /* refused without saying where */
    }
    return 0;
}
