/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_args.h"

#include "app/console_answer.h"
#include "wire/http_text.h"

#include <string.h>

const char *fk_args_text(const struct fk_args *args, size_t i)
{
    return i < args->n ? args->at[i] : "";
}

const char *fk_file_name_arg(const struct fk_args *args, size_t i)
{
    const char *name = fk_args_text(args, i);
    return name[0] == '/' ? name + 1 : name;
}

bool fk_args_number(const char *text, uint64_t max, uint64_t *ret)
{
    struct fk_slice s = {(const uint8_t *)text, strlen(text)};
    uint64_t n = 0;
    if (!fk_http_take_number(&s, &n) || s.len > 0 || n > max) {
        return false;
    }
    *ret = n;
    return true;
}

bool fk_args_tls(const char *text, bool *ret)
{
    *ret = strcmp(text, "1") == 0 || strcmp(text, "2") == 0;
    return *ret || text[0] == '\0' || strcmp(text, "0") == 0;
}

bool fk_args_port(const char *text, bool tls, uint16_t *ret)
{
    uint64_t port = tls ? 443 : 80;
    if (text[0] != '\0' && (!fk_args_number(text, UINT16_MAX, &port) || port == 0)) {
        return false;
    }
    *ret = (uint16_t)port;
    return true;
}

bool fk_args_count(struct fk_console *c, const struct fk_args *args, size_t min, size_t max)
{
    if (args->n < min) {
        fk_answer_error(c, FK_CONSOLE_MISSING);
    } else if (args->n > max) {
        fk_answer_error(c, FK_CONSOLE_TOO_MANY);
    }
    return args->n >= min && args->n <= max;
}
