/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/section_credentials.h"

enum { USES_MAX = 16 };

static const struct fk_word purposes[] = {
    {"tls", FK_PURPOSE_TLS},
    {"wpa-enterprise", FK_PURPOSE_WPA_ENTERPRISE},
    {"fota", FK_PURPOSE_FOTA},
};
static const struct fk_word sides[] = {{"client", false}, {"server", true}};

static void load_parts(struct fk_fields *f, struct fk_credential_use *use)
{
    struct fk_fields key = fk_field_map(f, "private_key");
    fk_credentials_key(&key, &use->key);
    fk_fields_end(&key);
    struct fk_fields cert = fk_field_map(f, "certificate");
    fk_credentials_cert(&cert, &use->cert);
    fk_fields_end(&cert);
    if (fk_fields_has(f, "chain")) {
        struct fk_fields chain = fk_field_map(f, "chain");
        fk_credentials_chain(&chain, &use->chain);
        fk_fields_end(&chain);
    }
    if (fk_fields_has(f, "checks")) {
        struct fk_fields checks = fk_field_map(f, "checks");
        fk_credentials_checks(&checks, &use->checks);
        fk_fields_end(&checks);
    }
    if (fk_fields_has(f, "tls")) {
        struct fk_fields tls = fk_field_map(f, "tls");
        fk_credentials_tls(&tls, &use->tls);
        fk_fields_end(&tls);
    }
    if (fk_fields_has(f, "dialogue")) {
        struct fk_fields dialogue = fk_field_map(f, "dialogue");
        fk_credentials_dialogue(&dialogue, &use->dialogue);
        fk_fields_end(&dialogue);
    }
    if (fk_fields_has(f, "stores")) {
        fk_credentials_stores(f, use);
    }
    if (fk_fields_has(f, "modes")) {
        fk_credentials_modes(f, use);
    }
    if (fk_fields_has(f, "sequences")) {
        fk_credentials_sequences(f, use);
    }
}

static void load_use(struct fk_fields *f, struct fk_credential_use *use)
{
    use->title = fk_field_text(f, "title", 100);
    use->purpose = (enum fk_purpose)fk_field_word(f, "purpose", FK_WORDS(purposes));
    if (fk_fields_has(f, "side")) {
        use->server = fk_field_word(f, "side", FK_WORDS(sides)) != 0;
    }
    load_parts(f, use);
    fk_fields_end(f);
}

void fk_section_credentials(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_credential_use *uses = fk_arena_take(f->ld->arena, USES_MAX * sizeof *uses);
    if (uses == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    size_t n = 0;
    for (const char *name = fk_fields_next(f); name != NULL; name = fk_fields_next(f)) {
        struct fk_fields one = fk_field_map(f, name);
        if (n == USES_MAX) {
            fk_fields_refuse(f, name, "more than %d uses", USES_MAX);
            return;
        }
        uses[n].name = name;
        load_use(&one, &uses[n]);
        n++;
    }
    if (fk_fields_ok(f) && n == 0) {
        fk_fields_refuse(f, NULL, "no use; a section credentials has at least one");
    }
    p->uses = uses;
    p->n_uses = n;
}
