# SPDX-License-Identifier: Apache-2.0
# One non-recursive Makefile. Files are found by folder, so adding one edits no list.
#   VARIANT=release|asan|cov|fuzz   CC=gcc|clang   WERROR=1 in CI   MBEDTLS_DIR= another mbedTLS 3.6

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
comp    := $(if $(findstring clang,$(CC)),-clang)
B       := build/$(VARIANT)$(comp)
DEPS    := build/deps
PREFIX  ?= /usr/local
DESTDIR ?=

flags.release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
flags.asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
flags.cov     := -O0 -g --coverage
flags.fuzz    := $(flags.asan) -fsanitize=fuzzer-no-link
ifndef flags.$(VARIANT)
$(error unknown VARIANT '$(VARIANT)')
endif
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wformat=2 -Wundef -Wvla -Wcast-qual -Wwrite-strings \
        $(if $(WERROR),-Werror)

# ---- third-party source: mbedTLS 3.6, fetched and built once (tools/setup) ----
MBEDTLS_DIR ?= $(DEPS)/mbedtls
MBEDTLS_LIB := $(DEPS)/libmbed.a
MBED_CONFIG := firmware/crypto/mbedtls
MBED_DEFINES := -I$(MBED_CONFIG) -DMBEDTLS_CONFIG_FILE='"fotakit_tls_config.h"' \
               -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"fotakit_tls_psa_config.h"'
MBED_FLAGS  := $(MBED_DEFINES) -isystem $(MBEDTLS_DIR)/include

INC := -Iinclude -Isrc -Ifirmware/include -Ifirmware
# Only the adapters in firmware/crypto and firmware/tls see mbedTLS.
COMPILE = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARN) $(INC) -MMD -MP $(CPPFLAGS) \
          $(flags.$(VARIANT)) $(EXTRA) $(CFLAGS)
LINK    = $(CC) $(flags.$(VARIANT)) $(if $(filter release,$(VARIANT)),-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) $(LDFLAGS)
comma := ,
# V=1 shows the whole commands
say = $(if $(V),,@echo "  $(1) $(2)" && )

obj = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))

