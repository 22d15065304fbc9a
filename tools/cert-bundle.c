/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"check", run_check},
    {"replay", run_replay},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0) {
            return subcommands[i].run(argc - 1, argv + 1);
        }
    }
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = "cert-bundle check -p PROFILE [options] [FILE...]\n"
                 "cert-bundle replay [options] SCRIPT",
        .about = "Judges and makes what a device trusts and shows: roots, its certificate, its\n"
                 "private key. 'cert-bundle check --help' lists the options of check, and so on.",
    };
    struct fk_texts operands;
    struct fk_error err = FK_ERROR_INIT;
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &operands, &code)) {
        return code;
    }
    return fk_cli_done(TOOL, usage(&err, "missing argument: a subcommand"), &err);
}
