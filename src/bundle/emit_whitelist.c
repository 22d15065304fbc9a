/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include <string.h>

/* The paths that a device's web server may serve, one a line. A path that ends in * stands for all
 * that begin so; it must leave something out, and no path may cover a file with a private key. */

enum { PATH_CHARS_MAX = 128 };

static bool covers(const char *pattern, const char *path)
{
    size_t len = strlen(pattern);
    return pattern[len - 1] == '*' ? strncmp(pattern, path, len - 1) == 0
                                   : strcmp(pattern, path) == 0;
}

static enum fk_status check_text(const char *path, struct fk_error *err)
{
    size_t len = strlen(path), plain = strcspn(path, "*");
    if (path[0] != '/' || len > PATH_CHARS_MAX) {
        return fk_fail(err, FK_E_FORMAT,
                       "--serve '%.140s': expected a path that begins with '/', "
                       "of at most %d characters",
                       path, PATH_CHARS_MAX);
    }
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr(",;\"'\\?#", *c)) {
            return fk_fail(err, FK_E_FORMAT,
                           "--serve '%s': character %zu cannot stand in a "
                           "whitelist",
                           path, (size_t)(c - path) + 1);
        }
    }
    if (plain + 1 < len) {
        return fk_fail(err, FK_E_FORMAT, "--serve '%s': a * may only be the last character", path);
    }
    if (strcmp(path, "/*") == 0) {
        return fk_fail(err, FK_E_FORMAT,
                       "--serve '/*' would serve everything; name folders, such "
                       "as '/www/*'");
    }
    if (strstr(path, "/../") != NULL || strstr(path, "//") != NULL) {
        return fk_fail(err, FK_E_FORMAT, "--serve '%s': write the path without '..' and '//'",
                       path);
    }
    return FK_OK;
}

static enum fk_status check_secrets(const struct fk_emit_job *job, const struct fk_emitted *e,
                                    const char *pattern, struct fk_error *err)
{
    char path[FK_BUNDLE_NAME_SIZE + 1] = "/";
    for (size_t i = 0; i < e->n; i++) {
        memcpy(path + 1, e->files[i].name, sizeof e->files[i].name);
        if (e->files[i].secret && covers(pattern, path)) {
            return fk_fail(err, FK_E_UNSUPPORTED,
                           "--serve '%s' would serve '%s', a private key of "
                           "%s",
                           pattern, e->files[i].name, job->profile->title);
        }
    }
    return FK_OK;
}

enum fk_status fk_emit_whitelist(const struct fk_emit_job *job, struct fk_emitted *ret,
                                 struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < job->n_served; i++) {
        const char *path = job->served[i];
        st = check_text(path, err);
        st = st == FK_OK ? check_secrets(job, ret, path, err) : st;
        for (size_t k = 0; st == FK_OK && k < i; k++) {
            if (covers(job->served[k], path) || covers(path, job->served[k])) {
                st = fk_fail(err, FK_E_COLLISION, "--serve '%s' and '%s': one covers the other",
                             job->served[k], path);
            }
        }
        fk_text_fmt(&t, "%.128s\n", path);
    }
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    return fk_emitted_add_text(ret, job->store->whitelist, &t, false,
                               "what the web server may serve; its format is not published", err);
}
