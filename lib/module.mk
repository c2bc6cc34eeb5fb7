# Which of the freestanding libraries the kernel and the programs are linked with.
KLIBS += lib/string/string.c lib/elf/load.c lib/ustar/file.c lib/acpi
ULIBS += lib/string lib/fmt lib/elf lib/ustar lib/capnp lib/manifest lib/authority
ULIBS += lib/pci lib/ring lib/virtio lib/driver lib/idl/*.c

# The device manager reads one of ACPI's tables; init those that say how the machine goes off.
ULIBS_devmgr := lib/acpi
ULIBS_init   := lib/acpi lib/power

# Names of PCI classes, vendors and devices, for the boot package.
$(BUILD)/gen/pci.names: tools/mkpcinames $(wildcard /usr/share/misc/pci.ids)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mkpcinames $@
TEST_DEPS += $(BUILD)/gen/pci.names

# The device manager's table of drivers, from what they say of themselves.
$(BUILD)/gen/driver_matches.h: tools/mkmatches $(wildcard drivers/*/*/*.c)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mkmatches $@ $(filter %.c,$^)
GENERATED += $(BUILD)/gen/driver_matches.h

# The file server: the tree and its file systems are pure, and tested on the host.
ULIBS_vfs := fs/core fs/tmpfs fs/devfs fs/packagefs fs/tty
