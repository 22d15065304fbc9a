/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"check", run_check},
    {"explain", run_explain},
    {"replay", run_replay},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0) {
            return subcommands[i].run(argc - 1, argv + 1);
        }
    }
    return run_emit(argc, argv); /* it prints the help of the whole tool */
}