FW_OBJ   := $(call obj,firmware/wire/*.c firmware/core/*.c firmware/crypto/*.c firmware/tls/*.c firmware/boot/*.c firmware/app/*.c)
SIM_OBJ  := $(call obj,firmware/port/sim/*.c)
HOST_OBJ := $(call obj,src/*/*.c)
TEST_OBJ := $(call obj,tests/support/*.c)
# Constant tables of the devices, one per profile that describes firmware.
GEN_PROFILES := $(patsubst profiles/%.yaml,%,$(shell grep -l '^flash:' profiles/*.yaml 2>/dev/null))
GEN_OBJ  := $(patsubst %,$(B)/gen/device_%.o,$(GEN_PROFILES)) $(if $(GEN_PROFILES),$(B)/gen/devices.o)

TOOLS     := $(patsubst tools/%.c,%,$(filter-out tools/cli.c,$(wildcard tools/*.c)))
TOOL_BIN  := $(patsubst %,$(B)/bin/%,$(TOOLS))
PROFILEGEN := $(B)/internal/profile-gen
UNIT_BIN  := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ_BIN  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
POWER_BIN := $(patsubst tests/power/%.c,$(B)/power/%,$(wildcard tests/power/*.c))
CONF_BIN  := $(patsubst tests/conformance/%.c,$(B)/conformance/%,$(wildcard tests/conformance/*.c))
EXAMPLE_BIN := $(patsubst %,$(B)/examples/wwep-%,client server)
BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))

# Tools whose allocations can be made to fail, one after the other.
ALLOC_BIN := $(patsubst %,$(B)/alloc/%,create_ota ota-info)

HOST_LIBS := -lcrypto -lyaml -lz
# Tests talk to OpenSSL as a TLS peer.
TEST_LIBS := -lssl $(HOST_LIBS) -lcmocka
HOST_LIB  := $(B)/libfotakit.a
FW_LIB    := $(B)/libfotakit_fw.a
SIM_LIB   := $(B)/libfotakit_sim.a

## Build the tools, the examples, the tests and the fuzz targets
.PHONY: all
all: $(TOOL_BIN) $(EXAMPLE_BIN) $(UNIT_BIN) $(FUZZ_BIN) $(POWER_BIN) $(CONF_BIN) $(ALLOC_BIN)

# ---- set-up -----------------------------------------------------------------
# Every goal that compiles first makes sure that the packages are there: by apt when root,
# otherwise by printing the exact command.
SETUP_OK := $(DEPS)/packages.ok
$(SETUP_OK): tools/setup/packages.sh tools/setup/packages.txt
	@tools/setup/packages.sh tools/setup/packages.txt
	@mkdir -p $(@D) && touch $@

# tar keeps the upstream dates, so the file may be older than the script: order only.
$(DEPS)/mbedtls/include/mbedtls/build_info.h: | $(SETUP_OK)
	@tools/setup/fetch-source.sh mbedtls 3.6 $(DEPS)/mbedtls

MBED_SRC_OK := $(MBEDTLS_DIR)/include/mbedtls/build_info.h
$(MBEDTLS_LIB): $(MBED_SRC_OK) $(wildcard $(MBED_CONFIG)/*.h) tools/setup/build-mbedtls.sh
	@tools/setup/build-mbedtls.sh $(MBEDTLS_DIR) $(DEPS)/mbedtls-obj $@ $(MBED_DEFINES)

# ---- objects ----------------------------------------------------------------
# Keep every object and generated file: make would delete those it takes for intermediate, compile
# them again next time, and the mutants would not find theirs.
.SECONDARY:
$(B)/firmware/crypto/%.o $(B)/firmware/tls/%.o: EXTRA += $(MBED_FLAGS)
$(call obj,firmware/crypto/*.c firmware/tls/*.c tests/bench/*.c tests/unit/test_tls_memory.c): | $(MBED_SRC_OK)
$(B)/tests/%.o $(B)/tests/%: EXTRA += -Itests
$(B)/tests/bench/%.o $(B)/tests/unit/test_tls_memory.o: EXTRA += $(MBED_FLAGS)
$(B)/tools/%.o $(B)/tests/%: EXTRA += -Itools
$(B)/examples/%.o: EXTRA += -Itools -Iexamples
$(B)/tests/%.o: EXTRA += -Iexamples

$(B)/%.o: %.c Makefile | $(SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(COMPILE) -c $< -o $@

$(B)/gen/%.o: $(B)/gen/%.c Makefile
	$(call say,CC,$@)$(COMPILE) -c $< -o $@

$(FW_LIB): $(FW_OBJ)
$(SIM_LIB): $(SIM_OBJ) $(GEN_OBJ)
$(HOST_LIB): $(HOST_OBJ)
$(FW_LIB) $(SIM_LIB) $(HOST_LIB):
	@mkdir -p $(@D)
	@rm -f $@ && $(AR) rcs $@ $^

# ---- device tables ----------------------------------------------------------
$(PROFILEGEN): $(call obj,tools/internal/*.c) $(HOST_LIB) $(FW_LIB) $(MBEDTLS_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(HOST_LIBS) -o $@

$(B)/gen/device_%.c: profiles/%.yaml $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) device $< > $@

$(B)/gen/devices.c: $(patsubst %,profiles/%.yaml,$(GEN_PROFILES)) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) index $(GEN_PROFILES) > $@

# ---- programs ---------------------------------------------------------------
ALL_LIBS := $(SIM_LIB) $(HOST_LIB) $(FW_LIB) $(MBEDTLS_LIB)
$(B)/bin/%: $(B)/tools/%.o $(B)/tools/cli.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $(filter %.o,$^) $(filter %.a,$^) $(HOST_LIBS) -o $@

# A tool may have more files, in a folder of its name.
$(foreach t,$(TOOLS),$(eval $(B)/bin/$(t) $(B)/alloc/$(t): $(call obj,tools/$(t)/*.c)))

EXAMPLE_DEVICE := $(B)/examples/support/device.o
WWEP := $(B)/examples/wwep-secure
$(EXAMPLE_BIN): $(B)/examples/wwep-%: $(WWEP)/%.o $(EXAMPLE_DEVICE) $(WWEP)/wwep.o $(B)/tools/cli.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $(filter %.o,$^) $(filter %.a,$^) $(HOST_LIBS) -o $@
$(B)/tests/test_wwep $(B)/fuzz/fuzz_wwep: $(WWEP)/wwep.o

$(B)/alloc/%: $(B)/tools/%.o $(B)/tools/cli.o $(B)/tests/alloc/fail.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $(filter %.o,$^) $(filter %.a,$^) $(HOST_LIBS) -o $@

$(B)/tests/%: $(B)/tests/unit/%.o $(TEST_OBJ) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(TEST_LIBS) -o $@

# A file system that fails; private, since the libraries are not to be linked so.
$(B)/tests/test_file: private LDFLAGS += \
    $(patsubst %,-Wl$(comma)--wrap=%,openat write fsync linkat renameat2 rename)

$(B)/power/%: $(B)/tests/power/%.o $(TEST_OBJ) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(TEST_LIBS) -o $@

$(B)/conformance/%: $(B)/tests/conformance/%.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(HOST_LIBS) -o $@

$(B)/bench/%: $(B)/tests/bench/%.o $(TEST_OBJ) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(TEST_LIBS) -o $@

# A fuzz target replays its corpus in every build; with VARIANT=fuzz it is a libFuzzer.
FUZZ_MAIN := $(if $(filter fuzz,$(VARIANT)),,$(B)/tests/fuzz/replay.o)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(FUZZ_MAIN) $(TEST_OBJ) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer) $^ $(TEST_LIBS) -o $@

# ---- the board's TLS ----
# TLS 1.2 by direct calls (crypto/direct), as boards have it, under the tests of the other build; the
# server is there for the tests. Sections, since a part of p256-m that makes keys wants PSA.
TLS12_CONFIG  := firmware/crypto/direct/mbedtls
TLS12_DEFINES := -I$(TLS12_CONFIG) -DMBEDTLS_CONFIG_FILE='"fotakit_tls12_config.h"' -DFK_TLS_RECORD=4096 -DMBEDTLS_SSL_SRV_C -ffunction-sections
TLS12_LIB     := $(DEPS)/libmbed-tls12.a
TLS12_OBJ     := $(patsubst %.c,$(B)/tls12/%.o,$(filter-out %/direct/pool.c,$(wildcard firmware/crypto/direct/*.c firmware/tls/*.c)) \
                 firmware/crypto/keywrap.c firmware/crypto/drbg.c)
TLS12_BIN     := $(patsubst %,$(B)/tests/test_tls12_%,connect chains drbg)
TLS12_TESTS   := $(filter-out %/tlsrig.o,$(TEST_OBJ)) $(B)/tls12/tests/support/tlsrig.o
UNIT_BIN      += $(TLS12_BIN)
all: $(TLS12_BIN)
$(TLS12_LIB): $(MBED_SRC_OK) $(TLS12_CONFIG)/fotakit_tls12_config.h tools/setup/build-mbedtls.sh
	@tools/setup/build-mbedtls.sh $(MBEDTLS_DIR) $(DEPS)/mbedtls-tls12-obj $@ $(TLS12_DEFINES)
$(B)/tls12/firmware/%.o: EXTRA += $(TLS12_DEFINES) -isystem $(MBEDTLS_DIR)/include -isystem $(MBEDTLS_DIR)/3rdparty/p256-m/p256-m
$(B)/tls12/tests/%.o: EXTRA += -Itests -Itools -DFK_TESTS_TLS12
$(B)/tls12/%.o: %.c Makefile | $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(COMPILE) -c $< -o $@
$(B)/tests/test_tls12_connect: $(B)/tls12/tests/unit/test_tls.o
$(B)/tests/test_tls12_chains: $(B)/tls12/tests/unit/test_tls_chains.o
$(B)/tests/test_tls12_drbg: $(B)/tls12/tests/unit/test_drbg.o
$(TLS12_BIN): $(TLS12_TESTS) $(TLS12_OBJ) $(SIM_LIB) $(HOST_LIB) $(FW_LIB) $(TLS12_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -Wl,--gc-sections $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) -o $@

# ---- examples/mqtts ----
MQTTS := $(B)/examples/mqtts
all: $(MQTTS)-publish
$(B)/tests/test_mqtt: $(MQTTS)/mqtt.o
$(MQTTS)-publish: $(MQTTS)/mqtts.o $(MQTTS)/mqtt.o $(EXAMPLE_DEVICE) $(B)/tools/cli.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $(filter %.o,$^) $(filter %.a,$^) $(HOST_LIBS) -o $@

include firmware/build.mk

# ---- tests ------------------------------------------------------------------
## Set up, build and run every test
.PHONY: check
check: all check-layers
	@tests/run.sh $(B)

## The same under AddressSanitizer and UBSan
.PHONY: check-asan
check-asan:
	$(MAKE) VARIANT=asan check

## The large power-cut matrix: a second cut at every operation of every recovery
.PHONY: check-power
check-power: $(POWER_BIN)
	@tests/power/run.sh $(B)

# The adapter of the crypto seam that only boards link (firmware/build.mk), compiled for its symbols.
DIRECT_OBJ := $(patsubst %.c,$(B)/direct/%.o,$(wildcard firmware/crypto/direct/*.c))
$(B)/direct/%.o: EXTRA += $(subst -I$(MBEDTLS_DIR),-isystem $(MBEDTLS_DIR),$(FW_MBED))
$(B)/direct/%.o: %.c Makefile | $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(COMPILE) -c $< -o $@

## Refuse includes and symbols that break the layering, and holes in an adapter
.PHONY: check-layers
check-layers: $(FW_LIB) $(DIRECT_OBJ)
	@tests/check-layers.sh $(FW_LIB) $(DIRECT_OBJ)

## Test coverage by line, as a table (build/cov)
.PHONY: coverage
coverage:
	@! [ -d build/cov ] || find build/cov -name '*.gcda' -delete
	$(MAKE) VARIANT=cov check
	@tests/coverage.sh build/cov

## Fuzz every target for FUZZ_SECONDS (60) each, with clang's libFuzzer
.PHONY: fuzz
fuzz:
	$(MAKE) VARIANT=fuzz CC=clang fuzz-run
.PHONY: fuzz-run
fuzz-run: $(FUZZ_BIN)
	@tests/fuzz/run.sh $(B) $${FUZZ_SECONDS:-60}

## Timings and peak memory against peers, in one run
.PHONY: bench
bench: $(TOOL_BIN) $(BENCH_BIN)
	@tests/bench/run.sh $(B)
	@if command -v qemu-system-arm >/dev/null && command -v $(CROSS)gcc >/dev/null; then $(MAKE) -s bench-board; else \
	    echo 'Instructions on a processor: make bench-board (installs QEMU and a cross compiler)'; fi

## Published test vectors: make conformance VECTORS=folder
.PHONY: conformance
conformance: all
	@tests/conformance.sh $(B) "$(VECTORS)"

## Code, RAM and stack of the envelope verifier on a Cortex-M4
.PHONY: verifier-size
verifier-size:
	@tests/verifier-size.sh

## Code and RAM of updates over HTTPS on a Cortex-M4
.PHONY: tls-size
tls-size: $(MBED_SRC_OK)
	@MBEDTLS_DIR=$(MBEDTLS_DIR) tests/tls-size.sh

## Watch a whole release happen
.PHONY: demo
demo: $(TOOL_BIN)
	@examples/release/demo.sh $(B)
	@if command -v qemu-system-arm >/dev/null && command -v $(CROSS)gcc >/dev/null; then $(MAKE) -s demo-board; else \
	    echo 'The same on a processor: make demo-board (installs QEMU and a cross compiler)'; fi
.PHONY: demo-board
demo-board: $(TOOL_BIN) $(F)/boot.elf $(F)/application-1.hex $(F)/application-2.hex
	@examples/release/board.sh $(B) $(F)

## Install tools, profiles and manual pages below PREFIX (/usr/local)
.PHONY: install
install: $(TOOL_BIN)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/fotakit/profiles $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(TOOL_BIN) $(DESTDIR)$(PREFIX)/bin
	install -m 644 profiles/*.yaml profiles/README.md $(DESTDIR)$(PREFIX)/share/fotakit/profiles
	install -m 644 tools/*.1 $(DESTDIR)$(PREFIX)/share/man/man1

## Remove what was built; the fetched sources in build/deps stay
.PHONY: clean
clean:
	@for d in build/*; do [ "$$d" = $(DEPS) ] || rm -rf "$$d"; done

## Show this list
.PHONY: help
help:
	@awk '/^## /{h=substr($$0,4)} /^[a-z-]+:/{if(h!=""){split($$1,t,":");printf "  %-18s %s\n",t[1],h;h=""}}' Makefile firmware/build.mk

-include $(shell find $(B) -name '*.d' 2>/dev/null)
