/* SPDX-License-Identifier: Apache-2.0 */
/* main() for fuzz targets without a fuzzer: runs each named file once. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (f == NULL) {
            perror(argv[i]);
            return 3;
        }
        static uint8_t buf[1 << 20];
        size_t n = fread(buf, 1, sizeof buf, f);
        fclose(f);
        /* An exact copy, so that AddressSanitizer sees a read past the end. */
        uint8_t *copy = malloc(n > 0 ? n : 1);
        if (copy == NULL) {
            return 3;
        }
        for (size_t k = 0; k < n; k++) {
            copy[k] = buf[k];
        }
        LLVMFuzzerTestOneInput(copy, n);
        free(copy);
    }
    return 0;
}
