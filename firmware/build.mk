# SPDX-License-Identifier: Apache-2.0
# The images of a board: a boot stage and an application, for one device profile. Included by the
# Makefile.
#   make firmware [PROFILE=mps2-an386] [BOARD=mps2-an386] [VERSION=1] [CROSS=arm-none-eabi-]
# gives build/firmware/BOARD/PROFILE/{boot,application-VERSION}.{elf,hex,bin,map}. Two builds from
# the same source give the same bytes, wherever they lie.

PROFILE ?= mps2-an386
BOARD   ?= mps2-an386
VERSION ?= 1
CROSS   ?= arm-none-eabi-
F       := build/firmware/$(BOARD)/$(basename $(notdir $(PROFILE)))

fw_profile := $(if $(filter %.yaml,$(PROFILE)),$(PROFILE),profiles/$(PROFILE).yaml)
fw_symbol  := fk_device_$(subst -,_,$(basename $(notdir $(PROFILE))))
fw_port    := firmware/port/$(BOARD)

LWIP_DIR ?= $(DEPS)/lwip

include $(fw_port)/board.mk

BOARD_SETUP_OK := $(DEPS)/packages-board.ok
$(BOARD_SETUP_OK): tools/setup/packages.sh tools/setup/packages-board.txt | $(SETUP_OK)
	@tools/setup/packages.sh tools/setup/packages-board.txt
	@mkdir -p $(@D) && touch $@

LWIP_SRC_OK := $(LWIP_DIR)/src/include/lwip/init.h
$(DEPS)/lwip/src/include/lwip/init.h: | $(SETUP_OK)
	@tools/setup/fetch-source.sh lwip 2.2 $(DEPS)/lwip

# ---- compile ----------------------------------------------------------------
FW_CC_FLAGS := $(BOARD_CPU) -std=c11 -Os -g -ffunction-sections -fdata-sections -fno-common \
               -fstack-usage -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(MBEDTLS_DIR)=mbedtls \
               -ffile-prefix-map=$(LWIP_DIR)=lwip
FW_INC      := -Ifirmware/include -Ifirmware -I$(F)/gen -DFK_SHA256_CONTEXT=104 -DFK_GCM_CONTEXT=520
# mbedTLS without PSA, see crypto/direct.
FW_MBED     := -Ifirmware/crypto/direct/mbedtls -I$(MBEDTLS_DIR)/include \
               -I$(MBEDTLS_DIR)/3rdparty/p256-m/p256-m -DMBEDTLS_CONFIG_FILE='"fotakit_mbedtls_config.h"'
FW_COMPILE   = $(CROSS)gcc $(FW_CC_FLAGS) $(WARN) $(FW_INC) -MMD -MP $(FW_EXTRA)

fw_obj = $(patsubst %.c,$(F)/obj/%.o,$(wildcard $(1)))

