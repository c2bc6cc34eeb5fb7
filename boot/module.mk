# The loader: one protocol core, two front ends.  `make loader` builds both.
#   build/BOOTX64.EFI     UEFI application, a PE file from clang and lld-link
#   build/pvh-loader.elf  for `qemu -kernel build/pvh-loader.elf -initrd VOLUME`
BOOT_EFI := $(BUILD)/BOOTX64.EFI
BOOT_PVH := $(BUILD)/pvh-loader.elf
# Under these names the protocol tests of tests/boot find them.
TEST_DEPS += $(BOOT_EFI) $(BOOT_PVH)

BOOT_CORE     := $(call find-sources,boot/core lib/string) lib/acpi/tables.c lib/acpi/madt.c
BOOT_EFI_OBJS := $(call objects,boot-efi,$(BOOT_CORE) $(call find-sources,boot/uefi))
BOOT_PVH_OBJS := $(call objects,boot-pvh,$(BOOT_CORE) $(call find-sources,boot/pvh lib/ustar))

BOOT_INC    := -Iboot/include -Iabi/include -Ilib/include
BOOT_CFLAGS := $(FREE) -O2 -mno-red-zone -mgeneral-regs-only -ffunction-sections $(BOOT_INC)
# No frame in the loader is larger than the stacks it runs on, so the stack probes of Windows have no use.
BOOT_EFI_CFLAGS := -target x86_64-unknown-windows $(STD) $(WARN) -ffreestanding -O2 -fno-stack-protector \
                   -fno-strict-aliasing -fshort-wchar -mno-red-zone -mgeneral-regs-only -mno-stack-arg-probe \
                   -ffile-prefix-map=$(CURDIR)/= -nostdinc -isystem $(shell clang -print-file-name=include) $(BOOT_INC)

$(eval $(call object-tree,boot-pvh,$(CC),$(BOOT_CFLAGS)))
$(eval $(call object-tree,boot-efi,clang,$(BOOT_EFI_CFLAGS)))
-include $(BOOT_EFI_OBJS:.o=.d) $(BOOT_PVH_OBJS:.o=.d)

.PHONY: loader
loader: $(BOOT_EFI) $(BOOT_PVH) ## both front ends of the loader: build/BOOTX64.EFI, build/pvh-loader.elf

$(BOOT_EFI): $(BOOT_EFI_OBJS)
	$(call say,LD,$@)
	$(Q)lld-link -nologo -subsystem:efi_application -entry:efi_main -nodefaultlib -timestamp:0 -out:$@ $^

$(BOOT_PVH): $(BOOT_PVH_OBJS) boot/pvh/pvh.ld
	$(call say,LD,$@)
	$(Q)$(LD) -static -nostdlib --no-warn-rwx-segments --gc-sections -z max-page-size=4096 -z noexecstack -T boot/pvh/pvh.ld -o $@ \
	    $(filter %.o,$^)

# Host tests and fuzzers of the pure parts.
$(BUILD)/obj/host-san/boot/% $(BUILD)/obj/host-clang/boot/% $(BUILD)/obj/host-fuzz/boot/%: LOCAL_FLAGS := -Iboot/include
$(BUILD)/obj/host-san/tests/host/test_boot_% $(BUILD)/obj/host-clang/tests/host/test_boot_%: LOCAL_FLAGS := -Iboot/include
$(BUILD)/obj/host-fuzz/tests/fuzz/fuzz_boot_%: LOCAL_FLAGS := -Iboot/include
