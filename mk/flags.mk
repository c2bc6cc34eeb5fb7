# Compilers and flags, one place for all rooms.  CC=clang builds everything with clang.
ifeq ($(origin CC),default)
CC      := gcc
endif
HOSTCC  ?= $(CC)
LD      := ld
AR      := ar
NM      := nm
OBJCOPY := objcopy
PYTHON  ?= $(firstword $(wildcard /usr/bin/python3) python3)

WARN    := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wconversion \
           -Wstrict-prototypes -Wundef -Wvla
STD     := -std=c17
CCINC   := $(shell $(CC) -print-file-name=include)
FREE    := $(STD) $(WARN) -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
           -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-common -g \
           -ffile-prefix-map=$(CURDIR)=. -nostdinc -isystem $(CCINC)

# Ring 0: no vector registers, no red zone.  A flavour adds its own config folder in front (mk/kernel.mk).
KCFLAGS := $(FREE) -O2 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer \
           -Ikernel/include -Iabi/include -Ilib/include -I$(BUILD)/gen
KLDFLAGS := -nostdlib -static -z max-page-size=0x1000 -z noexecstack --build-id=none --fatal-warnings
# Ring 3.
UCFLAGS := $(FREE) -O2 -fno-omit-frame-pointer -Iabi/include -Ilib/include -Ilib/idl/user -Iwasm/include -I$(BUILD)/gen
ULDFLAGS := -nostdlib -static -z max-page-size=0x1000 -z noexecstack --build-id=none --fatal-warnings \
            --gc-sections
# Host tools and tests.
HCFLAGS := $(STD) $(WARN) -D_GNU_SOURCE -O1 -g -Iabi/include -Ilib/include -Ilib/idl/host -Iwasm/include -I$(BUILD)/gen
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