fw_core   := $(call fw_obj,firmware/wire/*.c firmware/core/*.c firmware/crypto/direct/*.c) \
             $(F)/obj/firmware/crypto/keywrap.o $(F)/gen/device.o
fw_port_obj := $(F)/obj/firmware/port/print.o $(BOARD_OBJ)
fw_common := $(fw_core) $(fw_port_obj)
fw_mbed   := $(patsubst %,$(F)/obj/mbedtls/%.o,sha256 aes gcm block_cipher md hkdf constant_time \
             platform_util nist_kw cipher cipher_wrap p256-m)
# The boot stage is compiled by itself, with what its profile accepts (fotakit_fw/accepts.h), the table
# of the device without console and TLS, and small memory functions.
fw_not_boot := certstore% console% http% sntp% status_text% tls% trust_update% wall_clock%
fw_boot_src := $(foreach f,$(wildcard firmware/wire/*.c firmware/core/*.c),$(if \
               $(filter $(fw_not_boot),$(notdir $(f))),,$(f))) $(wildcard firmware/boot/*.c \
               firmware/crypto/direct/*.c) firmware/crypto/keywrap.c $(addprefix \
               firmware/port/,boot_main.c memory.c recovery.c)
fw_boot     := $(fw_boot_src:%.c=$(F)/boot/%.o) $(F)/gen/device_boot.o $(fw_port_obj)
LWIP_OBJ  := $(patsubst %,$(F)/obj/lwip/%.o,$(addprefix core/,def dns inet_chksum init ip mem memp \
             netif pbuf tcp tcp_in tcp_out timeouts udp) $(addprefix core/ipv4/,dhcp etharp icmp ip4 \
             ip4_addr) netif/ethernet)
fw_app    := $(BOARD_APP_OBJ) $(call fw_obj,firmware/app/*.c)

# ---- TLS of the application -------------------------------------------------
# The profile decides (profile-gen make): none, TLS 1.2 by direct calls. What sees mbedTLS is compiled
# a second time, with a larger configuration of it than the boot stage's.
ifneq ($(filter firmware size bench-board check-board check-board-power demo-board $(F)/%,$(MAKECMDGOALS)),)
include $(F)/gen/settings.mk
endif
FW_TLS        ?= none
ifeq ($(FW_TLS),psa)
$(error $(fw_profile) asks for TLS 1.3, which needs PSA; images of boards have TLS 1.2 (firmware/DESIGN.md, "Two builds"): take 1.3 out of its versions, or tls_pool out of its board)
endif
FW_CC_FLAGS   += $(if $(FW_SOCKETS),-DFK_SOCKETS_MAX=$(FW_SOCKETS)u -DFK_SECURE_MAX=$(FW_SECURE)u -DFK_SERVERS_MAX=$(FW_SERVERS)u) \
                 $(if $(FW_VARIABLES),-DFK_CONFIG_VARIABLES=$(FW_VARIABLES)u)

FW_TLS_MBED   := $(subst fotakit_mbedtls_config,fotakit_tls12_config,$(FW_MBED)) -DFK_TLS_RECORD=$(FW_TLS_RECORD)u -DFK_TLS_SEND=$(FW_TLS_SEND)u
fw_tls_mbed   := sha256 aes gcm md hkdf hmac_drbg constant_time platform platform_util nist_kw cipher \
                 cipher_wrap p256-m bignum bignum_core rsa rsa_alt_helpers ecp ecp_curves \
                 ecdh ecdsa pk pk_wrap pk_ecc pkparse pem base64 asn1parse asn1write oid x509 x509_crt \
                 ssl_tls ssl_msg ssl_client ssl_tls12_client ssl_ciphersuites
fw_tls_obj     = $(patsubst %.c,$(F)/tls/%.o,$(filter-out %/direct/pool.c,$(wildcard $(1))))

fw_app_none   := $(fw_core) $(fw_mbed) $(F)/obj/firmware/port/app_plain.o
fw_app_direct := $(call fw_tls_obj,firmware/wire/*.c firmware/core/*.c) $(F)/gen/device.o \
                 $(call fw_tls_obj,firmware/crypto/direct/*.c firmware/tls/*.c) \
                 $(patsubst %,$(F)/tls/firmware/%.o,crypto/keywrap crypto/drbg port/memory) \
                 $(fw_tls_mbed:%=$(F)/tls/mbedtls/%.o) $(F)/obj/firmware/port/app_tls.o

$(F)/obj/firmware/crypto/%.o $(F)/boot/firmware/crypto/%.o: FW_EXTRA += $(FW_MBED)
$(F)/obj/firmware/crypto/keywrap.o $(F)/boot/firmware/crypto/keywrap.o: FW_EXTRA += -DFK_MBEDTLS_KEYWRAP
$(F)/obj/firmware/port/%.o $(F)/boot/firmware/port/%.o: FW_EXTRA += -DFK_PORT_DEVICE=$(fw_symbol)
$(F)/boot/firmware/port/memory.o $(F)/tls/firmware/port/memory.o: FW_EXTRA += -fno-tree-loop-distribute-patterns
# A loop that keeps fewer things in registers is shorter: half a kilobyte, of it 340 bytes in AES.
FW_SMALL = -fno-tree-loop-im -fno-move-loop-invariants
$(F)/boot/firmware/%.o $(F)/tls/firmware/%.o: FW_EXTRA += -DFK_PROFILE_ACCEPTS $(FW_SMALL)
$(F)/boot/firmware/%.o: firmware/%.c $(F)/gen/profile_board.h $(F)/gen/profile_accepts.h Makefile firmware/build.mk | $(BOARD_SETUP_OK) $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -c $< -o $@
$(F)/obj/firmware/%.o: firmware/%.c $(F)/gen/profile_board.h Makefile firmware/build.mk | $(BOARD_SETUP_OK) $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -c $< -o $@

$(F)/obj/firmware/port/app_main-%.o: firmware/port/app_main.c $(F)/gen/profile_board.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -DFK_APP_VERSION='"$*"' -c $< -o $@

FW_LWIP := -Ifirmware/port/lwip -I$(LWIP_DIR)/src/include
$(F)/obj/firmware/port/lwip/%.o $(F)/obj/firmware/port/$(BOARD)/%.o: FW_EXTRA += $(subst -I$(LWIP_DIR),-isystem $(LWIP_DIR),$(FW_LWIP))
$(call fw_obj,firmware/port/lwip/*.c firmware/port/$(BOARD)/*.c): | $(LWIP_SRC_OK)
$(F)/obj/lwip/%.o: FW_EXTRA += $(FW_LWIP) $(FW_SMALL) -w
$(F)/obj/lwip/%.o: $(LWIP_SRC_OK) firmware/port/lwip/lwipopts.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -c $(LWIP_DIR)/src/$*.c -o $@

# Third-party code: its warnings are not ours.
$(F)/obj/mbedtls/%.o: FW_EXTRA += $(FW_MBED) $(FW_SMALL) -I$(MBEDTLS_DIR)/library -w
$(patsubst %,$(F)/obj/mbedtls/%.o,nist_kw cipher cipher_wrap constant_time): FW_EXTRA += -DFK_MBEDTLS_KEYWRAP
$(F)/obj/mbedtls/p256-m.o: fw_dir := 3rdparty/p256-m/p256-m
$(F)/obj/mbedtls/%.o: fw_dir ?= library
$(F)/obj/mbedtls/%.o: $(MBED_SRC_OK) firmware/crypto/direct/mbedtls/fotakit_mbedtls_config.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -c $(MBEDTLS_DIR)/$(or $(fw_dir),library)/$*.c -o $@

$(F)/tls/firmware/%.o: firmware/%.c $(F)/gen/profile_board.h $(F)/gen/profile_accepts.h firmware/build.mk | $(BOARD_SETUP_OK) $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) $(subst -I$(MBEDTLS_DIR),-isystem $(MBEDTLS_DIR),$(FW_TLS_MBED)) -c $< -o $@
$(F)/tls/mbedtls/%.o: $(MBED_SRC_OK) firmware/crypto/direct/mbedtls/fotakit_tls12_config.h $(F)/gen/settings.mk firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) $(FW_TLS_MBED) $(FW_SMALL) -I$(MBEDTLS_DIR)/library -w -c $(MBEDTLS_DIR)/$(or $(fw_dir),library)/$*.c -o $@
$(F)/tls/mbedtls/p256-m.o: fw_dir := 3rdparty/p256-m/p256-m

# ---- from the profile -------------------------------------------------------
$(F)/gen/device.c: $(fw_profile) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) device $(if $(findstring /,$<),,./)$< > $@
$(F)/gen/device_boot.c: $(fw_profile) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) device boot $(if $(findstring /,$<),,./)$< > $@
$(F)/gen/profile_accepts.h: $(fw_profile) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) accepts $< > $@
$(F)/gen/profile_board.h: $(fw_profile) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) board $< > $@
$(F)/gen/settings.mk: $(fw_profile) $(PROFILEGEN)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) make $< > $@
$(F)/gen/boot.ld $(F)/gen/application.ld: $(F)/gen/%.ld: $(fw_profile) $(PROFILEGEN) $(BOARD_SECTIONS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PROFILEGEN) linker $* $< > $@ && echo 'INCLUDE $(BOARD_SECTIONS)' >> $@
$(F)/gen/device.o $(F)/gen/device_boot.o: %.o: %.c | $(BOARD_SETUP_OK)
	$(call say,CC,$@)$(FW_COMPILE) -c $< -o $@

# ---- link -------------------------------------------------------------------
FW_LINK = $(CROSS)gcc $(BOARD_CPU) $(BOARD_LINK) -Wl,--gc-sections -Wl,--build-id=none \
          -Wl,--fatal-warnings -Wl,-Map=$(basename $@).map

$(F)/boot.elf: $(fw_boot) $(fw_mbed) $(F)/gen/boot.ld
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@
$(F)/application-%.elf: $(F)/obj/firmware/port/app_main-%.o $(fw_app) $(fw_app_$(FW_TLS)) $(fw_port_obj) $(F)/gen/application.ld
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@
$(F)/%.hex: $(F)/%.elf
	$(call say,HEX,$@)$(CROSS)objcopy -O ihex $< $@
$(F)/%.bin: $(F)/%.elf
	$(call say,BIN,$@)$(CROSS)objcopy -O binary $< $@

fw_images := $(F)/boot $(F)/application-$(VERSION)

## Boot stage and application of a board: PROFILE= BOARD= VERSION=
.PHONY: firmware
firmware: $(foreach i,$(fw_images),$(i).elf $(i).hex $(i).bin)
	@if grep -q STAND-IN $(F)/application-$(VERSION).bin; then echo \
	    'firmware: warning: the random numbers of $(BOARD) are a STAND-IN: not for a product, see firmware/PORTING.md, "Entropy"' >&2; fi

# What a profile that accepts less would save: envelopes with AES-GCM and key wrap, no ECDH, no packets.
$(F)/smaller/$(notdir $(fw_profile)): $(fw_profile)
	@mkdir -p $(@D)
	@sed -e '/^  packet_component:/d; s/^  ciphers: .*/  ciphers: [a128gcm]/' \
	  -e 's/^  key_delivery: .*/  key_delivery: [a128kw]/' $< > $@
.PHONY: boot-smaller
boot-smaller: $(F)/smaller/$(notdir $(fw_profile))
	@$(MAKE) -s PROFILE=$< F=$(<D) $(<D)/boot.elf

## Code and RAM of both images by module, against the ceilings of the profile
.PHONY: size
size: firmware boot-smaller
	@tests/board/size.py $(F) application-$(VERSION)

-include $(shell find $(F) -name '*.d' 2>/dev/null)

# ---- tests on the emulated board --------------------------------------------
fw_probe := $(fw_core) $(F)/obj/firmware/port/print.o $(BOARD_OBJ) $(fw_mbed)
$(F)/obj/tests/board/probe-%.o: tests/board/probe_main.c $(F)/gen/profile_board.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -DFK_PORT_DEVICE=$(fw_symbol) -DFK_APP_VERSION='"$*"' -c $< -o $@
$(F)/probe-%.elf: $(F)/obj/tests/board/probe-%.o $(fw_probe) $(F)/gen/application.ld
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@

$(F)/obj/tests/board/tiny-%.o: tests/board/tiny_main.c $(F)/gen/profile_board.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -DFK_PORT_DEVICE=$(fw_symbol) -DFK_APP_VERSION='"$*"' -c $< -o $@
$(F)/tiny-%.elf: $(F)/obj/tests/board/tiny-%.o $(fw_probe) $(F)/gen/application.ld
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@

$(F)/obj/tests/board/bench.o: tests/board/bench_main.c $(F)/gen/profile_board.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) $(subst -I$(MBEDTLS_DIR),-isystem $(MBEDTLS_DIR),$(FW_MBED)) -DFK_PORT_DEVICE=$(fw_symbol) -c $< -o $@
$(F)/bench.elf: $(F)/obj/tests/board/bench.o $(fw_probe) $(F)/gen/application.ld
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@

