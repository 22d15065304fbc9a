/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_SECTIONS_H
#define FK_PROFILE_SECTIONS_H

#include "profile/fields.h"

/* The sections of a profile, one small file each. A section fills its part of the profile; what it
 * needs from another section stands before it in the table in profile.c. */

void fk_section_device(struct fk_fields *f, struct fk_profile *p);
void fk_section_flash(struct fk_fields *f, struct fk_profile *p);
void fk_section_image(struct fk_fields *f, struct fk_profile *p);
void fk_section_fota(struct fk_fields *f, struct fk_profile *p);
void fk_section_envelope(struct fk_fields *f, struct fk_profile *p);
void fk_section_console(struct fk_fields *f, struct fk_profile *p);
void fk_section_board(struct fk_fields *f, struct fk_profile *p);
void fk_section_credentials(struct fk_fields *f, struct fk_profile *p);
void fk_section_errors(struct fk_fields *f, struct fk_profile *p);
void fk_section_errata(struct fk_fields *f, struct fk_profile *p);

/* p->device.tls, from the credentials: device_tls.c. */
void fk_device_tls(struct fk_profile *p);

/* fk_device_check() with the position in the file; top is the root of the file. */
void fk_section_check_device(struct fk_fields *top, const struct fk_profile *p);

#endif
