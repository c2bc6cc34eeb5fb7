# Probe kernels for the loader's tests: build/tests/boot/NAME.elf, one a file in tests/boot/variants/.
PROBE_COMMON := $(addprefix tests/boot/kernel/,entry.S say.c pages.c cpu.c memory.c responses.c)
PROBE_SETS_few := markers list unknown twice five
PROBE_SETS_own_modules := internal
PROBE_NAMES := $(basename $(notdir $(wildcard tests/boot/variants/*.c)))
PROBE_KERNELS := $(PROBE_NAMES:%=$(BUILD)/tests/boot/%.elf) $(BUILD)/tests/boot/pie.elf
TEST_DEPS += $(PROBE_KERNELS)

PROBE_CFLAGS := $(filter-out -fno-pic -fno-pie,$(FREE)) -O2 -mno-red-zone -mgeneral-regs-only -fpie -Itests/boot/kernel \
                -fvisibility=hidden -Iabi/include -Wno-missing-field-initializers
$(eval $(call object-tree,probe,$(CC),$(PROBE_CFLAGS)))

probe-sources = $(PROBE_COMMON) tests/boot/variants/$(1).c \
    tests/boot/kernel/$(if $(filter $(1),$(PROBE_SETS_few)),few,usual).c \
    $(if $(filter $(1),$(PROBE_SETS_own_modules)),,tests/boot/kernel/plain_modules.c)

# $(call probe,NAME,VARIANT,LDFLAGS)
define probe
$(BUILD)/tests/boot/$(1).elf: $(call objects,probe,$(call probe-sources,$(2))) tests/boot/kernel/kernel.ld
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(LD) -nostdlib -z noexecstack -z max-page-size=4096 -z noseparate-code --no-warn-rwx-segments $(3) \
	    -T tests/boot/kernel/kernel.ld -o $$@ $$(filter %.o,$$^)
-include $(patsubst %.o,%.d,$(call objects,probe,$(call probe-sources,$(2))))
endef
$(foreach n,$(PROBE_NAMES),$(eval $(call probe,$(n),$(n),-static)))
# A position-independent kernel that asks for address 0.
$(eval $(call probe,pie,base3,-pie --no-dynamic-linker -z text --defsym=probe_base=0))