## Instructions of the primitives, a boot and an install, on the emulated board
.PHONY: bench-board
bench-board: $(TOOL_BIN) $(F)/boot.elf $(F)/bench.bin
	@FK_BOARD=$(CURDIR)/$(F) FK_BIN=$(CURDIR)/$(B)/bin tests/board/bench.sh

# Unit tests of what firmware/ holds, as programs of their own that run from the code memory. What
# makes their inputs on a host (OpenSSL) is parts of mbedTLS here: tests/board/crypto_make.c. Not
# here: those of the sockets, which want more of them than a board is built with; those of TLS, whose
# peer is OpenSSL; and what belongs to the host or to the simulator.
CMOCKA_DIR ?= $(DEPS)/cmocka
CMOCKA_SRC_OK := $(CMOCKA_DIR)/include/cmocka.h
$(DEPS)/cmocka/include/cmocka.h: | $(SETUP_OK)
	@FOTAKIT_SOURCE_SUITE=bookworm tools/setup/fetch-source.sh cmocka 1.1 $(DEPS)/cmocka
BOARD_UNITS := cbor crypto certstore certstore_power console console_certs console_config console_http \
               cose device download download_keys download_resume download_signed \
               download_signed_resume faults http_request http_response http_uri install keyset power \
               signed sntp state suit_encrypted suit_front suit_manifest suit_signers \
               suit_verify trust trust_power wall_clock
