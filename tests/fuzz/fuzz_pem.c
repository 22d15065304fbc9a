/* SPDX-License-Identifier: Apache-2.0 */
/* A credential file: PEM scanner, classification, and what our code does with the objects. */
#include "fotakit/cert.h"
#include "fotakit/key.h"
#include "fotakit/object.h"
#include "fotakit/ski.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_objects objects;
    if (fk_objects_parse((struct fk_slice){data, size}, &objects, NULL) != FK_OK) {
        return 0;
    }
    for (size_t i = 0; i < objects.n; i++) {
        const struct fk_object *o = &objects.at[i];
        struct fk_error err = FK_ERROR_INIT;
        struct fk_cert *cert = NULL;
        struct fk_key *key = NULL;
        struct fk_key_id id;
        if (o->kind == FK_OBJECT_CERTIFICATE && fk_cert_open(o->der, &cert, &err) == FK_OK) {
            (void)!fk_key_id_of(cert, true, &id, &err);
            (void)!fk_key_id_of_issuer(cert, &id, &err);
            fk_cert_free(cert);
        }
        if (fk_object_is_key(o) && fk_key_open(o, NULL, &key, &err) == FK_OK) {
            struct fk_buffer der = {.ptr = NULL};
            for (int s = FK_KEY_PKCS1; s <= FK_KEY_PKCS8; s++) {
                (void)!fk_key_encode(key, (enum fk_key_structure)s, &der, &err);
                fk_buffer_release(&der);
            }
            fk_key_free(key);
        }
    }
    fk_objects_release(&objects);
    return 0;
}
