/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/bundle.h"

#include <stdio.h>
#include <stdlib.h>

const char *fk_bundle_role_text(enum fk_bundle_role role)
{
    static const char *const texts[] = {
        [FK_BUNDLE_CA] = "root",
        [FK_BUNDLE_CERT] = "certificate",
        [FK_BUNDLE_KEY] = "private key",
        [FK_BUNDLE_AUTH] = "key identifier of the root",
        [FK_BUNDLE_SERVER] = "server certificate",
        [FK_BUNDLE_ANY] = "key or certificate",
    };
    return texts[role];
}

static void release_certs(struct fk_bundle_certs *list)
{
    for (size_t i = 0; i < list->n; i++) {
        fk_cert_free(list->at[i].cert);
    }
    free(list->at);
}

void fk_bundle_release(struct fk_bundle *b)
{
    release_certs(&b->roots);
    release_certs(&b->chain);
    release_certs(&b->server);
    fk_key_free(b->key.key);
    for (size_t i = 0; i < b->n_files; i++) {
        free(b->files[i].path);
    }
    free(b->files);
    free(b->host);
    *b = (struct fk_bundle){.n_files = 0};
}

const struct fk_cert *fk_bundle_leaf(const struct fk_bundle *b)
{
    return b->chain.n > 0 ? b->chain.at[b->leaf].cert : NULL;
}

void fk_bundle_place(const struct fk_bundle *b, size_t file, unsigned line,
                     char text[FK_BUNDLE_PLACE_SIZE])
{
    const char *path = b->files[file].path;
    if (line > 0 && b->files[file].n_certs + b->files[file].n_keys > 1) {
        snprintf(text, FK_BUNDLE_PLACE_SIZE, "'%.150s' line %u", path, line);
    } else {
        snprintf(text, FK_BUNDLE_PLACE_SIZE, "'%.150s'", path);
    }
}
