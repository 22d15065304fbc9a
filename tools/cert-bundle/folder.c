/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/folder.h"

#include "fotakit/object.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096 };

void paths_release(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->at[i]);
    }
    free(p->at);
    *p = (struct paths){.n = 0};
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool holds_credentials(const char *path)
{
    struct fk_objects objects = {.n = 0};
    struct stat info;
    bool some = false;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        fk_objects_read(path, &objects, NULL) != FK_OK) {
        return false;
    }
    some = fk_objects_count(&objects, FK_OBJECT_CERTIFICATE) > 0 ||
           fk_objects_count_keys(&objects) > 0 || fk_objects_count(&objects, FK_OBJECT_PKCS12) > 0;
    fk_objects_release(&objects);
    return some;
}

static enum fk_status add_path(struct paths *p, const char *path, struct fk_error *err)
{
    char *copy = strdup(path);
    char **grown = realloc(p->at, (p->n + 1) * sizeof *p->at);
    p->at = grown != NULL ? grown : p->at;
    if (copy == NULL || grown == NULL) {
        free(copy);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    p->at[p->n++] = copy;
    return p->n < PATHS_MAX ? FK_OK : fk_fail(err, FK_E_LIMIT, "more than %d files", PATHS_MAX);
}

enum fk_status paths_add_folder(struct paths *p, const char *folder, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    size_t before = p->n;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return fk_fail(err, errno == ENOTDIR ? FK_E_NOT_REGULAR : FK_E_IO,
                       "cannot read the folder '%s': %s", folder, strerror(errno));
    }
    const struct dirent *entry;
    while (st == FK_OK && (entry = readdir(dir)) != NULL) {
        char path[PATH_SIZE];
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (n < 0 || (size_t)n >= sizeof path) {
            st = fk_fail(err, FK_E_LIMIT, "'%.100s...': the path is too long", folder);
        } else if (entry->d_name[0] != '.' && holds_credentials(path)) {
            st = add_path(p, path, err);
        }
    }
    closedir(dir);
    if (st == FK_OK && p->n == before) {
        st = fk_fail(err, FK_E_EMPTY, "'%s' holds no certificate and no private key", folder);
    }
    if (p->n > before) {
        qsort(p->at + before, p->n - before, sizeof p->at[0], compare_paths);
    }
    return st;
}

enum fk_status paths_add_operands(struct paths *p, const struct fk_texts *operands,
                                  struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < operands->n && st == FK_OK; i++) {
        struct stat info;
        bool is_folder = stat(operands->at[i], &info) == 0 && S_ISDIR(info.st_mode);
        st = is_folder ? paths_add_folder(p, operands->at[i], err)
                       : add_path(p, operands->at[i], err);
    }
    return st;
}
