/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/ota.h"

enum fk_status fk_ota_profile_load(const char *name_or_path, struct fk_profile **ret,
                                   struct fk_error *err)
{
    struct fk_profile *profile = NULL;
    enum fk_status st =
        fk_profile_load(name_or_path != NULL ? name_or_path : FK_PROFILE_DEFAULT, &profile, err);
    if (st == FK_OK && !profile->has_firmware) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "profile %s describes no firmware update; choose another with --profile",
                     profile->name);
    }
    if (st == FK_OK) {
        *ret = profile;
        profile = NULL;
    }
    fk_profile_free(profile);
    return st;
}
