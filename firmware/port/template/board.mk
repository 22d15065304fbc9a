# SPDX-License-Identifier: Apache-2.0
# A new board: copy this folder under the name of the board, and follow firmware/PORTING.md.
BOARD_CPU      := -mcpu=cortex-m4 -mthumb
BOARD_LINK     := -nostartfiles --specs=nano.specs
BOARD_LIBS     := -lc -lgcc
BOARD_SECTIONS := firmware/port/cortex-m/sections.ld
BOARD_OBJ       = $(call fw_obj,firmware/port/$(BOARD)/*.c firmware/port/cortex-m/*.c)
# Sources of the application alone, such as a network: firmware/port/lwip/*.c and $(LWIP_OBJ).
BOARD_APP_OBJ   =
