# Boot media of the default system: build/default.img (disk), build/default.iso (CD, USB stick), and the boot volume
# build/default.vol.tar for the loader's PVH front end.  `make image`, `make iso`, `make volume`.
KERNEL  ?= $(BUILD)/kernel.elf
PACKAGE ?= $(BUILD)/default.tar

$(eval $(call host-program,gptdisk,tools/image/gptdisk.c))
TEST_DEPS += $(BUILD)/default.img $(BUILD)/default.iso $(BUILD)/default.vol.tar

BOOT_FILES := boot/limine.conf=boot/limine.conf boot/kernel.elf=$(KERNEL) boot/default.tar=$(PACKAGE)

# $(call esp,RESULT,EFI APPLICATION): the file system of the boot media.
define esp
$(1): $(2) boot/limine.conf $(KERNEL) $(PACKAGE) tools/mkesp
	$$(call say,ESP,$$@)
	@mkdir -p $$(@D)
	$$(Q)tools/mkesp $$@ EFI/BOOT/BOOTX64.EFI=$(2) $(BOOT_FILES)
endef
$(eval $(call esp,$(BUILD)/esp.fat,$(BOOT_EFI)))

$(BUILD)/default.img: $(BUILD)/esp.fat $(BUILD)/host/bin/gptdisk
	$(call say,IMAGE,$@)
	$(Q)$(BUILD)/host/bin/gptdisk $@ $<

$(BUILD)/default.iso: $(BUILD)/esp.fat tools/mkiso
	$(call say,ISO,$@)
	$(Q)tools/mkiso $@ $<

.PHONY: volume
volume: $(BUILD)/default.vol.tar ## build/default.vol.tar: boot volume for tools/qemu without firmware
$(BUILD)/default.vol.tar: boot/limine.conf $(KERNEL) $(PACKAGE) tools/mkvolume
	$(call say,VOLUME,$@)
	$(Q)tools/mkvolume $@ $(BOOT_FILES)

# The same kernel under another loader of the protocol: LIMINE_EFI=file make test-limine.  Nothing of it is kept.
LIMINE_EFI ?=
.PHONY: test-limine
ifeq ($(LIMINE_EFI),)
test-limine:
	@echo 'ok 1 - the kernel boots under the real Limine # SKIP no LIMINE_EFI=file given'
else
$(eval $(call esp,$(BUILD)/limine.fat,$(LIMINE_EFI)))
$(BUILD)/limine.img: $(BUILD)/limine.fat $(BUILD)/host/bin/gptdisk
	$(call say,IMAGE,$@)
	$(Q)$(BUILD)/host/bin/gptdisk $@ $<
test-limine: $(BUILD)/limine.img tests/boot/limine ## LIMINE_EFI=file: boot the kernel under a Limine EFI file of yours
	$(Q)tests/boot/limine $<
endif