fw_unit_own := $(patsubst %,$(F)/obj/tests/board/%.o,unit_host crypto_make) \
               $(patsubst %,$(F)/obj/tests/support/%.o,bytes desk device fakelinks fakenet hall \
               keyset_make life rig signed simflash storerig suit_judge suit_make trust_rig)
fw_unit_mbed := $(patsubst %,$(F)/obj/unit-mbedtls/%.o,asn1parse asn1write bignum bignum_core ecdsa ecp ecp_curves)
fw_unit := $(fw_probe) $(call fw_obj,firmware/boot/*.c firmware/app/*.c) $(F)/obj/cmocka.o \
           $(fw_unit_own) $(fw_unit_mbed)
# Formats are checked on the host: uint32_t is a long here, of the same size.
FW_UNIT := -Itests -isystem $(CMOCKA_DIR)/include -D_POSIX_C_SOURCE=200809L -Wno-format
$(F)/obj/cmocka.o: $(CMOCKA_SRC_OK) tests/board/cmocka_config.h | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)/cmocka
	@cp tests/board/cmocka_config.h $(@D)/cmocka/config.h
	$(call say,CC,$@)$(FW_COMPILE) -std=gnu11 -w -DHAVE_CONFIG_H -I$(@D)/cmocka -I$(CMOCKA_DIR)/include -c $(CMOCKA_DIR)/src/cmocka.c -o $@
$(F)/obj/tests/%.o: FW_EXTRA += $(FW_UNIT)
FW_UNIT_MBED := $(subst fotakit_mbedtls_config,board/make_config,$(FW_MBED)) -I$(MBEDTLS_DIR)/library
$(F)/obj/tests/board/crypto_make.o: FW_EXTRA += $(subst -I$(MBEDTLS_DIR),-isystem $(MBEDTLS_DIR),$(FW_UNIT_MBED))
$(F)/obj/unit-mbedtls/%.o: FW_EXTRA += -Itests $(FW_UNIT_MBED) -w
$(F)/obj/unit-mbedtls/%.o: $(MBED_SRC_OK) tests/board/make_config.h firmware/crypto/direct/mbedtls/fotakit_mbedtls_config.h firmware/build.mk | $(BOARD_SETUP_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -O2 -c $(MBEDTLS_DIR)/library/$*.c -o $@
$(fw_unit_own): $(F)/obj/%.o: %.c firmware/build.mk | $(BOARD_SETUP_OK) $(CMOCKA_SRC_OK) $(MBED_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -c $< -o $@
$(F)/obj/tests/unit/%.o: tests/unit/%.c firmware/build.mk | $(BOARD_SETUP_OK) $(CMOCKA_SRC_OK)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(FW_COMPILE) -Dmain=unit_main -Wno-missing-prototypes -c $< -o $@
$(F)/gen/unit.ld: $(F)/gen/boot.ld firmware/build.mk # cmocka's output wants more stack, and tests keep whole devices there
	@sed 's/^__stack_size = .*/__stack_size = 0x80000;/' $< > $@
$(F)/unit/test_%.elf: $(F)/obj/tests/unit/test_%.o $(fw_unit) $(F)/gen/unit.ld
	@mkdir -p $(@D)
	$(call say,LD,$@)$(FW_LINK) -T $(filter %.ld,$^) $(filter %.o,$^) $(BOARD_LIBS) -o $@

BOARD_PLUGIN := $(B)/board/stores.so
$(BOARD_PLUGIN): tests/board/stores.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARN) -O2 -fPIC -shared $< -o $@

BOARD_REPLAY := $(B)/board/replay
$(BOARD_REPLAY): $(B)/tests/board/replay.o $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) $^ $(HOST_LIBS) -o $@

POWER_IMAGES := $(F)/probe-1.hex $(F)/probe-2.hex $(F)/tiny-1.bin $(F)/tiny-2.bin

## QEMU killed at every store of an install, a confirmation and a revert, and again in each recovery
.PHONY: check-board-power
check-board-power: all $(F)/boot.elf $(BOARD_PLUGIN) $(BOARD_REPLAY) $(POWER_IMAGES)
	@FK_BOARD=$(CURDIR)/$(F) FK_BOARD_EVERY=$(or $(FK_BOARD_EVERY),1) tests/board/run.sh $(B) power

## Boot stage and application on the emulated board
.PHONY: check-board
check-board: all firmware $(BOARD_PLUGIN) $(BOARD_REPLAY) $(F)/application-1.hex $(F)/application-2.hex \
             $(POWER_IMAGES) $(BOARD_UNITS:%=$(F)/unit/test_%.elf)
	@FK_BOARD=$(CURDIR)/$(F) FK_BOARD_UNITS="$(BOARD_UNITS)" tests/board/run.sh $(B)
