/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/search.h"

#include "fotakit/profile.h"
#include "profile/fields.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDERS_MAX = 3, NAMES_MAX = 64, NAME_LEN_MAX = 64, PATH_LEN_MAX = 4096 };

struct folders {
    char at[FOLDERS_MAX][PATH_LEN_MAX];
    size_t n;
};

struct names {
    char at[NAMES_MAX][NAME_LEN_MAX];
    size_t n;
};

static void add_folder(struct folders *f, const char *start, const char *rest)
{
    int len = snprintf(f->at[f->n], PATH_LEN_MAX, "%s%s", start, rest);
    if (len > 0 && len < PATH_LEN_MAX) {
        f->n++;
    }
}

/* Cuts the last part of a path; false when there is none. */
static bool cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

/* Folders that belong to the program: PREFIX/bin/x has PREFIX/share/fotakit/profiles, and
 * TREE/build/VARIANT/bin/x has TREE/profiles. */
static void add_program_folders(struct folders *f)
{
    char path[PATH_LEN_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0) {
        return;
    }
    path[len] = '\0';
    if (!cut_last(path) || !cut_last(path)) {
        return;
    }
    add_folder(f, path, "/share/fotakit/profiles");
    if (!cut_last(path)) {
        return;
    }
    char *base = strrchr(path, '/');
    if (base != NULL && strcmp(base, "/build") == 0) {
        *base = '\0';
        add_folder(f, path, "/profiles");
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_names(struct names *names, const char *folder)
{
    DIR *d = opendir(folder);
    if (d == NULL) {
        return;
    }
    const struct dirent *e;
    while (names->n < NAMES_MAX && (e = readdir(d)) != NULL) {
        size_t len = strlen(e->d_name);
        if (len <= 5 || len - 5 >= NAME_LEN_MAX || e->d_name[0] == '.' ||
            strcmp(e->d_name + len - 5, ".yaml") != 0) {
            continue;
        }
        snprintf(names->at[names->n++], NAME_LEN_MAX, "%.*s", (int)(len - 5), e->d_name);
    }
    closedir(d);
}

static enum fk_status not_found(const char *name, const struct folders *folders,
                                struct fk_error *err)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        return fk_fail(err, FK_E_MEMORY, "profile '%.60s': out of memory", name);
    }
    char looked[500] = "", known[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < folders->n && used < sizeof looked; i++) {
        used += (size_t)snprintf(looked + used, sizeof looked - used, "%s%s", i > 0 ? ", " : "",
                                 folders->at[i]);
        add_names(names, folders->at[i]);
    }
    qsort(names->at, names->n, sizeof names->at[0], by_name);
    const char *list[NAMES_MAX];
    size_t n = 0;
    used = 0;
    for (size_t i = 0; i < names->n && used < sizeof known; i++) {
        if (n == 0 || strcmp(list[n - 1], names->at[i]) != 0) {
            list[n++] = names->at[i];
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", n > 1 ? ", " : "",
                                     names->at[i]);
        }
    }
    const char *near = fk_nearest(name, list, n);
    enum fk_status st =
        fk_fail(err, FK_E_NOT_FOUND, "no profile '%.60s'%s%s%s in %s; there is %s", name,
                near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                near != NULL ? "'?)" : "", looked, n > 0 ? known : "none");
    free(names);
    return st;
}

enum fk_status fk_profile_find(const char *name_or_path, char *path, size_t size,
                               struct fk_error *err)
{
    size_t len = strlen(name_or_path);
    bool is_path = strchr(name_or_path, '/') != NULL ||
                   (len > 5 && strcmp(name_or_path + len - 5, ".yaml") == 0);
    if (is_path) {
        int n = snprintf(path, size, "%s", name_or_path);
        return n > 0 && (size_t)n < size
                   ? FK_OK
                   : fk_fail(err, FK_E_NOT_FOUND, "path is too long: %.60s...", name_or_path);
    }
    struct folders *folders = calloc(1, sizeof *folders);
    if (folders == NULL) {
        return fk_fail(err, FK_E_MEMORY, "profile '%.60s': out of memory", name_or_path);
    }
    const char *own = getenv("FOTAKIT_PROFILES");
    if (own != NULL && own[0] != '\0') {
        add_folder(folders, own, "");
    }
    add_program_folders(folders);
    enum fk_status st = FK_E_NOT_FOUND;
    for (size_t i = 0; i < folders->n && st != FK_OK; i++) {
        int n = snprintf(path, size, "%s/%s.yaml", folders->at[i], name_or_path);
        if (n > 0 && (size_t)n < size && access(path, F_OK) == 0) {
            st = FK_OK;
        }
    }
    if (st != FK_OK) {
        st = not_found(name_or_path, folders, err);
    }
    free(folders);
    return st;
}
