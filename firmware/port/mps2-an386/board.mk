# SPDX-License-Identifier: Apache-2.0
# Arm MPS2 with AN386 (Cortex-M4, no floating point used), as qemu-system-arm emulates it.
BOARD_CPU      := -mcpu=cortex-m4 -mthumb
BOARD_LINK     := -nostartfiles --specs=nano.specs
BOARD_LIBS     := -lc -lgcc
BOARD_SECTIONS := firmware/port/cortex-m/sections.ld
BOARD_OBJ       = $(filter-out %/lan9118.o %/entropy.o,$(call fw_obj,firmware/port/mps2-an386/*.c firmware/port/cortex-m/*.c))

# Sources of the application alone.
BOARD_APP_OBJ   = $(call fw_obj,firmware/port/lwip/*.c) $(patsubst %,$(F)/obj/firmware/port/mps2-an386/%.o,lan9118 entropy) \
                  $(LWIP_OBJ)
